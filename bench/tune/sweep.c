/* SPDX-License-Identifier: Apache-2.0
 *
 * Rounds over all cells: in each one every cell once, in random order, and in a cell every method once, in random
 * order, so that a slow spell hits cells and methods alike. What is out of the question after some rounds is left out
 * of the others.
 */
#include "bench/rng.h"
#include "bench/tune/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* In every so many rounds operands that are not in L1 come too: those samples take longer, and weigh little. */
	ROUNDS_A_COLD = 3,
	/* In every so many it is the grid's own size, a power of two in half of the cells. */
	ROUNDS_A_GRID = 4,
	/* Of each of those kinds as many in every launch, and some launches in the shortest sweep that is worth it. */
	ROUNDS_A_LAUNCH = 12,
};

/* A method this much slower than another, for sure, in a cell is not measured there any longer. */
#define HOPELESS      1.5

#define REFINE_ERRORS 2.0

enum {
	SMALL_SIZES_LAST = 256 << 10,
	LARGE_SIZES_LAST = 64 << 20,
	CLOSE_SIZES_FIRST = 16,
	CLOSE_SIZES_BELOW = 4096,
	LANES_SIZES_FIRST = 16,
	LANES_SIZES_LAST = 64 << 10,
	LANES_SIZES_STEP = 2,
	REFINE_ROUNDS = 15,
	REFINE_STEP = 64, /* edges are found to this share of their size: L1 ends at one */
};

struct cell {
	uint8_t operation, condition, size;
};

struct sweep {
	struct tune *tune;
	const struct tune_subject *subject;
	const struct tune_launcher *launcher; /* NULL: rounds are measured here */
	struct cell *cells;
	size_t cell_count, sample_count;
	float *memory;
	float *samples[SIMD_OPERATION_COUNT]; /* in it: [method][condition][size][round]; not above 0: none */
	struct rng rng;
};

static float *sample_of(const struct sweep *sweep, unsigned operation, size_t method, unsigned condition, size_t size) {
	size_t sizes = sweep->tune->operations[operation].size_count;
	return sweep->samples[operation] + ((method * TUNE_CONDITIONS + condition) * sizes + size) * TUNE_ROUNDS_MAX;
}

/* ---- plan -------------------------------------------------------------------------------------------------------- */

static void add_size(struct tune_operation *operation, size_t bytes) {
	if (operation->size_count == 0 || operation->sizes[operation->size_count - 1] < bytes)
		operation->sizes[operation->size_count++] = bytes;
}

/* From a power of two on; closer where a kernel's steps and its ways of starting are large against the size. */
static void add_octave(struct tune_operation *operation, size_t bytes, size_t last) {
	static const double quarters[] = {1, 1.18920711500272107, 1.41421356237309505, 1.68179283050742909};
	unsigned step = bytes >= CLOSE_SIZES_FIRST && bytes < CLOSE_SIZES_BELOW ? 1 : 2;
	for (unsigned i = 0; i < sizeof(quarters) / sizeof(quarters[0]); i += step) {
		size_t size = (size_t)((double)bytes * quarters[i]);
		if (size <= last && (i == 0 || bytes > 1))
			add_size(operation, size);
	}
}

static void plan_sizes(struct tune_operation *operation, bool thorough) {
	if (operation->operation >= SIMD_OPERATION_LANES_ADD) {
		for (size_t bytes = LANES_SIZES_FIRST; bytes <= LANES_SIZES_LAST; bytes *= LANES_SIZES_STEP)
			add_size(operation, bytes);
	} else if (!simd_operation_is_sized(operation->operation)) {
		add_size(operation, SIMD_PAGE_BYTES);
	} else {
		size_t last = thorough ? LARGE_SIZES_LAST : SMALL_SIZES_LAST;
		for (size_t bytes = 1; bytes <= last; bytes *= 2)
			add_octave(operation, bytes, last);
	}
}

static size_t plan_cells(struct sweep *sweep, struct cell *cells) {
	size_t count = 0;
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		const struct tune_operation *operation = &sweep->tune->operations[i];
		for (unsigned c = 0; c < TUNE_CONDITIONS; c++)
			for (size_t size = 0; size < operation->size_count; size++) {
				struct tune_cell cell = {operation->operation, operation->sizes[size], c, 0};
				if (operation->method_count < 2 || !sweep->subject->has(sweep->subject->self, &cell))
					continue;
				if (cells != NULL)
					cells[count] = (struct cell){(uint8_t)i, (uint8_t)c, (uint8_t)size};
				count++;
			}
	}
	return count;
}

