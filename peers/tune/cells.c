/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/tune/cells.h"

#include "bench/rng.h"
#include "peers/choice.h"
#include "peers/tune/calls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LINE_BYTES = 64, PAGE_LINES = 64 };

static struct bench benches[SIMD_OPERATION_COUNT];
struct bench *bench;
simd_features features;
uint8_t *from, *to;

static struct samples *all_samples; /* [operation][size][drawn or not][alignment] */
static struct rng rng;

bool cells_open(uint64_t seed) {
	rng = rng_seeded(seed);
	from = aligned_alloc(4096, 2 * AREA_BYTES);
	to = aligned_alloc(4096, AREA_BYTES);
	if (from == NULL || to == NULL)
		return false;
	memset(from, 0x33, 2 * AREA_BYTES);
	memset(to, 0, AREA_BYTES);
	return true;
}

bool cells_map(int file) {
	size_t bytes = (size_t)SIMD_OPERATION_COUNT * SIZES_MAX * 2 * ALIGNMENTS * sizeof(struct samples);
	void *mapped = MAP_FAILED;
	if (ftruncate(file, (off_t)bytes) == 0)
		mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	all_samples = mapped;
	return mapped != MAP_FAILED;
}

struct samples *cells_samples(unsigned operation, size_t size, unsigned drawn, unsigned alignment) {
	return &all_samples[((operation * SIZES_MAX + size) * 2 + drawn) * ALIGNMENTS + alignment];
}

size_t cells_sizes(size_t *sizes) {
	size_t count = 0;
	for (double bytes = 16; bytes <= 65536.5; bytes *= 1.6)
		sizes[count++] = (size_t)bytes;
	sizes[count++] = 65536;
	sizes[count] = 65536 + 1;
	return count;
}

void bench_open(enum simd_operation operation) {
	struct simd_method methods[SIMD_METHODS_MAX];
	bench = &benches[operation];
	if (bench->count != 0)
		return;
	bench->operation = operation;
	bench->count = simd_methods(features, operation, methods);
	for (size_t m = 0; m < bench->count; m++) {
		struct simd_profile profile = {.copy_stream_bytes = SIZE_MAX, .zero_stream_bytes = SIZE_MAX};
		profile.choice[operation].method[0] = methods[m].name;
		bench->methods[m].method = methods[m];
		simd_select(features, &profile, &bench->methods[m].kernels);
		if (strcmp(methods[m].name, simd_method_built_in(features, operation)) == 0)
			bench->built_in = m;
	}
}

size_t bench_chosen(const struct simd_profile *profile, size_t bytes) {
	const char *method = peer_choice_method(profile, bench->operation, bytes);
	for (size_t m = 0; m < bench->count && method != NULL; m++)
		if (strcmp(bench->methods[m].method.name, method) == 0)
			return m;
	return bench->built_in;
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

struct place {
	size_t bytes, to, from, other; /* offsets, bytes */
	unsigned code;
};

/* Lines from a page's begin: how far apart operands are modulo a page says how they share the sets of L1. */
static size_t draw_apart(void) {
	return rng_below(&rng, PAGE_LINES) * LINE_BYTES;
}

static struct place place_in(const struct cell *cell) {
	bool lanes = bench->operation >= SIMD_OPERATION_LANES_ADD;
	bool words = lanes || bench->operation == SIMD_OPERATION_SUM;
	size_t unit = words ? sizeof(uint64_t) : 1, units = LINE_BYTES / unit;
	struct place place = {cell->bytes, draw_apart(), 0, draw_apart(), rng_below(&rng, CALL_PLACES)};
	if (cell->drawn)
		place.bytes += rng_below(&rng, (uint32_t)(cell->below - cell->bytes));
	if (cell->aligned)
		return place;
	size_t to_unit = lanes ? unit : 1;
	place.to += rng_below(&rng, (uint32_t)(LINE_BYTES / to_unit)) * to_unit;
	place.from += rng_below(&rng, (uint32_t)units) * unit;
	place.other += rng_below(&rng, (uint32_t)units) * unit;
	return place;
}

static void measure_round(const struct cell *cell, unsigned round) {
	size_t order[SIMD_METHODS_MAX];
	struct place place = place_in(cell);
	bench->samples->bytes[round] = place.bytes;
	for (size_t i = 0; i < bench->count; i++) {
		size_t other = rng_below(&rng, (uint32_t)i + 1);
		order[i] = order[other];
		order[other] = i;
	}
	for (size_t i = 0; i < bench->count; i++) {
		struct call call = {
			.operation = bench->operation,
			.kernels = &bench->methods[order[i]].kernels,
			.to = to + place.to,
			.from = from + place.from,
			.other = from + AREA_BYTES + place.other,
			.bytes = place.bytes,
			.code_place = place.code,
		};
		bench->samples->ticks[order[i]][round] = call_sample(&call);
	}
}

struct numbered {
	uint8_t operation, size;
	bool drawn, aligned;
};

static size_t list_cells(size_t sizes_count, struct numbered *cells) {
	size_t count = 0;
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		if (!simd_operation_is_sized((enum simd_operation)i))
			continue;
		for (size_t s = 0; s < sizes_count; s++)
			for (unsigned kind = 0; kind < 2 * ALIGNMENTS; kind++)
				cells[count++] = (struct numbered){(uint8_t)i, (uint8_t)s, kind / ALIGNMENTS != 0,
								   kind % ALIGNMENTS == 0};
	}
	return count;
}

static void shuffle(struct numbered *cells, size_t count) {
	for (size_t i = count; i > 1; i--) {
		size_t other = rng_below(&rng, (uint32_t)i);
		struct numbered taken = cells[i - 1];
		cells[i - 1] = cells[other];
		cells[other] = taken;
	}
}

void cells_measure(unsigned first) {
	static struct numbered cells[SIMD_OPERATION_COUNT * SIZES_MAX * 2 * ALIGNMENTS];
	size_t sizes[SIZES_MAX + 1], count = list_cells(cells_sizes(sizes), cells);
	for (unsigned round = first; round < first + ROUNDS_A_LAUNCH; round++) {
		shuffle(cells, count);
		for (size_t i = 0; i < count; i++) {
			const struct numbered *at = &cells[i];
			struct cell cell = {sizes[at->size], sizes[at->size + 1], at->drawn, at->aligned};
			bench_open((enum simd_operation)at->operation);
			bench->samples = cells_samples(at->operation, at->size, at->drawn, at->aligned ? 0 : 1);
			measure_round(&cell, round);
		}
	}
}

/* ---- ratios ------------------------------------------------------------------------------------------------------ */

struct tune_ratio bench_ratio_to(const double *own, size_t other, unsigned first) {
	double ratios[ROUNDS];
	size_t count = 0;
	for (unsigned round = first; round < ROUNDS; round += 2)
		ratios[count++] = own[round] / bench->samples->ticks[other][round];
	return tune_ratio_of(ratios, count);
}

struct tune_ratio bench_ratio(size_t method, size_t other, unsigned first) {
	return bench_ratio_to(bench->samples->ticks[method], other, first);
}

size_t bench_fastest(void) {
	size_t best = 0;
	for (size_t m = 1; m < bench->count; m++)
		if (bench_ratio(m, best, 0).point < 1)
			best = m;
	return best;
}
