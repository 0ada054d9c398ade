/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/tune/verdicts.h"

#include "peers/tune/cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SLOWER (1 / 0.98)

/* About a cycle: what code around a call hides of it, or adds. */
#define RESOLUTION_NS 0.3

/* Of one profile and one way to draw. */
struct tally {
	double ns_a_tick;
	unsigned cells, missed, undecided;
	unsigned slower; /* than the built-in method, for sure by more than 2 % */
	/* Of those two: by more than the resolution. */
	unsigned missed_beyond, slower_beyond;
};

static double median_of(const double *ticks) {
	double sorted[ROUNDS];
	memcpy(sorted, ticks, sizeof(sorted));
	return tune_ratio_of(sorted, ROUNDS).point;
}

static void show_cell(const struct cell *cell, enum tune_for what_for, size_t method, size_t other,
		      const struct tune_ratio *ratio) {
	printf("  %-13s %6zu", simd_operation_name(bench->operation), cell->bytes);
	if (cell->drawn)
		printf(" to %6zu", cell->below);
	printf(" B %s, %s: %s takes %.3f [%.3f, %.3f] of %s%s\n", cell->aligned ? "aligned" : "off by some",
	       tune_for_name(what_for), bench->methods[method].method.name, ratio->point, ratio->lower, ratio->upper,
	       other == bench->built_in ? "the built-in " : "", bench->methods[other].method.name);
}

/* Of each round's size. Whether it is `always`, at all of them. */
static bool take_chosen(const struct simd_profile *profile, double *ticks, size_t always) {
	bool is = true;
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t method = bench_chosen(profile, bench->samples->bytes[round]);
		ticks[round] = bench->samples->ticks[method][round];
		is = is && method == always;
	}
	return is;
}

static bool is_beyond(const struct tally *tally, const double *ticks, size_t other) {
	return (median_of(ticks) - median_of(bench->samples->ticks[other])) * tally->ns_a_tick > RESOLUTION_NS;
}

static void judge(struct tally *tally, enum tune_for what_for, const struct simd_profile *profile,
		  const struct cell *cell) {
	double ticks[ROUNDS];
	size_t best = bench_fastest(), method = bench_chosen(profile, cell->bytes);
	bool is_best = take_chosen(profile, ticks, best), is_built_in = take_chosen(profile, ticks, bench->built_in);
	struct tune_ratio ratio = bench_ratio_to(ticks, best, 1), built_in = bench_ratio_to(ticks, bench->built_in, 1);
	if (is_best)
		ratio = (struct tune_ratio){.point = 1, .lower = 1, .upper = 1, .rounds = ROUNDS / 2};
	bool missed = ratio.lower > SLOWER, slower = !is_built_in && built_in.lower > SLOWER;
	tally->cells++;
	tally->missed += missed;
	tally->missed_beyond += missed && is_beyond(tally, ticks, best);
	tally->slower_beyond += slower && is_beyond(tally, ticks, bench->built_in);
	tally->undecided += !missed && ratio.upper > SLOWER && ratio.point > 1 && ratio.lower < 1;
	tally->slower += slower;
	if (missed && what_for == TUNE_FOR_BULK)
		show_cell(cell, what_for, method, best, &ratio);
	if (slower && !(missed && what_for == TUNE_FOR_BULK && best == bench->built_in))
		show_cell(cell, what_for, method, bench->built_in, &built_in);
}

static void check_size(const struct profile_file *file, size_t size, const size_t *sizes,
		       struct tally (*tallies)[TUNE_FOR_COUNT]) {
	for (unsigned drawn = 0; drawn < 2; drawn++)
		for (unsigned alignment = 0; alignment < ALIGNMENTS; alignment++) {
			struct cell cell = {sizes[size], sizes[size + 1], drawn != 0, alignment == 0};
			bench->samples = cells_samples(bench->operation, size, drawn, alignment);
			for (unsigned f = 0; f < TUNE_FOR_COUNT; f++)
				judge(&tallies[drawn][f], (enum tune_for)f, &file->choices[f], &cell);
		}
}

