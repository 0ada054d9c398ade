/* SPDX-License-Identifier: Apache-2.0
 *
 * The finder of the memory's levels: on 500 made-up machines whose caches are known, and on curves that say nothing.
 */
#include "bench/ladder/levels.h"
#include "host-tests/ladder_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t kib = 1024, mib = 1024 * 1024, gib = 1024 * 1024 * 1024;

static void *workspace(void) {
	void *memory = malloc(levels_workspace_bytes(LEVELS_POINTS_MOST));
	cr_assert_not_null(memory);
	return memory;
}

/* ---- made-up machines -------------------------------------------------------------------------------------------- */

struct tally {
	size_t curves;
	size_t held[2];
	size_t named[2];
	size_t last_near;
	size_t misnamed;
	size_t silent;
};

static void count(struct tally *tally, const struct model_verdict *verdict) {
	tally->curves++;
	for (size_t i = 0; i < 2; i++) {
		tally->held[i] += verdict->held[i];
		tally->named[i] += verdict->named[i];
	}
	tally->last_near += verdict->last_near;
	tally->misnamed += verdict->misnamed;
	tally->silent += verdict->silent;
}

static double share(size_t part, size_t whole) {
	return (double)part / (double)whole;
}

Test(levels, caches_of_500_machines) {
	enum { CURVES = 500, ROUNDS = 4 };
	struct tally all = {0}, large = {0};
	struct model_run run;
	void *memory = workspace();
	for (uint64_t seed = 1; seed <= CURVES; seed++) {
		struct model model = model_make(seed);
		uint64_t bytes[MODEL_CACHES_MOST];
		for (size_t i = 0; i < model.caches; i++)
			bytes[i] = model.cache[i].bytes;
		model_measure(&model, 4, gib, ROUNDS, memory, &run);
		struct model_verdict verdict = model_judge(&run.levels, bytes, model.caches);
		cr_expect_not(verdict.silent, "seed %u: an error that is not said to be uncertain", (unsigned)seed);
		count(&all, &verdict);
		if (model.page_bytes >= 2 * mib)
			count(&large, &verdict);
	}
	free(memory);
	cr_expect_eq(all.silent, 0);
	cr_expect_leq(all.misnamed, 1, "%zu levels have a wrong name", all.misnamed);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_geq(share(all.held[i], all.curves), 0.95, "L%zu within its interval: %g", i + 1,
			      share(all.held[i], all.curves));
		cr_expect_geq(share(large.named[i], large.curves), i == 0 ? 0.99 : 0.9, "L%zu named on large pages: %g",
			      i + 1, share(large.named[i], large.curves));
	}
	cr_expect_geq(share(all.last_near, all.curves), 0.8, "last cache within 25 %%: %g",
		      share(all.last_near, all.curves));
}

/* A tree-PLRU or LRU set thrashes on one line too many; random replacement keeps some. */
static size_t sizes_of(const struct model *model, uint64_t *bytes) {
	for (size_t i = 0; i < model->caches; i++)
		bytes[i] = model->cache[i].bytes;
	return model->caches;
}

Test(levels, two_curves_of_a_machine_name_what_one_does_not) {
	enum { CURVES = 100, ROUNDS = 4 };
	static struct model_run small, large;
	size_t alone = 0, together = 0;
	void *memory = workspace();
	for (uint64_t seed = 1; seed <= CURVES; seed++) {
		struct model model = model_make(seed), in_large = model_in_pages(&model, 2 * mib);
		uint64_t bytes[MODEL_CACHES_MOST];
		size_t caches = sizes_of(&model, bytes);
		model_measure(&model, 4, gib, ROUNDS, memory, &small);
		model_measure(&in_large, 4, gib, ROUNDS, memory, &large);
		alone += model_judge(&small.levels, bytes, caches).named[1];
		levels_combine(&large.levels, &small.levels);
		const struct model_verdict verdict = model_judge(&small.levels, bytes, caches);
		together += model_judge(&large.levels, bytes, caches).named[1];
		cr_expect_not(verdict.silent || verdict.misnamed, "seed %u", (unsigned)seed);
	}
	cr_expect_geq(share(together, CURVES), 0.95);
	cr_expect_lt(share(alone, CURVES), 0.7, "as half of them are of small pages");
	free(memory);
}

