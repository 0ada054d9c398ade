/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/machine/advice.h"

#include "bench/machine/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct giving {
	const struct caps_machine *machine;
	const struct advice_run *run;
	void (*take)(void *argument, const struct advice *advice);
	void *argument;
};

static void give(const struct giving *giving, struct advice *advice, const char *text) {
	snprintf(advice->text, sizeof(advice->text), "%s", text);
	advice->measured = advice->margin[0] != '\0';
	giving->take(giving->argument, advice);
}

/* Into a reason or a margin. */
__attribute__((format(printf, 3, 4))) static void say(char *words, size_t capacity, const char *format, ...) {
	va_list arguments;
	size_t used = strlen(words);
	va_start(arguments, format);
	vsnprintf(words + used, capacity - used, format, arguments);
	va_end(arguments);
}
#define REASON(advice, ...) say((advice)->reason, sizeof((advice)->reason), __VA_ARGS__)
#define MARGIN(advice, ...) say((advice)->margin, sizeof((advice)->margin), __VA_ARGS__)

static void say_cpus(struct advice *advice, const struct caps_machine *machine, const struct caps_cpu_set *set) {
	struct text cpus = {0};
	machine_add_cpus(&cpus, machine, set);
	if (!cpus.failed)
		REASON(advice, "CPUs %.*s", (int)(cpus.length < 60 ? cpus.length : 60), cpus.bytes);
	text_free(&cpus);
}

static void say_bytes(struct advice *advice, uint64_t bytes) {
	struct text size = {0};
	machine_add_bytes(&size, bytes);
	if (!size.failed)
		REASON(advice, "%.*s", (int)size.length, size.bytes);
	text_free(&size);
}

/* ---- what the run measured --------------------------------------------------------------------------------------- */

enum { FAMILY_MAX = 4 };

/* Ways to do one thing: `name` with each of `way` is a benchmark. */
struct family {
	const char *name, *text; /* the fastest way's words follow on `text` */
	struct {
		const char *end, *words;
	} way[FAMILY_MAX];
};

static const struct advice_figure *find(const struct advice_run *run, const char *name, const char *end) {
	size_t length = strlen(name);
	for (size_t i = 0; i < run->figure_count; i++)
		if (strncmp(run->figures[i].name, name, length) == 0 && strcmp(run->figures[i].name + length, end) == 0)
			return &run->figures[i];
	return NULL;
}

/* Nothing where the fastest two ways cannot be told apart. */
static void from_family(const struct giving *giving, const struct family *family) {
	const struct advice_figure *best = NULL, *second = NULL;
	size_t best_way = 0, second_way = 0;
	for (size_t i = 0; i < FAMILY_MAX && family->way[i].end; i++) {
		const struct advice_figure *figure = find(giving->run, family->name, family->way[i].end);
		if (figure && (!best || figure->ns < best->ns)) {
			second = best;
			second_way = best_way;
			best = figure;
			best_way = i;
		} else if (figure && (!second || figure->ns < second->ns)) {
			second = figure;
			second_way = i;
		}
	}
	if (!second || best->upper_ns >= second->lower_ns)
		return;
	struct advice advice = {0};
	char text[sizeof(advice.text)];
	snprintf(text, sizeof(text), "%s %s", family->text, family->way[best_way].words);
	REASON(&advice,
	       "it was the fastest of %s* in this run, and the intervals do not touch; other launches may differ",
	       family->name);
	MARGIN(&advice, "%.4g ns against %.4g ns %s", best->ns, second->ns, family->way[second_way].words);
	give(giving, &advice, text);
}

static void from_figures(const struct giving *giving) {
#define WIDTHS                                                        \
	{                                                             \
		{"128bit", "in 128 bit"}, {"256bit", "in 256 bit"}, { \
			"512bit", "in 512 bit"                        \
		}                                                     \
	}
	static const struct family families[] = {
		{"copy/4KiB/", "Copy 4 KiB", WIDTHS},
		{"copy/16KiB/", "Copy 16 KiB", WIDTHS},
		{"pool/related_cores/64B/",
		 "Let two threads that pass objects to each other run",
		 {{"sibling_thread", "on one core's threads"},
		  {"same_cluster", "in one cluster"},
		  {"other_core", "on any two cores of a package"},
		  {"other_package", "on two packages"}}},
	};
#undef WIDTHS
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		from_family(giving, &families[i]);
}

static void from_clock(const struct giving *giving) {
	struct advice advice = {0};
	if (!giving->run->clock_unverified)
		return;
	REASON(&advice, "nothing promises that its rate is constant; ratios within the run hold");
	give(giving, &advice, "Do not set this run's absolute times beside another machine's: the clock is unverified");
}

