/* SPDX-License-Identifier: Apache-2.0
 *
 * What peers/tlb.c measures, and the loops, alike for each design. The set-associative one has its loops in a file of its own
 * for each architecture, which says by its name which vectors the compiler may use.
 */
#pragma once

#include "bench/consume.h"
#include "mem/tlb.h"
#include "peers/tlb_designs.h"
#include "simd/features.h"

/* Of an access in memory: enum tlb_access from this bit on; addresses of programs have 47 bits. */
#define KIND_SHIFT   62
#define ADDRESS_MASK ((UINT64_C(1) << 48) - 1)

struct arena {
	struct tlb ours;
	struct direct direct;
	struct assoc assoc;
	struct qemu qemu, resized;
	struct fx fx;
	struct guest guest;
	struct flat flat;
	uint64_t page_mask; /* of latency rows */
	size_t length;      /* of the stream */
	uint64_t *stream;
};

/* ---- the loops, alike for each design -----------------------------------------------------------------------------------
 * Between two translations anything may have happened to memory, as in a program that has its own work in between: what a
 * design keeps of itself in memory, it loads each time. */

/* The kind is a constant where an emulator translates, so each kind has a branch of its own here, which the compiler must not
 * make one again. */
#define TRANSLATE_AS(design, member, kind)                                        \
	do {                                                                      \
		__asm__ volatile("" : : "i"(kind));                               \
		bench_consume(design##_translate(&arena->member, address, kind)); \
	} while (0)

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
	linkage void member##_stream(void *argument, uint64_t iterations) {                                    \
		struct arena *arena = argument;                                                                \
		for (; iterations != 0; iterations--)                                                          \
			for (const uint64_t *at = arena->stream, *end = at + arena->length; at != end; at++) { \
				uint64_t address = *at & ADDRESS_MASK;                                         \
				if (*at >> KIND_SHIFT == TLB_WRITE)                                            \
					TRANSLATE_AS(design, member, TLB_WRITE);                               \
				else if (*at >> KIND_SHIFT == TLB_EXECUTE)                                     \
					TRANSLATE_AS(design, member, TLB_EXECUTE);                             \
				else                                                                           \
					TRANSLATE_AS(design, member, TLB_READ);                                \
				bench_consume_memory(arena);                                                   \
			}                                                                                      \
	}

void assoc_latency(void *arena, uint64_t iterations);
void assoc_stream(void *arena, uint64_t iterations);

/* NULL: it runs here. */
const char *assoc_absent(simd_features features);