/* A guest's large page lies on small ones of its host, scattered over its memory. */
Test(levels, large_pages_that_are_none_are_found_out) {
	enum { CURVES = 200, ROUNDS = 4, SMALL_PAGE = 4096 };
	static struct model_run run;
	size_t doubted = 0, wrong = 0;
	void *memory = workspace();
	for (uint64_t seed = 1; seed <= CURVES; seed++) {
		struct model model = model_make(seed);
		struct levels levels;
		uint64_t bytes[MODEL_CACHES_MOST];
		size_t caches = sizes_of(&model, bytes);
		model = model_in_pages(&model, SMALL_PAGE);
		model_measure(&model, 8, gib, ROUNDS, memory, &run);
		const struct levels_curve curve = {run.points, run.count, 2 * mib};
		levels_find(&curve, memory, &levels);
		const struct model_verdict verdict = model_judge(&levels, bytes, caches);
		doubted += levels.count > 1 && (levels.level[1].doubts & LEVEL_SCATTERED) != 0;
		wrong += verdict.certain[1] && !verdict.held[1];
	}
	cr_expect_geq(share(doubted, CURVES), 0.9, "%zu", doubted);
	cr_expect_leq(share(wrong, CURVES), 0.02, "%zu", wrong);
	free(memory);
}

static struct levels_level of_size(uint64_t lower, uint64_t upper, unsigned doubts) {
	return (struct levels_level){.bytes_lower = lower * kib,
				     .bytes_upper = upper * kib,
				     .named_bytes = doubts ? 0 : levels_name(lower * kib, upper * kib, true),
				     .doubts = doubts};
}

static struct levels of_two(struct levels_level first, struct levels_level second) {
	return (struct levels){.count = 3, .level = {first, second, {.kind = LEVEL_LAST}}};
}

Test(levels, large_pages_settle_what_small_ones_doubt) {
	struct levels large = of_two(of_size(47, 50, 0), of_size(1000, 1100, 0));
	struct levels small = of_two(of_size(44, 54, 0), of_size(700, 1500, LEVEL_SHAPE));
	small.level[2].doubts = LEVEL_COUNT_DOUBT;
	levels_combine(&large, &small);
	cr_expect_eq(small.level[0].bytes_lower, 47 * kib);
	cr_expect_eq(small.level[1].named_bytes, mib);
	cr_expect_eq(small.level[1].doubts, 0);
	cr_expect_eq(small.level[2].doubts, 0);
}

Test(levels, pages_that_say_other_sizes_are_doubted) {
	struct levels large = of_two(of_size(47, 50, 0), of_size(1000, 1100, 0));
	struct levels small = of_two(of_size(44, 54, 0), of_size(300, 600, 0));
	levels_combine(&large, &small);
	cr_expect_eq(small.level[1].doubts, LEVEL_APART);
	cr_expect_eq(large.level[1].doubts, 0);
}

Test(levels, what_large_pages_doubt_they_say_nothing_of) {
	struct levels large = of_two(of_size(47, 50, 0), of_size(1000, 1100, LEVEL_SCATTERED));
	struct levels small = of_two(of_size(44, 54, 0), of_size(300, 600, 0));
	levels_combine(&large, &small);
	cr_expect_eq(small.level[1].bytes_upper, 600 * kib);
	cr_expect_eq(small.level[1].doubts, 0);
}

Test(levels, made_up_sets_behave_as_sets_do) {
	cr_expect_eq(model_set_miss(MODEL_LRU, 8, 8), 0);
	cr_expect_eq(model_set_miss(MODEL_LRU, 8, 9), 1);
	cr_expect_gt(model_set_miss(MODEL_RANDOM, 8, 9), 0.1);
	cr_expect_lt(model_set_miss(MODEL_RANDOM, 8, 9), 0.4);
	cr_expect_gt(model_set_miss(MODEL_RANDOM, 8, 24), 0.85);
}

