/* SPDX-License-Identifier: Apache-2.0
 *
 * Clusters of cores against machines that are known: matrices made of a topology, a latency a kind, and noise.
 */
#include "bench/ladder/clusters.h"
#include "bench/ladder/clusters_told.h"
#include "bench/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { SEEDS = 40 };

static struct clusters_work work;
static struct clusters found;
static double matrix[CLUSTERS_CORES_MOST * CLUSTERS_CORES_MOST];

/* As Linux numbers it: all first threads, then all second ones. */
static const struct machine {
	unsigned packages, caches, cores, threads;
	double sibling, cache, package, other;
} two_sockets = {2, 2, 4, 2, 10, 25, 70, 150};

static unsigned cores_of(const struct machine *machine) {
	return machine->packages * machine->caches * machine->cores * machine->threads;
}

static unsigned core_of(const struct machine *machine, unsigned cpu) {
	return cpu % (cores_of(machine) / machine->threads);
}

static unsigned cache_of(const struct machine *machine, unsigned cpu) {
	return core_of(machine, cpu) / machine->cores;
}

static unsigned package_of(const struct machine *machine, unsigned cpu) {
	return cache_of(machine, cpu) / machine->caches;
}

/* Near enough to a normal deviate of deviation 1. */
static double deviate(struct rng *rng) {
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += (double)(rng_next(rng) >> 11) * 0x1p-53;
	return sum;
}

static void make(const struct machine *machine, double noise, uint64_t seed) {
	struct rng rng = rng_seeded(seed);
	unsigned count = cores_of(machine);
	for (unsigned a = 0; a < count; a++)
		for (unsigned b = 0; b < count; b++) {
			double latency = core_of(machine, a) == core_of(machine, b)         ? machine->sibling
					 : cache_of(machine, a) == cache_of(machine, b)     ? machine->cache
					 : package_of(machine, a) == package_of(machine, b) ? machine->package
											    : machine->other;
			matrix[a * count + b] = latency * (1 + noise * deviate(&rng));
		}
}

static void expect_level(size_t index, size_t clusters, double latency) {
	const struct clusters_level *level = &found.levels[index];
	cr_expect_eq(level->clusters, clusters, "level %zu: %zu clusters", index, level->clusters);
	cr_expect(fabs(level->latency / latency - 1) < 0.08, "level %zu: %g", index, level->latency);
	cr_expect(level->least <= level->latency && level->latency <= level->most);
}

static void expect_two_sockets(void) {
	cr_assert_eq(found.outcome, CLUSTERS_FOUND);
	cr_assert_eq(found.level_count, 4, "%zu levels", found.level_count);
	expect_level(0, 16, two_sockets.sibling);
	expect_level(1, 4, two_sockets.cache);
	expect_level(2, 2, two_sockets.package);
	expect_level(3, 1, two_sockets.other);
	for (unsigned cpu = 0; cpu < 32; cpu++) {
		cr_expect_eq(found.levels[0].cluster[cpu], core_of(&two_sockets, cpu));
		cr_expect_eq(found.levels[1].cluster[cpu], cache_of(&two_sockets, cpu));
		cr_expect_eq(found.levels[2].cluster[cpu], package_of(&two_sockets, cpu));
		cr_expect_eq(found.levels[3].cluster[cpu], 0);
	}
	cr_expect_eq(found.levels[0].pairs, 16);
	cr_expect_eq(found.levels[1].pairs, 4 * 24);
	cr_expect_eq(found.levels[2].pairs, 2 * 64);
	cr_expect_eq(found.levels[3].pairs, 256);
}

Test(clusters, two_sockets_of_two_caches_of_four_cores_of_two_threads) {
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		make(&two_sockets, 0.05, seed);
		clusters_find(matrix, 32, &work, &found);
		expect_two_sockets();
	}
}

/* One measurement in fifty was disturbed, and took ten times as long. */
Test(clusters, what_was_disturbed_moves_nobody) {
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct rng rng = rng_seeded(seed + 1000);
		make(&two_sockets, 0.02, seed);
		for (unsigned i = 0; i < 32 * 32; i++)
			if (i / 32 < i % 32 && rng_below(&rng, 50) == 0)
				matrix[i] *= 10;
		clusters_find(matrix, 32, &work, &found);
		expect_two_sockets();
	}
}