static bool show_tallies(const struct tally *tallies, const char *what) {
	const struct tally *bulk = &tallies[TUNE_FOR_BULK], *mixed = &tallies[TUNE_FOR_MIXED];
	printf("%s: %u cells; bulk slower than 0.98 of the fastest method's speed, for sure: %u (bar 0), by more than "
	       "%.1f ns a call: %u; undecided: %u, %.1f %% (bar 5 %%)\n",
	       what, bulk->cells, bulk->missed, RESOLUTION_NS, bulk->missed_beyond, bulk->undecided,
	       100.0 * bulk->undecided / bulk->cells);
	printf("%s: slower than the built-in method by more than 2 %%, for sure: bulk %u, mixed %u (bar 0), by more "
	       "than "
	       "%.1f ns: %u, %u\n",
	       what, bulk->slower, mixed->slower, RESOLUTION_NS, bulk->slower_beyond, mixed->slower_beyond);
	return bulk->missed == 0 && bulk->undecided * 20 <= bulk->cells && bulk->slower == 0 && mixed->slower == 0;
}

/* Operations first to end - 1. */
static bool check_some(const struct profile_file *file, double ns_a_tick, unsigned first, unsigned end,
		       const char *what) {
	struct tally tallies[2][TUNE_FOR_COUNT] = {{{0}}};
	char words[64];
	for (unsigned drawn = 0; drawn < 2; drawn++)
		for (unsigned f = 0; f < TUNE_FOR_COUNT; f++)
			tallies[drawn][f].ns_a_tick = ns_a_tick;
	size_t sizes[SIZES_MAX + 1], count = cells_sizes(sizes);
	for (unsigned i = first; i < end; i++) {
		bench_open((enum simd_operation)i);
		for (size_t s = 0; s < count; s++)
			check_size(file, s, sizes, tallies);
	}
	snprintf(words, sizeof(words), "%s, at a size", what);
	bool good = show_tallies(tallies[0], words);
	snprintf(words, sizeof(words), "%s, over sizes and places", what);
	return show_tallies(tallies[1], words) && good;
}

bool verdicts_check(const struct profile_file *file, double ns_a_tick) {
	bool good = check_some(file, ns_a_tick, 0, SIMD_OPERATION_COPY_PAGE, "memory");
	return check_some(file, ns_a_tick, SIMD_OPERATION_LANES_ADD, SIMD_OPERATION_COUNT, "lanes") && good;
}

/* Of operations first to end - 1. */
static bool check_agreement(const struct profile_file *files, size_t count, unsigned first, unsigned end,
			    const char *what) {
	size_t sizes[SIZES_MAX + 1], sizes_count = cells_sizes(sizes);
	unsigned cells = 0;
	double alike = 0;
	for (unsigned i = first; i < end; i++) {
		bench_open((enum simd_operation)i);
		for (size_t s = 0; s < sizes_count; s++) {
			unsigned votes[SIMD_METHODS_MAX] = {0}, most = 0;
			bench->samples = cells_samples(i, s, 0, 0);
			bool differs = false;
			for (size_t m = 0; m < bench->count; m++)
				differs |= fabs(bench_ratio(m, bench->built_in, 0).point - 1) > 0.03;
			if (!differs)
				continue;
			for (size_t f = 0; f < count; f++) {
				unsigned *vote = &votes[bench_chosen(&files[f].choices[TUNE_FOR_BULK], sizes[s])];
				most = ++*vote > most ? *vote : most;
			}
			cells++;
			alike += (double)most / (double)count;
		}
	}
	double share = cells != 0 ? alike / cells : 1;
	printf("%zu profiles, %s: alike in %.1f %% of %u cells in which a method differs by more than 3 %% (bar 95 "
	       "%%)\n",
	       count, what, 100 * share, cells);
	return share >= 0.95;
}

bool verdicts_check_agreement(const struct profile_file *files, size_t count) {
	bool good = check_agreement(files, count, 0, SIMD_OPERATION_COPY_PAGE, "memory");
	return check_agreement(files, count, SIMD_OPERATION_LANES_ADD, SIMD_OPERATION_COUNT, "lanes") && good;
}