/* ---- cores ------------------------------------------------------------------------------------------------------- */

static void from_kinds(const struct giving *giving) {
	const struct caps_machine *machine = giving->machine;
	struct advice advice = {0};
	bool all_measured = machine->kind_count <= 4;
	if (machine->kind_count < 2)
		return;
	for (size_t i = 0; i < machine->kind_count; i++) {
		const struct caps_kind *kind = &machine->kinds[i];
		REASON(&advice, "%s", i ? ", " : "");
		say_cpus(&advice, machine, &kind->cpus);
		const char *name = kind->name.value[0] ? kind->name.value : kind->microarchitecture.value;
		REASON(&advice, " are %.20s", name[0] ? name : "of another kind");
		all_measured &= kind->measured_hz.value != 0;
	}
	REASON(&advice, "; what one takes says nothing of the other");
	for (size_t i = 0; all_measured && i < machine->kind_count; i++)
		MARGIN(&advice, "%s%.3f GHz %.8s",
		       i ? ", " : "clocks: ", (double)machine->kinds[i].measured_hz.value / 1e9,
		       machine->kinds[i].name.value);
	give(giving, &advice, "Pin to one kind of core, and compare only figures of the same kind");
}

static void from_speed(const struct giving *giving, const struct caps_kind *kind) {
	enum { APART_PERCENT = 5 };
	double measured = (double)kind->measured_hz.value, base = (double)kind->base_hz.value;
	struct advice advice = {0};
	if (measured == 0 || base == 0 ||
	    (measured < base * (100 + APART_PERCENT) / 100 && measured > base * (100 - APART_PERCENT) / 100))
		return;
	REASON(&advice, "the core does not run at the rate that it is sold with, and may leave this one at any time");
	MARGIN(&advice, "%.3f GHz, told %.3f GHz", measured / 1e9, base / 1e9);
	give(giving, &advice, "Hold the core's clock, or take launches of A and B in turn");
}

static void from_siblings(const struct giving *giving) {
	const struct caps_machine *machine = giving->machine;
	struct advice advice = {0};
	if (machine->threads.value <= machine->cores.value)
		return;
	for (size_t i = 0; i < machine->cpu_count; i++)
		for (size_t j = i + 1; j < machine->cpu_count && !advice.reason[0]; j++)
			if (machine->cpus[i].core == machine->cpus[j].core)
				REASON(&advice,
				       "CPUs %u and %u, say, are threads of one core and share all that is in it",
				       machine->cpus[i].number, machine->cpus[j].number);
	if (advice.reason[0])
		give(giving, &advice, "Leave the other threads of a measured core idle");
}

/* ---- caches, pages, memory --------------------------------------------------------------------------------------- */

static void from_last_cache(const struct giving *giving) {
	const struct caps_machine *machine = giving->machine;
	const struct caps_cache *last = NULL;
	size_t count = 0;
	struct advice advice = {0};
	for (size_t i = 0; i < machine->cache_count; i++)
		if (!last || machine->caches[i].level > last->level)
			last = &machine->caches[i];
	for (size_t i = 0; last && i < machine->cache_count; i++)
		count += machine->caches[i].level == last->level;
	if (!last || caps_set_count(&last->cpus) < 2)
		return;
	say_cpus(&advice, machine, &last->cpus);
	REASON(&advice, " share an L%u%s", last->level, last->bytes ? " of " : "");
	if (last->bytes)
		say_bytes(&advice, last->bytes);
	if (count > 1) {
		REASON(&advice, ", and there are %zu like it: data crosses between them more slowly than within one",
		       count);
		give(giving, &advice, "Keep threads that share data behind one last-level cache");
	} else {
		REASON(&advice, ": what another core does there takes room and bandwidth from the measured one");
		give(giving, &advice, "Keep other cores quiet while data beyond the core's own caches is measured");
	}
}

static uint64_t reach_of(const struct caps_machine *machine, unsigned page_bit) {
	uint64_t most = 0;
	for (size_t i = 0; i < machine->tlb_count; i++) {
		const struct caps_tlb *tlb = &machine->tlbs[i];
		uint64_t reach =
			tlb->type != CAPS_CACHE_INSTRUCTION && tlb->kind == 0 && tlb->page_sizes >> page_bit & 1
				? (uint64_t)tlb->entries << page_bit
				: 0;
		most = reach > most ? reach : most;
	}
	return most;
}

