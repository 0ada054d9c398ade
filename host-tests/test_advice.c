/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice on machines that are made up: what each leads to, with what margin, and what must not be said.
 */
#include "bench/machine/advice.h"

#include <criterion/criterion.h>
#include <string.h>

static struct caps_cpu cpus[8];
static struct caps_kind kinds[2];
static struct caps_cache caches[2];
static struct caps_tlb tlbs[2];
static struct caps_machine machine;
static struct advice_run run;
static struct advice given[16];
static size_t count;

static void keep(void *argument, const struct advice *advice) {
	(void)argument;
	cr_assert(count < sizeof(given) / sizeof(given[0]));
	cr_expect(advice->text[0] && advice->reason[0]);
	cr_expect_eq(advice->measured, advice->margin[0] != '\0');
	given[count++] = *advice;
}

/* Eight cores alike, of which nothing follows. */
static void begin(void) {
	memset(cpus, 0, sizeof(cpus));
	memset(kinds, 0, sizeof(kinds));
	memset(caches, 0, sizeof(caches));
	memset(tlbs, 0, sizeof(tlbs));
	machine = (struct caps_machine){
		.cpus = cpus, .cpu_count = 8, .kinds = kinds, .kind_count = 1, .caches = caches, .tlbs = tlbs};
	machine.cores.value = machine.threads.value = 8;
	strcpy(kinds[0].counters.value, "4 of 48 bit");
	kinds[0].cpus.word[0] = 0xff;
	for (uint32_t i = 0; i < 8; i++)
		cpus[i].number = cpus[i].core = i;
	run = (struct advice_run){.gaps_share = -1};
	count = 0;
}

static const struct advice *about(const char *words) {
	for (size_t i = 0; i < count; i++)
		if (strstr(given[i].text, words) || strstr(given[i].reason, words))
			return &given[i];
	return NULL;
}

static void ask(bool with_run) {
	count = 0;
	advice_give(&machine, with_run ? &run : NULL, keep, NULL);
}

Test(advice, features_alone_lead_to_none) {
	begin();
	memset(kinds[0].features, 0xff, sizeof(kinds[0].features));
	kinds[0].page_sizes = 1u << 12 | 1u << 21 | 1u << 30;
	ask(false);
	cr_expect_eq(count, 0, "%s", count ? given[0].text : "");
	ask(true);
	cr_expect_eq(count, 0);
}

Test(advice, kinds_of_core_told_and_measured) {
	begin();
	machine.kind_count = 2;
	kinds[0].cpus.word[0] = 0x0f;
	kinds[1].cpus.word[0] = 0xf0;
	strcpy(kinds[0].name.value, "P");
	strcpy(kinds[1].name.value, "E");
	ask(false);
	const struct advice *advice = about("one kind of core");
	cr_assert_not_null(advice);
	cr_expect_str_eq(advice->reason, "CPUs 0-3 are P, CPUs 4-7 are E; what one takes says nothing of the other");
	cr_expect_not(advice->measured);
	kinds[0].measured_hz.value = 5100000000;
	ask(false);
	cr_expect_not(about("one kind of core")->measured, "one kind's clock is no margin");
	kinds[1].measured_hz.value = 3900000000;
	ask(false);
	cr_expect_str_eq(about("one kind of core")->margin, "clocks: 5.100 GHz P, 3.900 GHz E");
}

Test(advice, widths_of_a_copy_by_the_runs_figures) {
	static struct advice_figure figures[] = {
		{"copy/16KiB/512bit", 144, 143, 146}, {"copy/16KiB/bytes", 4589, 4536, 4653},
		{"copy/16KiB/256bit", 141, 140, 142}, {"copy/16KiB/128bit", 284, 282, 286},
		{"copy/4KiB/256bit", 35, 34, 37},     {"copy/4KiB/512bit", 36, 35, 37}};
	begin();
	run.figures = figures;
	run.figure_count = sizeof(figures) / sizeof(figures[0]);
	ask(true);
	cr_assert_eq(count, 1, "4 KiB's are not told apart");
	cr_expect_str_eq(given[0].text, "Copy 16 KiB in 256 bit");
	cr_expect_str_eq(given[0].margin, "141 ns against 144 ns in 512 bit");
	figures[0] = (struct advice_figure){"copy/16KiB/512bit", 144, 141.5, 146};
	ask(true);
	cr_expect_eq(count, 0, "intervals that touch");
	run.figure_count = 1;
	ask(true);
	cr_expect_eq(count, 0, "one figure is no comparison");
}

