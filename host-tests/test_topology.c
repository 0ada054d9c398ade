/* SPDX-License-Identifier: Apache-2.0
 *
 * Which other core is taken, on processors as their leaves and ids describe them.
 */
#include "lib/topology.h"

#include <criterion/criterion.h>
#include <string.h>

/* Levels of leaves 0x1f and 0xb: shift, type. */
struct level {
	uint32_t shift, type;
};
static struct level levels[2][6];
static uint32_t leaf_4, leaf_8000001e;
static uint32_t caches[4]; /* EAX of leaf 4 and 0x8000001d */

static struct cpuid fake_read(uint32_t leaf, uint32_t subleaf) {
	if (leaf == 4 || leaf == 0x8000001d)
		return (struct cpuid){.eax = subleaf < 4 ? caches[subleaf] | (leaf == 4 ? leaf_4 : 0) : 0};
	if (leaf == 0x8000001e)
		return (struct cpuid){.ebx = leaf_8000001e};
	cr_assert(leaf == 0xb || leaf == 0x1f);
	if (subleaf >= 6)
		return (struct cpuid){0};
	struct level level = levels[leaf == 0x1f][subleaf];
	return (struct cpuid){level.shift, level.type != 0, level.type << 8 | subleaf, 0};
}

static struct topology_apic read_with(struct cpuid_leaves leaves) {
	struct topology_apic apic;
	topology_apic_read(&apic, &leaves, fake_read);
	return apic;
}

struct pick {
	bool found;
	uint64_t id;
	enum topology_relation relation;
};

static void consider(struct pick *best, uint64_t id, enum topology_relation relation) {
	if (!best->found || topology_rank(relation) < topology_rank(best->relation))
		*best = (struct pick){true, id, relation};
}