/* ---- curves by hand ---------------------------------------------------------------------------------------------- */

struct made {
	struct levels_point points[LEVELS_POINTS_MOST + 8];
	struct levels_curve curve;
	struct levels levels;
	bool found;
};

/* Steps of 2^(1/4) from 1 KiB. */
static void grid(struct made *made, size_t count) {
	memset(made, 0, sizeof *made);
	for (size_t i = 0; i < count; i++)
		made->points[i] = (struct levels_point){.bytes = (uint64_t)(1024 * exp2((double)i / 4)), .latency = 4};
	made->curve = (struct levels_curve){made->points, count, gib};
}

static void find(struct made *made) {
	void *memory = workspace();
	made->found = levels_find(&made->curve, memory, &made->levels);
	free(memory);
}

/* Ends at sizes[i], within an eighth, with latency[i + 1] behind. */
static void steps(struct made *made, const double *sizes, const double *latency, size_t count) {
	for (size_t i = 0; i < made->curve.count; i++) {
		double bytes = (double)made->points[i].bytes;
		made->points[i].latency = latency[0];
		for (size_t level = 0; level < count; level++) {
			double miss = fmin(fmax((bytes / sizes[level] - 1) * 8, 0), 1);
			made->points[i].latency += miss * (latency[level + 1] - latency[level]);
		}
	}
}

Test(levels, three_caches_and_memory) {
	static const double sizes[] = {49152, 1310720, 31457280}, latency[] = {5, 14, 60, 300};
	struct made made;
	grid(&made, 81);
	steps(&made, sizes, latency, 3);
	find(&made);
	cr_assert(made.found && made.levels.count == 4, "%zu", made.levels.count);
	for (size_t i = 0; i < 4; i++) {
		const struct levels_level *level = &made.levels.level[i];
		cr_expect_eq(level->doubts, 0, "level %zu: %s", i, levels_doubt_name(level->doubts));
		cr_expect_float_eq(level->latency, latency[i], 0.01);
		cr_expect(level->latency_lower <= level->latency && level->latency <= level->latency_upper);
		if (i < 3)
			cr_expect(level->bytes_lower <= sizes[i] && sizes[i] <= level->bytes_upper);
	}
	cr_expect_eq(made.levels.level[0].named_bytes, 48 * kib);
	cr_expect_eq(made.levels.level[1].named_bytes, 1280 * kib);
	cr_expect_eq(made.levels.level[0].kind, LEVEL_STEP);
	cr_expect_eq(made.levels.level[3].kind, LEVEL_LAST);
}

Test(levels, one_cache_to_five) {
	static const double sizes[] = {16384, 131072, 1048576, 8388608, 67108864}, latency[] = {3, 9, 27, 81, 243, 729};
	for (size_t caches = 1; caches <= 5; caches++) {
		struct made made;
		grid(&made, 81);
		steps(&made, sizes, latency, caches);
		find(&made);
		cr_assert_eq(made.levels.count, caches + 1, "%zu for %zu", made.levels.count, caches);
		for (size_t i = 0; i < caches; i++)
			cr_expect(made.levels.level[i].bytes_lower <= sizes[i] &&
				  made.levels.level[i].bytes_upper >= sizes[i]);
	}
}

Test(levels, the_unit_is_the_callers) {
	static const double sizes[] = {32768, 524288}, cycles[] = {4, 14, 200}, ps[] = {1000, 3500, 50000};
	struct made a, b;
	grid(&a, 81);
	steps(&a, sizes, cycles, 2);
	grid(&b, 81);
	steps(&b, sizes, ps, 2);
	find(&a);
	find(&b);
	cr_assert_eq(a.levels.count, b.levels.count);
	for (size_t i = 0; i + 1 < a.levels.count; i++)
		cr_expect_eq(a.levels.level[i].named_bytes, b.levels.level[i].named_bytes);
}

