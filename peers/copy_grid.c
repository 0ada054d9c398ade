/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/copy_grid.h"

#include "bench/consume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_MOST = 512, POWER_LEAST = 10, POWER_MOST = 26, AREA = (1 << POWER_MOST) + 8192, RUNS = 3, SHOWN = 40 };

static const uint8_t offsets[] = {0, 1, 3, 8, 15, 16, 31, 32, 33, 63};
enum { OFFSETS = sizeof(offsets) / sizeof(offsets[0]) };

static const double slowest_allowed = 1 / 0.97;
/* An interval's width over its median, at the most; else the cell was disturbed, and says little. */
static const double narrow = 0.05;

struct cell {
	void *(*libc)(void *, const void *, size_t);
	const struct simd_kernels *kernels;
	uint8_t *to;
	const uint8_t *from;
	size_t bytes;
};

/* What was seen of all cells of one kind. */
struct tally {
	const char *name;
	unsigned cells, failed;
	size_t most;      /* bytes of its largest cells */
	double ratio_sum; /* of ratios */
	double worst;     /* of the cells whose interval is narrow; 0: there was none */
};

struct grid {
	const struct peer_machine *machine;
	struct peer_plan plan;
	uint8_t *from, *to;
	unsigned shown;       /* sizes with a failed cell */
	unsigned failed_here; /* cells of the size at hand */
	double worst_here;
};

static void run_ours(void *argument, uint64_t iterations) {
	const struct cell cell = *(const struct cell *)argument;
	for (; iterations != 0; iterations--) {
		simd_copy(cell.kernels, cell.to, cell.from, cell.bytes);
		bench_consume_memory(cell.to);
	}
}

static void run_libc(void *argument, uint64_t iterations) {
	const struct cell cell = *(const struct cell *)argument;
	for (; iterations != 0; iterations--) {
		cell.libc(cell.to, cell.from, cell.bytes);
		bench_consume_memory(cell.to);
	}
}

static struct peer_comparison compare(struct grid *grid, struct cell *cell) {
	const struct peer_contest contest = {
		.ours = {.name = "ours", .run = run_ours, .state = cell},
		.peers = {{.name = "glibc", .run = run_libc, .state = cell}},
		.count = 1,
	};
	struct peer_result result;
	grid->plan.seed++;
	peer_measure(&contest, &grid->plan, &result);
	return result.ratios[0];
}

static void one_cell(struct grid *grid, struct tally *tally, size_t bytes, size_t to, size_t from) {
	struct cell cell = {memcpy, grid->machine->kernels, grid->to + to, grid->from + from, bytes};
	struct peer_comparison seen = compare(grid, &cell);
	tally->cells++;
	tally->ratio_sum += seen.median;
	struct peer_comparison best = seen;
	for (unsigned run = 1; run < RUNS && seen.lower > slowest_allowed; run++) {
		seen = compare(grid, &cell);
		best = seen.median < best.median ? seen : best;
	}
	if (best.median > tally->worst && best.upper - best.lower <= narrow * best.median)
		tally->worst = best.median;
	if (seen.lower <= slowest_allowed)
		return;
	tally->failed++;
	grid->failed_here++;
	if (best.median > grid->worst_here)
		grid->worst_here = best.median;
}

static void print_tally(const struct tally *tally) {
	printf("| %s | %u | %.3f | ", tally->name, tally->cells, tally->ratio_sum / tally->cells);
	if (tally->worst > 0)
		printf("%.3f", tally->worst);
	printf(" | %u of %u: %s |\n", tally->failed, tally->cells, tally->failed == 0 ? "met" : "**missed**");
	fflush(stdout);
}

/* --quick takes every 17th cell. */
static void cells_of_size(struct grid *grid, struct tally *tally, size_t bytes) {
	static unsigned every;
	unsigned cells = tally->cells;
	grid->failed_here = 0;
	grid->worst_here = 0;
	for (size_t to = 0; to < OFFSETS; to++)
		for (size_t from = 0; from < OFFSETS; from++)
			if (!grid->plan.quick || every++ % 17 == 0)
				one_cell(grid, tally, bytes, offsets[to], offsets[from]);
	if (grid->failed_here == 0)
		return;
	grid->shown++;
	if (grid->shown <= SHOWN)
		printf("%s%zu bytes (%u of %u, worst %.3f)", grid->shown == 1 ? "Failed: " : ", ", bytes,
		       grid->failed_here, tally->cells - cells, grid->worst_here);
	else if (grid->shown == SHOWN + 1)
		printf(", and further sizes");
	fflush(stdout);
}

/* Sizes come in ascending order. */
static struct tally *tally_of(struct tally *tally, size_t bytes) {
	return bytes <= tally->most ? tally : tally + 1;
}

void copy_grid(const struct peer_machine *machine, const struct peer_plan *plan) {
	if (!peer_wanted(plan, "simd/copy/grid"))
		return;
	struct grid grid = {.machine = machine, .plan = *plan, .from = peer_memory(AREA)};
	grid.to = (uint8_t *)peer_memory(AREA) + 2048;
	grid.plan.rounds = 11;
	grid.plan.rounds_least = 5;
	grid.plan.row_ns = plan->quick ? 2000000 : 20000000;
	grid.plan.sample_ns = 10000;
	struct tally tallies[] = {
		{.name = "0 to 64 bytes", .most = 64},
		{.name = "65 to 128 bytes", .most = 128},
		{.name = "129 to 192 bytes", .most = 192},
		{.name = "193 to 256 bytes", .most = 256},
		{.name = "257 to 512 bytes", .most = SMALL_MOST},
		{.name = "1 KiB to 64 KiB, +- 1", .most = ((size_t)64 << 10) + 1},
		{.name = "128 KiB to 64 MiB, +- 1", .most = SIZE_MAX},
	};
	struct tally *tally = tallies;
	printf("\n## simd/copy/grid\n\nOurs over glibc's, median of pairs; slower than 0.97x in three of three "
	       "runs:\n\n");
	for (size_t bytes = 0; bytes <= SMALL_MOST; bytes++)
		cells_of_size(&grid, tally = tally_of(tally, bytes), bytes);
	for (unsigned power = POWER_LEAST; power <= POWER_MOST; power++)
		for (size_t bytes = ((size_t)1 << power) - 1; bytes <= ((size_t)1 << power) + 1; bytes++)
			cells_of_size(&grid, tally = tally_of(tally, bytes), bytes);
	printf("\n\n| cells | number | mean ratio | worst ratio of an interval within 5 %% | failed "
	       "|\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < sizeof tallies / sizeof tallies[0]; i++)
		print_tally(&tallies[i]);
	peer_memory_free(grid.to - 2048, AREA);
	peer_memory_free(grid.from, AREA);
}