/* Of 16 cores that a hypervisor moves, two met on one for a while. */
Test(clusters, where_directions_are_contrary_nothing_is_sure) {
	enum { CORES = 16 };
	for (size_t i = 0; i < CORES * CORES; i++)
		matrix[i] = 160;
	matrix[13 * CORES + 4] = 19;
	clusters_find(matrix, CORES, &work, &found);
	cr_assert_eq(found.level_count, 2);
	cr_expect_eq(found.levels[0].contrary, 1);
	cr_expect_not(clusters_are_sure(&found.levels[0]));
	cr_expect(clusters_are_sure(&found.levels[1]));
	matrix[4 * CORES + 13] = 20;
	clusters_find(matrix, CORES, &work, &found);
	cr_expect_eq(found.levels[0].contrary, 0);
	cr_expect(clusters_are_sure(&found.levels[0]));
}

Test(clusters, one_direction_is_enough) {
	make(&two_sockets, 0, 1);
	for (unsigned i = 0; i < 32 * 32; i++)
		if (i / 32 > i % 32)
			matrix[i] = i % 2 != 0 ? NAN : 0;
	clusters_find(matrix, 32, &work, &found);
	expect_two_sockets();
}

Test(clusters, where_all_are_alike_there_is_one) {
	static const unsigned counts[] = {2, 3, 4, 8, 32, 64};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			const struct machine uniform = {1, 1, counts[i], 1, 48, 48, 48, 48};
			make(&uniform, 0.05, seed);
			clusters_find(matrix, counts[i], &work, &found);
			cr_assert_eq(found.outcome, CLUSTERS_FOUND);
			cr_expect_eq(found.level_count, 1, "%u cores, seed %u: %zu levels", counts[i], (unsigned)seed,
				     found.level_count);
			cr_expect_eq(found.levels[0].clusters, 1);
			cr_expect_eq(found.levels[0].pairs, counts[i] * (counts[i] - 1) / 2);
		}
}

/* 40 and 53 ns, as one machine has them, are two kinds. */
Test(clusters, kinds_a_third_apart_are_two) {
	const struct machine close = {2, 2, 4, 1, 40, 40, 53, 145};
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		make(&close, 0.02, seed);
		clusters_find(matrix, 16, &work, &found);
		cr_assert_eq(found.level_count, 3, "%zu levels", found.level_count);
		expect_level(0, 4, 40);
		expect_level(1, 2, 53);
		expect_level(2, 1, 145);
	}
}

Test(clusters, who_was_not_measured_with_the_others_stands_apart) {
	make(&two_sockets, 0, 1);
	for (unsigned cpu = 0; cpu < 32; cpu++)
		matrix[31 * 32 + cpu] = matrix[cpu * 32 + 31] = 0;
	clusters_find(matrix, 32, &work, &found);
	cr_expect_eq(found.outcome, CLUSTERS_APART);
	cr_expect_eq(found.levels[found.level_count - 1].clusters, 2);
	memset(matrix, 0, sizeof matrix);
	clusters_find(matrix, 32, &work, &found);
	cr_expect_eq(found.outcome, CLUSTERS_APART);
	cr_expect_eq(found.level_count, 0);
}

/* Each joining much farther than the one before: more levels than there is room for. */
Test(clusters, the_last_level_takes_what_does_not_fit) {
	enum { COUNT = 14 };
	for (unsigned a = 0; a < COUNT; a++)
		for (unsigned b = 0; b < COUNT; b++)
			matrix[a * COUNT + b] = pow(2, a > b ? a : b);
	clusters_find(matrix, COUNT, &work, &found);
	cr_expect_eq(found.outcome, CLUSTERS_FOUND);
	cr_expect_eq(found.level_count, CLUSTERS_LEVELS_MOST);
	cr_expect_eq(found.levels[CLUSTERS_LEVELS_MOST - 1].clusters, 1);
	cr_expect_eq(found.levels[CLUSTERS_LEVELS_MOST - 1].most, pow(2, COUNT - 1));
}