/* A ramp over two octaves is a level between. */
Test(levels, a_ramp_is_no_step) {
	struct made made;
	grid(&made, 81);
	for (size_t i = 0; i < 81; i++) {
		double octaves = log2((double)made.points[i].bytes / (8.0 * 1024 * 1024));
		made.points[i].latency = 10 + 90 * fmin(fmax(octaves / 2, 0), 1);
	}
	find(&made);
	cr_assert_eq(made.levels.count, 2);
	cr_expect(made.levels.level[0].kind == LEVEL_BETWEEN);
}

/* A step of half as much again, as a TLB makes it, is none of a cache's; on large pages it is uncertain. */
Test(levels, a_tlb_is_no_cache) {
	static const double sizes[] = {32768, 262144, 1048576}, latency[] = {4, 14, 20, 60};
	struct made made;
	grid(&made, 81);
	steps(&made, sizes, latency, 3);
	made.curve.page_bytes = 4096;
	find(&made);
	cr_expect_eq(made.levels.count, 3, "%zu", made.levels.count);
	made.curve.page_bytes = gib;
	find(&made);
	cr_assert_eq(made.levels.count, 4);
	cr_expect(made.levels.level[1].doubts & LEVEL_WEAK);
	cr_expect(made.levels.level[2].doubts & LEVEL_COUNT_DOUBT);
}

Test(levels, an_outlier_is_left_out) {
	static const double sizes[] = {32768, 1048576}, latency[] = {4, 14, 100};
	struct made made;
	grid(&made, 81);
	steps(&made, sizes, latency, 2);
	made.points[7].latency *= 3;
	made.points[30].latency *= 1.5;
	find(&made);
	cr_expect_eq(made.levels.outliers, 2);
	cr_expect_eq(made.levels.count, 3);
	cr_expect_eq(made.levels.level[0].named_bytes, 32 * kib);
}

/* ---- curves that say nothing ------------------------------------------------------------------------------------- */

Test(levels, a_constant_curve_is_one_level) {
	struct made made;
	grid(&made, 81);
	find(&made);
	cr_expect(made.found);
	cr_expect_eq(made.levels.outcome, LEVELS_FLAT);
	cr_assert_eq(made.levels.count, 1);
	cr_expect_eq(made.levels.level[0].kind, LEVEL_LAST);
	cr_expect_eq(made.levels.level[0].latency, 4);
}

Test(levels, few_points_are_too_few) {
	struct made made;
	for (size_t points = 0; points < 8; points++) {
		grid(&made, points);
		find(&made);
		cr_expect_not(made.found, "%zu", points);
		cr_expect_eq(made.levels.outcome, LEVELS_TOO_FEW);
		cr_expect_eq(made.levels.count, 0);
	}
}

Test(levels, many_points_are_too_many) {
	struct made made;
	grid(&made, 81);
	made.curve.count = LEVELS_POINTS_MOST + 1;
	cr_expect_not(levels_find(&made.curve, NULL, &made.levels));
	cr_expect_eq(made.levels.outcome, LEVELS_TOO_MANY);
	cr_expect_eq(levels_workspace_bytes(LEVELS_POINTS_MOST + 1), 0);
}

Test(levels, what_is_no_latency_is_named) {
	static const double wrong[] = {0, -1, (double)NAN, (double)INFINITY, -(double)INFINITY, 1e300, 1e-300};
	struct made made;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		grid(&made, 40);
		made.points[17].latency = wrong[i];
		find(&made);
		cr_expect_not(made.found, "%g", wrong[i]);
		cr_expect_eq(made.levels.outcome, LEVELS_BAD_POINT);
		cr_expect_eq(made.levels.at, 17);
	}
	static const double bounds[][2] = {{5, 6}, {1, 3}, {(double)NAN, 5}, {3, (double)NAN}, {0, 5}, {-1, 5}};
	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
		grid(&made, 40);
		made.points[3].lower = bounds[i][0];
		made.points[3].upper = bounds[i][1];
		find(&made);
		cr_expect_not(made.found, "%g %g", bounds[i][0], bounds[i][1]);
		cr_expect_eq(made.levels.at, 3);
	}
}

