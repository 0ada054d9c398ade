/* SPDX-License-Identifier: Apache-2.0
 *
 * What peers/tlb.c measures, and the loops, alike for each design. The set-associative one has its loops in a file of
 * its own for each architecture, which says by its name which vectors the compiler may use.
 */
#pragma once

#include "bench/consume.h"
#include "mem/tlb.h"
#include "peers/suites/tlb_designs.h"
#include "simd/features.h"

enum { STREAM_MOST = 1 << 20, STREAM_WINDOW = 512, STREAM_TURN = 8 };

struct arena {
	struct tlb ours;
	struct direct direct;
	struct assoc assoc;
	struct qemu qemu, resized;
	struct fx fx;
	struct guest guest;
	struct flat flat;
	uint64_t page_mask; /* of latency rows */
	/* Addresses, STREAM_WINDOW by STREAM_WINDOW: in each window the reads first, then the writes, then the
	 * executions, `runs` of each. An emulator knows the kind when it translates an instruction; a loop that finds
	 * it out from data spends more on the branches that the CPU predicts wrongly than on the TLB. */
	size_t length;
	uint64_t *stream;
	uint32_t runs[STREAM_MOST / STREAM_WINDOW][DESIGN_KINDS];
};

/* The last one may be shorter. */
static inline size_t stream_windows(const struct arena *arena) {
	return (arena->length + STREAM_WINDOW - 1) / STREAM_WINDOW;
}

/* ---- the loops, alike for each design -------------------------------------------------------------------------------
 * Between two translations anything may have happened to memory, as in a program that has its own work in between: what
 * a design keeps of itself in memory, it loads each time. Streams are translated STREAM_TURN accesses a turn: with one,
 * the loop's own branches are what is measured, and on Zen 5 differ by a third from launch to launch. */

#define LOOPS(linkage, design, member)                                                                         \
	linkage void design##_latency(void *argument, uint64_t iterations) {                                   \
		struct arena *arena = argument;                                                                \
		uint64_t order = 1, mask = arena->page_mask, host = 0;                                         \
		for (; iterations != 0; iterations--) {                                                        \
			order = order * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);         \
			uint64_t page = order >> 40 & mask, zero = bench_opaque(host >> 63);                   \
			host = design##_translate(&arena->member, (page << DESIGN_PAGE_SHIFT) + zero, 0);      \
			bench_consume_memory(arena);                                                           \
		}                                                                                              \
		bench_consume(host);                                                                           \
	}                                                                                                      \
	/* The kind is a constant where an emulator translates. */                                             \
	static inline __attribute__((always_inline)) void member##_one(struct arena *arena, uint64_t address,  \
								       unsigned kind) {                        \
		bench_consume(design##_translate(&arena->member, address, kind));                              \
		bench_consume_memory(arena);                                                                   \
	}                                                                                                      \
	static inline __attribute__((always_inline))                                                           \
	const uint64_t *member##_run(struct arena *arena, const uint64_t *at, uint64_t count, unsigned kind) { \
		const uint64_t *end = at + count;                                                              \
		for (const uint64_t *last = end - count % STREAM_TURN; at != last; at += STREAM_TURN) {        \
			_Pragma("GCC unroll 8") for (unsigned i = 0; i < STREAM_TURN; i++)                     \
				member##_one(arena, at[i], kind);                                              \
		}                                                                                              \
		for (; at != end; at++)                                                                        \
			member##_one(arena, *at, kind);                                                        \
		return at;                                                                                     \
	}                                                                                                      \
	/* `count` windows from `first` on. */                                                                 \
	linkage void member##_windows(struct arena *arena, size_t first, size_t count) {                       \
		const uint64_t *at = arena->stream + first * STREAM_WINDOW;                                    \
		const uint32_t(*runs)[DESIGN_KINDS] = arena->runs + first;                                     \
		for (; count != 0; count--, runs++) {                                                          \
			at = member##_run(arena, at, (*runs)[TLB_READ], TLB_READ);                             \
			at = member##_run(arena, at, (*runs)[TLB_WRITE], TLB_WRITE);                           \
			at = member##_run(arena, at, (*runs)[TLB_EXECUTE], TLB_EXECUTE);                       \
		}                                                                                              \
	}                                                                                                      \
	linkage void member##_stream(void *argument, uint64_t iterations) {                                    \
		struct arena *arena = argument;                                                                \
		for (; iterations != 0; iterations--)                                                          \
			member##_windows(arena, 0, stream_windows(arena));                                     \
	}

void assoc_latency(void *arena, uint64_t iterations);
void assoc_windows(struct arena *arena, size_t first, size_t count);
void assoc_stream(void *arena, uint64_t iterations);

/* NULL: it runs here. */
const char *assoc_absent(simd_features features);
