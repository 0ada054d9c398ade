/* SPDX-License-Identifier: Apache-2.0
 *
 * lib/cpuid_walk.c on processors that are made up: what is asked for, and that the walk ends whatever they answer.
 */
#include "lib/cpuid_walk.h"

#include <criterion/criterion.h>

struct seen {
	unsigned count;
	uint32_t leaves[4096], subleaves[4096];
};

static void take(void *argument, uint32_t leaf, uint32_t subleaf, struct cpuid answer) {
	struct seen *seen = argument;
	(void)answer;
	cr_assert_lt(seen->count, 4096);
	seen->leaves[seen->count] = leaf;
	seen->subleaves[seen->count++] = subleaf;
}

static unsigned count_of(const struct seen *seen, uint32_t leaf) {
	unsigned count = 0;
	for (unsigned i = 0; i < seen->count; i++)
		count += seen->leaves[i] == leaf;
	return count;
}

static struct cpuid small_processor(uint32_t leaf, uint32_t subleaf) {
	switch (leaf) {
	case 0:
		return (struct cpuid){.eax = 0xb};
	case 1:
		return (struct cpuid){.eax = 0x806f8};
	case 4:
		return (struct cpuid){.eax = subleaf < 3 ? 0x121 + subleaf : 0};
	case 7:
		return (struct cpuid){.eax = 1, .ebx = 1};
	case 0xb:
		return (struct cpuid){.ebx = 2, .ecx = (subleaf < 2 ? subleaf + 1 : 0) << 8 | subleaf};
	case 0x80000000:
		return (struct cpuid){.eax = 0x80000004};
	default:
		return (struct cpuid){.eax = leaf};
	}
}

Test(cpuid_walk, ends_each_leaf_as_the_manual_says) {
	struct seen seen = {0};
	cpuid_walk(small_processor, take, &seen);
	cr_assert_eq(count_of(&seen, 4), 3, "types 1 to 3, and none of type 0 that says nothing");
	cr_assert_eq(count_of(&seen, 7), 2, "EAX of subleaf 0 is the last");
	cr_assert_eq(count_of(&seen, 0xb), 3, "up to the level of type 0");
	cr_assert_eq(count_of(&seen, 2), 1, "a leaf without subleaves");
	cr_assert_eq(count_of(&seen, 0xd), 0, "beyond the last");
	cr_assert_eq(count_of(&seen, 0x80000004), 1);
	cr_assert_eq(count_of(&seen, 0x40000000), 0, "no hypervisor");
	for (unsigned i = 1; i < seen.count; i++)
		cr_assert(seen.leaves[i] > seen.leaves[i - 1] ||
			  (seen.leaves[i] == seen.leaves[i - 1] && seen.subleaves[i] > seen.subleaves[i - 1]));
}

static struct cpuid all_ones(uint32_t leaf, uint32_t subleaf) {
	(void)leaf, (void)subleaf;
	return (struct cpuid){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
}

static struct cpuid nothing(uint32_t leaf, uint32_t subleaf) {
	(void)leaf, (void)subleaf;
	return (struct cpuid){0};
}

Test(cpuid_walk, ends_whatever_is_answered) {
	static struct seen seen;
	cpuid_walk(all_ones, take, &seen);
	cr_assert_geq(count_of(&seen, 0x40000000), 1, "a hypervisor is claimed");
	cr_assert_leq(seen.count, 1000);
	struct seen empty = {0};
	cpuid_walk(nothing, take, &empty);
	cr_assert_eq(empty.count, 2, "the heads of both ranges");
}