Test(advice, siblings_and_a_shared_cache) {
	begin();
	machine.cores.value = 4;
	for (uint32_t i = 0; i < 8; i++)
		cpus[i].core = i / 2;
	machine.cache_count = 2;
	for (size_t i = 0; i < 2; i++) {
		caches[i] = (struct caps_cache){.level = 3, .type = CAPS_CACHE_UNIFIED, .bytes = 16 << 20};
		caches[i].cpus.word[0] = UINT64_C(0xf) << 4 * i;
	}
	ask(false);
	cr_expect(strstr(about("other threads")->reason, "CPUs 0 and 1, say, are threads of one core"));
	cr_expect(strstr(about("behind one last-level cache")->reason,
			 "CPUs 0-3 share an L3 of 16 MiB, and there are 2 like it"));
	machine.cache_count = 1;
	ask(false);
	cr_expect(about("Keep other cores quiet") && !about("behind one"));
	caches[0].bytes = 0;
	ask(false);
	cr_expect(strstr(about("Keep other cores quiet")->reason, "CPUs 0-3 share an L3: what"));
	caches[0].cpus.word[0] = 1;
	ask(false);
	cr_expect_null(about("L3"), "a cache of one CPU is shared by none");
}

Test(advice, pages_by_what_the_tlb_reaches_over) {
	begin();
	kinds[0].page_sizes = 1u << 12 | 1u << 21 | 1u << 30;
	machine.tlb_count = 2;
	tlbs[0] = (struct caps_tlb){.type = CAPS_CACHE_DATA, .page_sizes = 1u << 12, .entries = 128};
	tlbs[1] = (struct caps_tlb){.type = CAPS_CACHE_DATA, .page_sizes = 1u << 21, .entries = 128};
	ask(false);
	cr_expect_str_eq(about("pages of 2 MiB")->reason,
			 "the largest data TLB reaches over 512 KiB in pages of 4 KiB and 256 MiB in pages of 2 MiB; "
			 "1 GiB pages exist, too");
	tlbs[1].type = CAPS_CACHE_INSTRUCTION;
	ask(false);
	cr_expect_null(about("pages of 2 MiB"));
}

Test(advice, guests_and_clocks) {
	begin();
	strcpy(machine.hypervisor.value, "KVM");
	ask(false);
	cr_expect_not(about("guest's")->measured);
	run.gaps_share = 0.0125;
	run.clock_unverified = true;
	ask(true);
	cr_expect_str_eq(about("guest's")->margin, "1.250 % of the time lost to gaps over 1 us");
	cr_expect(about("unverified"));
	strcpy(machine.hypervisor.value, "none");
	kinds[0].base_hz.value = 2000000000;
	kinds[0].measured_hz.value = 2090000000;
	ask(false);
	cr_expect_eq(count, 0);
	kinds[0].measured_hz.value = 4000000000;
	ask(false);
	cr_expect_str_eq(about("Hold the core's clock")->margin, "4.000 GHz, told 2.000 GHz");
}

Test(advice, mitigations_remarks_vectors_counters_nodes) {
	static struct caps_mitigation mitigations[3];
	static struct caps_number distances[4];
	begin();
	strcpy(mitigations[0].name.value, "spectre_v2");
	strcpy(mitigations[0].state.value, "Mitigation: Retpolines");
	strcpy(mitigations[1].name.value, "mds");
	strcpy(mitigations[1].state.value, "Vulnerable: Clear CPU buffers attempted, no microcode");
	strcpy(mitigations[2].name.value, "l1tf");
	strcpy(mitigations[2].state.value, "Not affected");
	machine.mitigations = mitigations;
	machine.mitigation_count = 3;
	machine.remark_count = 1;
	machine.node_count = 2;
	distances[0].value = 10;
	distances[1].value = 21;
	machine.distances = distances;
	kinds[0].counters.value[0] = '\0';
	kinds[0].sve_lengths = 3;
	ask(false);
	cr_expect_str_eq(about("same mitigations")->reason, "the kernel mitigates spectre_v2, which they pay for");
	cr_expect_str_eq(about("newer microcode")->reason, "the kernel misses microcode against mds");
	cr_expect(strstr(about("Check what is told")->reason, "in 1 place,"));
	cr_expect(strstr(about("node of the core")->reason, "10 to itself and 21 "));
	cr_expect(strstr(about("SVE")->reason, "256 bit"));
	cr_expect(about("times alone"));
	cr_expect_eq(count, 6);
}

Test(advice, long_lists_are_cut) {
	static struct caps_mitigation mitigations[60];
	begin();
	for (size_t i = 0; i < 60; i++) {
		memset(mitigations[i].name.value, 'a', sizeof(mitigations[i].name.value) - 1);
		strcpy(mitigations[i].state.value, "Mitigation: no microcode");
	}
	machine.mitigations = mitigations;
	machine.mitigation_count = 60;
	ask(true);
	cr_expect_eq(count, 2);
	cr_expect_eq(strlen(given[0].reason), sizeof(given[0].reason) - 1);
}