Test(levels, sizes_ascend) {
	struct made made;
	grid(&made, 40);
	made.points[20].bytes = made.points[19].bytes;
	find(&made);
	cr_expect_not(made.found);
	cr_expect_eq(made.levels.outcome, LEVELS_UNSORTED);
	cr_expect_eq(made.levels.at, 20);
	grid(&made, 40);
	made.points[39].bytes = UINT64_MAX;
	find(&made);
	cr_expect_eq(made.levels.outcome, LEVELS_BAD_POINT);
	cr_expect_eq(made.levels.at, 39);
	grid(&made, 40);
	made.points[0].bytes = 0;
	find(&made);
	cr_expect_eq(made.levels.outcome, LEVELS_UNSORTED);
}

Test(levels, what_rises_all_the_way_has_no_certain_level) {
	struct made made;
	grid(&made, 81);
	for (size_t i = 0; i < 81; i++)
		made.points[i].latency = exp2((double)i / 6);
	find(&made);
	cr_expect_not(made.found);
	cr_expect_eq(made.levels.outcome, LEVELS_NO_LEVEL);
}

Test(levels, what_rises_at_its_end_is_open) {
	struct made made;
	grid(&made, 81);
	for (size_t i = 60; i < 81; i++)
		made.points[i].latency = 4 * exp2((double)(i - 59) / 4);
	find(&made);
	cr_assert_eq(made.levels.count, 1);
	cr_expect(made.levels.level[0].doubts & LEVEL_OPEN);
	cr_expect_eq(made.levels.outcome, LEVELS_FOUND);
}

Test(levels, noise_is_loud) {
	struct rng rng = rng_seeded(1);
	struct made made;
	grid(&made, 81);
	for (size_t i = 0; i < 81; i++)
		made.points[i].latency = exp2((double)rng_below(&rng, 1000) / 200);
	find(&made);
	cr_expect_not(made.found);
	cr_expect_eq(made.levels.outcome, LEVELS_LOUD);
}