Test(clusters, bounds_of_the_count) {
	clusters_find(matrix, 1, &work, &found);
	cr_expect_eq(found.outcome, CLUSTERS_TOO_FEW);
	clusters_find(matrix, CLUSTERS_CORES_MOST + 1, &work, &found);
	cr_expect_eq(found.outcome, CLUSTERS_TOO_MANY);
}

Test(clusters, relations_to_what_is_told) {
	const struct clusters_level level = {.clusters = 2, .cluster = {0, 0, 1, 1}};
	static const uint32_t same[] = {7, 7, 3, 3}, one[] = {1, 1, 1, 1}, each[] = {1, 2, 3, 4},
			      across[] = {1, 2, 2, 1};
	cr_expect_eq(clusters_compare(&level, same, 4), CLUSTERS_SAME);
	cr_expect_eq(clusters_compare(&level, one, 4), CLUSTERS_FINER);
	cr_expect_eq(clusters_compare(&level, each, 4), CLUSTERS_COARSER);
	cr_expect_eq(clusters_compare(&level, across, 4), CLUSTERS_ACROSS);
}

/* ---- beside a description ---------------------------------------------------------------------------------------- */

/* The same two sockets, CPUs numbered from 100 on, L3 caches told, second-level ones only for the first CPU. */
static struct caps_machine *told_machine(void) {
	static struct caps_cpu cpus[32];
	static struct caps_cache caches[6];
	static struct caps_machine machine;
	for (unsigned cpu = 0; cpu < 32; cpu++)
		cpus[cpu] = (struct caps_cpu){.number = 100 + cpu,
					      .package = package_of(&two_sockets, cpu),
					      .die = package_of(&two_sockets, cpu),
					      .cluster = core_of(&two_sockets, cpu),
					      .core = core_of(&two_sockets, cpu)};
	memset(caches, 0, sizeof caches);
	caches[0] = (struct caps_cache){.level = 2, .type = CAPS_CACHE_UNIFIED};
	caps_set_add(&caches[0].cpus, 0);
	caches[1] = (struct caps_cache){.level = 3, .type = CAPS_CACHE_INSTRUCTION};
	for (unsigned cpu = 0; cpu < 32; cpu++) {
		struct caps_cache *cache = &caches[2 + cache_of(&two_sockets, cpu)];
		cache->level = 3;
		cache->type = CAPS_CACHE_UNIFIED;
		caps_set_add(&cache->cpus, cpu);
		caps_set_add(&caches[1].cpus, cpu);
	}
	machine = (struct caps_machine){.cpus = cpus, .cpu_count = 32, .caches = caches, .cache_count = 6};
	return &machine;
}

static uint32_t bit(enum clusters_kind kind) {
	return UINT32_C(1) << kind;
}

Test(clusters, agree_with_what_the_machine_tells) {
	const struct caps_machine *machine = told_machine();
	uint32_t cpus[32];
	for (unsigned i = 0; i < 32; i++)
		cpus[i] = 100 + i;
	make(&two_sockets, 0.05, 1);
	clusters_find(matrix, 32, &work, &found);
	cr_expect_eq(clusters_agree(machine, &found.levels[0], cpus, 32),
		     bit(CLUSTERS_KIND_CORE) | bit(CLUSTERS_KIND_CLUSTER));
	cr_expect_eq(clusters_agree(machine, &found.levels[1], cpus, 32), bit(CLUSTERS_KIND_L3));
	cr_expect_eq(clusters_agree(machine, &found.levels[2], cpus, 32),
		     bit(CLUSTERS_KIND_DIE) | bit(CLUSTERS_KIND_PACKAGE));
	cr_expect_eq(clusters_agree(machine, &found.levels[3], cpus, 32), 0);
	cpus[31] = 999;
	cr_expect_eq(clusters_agree(machine, &found.levels[1], cpus, 32), 0, "a CPU that it does not know");
}

Test(clusters, kinds_have_names) {
	for (unsigned kind = 0; kind < CLUSTERS_KIND_COUNT; kind++)
		cr_expect_gt(strlen(clusters_kind_name((enum clusters_kind)kind)), 0);
}
