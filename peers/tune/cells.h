/* SPDX-License-Identifier: Apache-2.0
 *
 * The cells of the check and their samples: an operation, a size from 16 bytes to 64 KiB and an alignment, once at that
 * size and one place, once over the sizes up to the next cell's and all places, drawn anew in each round. In a round
 * every method is timed once, in random order, and cells follow each other in random order as well: right behind itself
 * a short call is faster by a cycle than behind others, and not with each method, for as long as nothing else comes
 * (what branch predictors keep of it).
 *
 * Singletons, as the buffers and the benches are: one operation is looked at at a time, and by one thread.
 */
#pragma once

#include "bench/tune/tune.h"
#include "simd/simd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LAUNCHES = 8,
	ROUNDS_A_LAUNCH = 10,
	ROUNDS = LAUNCHES * ROUNDS_A_LAUNCH,
	SIZES_MAX = 32,
	ALIGNMENTS = 2,
};

struct method {
	struct simd_method method;
	struct simd_kernels kernels; /* the method for all sizes of the operation */
};

struct samples {
	double ticks[SIMD_METHODS_MAX][ROUNDS];
	size_t bytes[ROUNDS]; /* of the round's calls */
};

/* A cell, and how it is drawn: bytes up to `below`, and places, or `bytes` and one place. */
struct cell {
	size_t bytes, below;
	bool drawn, aligned;
};

/* The operation that is looked at, its methods, and the samples of one of its cells. */
struct bench {
	enum simd_operation operation;
	size_t count, built_in;
	struct method methods[SIMD_METHODS_MAX];
	struct samples *samples;
};

extern struct bench *bench;
extern simd_features features;
extern uint8_t *from, *to; /* AREA_BYTES, what `from` is compared with behind it */

enum { AREA_BYTES = 1 << 18 };

/* Buffers; seed of orders and places. false: no memory. */
bool cells_open(uint64_t seed);

/* Memory of all samples in the file, which launches share. false: it cannot be mapped. */
bool cells_map(int file);

/* Makes `bench` the operation's. */
void bench_open(enum simd_operation operation);

/* Ascending, SIZES_MAX + 1 at the most: how many, and behind them where the last cell's end. */
size_t cells_sizes(size_t *sizes);

struct samples *cells_samples(unsigned operation, size_t size, unsigned drawn, unsigned alignment);

/* The rounds of a launch, from `first` on, of every cell. */
void cells_measure(unsigned first);

/* The number of the method that the profile chooses, as simd.h does: one for copies up to a page. */
size_t bench_chosen(const struct simd_profile *profile, size_t bytes);

/* Every other round from `first` on, 0 or 1: ticks of `own` to those of the method. */
struct tune_ratio bench_ratio_to(const double *own, size_t other, unsigned first);
struct tune_ratio bench_ratio(size_t method, size_t other, unsigned first);

/* By the rounds of even number; those of odd number then say by how much, because with the same samples for both the
 * fastest would be the luckiest. */
size_t bench_fastest(void);
