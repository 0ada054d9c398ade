/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/suites/copy_grid.h"

#include "bench/consume.h"
#include "peers/steps.h"

#include <string.h>

enum { HALF_PAGE = 2048, QUICK_STEP = 17, WINDOWS = 3 };

struct cell {
	void *(*libc)(void *, const void *, size_t);
	const struct simd_kernels *kernels;
	uint8_t *to;
	const uint8_t *from;
	size_t bytes;
};

struct grid {
	const struct simd_kernels *kernels;
	void (*ours)(void *cell, uint64_t iterations);
	struct peer_plan plan;
	uint8_t *from, *to;
};

static void run_ours(void *argument, uint64_t iterations) {
	const struct cell cell = *(const struct cell *)argument;
	for (; iterations != 0; iterations--) {
		simd_copy(cell.kernels, cell.to, cell.from, cell.bytes);
		bench_consume_memory(cell.to);
	}
}

/* As the C library's: the address in a register. Out of memory a call takes up to two cycles more, of either. */
static void run_method(void *argument, uint64_t iterations) {
	const struct cell cell = *(const struct cell *)argument;
	simd_copy_function *const method = cell.kernels->copies.copy;
	for (; iterations != 0; iterations--) {
		method(cell.to, cell.from, cell.bytes);
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

static struct grid_seen measure(struct grid *grid, uint32_t index) {
	static struct peer_record record;
	static struct peer_chains chains;
	const struct grid_place place = grid_place_of(index);
	struct cell cell = {memcpy, grid->kernels, grid->to + place.to, grid->from + place.from, place.bytes};
	const struct peer_contest contest = {
		.ours = {.name = "ours", .run = grid->ours, .state = &cell},
		.peers = {{.name = "glibc", .run = run_libc, .state = &cell}},
		.count = 1,
	};
	grid->plan.seed++;
	chains.count = 0;
	peer_chains_sample(&chains, WINDOWS);
	peer_measure(&contest, &grid->plan, &chains, &record);
	const struct peer_entry *libc = &record.entries[1];
	return (struct grid_seen){.cell = index,
				  .probe = peer_probe_of(&chains),
				  .median = libc->paired,
				  .lower = libc->paired_least,
				  .upper = libc->paired_most};
}

void copy_grid(const struct peer_row *row, const struct peer_machine *machine, const struct peer_plan *plan,
	       const uint32_t *cells, size_t count, void (*tell)(const struct grid_seen *seen)) {
	struct simd_kernels kernels = *machine->kernels;
	const char *method = row->data;
	if (method != NULL)
		(void)simd_method_use(machine->features, SIMD_OPERATION_COPY, method, &kernels);
	const size_t all = grid_cells_count(), area = grid_place_of(all - 1).bytes + 4096;
	struct grid grid = {.kernels = &kernels,
			    .ours = method != NULL ? run_method : run_ours,
			    .plan = *plan,
			    .from = peer_memory(area)};
	uint8_t *to = peer_memory(area + HALF_PAGE);
	grid.to = to + HALF_PAGE;
	grid.plan.rounds = 11;
	grid.plan.rounds_least = 5;
	grid.plan.row_ns = plan->quick ? 2000000 : 20000000;
	grid.plan.sample_ns = 10000;
	grid.plan.intervals = true;
	const size_t step = count == 0 && plan->quick ? QUICK_STEP : 1, most = count != 0 ? count : all;
	for (size_t i = 0; i < most; i += step) {
		struct grid_seen seen = measure(&grid, count != 0 ? cells[i] : (uint32_t)i);
		tell(&seen);
	}
	peer_memory_free(to, area + HALF_PAGE);
	peer_memory_free(grid.from, area);
}
