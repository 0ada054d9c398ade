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

#define STORE_FLAG   (UINT64_C(1) << 63) /* of an access in memory: a store; addresses of programs have 47 bits */
#define ADDRESS_MASK ((UINT64_C(1) << 48) - 1)

struct arena {
	struct tlb ours;
	struct direct direct;
	struct assoc assoc;
	struct qemu qemu, resized;
	struct fx fx;
	struct guest guest;
	uint64_t page_mask; /* of latency rows */
	size_t length;      /* of the stream */
	uint64_t *stream;
};

/* ---- the loops, alike for each design ----------------------------------------------------------------------------------- */

#define LOOPS(linkage, design, member)                                                                         \
	linkage void design##_latency(void *argument, uint64_t iterations) {                                   \
		struct arena *arena = argument;                                                                \
		uint64_t order = 1, mask = arena->page_mask, host = 0;                                         \
		for (; iterations != 0; iterations--) {                                                        \
			order = order * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);         \
			uint64_t page = order >> 40 & mask, zero = bench_opaque(host >> 63);                   \
			host = design##_translate(&arena->member, (page << DESIGN_PAGE_SHIFT) + zero, 0);      \
		}                                                                                              \
		bench_consume(host);                                                                           \
	}                                                                                                      \
	linkage void member##_stream(void *argument, uint64_t iterations) {                                    \
		struct arena *arena = argument;                                                                \
		for (; iterations != 0; iterations--)                                                          \
			for (const uint64_t *at = arena->stream, *end = at + arena->length; at != end; at++) { \
				uint64_t address = *at & ADDRESS_MASK;                                         \
				if ((*at & STORE_FLAG) != 0)                                                   \
					bench_consume(design##_translate(&arena->member, address, 1));         \
				else                                                                           \
					bench_consume(design##_translate(&arena->member, address, 0));         \
			}                                                                                      \
	}

void assoc_latency(void *arena, uint64_t iterations);
void assoc_stream(void *arena, uint64_t iterations);

/* NULL: it runs here. */
const char *assoc_absent(simd_features features);