static struct pick pick(struct topology_apic apic, uint32_t own, const uint32_t *ids, size_t count) {
	struct pick found = {0};
	struct topology_place here = topology_place_of_apic(&apic, own);
	for (size_t i = 0; i < count; i++) {
		struct topology_place there = topology_place_of_apic(&apic, ids[i]);
		if (ids[i] != own)
			consider(&found, ids[i], topology_relation(&here, &there));
	}
	return found;
}
#define PICK(apic, own, ...) \
	pick(apic, own, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void expect_pick(struct pick found, uint64_t id, const char *relation) {
	cr_expect(found.found);
	cr_expect_eq(found.id, id, "%lu, wanted %lu", (unsigned long)found.id, (unsigned long)id);
	cr_expect_str_eq(topology_relation_name(found.relation), relation);
}

static const struct cpuid_leaves leaf_b = {.basic = {.eax = 0xb}, .version = {.edx = 1u << 28}};

Test(topology, a_core_before_a_sibling) {
	memcpy(levels[0], (struct level[]){{1, 1}, {4, 2}}, 2 * sizeof(struct level));
	struct topology_apic apic = read_with(leaf_b);
	expect_pick(PICK(apic, 0, 0, 1, 2, 3), 2, "other core");
	expect_pick(PICK(apic, 3, 0, 1, 2, 3), 0, "other core");
	expect_pick(PICK(apic, 0, 16, 0, 1, 2), 2, "other core");
	expect_pick(PICK(apic, 0, 0, 1, 16, 17), 16, "other package");
	expect_pick(PICK(apic, 0, 0, 1), 1, "sibling thread");
	cr_expect_not(PICK(apic, 0, 0, 0).found, "alone, and named twice");
}

Test(topology, leaf_1f_knows_more_levels) {
	memcpy(levels[0], (struct level[]){{1, 1}, {4, 2}}, 2 * sizeof(struct level));
	memcpy(levels[1], (struct level[]){{1, 1}, {4, 2}, {6, 5}}, 3 * sizeof(struct level)); /* dies */
	struct cpuid_leaves leaves = leaf_b;
	leaves.basic.eax = 0x1f;
	expect_pick(PICK(read_with(leaves), 0, 0, 16), 16, "other core");
	expect_pick(PICK(read_with(leaves), 0, 0, 2), 2, "same cluster");
	memset(levels[1], 0, sizeof(levels[1])); /* a hypervisor's empty one */
	expect_pick(PICK(read_with(leaves), 0, 0, 16), 16, "other package");
}

Test(topology, one_thread_a_core) {
	memcpy(levels[0], (struct level[]){{0, 1}, {3, 2}}, 2 * sizeof(struct level));
	expect_pick(PICK(read_with(leaf_b), 0, 0, 1), 1, "other core");
}

/* AMD, family 15h: two to a compute unit; leaf 0xb absent. */
Test(topology, amd_before_leaf_b) {
	struct cpuid_leaves leaves = {
		.basic = {.eax = 0xd},
		.extended = {.eax = 0x8000001e},
		.extended_version = {.ecx = 1u << 22},
		.sizes = {.ecx = 0x4007},
	};
	leaf_8000001e = 0x100;
	struct topology_apic apic = read_with(leaves);
	expect_pick(PICK(apic, 0, 0, 1, 2), 2, "other core");
	expect_pick(PICK(apic, 0, 0, 1, 16), 16, "other package");
	/* older still: cores alone, and their number in place of the size of ids */
	leaves = (struct cpuid_leaves){.basic = {.eax = 5},
				       .extended = {.eax = 0x80000008},
				       .extended_version = {.ecx = 2},
				       .sizes = {.ecx = 2}};
	apic = read_with(leaves);
	expect_pick(PICK(apic, 0, 0, 1, 4), 1, "other core");
	expect_pick(PICK(apic, 0, 0, 4), 4, "other package");
}

/* Pentium 4 with and without, Core 2, and one that has nothing. */
Test(topology, intel_before_leaf_b) {
	struct cpuid_leaves leaves = {.basic = {.eax = 5}, .version = {.ebx = 2u << 16, .edx = 1u << 28}};
	leaf_4 = 0;
	expect_pick(PICK(read_with(leaves), 0, 0, 1, 6), 6, "other package");
	expect_pick(PICK(read_with(leaves), 0, 0, 1), 1, "sibling thread");
	leaf_4 = 1u << 26;
	expect_pick(PICK(read_with(leaves), 0, 0, 1), 1, "other core");
	leaves.version = (struct cpuid){0};
	expect_pick(PICK(read_with(leaves), 0, 0, 1), 1, "other package");
}

Test(topology, mpidr) {
	static const uint64_t MT = 1u << 24;
	const struct {
		uint64_t mpidr, own, other;
		const char *relation;
	} cases[] = {
		{MT, 0x0, 0x1, "sibling thread"},
		{MT, 0x0, 0x100, "other core"},
		{0, 0x0, 0x1, "other core"},
		{0, 0x100, 0x0, "other core"},
		{MT, 0x10000, 0x10001, "sibling thread"},
		{MT, 0x100000000, 0x0, "other core"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct topology_place own = topology_place_of_mpidr(cases[i].mpidr, cases[i].own);
		struct topology_place other = topology_place_of_mpidr(cases[i].mpidr, cases[i].other);
		cr_expect_str_eq(topology_relation_name(topology_relation(&own, &other)), cases[i].relation, "%zu", i);
	}
}

Test(topology, the_unknown_is_better_than_a_sibling) {
	static const struct topology_place unknown, known = {.known = true};
	cr_expect_eq(topology_relation(&unknown, &known), TOPOLOGY_UNKNOWN);
	struct pick found = {0};
	consider(&found, 1, TOPOLOGY_SIBLING);
	consider(&found, 2, TOPOLOGY_UNKNOWN);
	consider(&found, 3, TOPOLOGY_UNKNOWN);
	expect_pick(found, 2, "unknown");
	consider(&found, 4, TOPOLOGY_OTHER_PACKAGE);
	consider(&found, 5, TOPOLOGY_SIBLING);
	expect_pick(found, 4, "other package");
	consider(&found, 6, TOPOLOGY_OTHER_CORE);
	consider(&found, 7, TOPOLOGY_OTHER_CORE);
	expect_pick(found, 6, "other core");
}

#define CACHE(level, shared) ((shared)-1u) << 14 | (level) << 5 | 1

/* Of eight cores with two threads each: the first level is a core's, the second four cores share, the third all. */
Test(topology, clusters_by_the_cache_that_some_share) {
	memcpy(levels[0], (struct level[]){{1, 1}, {4, 2}}, 2 * sizeof(struct level));
	memcpy(caches, (uint32_t[]){CACHE(1, 2), CACHE(2, 8), CACHE(3, 16), 0}, sizeof(caches));
	expect_pick(PICK(read_with(leaf_b), 0, 0, 2), 2, "same cluster");
	expect_pick(PICK(read_with(leaf_b), 0, 0, 8), 8, "other core");
	expect_pick(PICK(read_with(leaf_b), 0, 0, 8, 2), 8, "other core");
	expect_pick(PICK(read_with(leaf_b), 0, 0, 1), 1, "sibling thread");
	/* AMD counts threads: three cores of two threads share one, and ids go on at the next power of two */
	struct cpuid_leaves leaves = leaf_b;
	leaves.extended.eax = 0x8000001e;
	leaves.extended_version.ecx = 1u << 22;
	memcpy(caches, (uint32_t[]){CACHE(1, 2), CACHE(2, 2), CACHE(3, 6), 0}, sizeof(caches));
	expect_pick(PICK(read_with(leaves), 0, 0, 4), 4, "same cluster");
	expect_pick(PICK(read_with(leaves), 0, 0, 8), 8, "other core");
}

Test(topology, the_first_core_of_each_further_kind) {
	static const uint64_t one[] = {5, 5, 5}, hybrid[] = {1, 1, 0, 0, 1, 2, 0};
	cr_expect_eq(topology_find_kind(one, 3, 0), -1);
	cr_expect_eq(topology_find_kind(one, 0, 0), -1);
	cr_expect_eq(topology_find_kind(hybrid, 7, 0), 2);
	cr_expect_eq(topology_find_kind(hybrid, 7, 1), 5);
	cr_expect_eq(topology_find_kind(hybrid, 7, 2), -1);
	cr_expect_eq(topology_find_kind(hybrid + 2, 5, 0), 2, "from an efficiency core's side");
}