static void plan_operations(struct sweep *sweep) {
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		struct tune_operation *operation = &sweep->tune->operations[i];
		*operation = (struct tune_operation){.operation = (enum simd_operation)i};
		operation->method_count = sweep->subject->methods(sweep->subject->self, operation->operation,
								  operation->methods, &operation->built_in);
		plan_sizes(operation, sweep->tune->plan.thorough);
		sweep->sample_count +=
			operation->method_count * TUNE_CONDITIONS * operation->size_count * TUNE_ROUNDS_MAX;
	}
}

static void place_samples(struct sweep *sweep) {
	float *next = sweep->memory;
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		const struct tune_operation *operation = &sweep->tune->operations[i];
		sweep->samples[i] = next;
		next += operation->method_count * TUNE_CONDITIONS * operation->size_count * TUNE_ROUNDS_MAX;
	}
}

/* After plan_operations and with memory for the samples. */
static int plan(struct sweep *sweep) {
	if (sweep->memory == NULL)
		return -1;
	place_samples(sweep);
	sweep->cell_count = plan_cells(sweep, NULL);
	sweep->cells = malloc((sweep->cell_count + 1) * sizeof(*sweep->cells));
	if (sweep->cells == NULL)
		return -1;
	plan_cells(sweep, sweep->cells);
	return 0;
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

static void shuffle_cells(struct sweep *sweep) {
	for (size_t i = sweep->cell_count; i > 1; i--) {
		size_t other = rng_below(&sweep->rng, (uint32_t)i);
		struct cell taken = sweep->cells[i - 1];
		sweep->cells[i - 1] = sweep->cells[other];
		sweep->cells[other] = taken;
	}
}

static bool is_of_grid(uint32_t round) {
	return round % ROUNDS_A_GRID == 0;
}

/* The grid's size, and in the other rounds any from there to the next one: kernels work in steps, and a size that is a
 * multiple of one's is not of another's. */
static size_t bytes_in(struct sweep *sweep, const struct tune_operation *operation, size_t size, uint32_t round) {
	size_t bytes = operation->sizes[size];
	if (is_of_grid(round) || size + 1 == operation->size_count)
		return bytes;
	return bytes + rng_below(&sweep->rng, (uint32_t)(operation->sizes[size + 1] - bytes));
}

static void measure_cell(struct sweep *sweep, const struct cell *at, uint32_t round) {
	const struct tune_operation *operation = &sweep->tune->operations[at->operation];
	struct tune_cell cell = {operation->operation, bytes_in(sweep, operation, at->size, round), at->condition,
				 rng_below(&sweep->rng, UINT32_MAX)};
	bool skipped = at->condition / TUNE_PLACES != TUNE_L1 && round % ROUNDS_A_COLD != 0;
	unsigned char order[SIMD_METHODS_MAX];
	for (size_t m = 0; m < operation->method_count; m++) {
		size_t other = rng_below(&sweep->rng, (uint32_t)m + 1);
		order[m] = order[other];
		order[other] = (unsigned char)m;
	}
	for (size_t i = 0; i < operation->method_count; i++) {
		float *samples = sample_of(sweep, at->operation, order[i], at->condition, at->size);
		if (round > 0 && samples[round - 1] < 0) {
			samples[round] = -1;
			continue;
		}
		if (skipped)
			continue;
		double ns = sweep->subject->call_ns(sweep->subject->self, &cell, order[i]);
		samples[round] = ns > 0 ? (float)ns : 0;
	}
}

static struct tune_ratio ratio_in(const struct sweep *sweep, const struct cell *at, size_t method, uint32_t rounds) {
	const struct tune_operation *operation = &sweep->tune->operations[at->operation];
	const float *own = sample_of(sweep, at->operation, method, at->condition, at->size);
	const float *base = sample_of(sweep, at->operation, operation->built_in, at->condition, at->size);
	double ratios[TUNE_ROUNDS_MAX], of_grid[TUNE_ROUNDS_MAX], least = 0;
	size_t count = 0, grid_count = 0;
	for (uint32_t round = 0; round < rounds; round++) {
		if (!(own[round] > 0) || !(base[round] > 0))
			continue;
		ratios[count] = (double)own[round] / (double)base[round];
		if (is_of_grid(round))
			of_grid[grid_count++] = ratios[count];
		count++;
		if (least == 0 || (double)own[round] < least)
			least = (double)own[round];
	}
	struct tune_ratio ratio = tune_ratio_of(ratios, count), grid = tune_ratio_of(of_grid, grid_count);
	ratio.ns = (float)least;
	ratio.noise = grid_count == 0 ? 0 : (float)((grid.upper - grid.lower) / grid.point);
	return ratio;
}

/* What is hopeless gets a negative sample, which later rounds repeat. */
static void drop_hopeless(struct sweep *sweep, uint32_t rounds) {
	for (size_t i = 0; i < sweep->cell_count; i++) {
		const struct cell *at = &sweep->cells[i];
		const struct tune_operation *operation = &sweep->tune->operations[at->operation];
		double best = 1;
		for (size_t m = 0; m < operation->method_count; m++) {
			struct tune_ratio ratio = ratio_in(sweep, at, m, rounds);
			if (ratio.rounds > 0 && ratio.upper < best)
				best = ratio.upper;
		}
		for (size_t m = 0; m < operation->method_count; m++) {
			struct tune_ratio ratio = ratio_in(sweep, at, m, rounds);
			if (m != operation->built_in && ratio.rounds > 0 && ratio.lower > HOPELESS * best)
				sample_of(sweep, at->operation, m, at->condition, at->size)[rounds - 1] = -1;
		}
	}
}

static void fold(struct sweep *sweep, uint32_t rounds) {
	for (size_t i = 0; i < sweep->cell_count; i++) {
		const struct cell *at = &sweep->cells[i];
		struct tune_operation *operation = &sweep->tune->operations[at->operation];
		for (size_t m = 0; m < operation->method_count; m++)
			operation->ratio[m][at->condition][at->size] = ratio_in(sweep, at, m, rounds);
	}
}

static bool goes_on(const struct tune_subject *subject) {
	return subject->checkpoint == NULL || subject->checkpoint(subject->self);
}

struct progress {
	void (*report)(void *argument, double share); /* NULL: none */
	void *argument;
	uint64_t begin_ns;
};

static void report(const struct sweep *sweep, const struct progress *progress) {
	uint64_t budget = sweep->tune->plan.budget_ns;
	uint64_t spent = sweep->subject->now_ns(sweep->subject->self) - progress->begin_ns;
	double share = budget == 0 ? 0 : (double)spent / (double)budget;
	if (progress->report != NULL)
		progress->report(progress->argument, share < 1 ? share : 1);
}

/* false: it was not to go on, and the round is not whole. */
static bool measure_round(struct sweep *sweep, uint32_t round, const struct progress *progress) {
	const struct tune_subject *subject = sweep->subject;
	if (subject->round != NULL && subject->round(subject->self, round) != 0)
		return false;
	shuffle_cells(sweep);
	for (size_t i = 0; i < sweep->cell_count; i++) {
		if (!goes_on(subject)) {
			sweep->tune->cut = true;
			return false;
		}
		measure_cell(sweep, &sweep->cells[i], round);
		if (progress != NULL && i % 64 == 0)
			report(sweep, progress);
	}
	if (round + 1 == TUNE_ROUNDS_LEAST)
		drop_hopeless(sweep, round + 1);
	return true;
}

/* Some rounds from `round` on: how many are whole, 0: no more, -1: a launch failed. */
static int measure_some(struct sweep *sweep, uint32_t round, const struct progress *progress) {
	const struct tune_launcher *launcher = sweep->launcher;
	if (launcher == NULL)
		return measure_round(sweep, round, progress) ? 1 : 0;
	if (launcher->launch(launcher->self, &sweep->tune->plan, round, round + ROUNDS_A_LAUNCH) != 0) {
		sweep->tune->cut = !goes_on(sweep->subject);
		return sweep->tune->cut ? 0 : -1;
	}
	report(sweep, progress);
	return ROUNDS_A_LAUNCH;
}

static int measure(struct sweep *sweep, const struct progress *progress) {
	const struct tune_subject *subject = sweep->subject;
	struct tune *tune = sweep->tune;
	int done = 1;
	while (done > 0 && tune->rounds + (sweep->launcher != NULL ? ROUNDS_A_LAUNCH : 1) <= TUNE_ROUNDS_MAX) {
		if (tune->rounds >= TUNE_ROUNDS_LEAST &&
		    tune->taken_ns + tune->taken_ns / tune->rounds > tune->plan.budget_ns)
			break;
		done = measure_some(sweep, tune->rounds, progress);
		tune->rounds += done > 0 ? (uint32_t)done : 0;
		tune->taken_ns = subject->now_ns(subject->self) - progress->begin_ns;
	}
	return done < 0 ? -1 : 0;
}

int tune_sweep(struct tune *tune, const struct tune_subject *subject, const struct tune_launcher *launcher,
	       void (*report_share)(void *argument, double share), void *argument) {
	struct sweep sweep = {
		.tune = tune, .subject = subject, .launcher = launcher, .rng = rng_seeded(tune->plan.seed)};
	const struct progress progress = {report_share, argument, subject->now_ns(subject->self)};
	plan_operations(&sweep);
	size_t bytes = sweep.sample_count * sizeof(float);
	sweep.memory = launcher != NULL ? launcher->memory(launcher->self, bytes) : calloc(1, bytes);
	int error = plan(&sweep);
	if (error == 0)
		error = measure(&sweep, &progress);
	if (error == 0)
		fold(&sweep, tune->rounds);
	if (launcher == NULL)
		free(sweep.memory);
	free(sweep.cells);
	return error;
}

int tune_sweep_rounds(struct tune *tune, const struct tune_subject *subject, float *samples, size_t bytes,
		      uint32_t first, uint32_t end) {
	struct sweep sweep = {.tune = tune, .subject = subject, .memory = samples};
	char launch[32];
	snprintf(launch, sizeof(launch), "launch from round %u", (unsigned)first);
	sweep.rng = rng_seeded(rng_seed_of(tune->plan.seed, launch));
	plan_operations(&sweep);
	int error = sweep.sample_count * sizeof(float) == bytes && end <= TUNE_ROUNDS_MAX ? plan(&sweep) : -1;
	for (uint32_t round = first; round < end && error == 0; round++)
		error = measure_round(&sweep, round, NULL) ? 0 : -1;
	free(sweep.cells);
	return error;
}

/* ---- edges ------------------------------------------------------------------------------------------------------- */

/* Of the later band's method to the earlier one's at sizes from `least` on, an edge's step wide: the geometric mean
 * over conditions in L1, in each round. */
static struct tune_ratio ratio_at(const struct tune_operation *operation, const struct tune_subject *subject,
				  size_t least, const unsigned methods[2], struct rng *rng) {
	double ratios[REFINE_ROUNDS];
	size_t count = 0;
	for (unsigned round = 0; round < REFINE_ROUNDS && goes_on(subject); round++) {
		double logs = 0;
		unsigned cells = 0;
		size_t bytes = least + rng_below(rng, (uint32_t)(least / REFINE_STEP) + 1);
		for (unsigned c = 0; c < TUNE_PLACES; c++) {
			struct tune_cell cell = {operation->operation, bytes, c, rng_below(rng, UINT32_MAX)};
			if (operation->ratio[operation->built_in][c][0].rounds == 0 ||
			    !subject->has(subject->self, &cell))
				continue;
			double ns[2];
			unsigned first = rng_below(rng, 2);
			ns[first] = subject->call_ns(subject->self, &cell, methods[first]);
			ns[!first] = subject->call_ns(subject->self, &cell, methods[!first]);
			if (ns[0] > 0 && ns[1] > 0) {
				logs += log(ns[1] / ns[0]);
				cells++;
			}
		}
		if (cells != 0)
			ratios[count++] = exp(logs / cells);
	}
	return tune_ratio_of(ratios, count);
}

static size_t cross(const struct tune_operation *operation, const struct tune_subject *subject,
		    const unsigned methods[2], size_t low, size_t high, struct rng *rng) {
	while (high - low > 1 && high - low > low / REFINE_STEP) {
		size_t middle = low + (high - low) / 2;
		if (middle >= 256)
			middle &= ~(size_t)15;
		if (middle <= low)
			break;
		struct tune_ratio ratio = ratio_at(operation, subject, middle, methods, rng);
		if (ratio.rounds == 0)
			break;
		/* Alike there: it is where they cross, as nearly as can be told. */
		if (fabs(ratio.typical) <= REFINE_ERRORS * ratio.error)
			return middle;
		if (ratio.typical < 0)
			high = middle;
		else
			low = middle;
	}
	return high;
}

void tune_refine(const struct tune_operation *operation, const struct tune_subject *subject, uint64_t seed,
		 struct tune_choice *choice) {
	struct rng rng = rng_seeded(rng_seed_of(seed, simd_operation_name(operation->operation)));
	for (size_t b = 1; b < choice->band_count; b++) {
		struct tune_band *before = &choice->bands[b - 1], *band = &choice->bands[b];
		size_t at = 0;
		while (at < operation->size_count && operation->sizes[at] < band->from)
			at++;
		if (at == 0 || at == operation->size_count || operation->sizes[at] != band->from)
			continue;
		const unsigned methods[2] = {before->method, band->method};
		/* A cell tells of the sizes up to the next one. */
		size_t high = at + 1 < operation->size_count ? operation->sizes[at + 1] : band->from;
		high = high < band->below ? high : band->from;
		band->from = cross(operation, subject, methods, operation->sizes[at - 1], high, &rng);
		before->below = band->from;
	}
}
