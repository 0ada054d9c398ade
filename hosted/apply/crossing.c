/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/apply/crossing.h"

#include "bench/rng.h"
#include "hosted/apply/apply.h"
#include "hosted/results/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	PLACES = 4096, /* areas begin anywhere in a page */
	CALLS_MOST = 1024,
	SAMPLE_BYTES = 1 << 18,
	SPREAD_BYTES = 1 << 18, /* beyond what a cache next to the core holds */
};

/* Calls one after the other on the same area, or each on another one: which is quicker differs by that, and a program's
 * calls are of either kind. */
enum condition { SAME, SPREAD, CONDITIONS };

/* No method finds it, and the C library neither: areas are filled with another. */
enum { VALUE = 1, NOT_THERE = 2 };

struct areas {
	unsigned char *to, *from;
	size_t count;
	struct {
		uint32_t at, bytes; /* `at` beyond these */
	} calls[CALLS_MOST];
};

static void *(*volatile libc_move)(void *, const void *, size_t) = memmove;
static void *(*volatile libc_set)(void *, int, size_t) = memset;
static int (*volatile libc_compare)(const void *, const void *, size_t) = memcmp;
static void *(*volatile libc_find)(const void *, int, size_t) = memchr;
static volatile size_t consumed;

static void call_libc(enum simd_operation operation, const struct areas *areas) {
	for (size_t i = 0; i < areas->count; i++) {
		unsigned char *to = areas->to + areas->calls[i].at, *from = areas->from + areas->calls[i].at;
		size_t bytes = areas->calls[i].bytes;
		if (operation == SIMD_OPERATION_COPY)
			libc_move(to, from, bytes);
		else if (operation == SIMD_OPERATION_FILL || operation == SIMD_OPERATION_ZERO)
			libc_set(to, operation == SIMD_OPERATION_FILL ? VALUE : 0, bytes);
		else if (operation == SIMD_OPERATION_COMPARE)
			consumed = (size_t)libc_compare(to, from, bytes);
		else
			consumed = (size_t)libc_find(to, NOT_THERE, bytes);
	}
}

static void call_own(const struct simd_kernels *kernels, enum simd_operation operation, const struct areas *areas) {
	for (size_t i = 0; i < areas->count; i++) {
		unsigned char *to = areas->to + areas->calls[i].at, *from = areas->from + areas->calls[i].at;
		size_t bytes = areas->calls[i].bytes;
		if (operation == SIMD_OPERATION_COPY && bytes >= kernels->copy_stream_bytes)
			simd_copy(kernels, to, from, bytes);
		else if (operation == SIMD_OPERATION_COPY)
			simd_move(kernels, to, from, bytes);
		else if (operation == SIMD_OPERATION_FILL)
			simd_fill(kernels, to, VALUE, bytes);
		else if (operation == SIMD_OPERATION_ZERO)
			simd_zero(kernels, to, bytes);
		else if (operation == SIMD_OPERATION_COMPARE)
			consumed = (size_t)simd_compare(kernels, to, from, bytes);
		else
			consumed = simd_find_byte_unbounded(kernels, to, NOT_THERE, bytes);
	}
}

static double now_ns(void) {
	return (double)clock_ns(CLOCK_MONOTONIC);
}

/* Nanoseconds; kernels NULL: the C library's. */
static double sample(const struct simd_kernels *kernels, enum simd_operation operation, const struct areas *areas) {
	double start = now_ns();
	if (kernels)
		call_own(kernels, operation, areas);
	else
		call_libc(operation, areas);
	return now_ns() - start;
}

/* Sizes from `least` on, below its double, in any order: of one size alone every branch would be foreseen, which a
 * program's calls are not. */
static void choose_calls(const struct areas *whole, enum condition condition, size_t least, struct rng *rng,
			 struct areas *areas) {
	size_t calls = SAMPLE_BYTES / least;
	areas->to = whole->to + rng_below(rng, PLACES);
	areas->from = whole->from + rng_below(rng, PLACES);
	areas->count = calls == 0 ? 1 : calls < CALLS_MOST ? calls : CALLS_MOST;
	for (size_t i = 0; i < areas->count; i++) {
		areas->calls[i].at = condition == SPREAD ? rng_below(rng, SPREAD_BYTES) : 0;
		areas->calls[i].bytes = (uint32_t)least + rng_below(rng, (uint32_t)least);
	}
}

static struct tune_ratio measure_size(const struct simd_kernels *kernels, enum simd_operation operation,
				      const struct areas *whole, enum condition condition, size_t bytes,
				      struct rng *rng) {
	double ratios[CROSSING_ROUNDS];
	static struct areas areas; /* some KiB */
	for (size_t round = 0; round < CROSSING_ROUNDS; round++) {
		choose_calls(whole, condition, bytes, rng, &areas);
		bool own_first = rng_below(rng, 2);
		double first = sample(own_first ? kernels : NULL, operation, &areas);
		double second = sample(own_first ? NULL : kernels, operation, &areas);
		ratios[round] = own_first ? first / second : second / first;
	}
	return tune_ratio_of(ratios, CROSSING_ROUNDS);
}

void crossing_add(struct tune_ratio worst[CROSSING_SIZES], const struct tune_ratio more[CROSSING_SIZES]) {
	for (size_t i = 0; i < CROSSING_SIZES; i++)
		if (worst[i].rounds == 0 || more[i].upper > worst[i].upper || isnan(more[i].upper))
			worst[i] = more[i];
}

/* All sizes in one condition before the next: what disturbs for a while has no part in each. */
static struct crossing measure_operation(const struct simd_kernels *kernels, enum simd_operation operation,
					 const struct areas *whole, struct rng *rng) {
	struct tune_ratio worst[CROSSING_SIZES] = {{0}}, ratios[CROSSING_SIZES];
	for (unsigned i = 0; i < CROSSING_PASSES * CONDITIONS; i++) {
		for (size_t size = 0; size < CROSSING_SIZES; size++)
			ratios[size] = measure_size(kernels, operation, whole, (enum condition)(i % CONDITIONS),
						    crossing_bytes(size), rng);
		crossing_add(worst, ratios);
	}
	return crossing_of(worst);
}

struct crossing crossing_of(const struct tune_ratio ratios[CROSSING_SIZES]) {
	size_t best = 0, best_end = 0, begin = 0;
	for (size_t i = 0; i < CROSSING_SIZES; i++) {
		if (!(ratios[i].upper < CROSSING_RATIO))
			begin = i + 1;
		else if (i + 1 - begin > best_end - best) {
			best = begin;
			best_end = i + 1;
		}
	}
	return (struct crossing){best_end ? crossing_bytes(best) : 0, best_end == 0 ? 0
								      : best_end == CROSSING_SIZES
									      ? SIZE_MAX
									      : crossing_bytes(best_end)};
}

int crossing_measure(const struct simd_profile *profile, struct crossings *crossings) {
	static struct simd_kernels kernels;
	struct rng rng = rng_seeded(rng_seed_of(1, "crossing"));
	size_t room = crossing_bytes(CROSSING_SIZES) + PLACES + SPREAD_BYTES;
	struct areas areas = {.to = malloc(room), .from = malloc(room)};
	bool good = areas.to && areas.from;
	simd_select(simd_features_detect(), profile, &kernels);
	for (size_t i = 0; good && i < APPLY_SERVED; i++) {
		memset(areas.to, VALUE, room);
		memset(areas.from, VALUE, room);
		crossings->of[apply_served[i]] = measure_operation(&kernels, apply_served[i], &areas, &rng);
	}
	free(areas.to);
	free(areas.from);
	return good ? 0 : -1;
}