/* Whatever the curve: an answer with bounds in order, and twice the same. */
Test(levels, any_curve_has_an_answer) {
	struct rng rng = rng_seeded(2);
	void *memory = workspace();
	for (int trial = 0; trial < 400; trial++) {
		struct made made;
		struct levels again;
		grid(&made, rng_below(&rng, 100));
		double height = 1, rough = rng_below(&rng, 3) * 0.05;
		for (size_t i = 0; i < made.curve.count; i++) {
			height *= rng_below(&rng, 8) == 0 ? 1 + rng_below(&rng, 300) / 100.0 : 1;
			made.points[i].latency = height * (1 + rough * rng_below(&rng, 100) / 100);
		}
		made.curve.page_bytes = rng_below(&rng, 2) ? 4096 : gib;
		levels_find(&made.curve, memory, &made.levels);
		memset(memory, trial, levels_workspace_bytes(LEVELS_POINTS_MOST));
		levels_find(&made.curve, memory, &again);
		cr_assert_eq(again.count, made.levels.count);
		cr_assert_leq(made.levels.count, LEVELS_MOST);
		for (size_t i = 0; i < made.levels.count; i++) {
			const struct levels_level *level = &made.levels.level[i];
			cr_expect_eq(level->bytes_lower, again.level[i].bytes_lower);
			cr_expect_eq(level->bytes_upper, again.level[i].bytes_upper);
			cr_expect_eq(level->doubts, again.level[i].doubts);
			cr_expect(level->bytes_lower <= level->bytes_best && level->bytes_best <= level->bytes_upper);
			cr_expect(level->latency_lower <= level->latency && level->latency <= level->latency_upper);
			cr_expect_eq(level->kind == LEVEL_LAST, level->bytes_upper == 0);
		}
	}
	free(memory);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

Test(levels, a_name_is_the_only_size) {
	cr_expect_eq(levels_name(31 * kib, 33 * kib, true), 32 * kib);
	cr_expect_eq(levels_name(45 * kib, 50 * kib, true), 48 * kib);
	cr_expect_eq(levels_name(1200 * kib, 1400 * kib, true), 1280 * kib);
	cr_expect_eq(levels_name(2000 * kib, 2200 * kib, true), 2 * mib);
	cr_expect_eq(levels_name(22 * kib, 33 * kib, true), 0, "24 KiB as well as 32");
	cr_expect_eq(levels_name(33 * kib, 40 * kib, true), 0, "none");
	cr_expect_eq(levels_name(400 * kib, 700 * kib, true), 512 * kib, "640 KiB was never built");
	cr_expect_eq(levels_name(30 * mib, 34 * mib, false), 0, "shared caches come in any number of ways");
	cr_expect_eq(levels_name(32 * mib - 1, 32 * mib + 1, false), 32 * mib);
	cr_expect_eq(levels_name(0, UINT64_MAX, true), 0);
	cr_expect_eq(levels_name(5, 4, true), 0);
}

/* ---- points wanted ----------------------------------------------------------------------------------------------- */

Test(levels, points_are_wanted_where_a_level_ends) {
	static const double sizes[] = {32768, 1048576}, latency[] = {4, 14, 100};
	struct made made;
	grid(&made, 81);
	steps(&made, sizes, latency, 2);
	find(&made);
	uint64_t wanted[8];
	size_t count = levels_wanted(&made.curve, &made.levels, wanted, 8);
	cr_assert_gt(count, 0);
	for (size_t i = 0; i < count; i++) {
		cr_expect((wanted[i] > 26 * kib && wanted[i] < 46 * kib) ||
				  (wanted[i] > 850 * kib && wanted[i] < 1500 * kib),
			  "%u", (unsigned)wanted[i]);
		cr_expect(i == 0 || wanted[i] > wanted[i - 1]);
		for (size_t j = 0; j < made.curve.count; j++)
			cr_expect_neq(made.points[j].bytes, wanted[i]);
	}
	grid(&made, 81);
	find(&made);
	cr_expect_eq(levels_wanted(&made.curve, &made.levels, wanted, 8), 0, "no end, no points");
}

/* Bisection ends, and the interval is narrower than before. */
Test(levels, points_that_were_wanted_narrow_the_interval) {
	struct model model = {
		.rng = rng_seeded(3),
		.caches = 2,
		.cache = {{32 * kib, 8, MODEL_LRU, MODEL_IN_ORDER, 4}, {1 * mib, 16, MODEL_LRU, MODEL_IN_ORDER, 14}},
		.memory = 200,
		.page_bytes = gib,
		.tlb_reach = {UINT64_MAX, UINT64_MAX},
		.noise = 0.005,
		.layouts = 2,
	};
	struct model_run before, after;
	void *memory = workspace();
	model_measure(&model, 4, gib, 0, memory, &before);
	model_measure(&model, 4, gib, 100, memory, &after);
	free(memory);
	cr_expect_lt(after.rounds, 10, "%zu rounds", after.rounds);
	cr_assert(before.levels.count == 3 && after.levels.count == 3);
	for (size_t i = 0; i < 2; i++) {
		const struct levels_level *was = &before.levels.level[i], *is = &after.levels.level[i];
		cr_expect_lt(is->bytes_upper - is->bytes_lower, (was->bytes_upper - was->bytes_lower) / 2);
		cr_expect(is->bytes_lower <= model.cache[i].bytes && model.cache[i].bytes <= is->bytes_upper);
	}
}

Test(levels, every_word_has_a_name) {
	for (int i = 0; i <= LEVELS_NO_LEVEL; i++)
		cr_expect_neq(levels_outcome_name((enum levels_outcome)i)[0], '?');
	for (int i = 0; i <= LEVEL_LAST; i++)
		cr_expect_neq(levels_kind_name((enum levels_kind)i)[0], '?');
	for (unsigned doubt = 1; doubt <= LEVEL_COUNT_DOUBT; doubt *= 2)
		cr_expect_neq(levels_doubt_name((enum levels_doubt)doubt)[0], '?');
	cr_expect_eq(levels_doubt_name((enum levels_doubt)0)[0], '?');
}