/* Of the first kind of cores. */
static void from_pages(const struct giving *giving) {
	const struct caps_kind *kind = &giving->machine->kinds[0];
	uint64_t small = reach_of(giving->machine, 12), large = reach_of(giving->machine, 21);
	struct advice advice = {0};
	if (!small || large <= small || !(kind->page_sizes >> 21 & 1))
		return;
	REASON(&advice, "the largest data TLB reaches over ");
	say_bytes(&advice, small);
	REASON(&advice, " in pages of 4 KiB and ");
	say_bytes(&advice, large);
	REASON(&advice, " in pages of 2 MiB%s", kind->page_sizes >> 30 & 1 ? "; 1 GiB pages exist, too" : "");
	give(giving, &advice, "Take pages of 2 MiB for data that small pages' TLB does not reach over");
}

static void from_nodes(const struct giving *giving) {
	const struct caps_machine *machine = giving->machine;
	struct advice advice = {0};
	if (machine->node_count < 2)
		return;
	REASON(&advice, "there are %zu nodes", machine->node_count);
	if (machine->distances)
		REASON(&advice, ", of distance %llu to itself and %llu from the first to the second",
		       (unsigned long long)machine->distances[0].value,
		       (unsigned long long)machine->distances[1].value);
	give(giving, &advice, "Take memory from the node of the core that is measured");
}

static void from_vectors(const struct giving *giving, const struct caps_kind *kind) {
	struct advice advice = {0};
	unsigned longest = kind->sve_lengths ? 32 - (unsigned)__builtin_clz(kind->sve_lengths) : 0;
	if (!longest)
		return;
	REASON(&advice, "the longest that could be set here is %u bit, and other processors have other lengths",
	       longest * 128);
	give(giving, &advice, "Ask for SVE's vector length where the code runs, never at build time");
}

/* ---- trust ------------------------------------------------------------------------------------------------------- */

static void from_hypervisor(const struct giving *giving) {
	const char *name = giving->machine->hypervisor.value;
	struct advice advice = {0};
	if (!name[0] || strcmp(name, "none") == 0)
		return;
	REASON(&advice, "%.40s is under it: it may stop a core at any time, and it chooses what the guest is told",
	       strcmp(name, "unknown") == 0 ? "a hypervisor" : name);
	if (giving->run && giving->run->gaps_share >= 0)
		MARGIN(&advice, "%.3f %% of the time lost to gaps over 1 us", giving->run->gaps_share * 100);
	give(giving, &advice, "Take figures as a guest's, and the best case as nearer to the hardware than the mean");
}

static void from_mitigations(const struct giving *giving) {
	const struct caps_machine *machine = giving->machine;
	struct advice active = {0}, old = {0};
	size_t count = 0;
	for (size_t i = 0; i < machine->mitigation_count; i++) {
		const char *name = machine->mitigations[i].name.value, *state = machine->mitigations[i].state.value;
		if (strncmp(state, "Mitigation:", strlen("Mitigation:")) == 0)
			REASON(&active, "%s%.24s", count++ ? ", " : "the kernel mitigates ", name);
		if (strstr(state, "no microcode"))
			REASON(&old, "%s%.24s", old.reason[0] ? ", " : "the kernel misses microcode against ", name);
	}
	if (count) {
		REASON(&active, ", which they pay for");
		give(giving, &active,
		     "Compare system calls and indirect branches only with figures of the same mitigations");
	}
	if (old.reason[0])
		give(giving, &old, "Load newer microcode, or note that figures are from before it");
}

static void from_gaps(const struct giving *giving) {
	const struct caps_machine *machine = giving->machine;
	struct advice remarks = {0}, counters = {0};
	if (machine->remark_count) {
		REASON(&remarks,
		       "sources contradict each other or were not believed in %zu place%s, as the remarks say",
		       machine->remark_count, machine->remark_count == 1 ? "" : "s");
		give(giving, &remarks, "Check what is told of this machine before you size anything by it");
	}
	for (size_t i = 0; i < machine->kind_count; i++)
		if (machine->kinds[i].counters.value[0])
			return;
	REASON(&counters, "nothing tells of performance counters: cycles and misses cannot be counted");
	give(giving, &counters, "Reason from times alone");
}

void advice_give(const struct caps_machine *machine, const struct advice_run *run,
		 void (*take)(void *argument, const struct advice *advice), void *argument) {
	const struct giving giving = {machine, run, take, argument};
	if (run)
		from_figures(&giving);
	from_kinds(&giving);
	for (size_t i = 0; i < machine->kind_count; i++)
		from_speed(&giving, &machine->kinds[i]);
	from_hypervisor(&giving);
	if (run)
		from_clock(&giving);
	from_siblings(&giving);
	from_last_cache(&giving);
	from_pages(&giving);
	from_nodes(&giving);
	for (size_t i = 0; i < machine->kind_count; i++)
		from_vectors(&giving, &machine->kinds[i]);
	from_mitigations(&giving);
	from_gaps(&giving);
}
