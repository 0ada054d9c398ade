/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies beside the C library's. Every contestant is called through a pointer, as a user of simd_select would call it.
 */
#include "bench/consume.h"
#include "peers/suites.h"

#include <string.h>

enum { AREA = 1 << 20, DESTINATION = AREA / 2 + 2048 };

struct copy_state {
	void *(*libc)(void *, const void *, size_t);
	simd_copy_function *ours;
	uint8_t *destination;
	const uint8_t *source;
	size_t bytes;
};

static void run_ours(void *argument, uint64_t iterations) {
	struct copy_state state = *(const struct copy_state *)argument;
	for (; iterations != 0; iterations--) {
		state.ours(state.destination, state.source, state.bytes);
		bench_consume_memory(state.destination);
	}
}

static void run_libc(void *argument, uint64_t iterations) {
	struct copy_state state = *(const struct copy_state *)argument;
	for (; iterations != 0; iterations--) {
		state.libc(state.destination, state.source, state.bytes);
		bench_consume_memory(state.destination);
	}
}

static bool copy_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	static struct copy_state state;
	uint8_t *area = peer_memory(AREA);
	state = (struct copy_state){memcpy, machine->kernels->copies.copy, area + DESTINATION, area, row->bytes};
	contest->state = area;
	contest->ours = (struct peer){.name = machine->kernels->selected->name, .run = run_ours, .state = &state};
	contest->peers[contest->count++] = (struct peer){.name = "glibc", .run = run_libc, .state = &state};
	return true;
}

static void copy_teardown(const struct peer_row *row, struct peer_contest *contest) {
	(void)row;
	peer_memory_free(contest->state, AREA);
}

static const struct peer_row rows[] = {
	{.name = "copy/4KiB/aligned",
	 .bytes = 4096,
	 .limit_cycles = 128,
	 .limit = "stores, 32 B a cycle",
	 .bars = {{"glibc", 1 / 1.2}, {PEER_LIMIT, 1 / 0.95}},
	 .setup = copy_setup,
	 .teardown = copy_teardown},
};

const struct peer_suite peers_simd = {.name = "simd", .rows = rows, .count = sizeof rows / sizeof rows[0]};
