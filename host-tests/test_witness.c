/* SPDX-License-Identifier: Apache-2.0
 *
 * What a machine counts of the time that it takes by itself: for which processors there is a register for
 * system-management interrupts, records of stolen time while their host writes them, and what is said of two readings.
 */
#include "bench/noise/noise.h"
#include "lib/witness.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

static const struct cpuid intel = {.ebx = 0x756e6547, .ecx = 0x6c65746e, .edx = 0x49656e69};
static const struct cpuid amd = {.ebx = 0x68747541, .ecx = 0x444d4163, .edx = 0x69746e65};

static struct cpuid_leaves processor(struct cpuid vendor, uint32_t version) {
	return (struct cpuid_leaves){.basic = vendor, .version.eax = version};
}

Test(witness, smis_are_counted_where_the_manual_has_the_register) {
	static const struct {
		uint32_t version;
		bool counts;
		const char *what;
	} known[] = {
		{0x106a5, true, "Nehalem"},     {0x50657, true, "Cascade Lake"},
		{0xb0671, true, "Raptor Lake"}, {0x406c3, true, "Airmont"},
		{0x1067a, false, "Core 2"},     {0x106c2, false, "the first Atom"},
		{0x106d1, false, "Dunnington"}, {0x30661, false, "Saltwell"},
		{0x00f41, false, "family 15"},  {0x400f10, false, "family 15, another model"},
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct cpuid_leaves leaves = processor(intel, known[i].version);
		cr_expect_eq(smi_count_refused(&leaves) == NULL, known[i].counts, "%s", known[i].what);
	}
	struct cpuid_leaves leaves = processor(amd, 0xb00f21);
	cr_expect_not_null(smi_count_refused(&leaves), "Zen 5");
	cr_expect_not(smi_count_is_guests(&leaves));
	leaves.version.ecx = UINT32_C(1) << 31;
	cr_expect(smi_count_is_guests(&leaves));
}

Test(witness, steal_time_is_kvms_and_wants_its_bit) {
	struct cpuid_leaves leaves = processor(intel, 0x50657);
	leaves.hypervisor = (struct cpuid){.ebx = 0x4b4d564b, .ecx = 0x564b4d56, .edx = 0x4d};
	leaves.hypervisor_features.eax = ~(UINT32_C(1) << 5);
	cr_expect_not(cpuid_has_steal_time(&leaves));
	leaves.hypervisor_features.eax = UINT32_C(1) << 5;
	cr_expect(cpuid_has_steal_time(&leaves));
	leaves.hypervisor.ebx = 0x7263694d; /* Microsoft Hv: its leaf says something else */
	cr_expect_not(cpuid_has_steal_time(&leaves));
}

Test(witness, a_record_that_is_being_written_is_not_believed) {
	struct kvm_steal_time record = {.steal = 1234567, .version = 8};
	uint64_t ns = 0;
	cr_assert(kvm_steal_read(&record, &ns));
	cr_expect_eq(ns, 1234567);
	record.version = 9;
	cr_expect_not(kvm_steal_read(&record, &ns), "odd: the host has not ended");
}

enum { WRITES = 200000 };

/* As KVM does: the version odd, both halves of the number, the version even. */
static void *host(void *argument) {
	struct kvm_steal_time *record = argument;
	for (uint64_t i = 1; i <= WRITES; i++) {
		__atomic_store_n(&record->version, (uint32_t)(2 * i - 1), __ATOMIC_SEQ_CST);
		__atomic_store_n(&record->steal, i << 32, __ATOMIC_SEQ_CST);
		__atomic_store_n(&record->steal, i << 32 | i, __ATOMIC_SEQ_CST);
		__atomic_store_n(&record->version, (uint32_t)(2 * i), __ATOMIC_SEQ_CST);
	}
	return NULL;
}

Test(witness, halves_of_two_writes_are_never_one_number) {
	static struct kvm_steal_time record;
	pthread_t thread;
	uint64_t ns = 0, last = 0;
	cr_assert_eq(pthread_create(&thread, NULL, host, &record), 0);
	while (last != WRITES) {
		if (!kvm_steal_read(&record, &ns))
			continue;
		cr_assert_eq(ns >> 32, ns & UINT32_MAX, "%llx", (unsigned long long)ns);
		last = ns & UINT32_MAX;
	}
	pthread_join(thread, NULL);
}

Test(witness, arms_record_is_read_where_its_revision_is_known) {
	struct pv_stolen_time record = {.stolen = 77};
	uint64_t ns = 0;
	cr_assert(pv_stolen_read(&record, &ns));
	cr_expect_eq(ns, 77);
	record.revision = 1;
	cr_expect_not(pv_stolen_read(&record, &ns));
	record = (struct pv_stolen_time){.attributes = 1};
	cr_expect_not(pv_stolen_read(&record, &ns));
}

/* ---- two readings ------------------------------------------------------------------------------------------------ */

static struct platform_counted settled(enum platform_counting counting, uint64_t before, uint64_t after) {
	struct platform_witness from = {.elsewhere = 0}, to = from, found;
	from.counts[PLATFORM_COUNT_SMIS] = (struct platform_counted){before, counting, "why"};
	to.counts[PLATFORM_COUNT_SMIS] = (struct platform_counted){after, counting, "why"};
	noise_settle_witness(&found, &from, &to);
	return found.counts[PLATFORM_COUNT_SMIS];
}

Test(witness, a_guests_count_that_does_not_move_is_none) {
	struct platform_counted found = settled(PLATFORM_COUNTING, 5, 5);
	cr_expect(found.counting == PLATFORM_COUNTING && found.value == 0);
	found = settled(PLATFORM_COUNTING_GUESTS, 5, 5);
	cr_expect_eq(found.counting, PLATFORM_COUNTING_NOT);
	cr_expect_str_eq(found.reason, "why");
	found = settled(PLATFORM_COUNTING_GUESTS, 5, 7);
	cr_expect(found.counting == PLATFORM_COUNTING && found.value == 2);
	found = settled(PLATFORM_COUNTING_NOT, 0, 0);
	cr_expect_eq(found.counting, PLATFORM_COUNTING_NOT);
}

Test(witness, a_count_that_goes_back_is_none) {
	struct platform_counted found = settled(PLATFORM_COUNTING, 7, 5);
	cr_expect_eq(found.counting, PLATFORM_COUNTING_NOT);
	cr_expect_eq(found.value, 0);
	cr_expect_str_eq(found.reason, "the count went back");
}

Test(witness, what_begins_or_ends_to_be_counted_meanwhile_is_not) {
	struct platform_witness from = {.elsewhere = 1}, to = {.elsewhere = 3}, found;
	from.counts[PLATFORM_COUNT_NMIS] = (struct platform_counted){9, PLATFORM_COUNTING, ""};
	to.counts[PLATFORM_COUNT_NMIS] = (struct platform_counted){0, PLATFORM_COUNTING_NOT, "gone"};
	to.counts[PLATFORM_COUNT_STOLEN_NS] = (struct platform_counted){9, PLATFORM_COUNTING, ""};
	from.counts[PLATFORM_COUNT_STOLEN_NS] = (struct platform_counted){0, PLATFORM_COUNTING_NOT, "not yet"};
	noise_settle_witness(&found, &from, &to);
	cr_expect_str_eq(found.counts[PLATFORM_COUNT_NMIS].reason, "gone");
	cr_expect_eq(found.counts[PLATFORM_COUNT_STOLEN_NS].counting, PLATFORM_COUNTING_NOT);
	cr_expect_eq(found.elsewhere, 2);
}
