/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes against answers worked out by hand: counts of signs, ends of intervals, tabled quantiles; and how often
 * noise is called a change.
 */
#include "bench/rng.h"
#include "hosted/verdict/change.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct change_rules rules = {.significance = 0.05, .noise_threshold = 0.01, .effect = 0.05};

static struct change of_differences(const double *differences, size_t count) {
	double a[100], b[100];
	struct change change;
	for (size_t i = 0; i < count; i++) {
		a[i] = 50;
		b[i] = 50 * exp(differences[i]);
	}
	cr_assert(change_of_pairs(a, b, count, &rules, &change));
	return change;
}

/* 2 of 10 are negative: 1 + 10 + 45 of 1024, on both sides. The interval is from the second to the last but one: 1 + 10
 * of 1024. */
Test(change, signs_are_counted) {
	static const double differences[] = {-0.01, -0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1};
	struct change c = of_differences(differences, 10);
	cr_expect_float_eq(c.p, 112.0 / 1024, 1e-12);
	cr_expect_float_eq(c.lower, expm1(-0.01), 1e-12);
	cr_expect_float_eq(c.upper, expm1(0.09), 1e-12);
	cr_expect_float_eq(c.relative, expm1(0.055), 1e-12);
}

/* Of 6 alike signs 2 of 64 are as extreme; the interval is from the least to the greatest. */
Test(change, six_pairs) {
	static const double differences[] = {0.020, 0.022, 0.024, 0.026, 0.028, 0.030};
	struct change c = of_differences(differences, 6);
	cr_expect(c.bounded);
	cr_expect_float_eq(c.p, 2.0 / 64, 1e-12);
	cr_expect_float_eq(c.lower, expm1(0.020), 1e-12);
	cr_expect_float_eq(c.upper, expm1(0.030), 1e-12);
	cr_expect_float_eq(c.relative, expm1(0.025), 1e-12);
	change_judge(&rules, &c);
	cr_expect_eq(c.verdict, CHANGE_REGRESSED);
}

Test(change, five_pairs_are_too_few) {
	static const double differences[] = {0.2, 0.2, 0.2, 0.2, 0.2};
	struct change c = of_differences(differences, 5);
	cr_expect_not(c.bounded);
	change_judge(&rules, &c);
	cr_expect_eq(c.verdict, CHANGE_INCONCLUSIVE);
}

Test(change, verdicts) {
	double differences[20];
	for (int i = 0; i < 20; i++)
		differences[i] = (i % 5 - 2) * 0.001;
	struct change c = of_differences(differences, 20);
	change_judge(&rules, &c);
	cr_expect_eq(c.verdict, CHANGE_NONE);
	for (int i = 0; i < 20; i++)
		differences[i] -= 0.05;
	c = of_differences(differences, 20);
	change_judge(&rules, &c);
	cr_expect_eq(c.verdict, CHANGE_IMPROVED);
	for (int i = 0; i < 20; i++)
		differences[i] = (i % 2 ? 1 : -1) * 0.3 + i * 0.001;
	c = of_differences(differences, 20);
	change_judge(&rules, &c);
	cr_expect_eq(c.verdict, CHANGE_INCONCLUSIVE, "too wide to have seen 5 %%");
	for (int i = 0; i < 20; i++)
		differences[i] = 0.005 + i * 0.0001;
	c = of_differences(differences, 20);
	cr_expect_lt(c.p, 0.001);
	change_judge(&rules, &c);
	cr_expect_eq(c.verdict, CHANGE_NONE, "real, and smaller than the threshold");
}

Test(change, nothing_at_all_changes_nothing) {
	static const double differences[10];
	struct change c = of_differences(differences, 10);
	cr_expect_eq(c.p, 1);
	change_judge(&rules, &c);
	cr_expect_eq(c.verdict, CHANGE_NONE);
}

/* A third of the launches in a slow spell of 60 % does not hide 3 %. */
Test(change, slow_spells_are_borne) {
	struct rng rng = rng_seeded(5);
	int found = 0;
	for (int trial = 0; trial < 100; trial++) {
		double a[15], b[15];
		struct change c;
		for (int i = 0; i < 15; i++) {
			a[i] = 100 + rng_below(&rng, 100) / 200.0;
			b[i] = (100 + rng_below(&rng, 100) / 200.0) * 1.03;
			if (rng_below(&rng, 8) == 0)
				a[i] *= 1.6;
			if (rng_below(&rng, 8) == 0)
				b[i] *= 1.6;
		}
		cr_assert(change_of_pairs(a, b, 15, &rules, &c));
		change_judge(&rules, &c);
		cr_expect_neq(c.verdict, CHANGE_IMPROVED);
		found += c.verdict == CHANGE_REGRESSED;
	}
	cr_expect_gt(found, 80, "%d of 100", found);
}

/* The same distribution on both sides, heavy-tailed: p below 0.05 in 5 % of the cases at the most. */
Test(change, false_alarms_are_as_rare_as_said) {
	struct rng rng = rng_seeded(11);
	int low = 0;
	enum { TRIALS = 2000 };
	for (int trial = 0; trial < TRIALS; trial++) {
		double a[12], b[12];
		struct change c;
		for (int i = 0; i < 12; i++) {
			a[i] = 100 + rng_below(&rng, 1000) / 100.0 * (rng_below(&rng, 4) == 0 ? 8 : 1);
			b[i] = 100 + rng_below(&rng, 1000) / 100.0 * (rng_below(&rng, 4) == 0 ? 8 : 1);
		}
		cr_assert(change_of_pairs(a, b, 12, &rules, &c));
		low += c.p < 0.05;
	}
	/* signs are coarse: 2 of 12 or fewer have p 0.0386 */
	cr_expect_lt(low, TRIALS * 0.052, "%d of %d", low, TRIALS);
	cr_expect_gt(low, TRIALS * 0.028, "%d of %d: the test has lost its power", low, TRIALS);
}

/* Student's t at 4 degrees of freedom: 2.776 for 0.05. */
Test(change, single_launches) {
	struct change c;
	double deviation = 0.01 / sqrt(2);
	change_of_launches(100, 100 * exp(0.02776445), deviation, 5, &rules, &c);
	cr_expect_float_eq(c.p, 0.05, 1e-6);
	cr_expect_float_eq(c.lower, 0, 1e-6);
	change_of_launches(100, 103, 0, 0, &rules, &c);
	cr_expect_not(c.bounded);
	change_judge(&rules, &c);
	cr_expect_eq(c.verdict, CHANGE_INCONCLUSIVE);
}

Test(change, correction_steps_down) {
	struct change c[4] = {{.p = 0.01}, {.p = 0.04}, {.p = 0.03}, {.p = 0.005}};
	struct change *const all[] = {&c[0], &c[1], &c[2], &c[3]};
	change_correct(all, 4);
	cr_expect_float_eq(c[3].corrected, 0.02, 1e-15);
	cr_expect_float_eq(c[0].corrected, 0.03, 1e-15);
	cr_expect_float_eq(c[2].corrected, 0.06, 1e-15);
	cr_expect_float_eq(c[1].corrected, 0.06, 1e-15, "never less than the one before");
}

/* 0 of 100: 1 - 0.05^(1/100); 5 of 100: 0.1023 (tables of the binomial's bounds). */
Test(change, bound_of_a_share) {
	cr_expect_float_eq(change_share_bound(0, 100), 1 - pow(0.05, 0.01), 1e-9);
	cr_expect_float_eq(change_share_bound(5, 100), 0.10225, 2e-4);
	cr_expect_eq(change_share_bound(0, 0), 1);
}

Test(change, figure_is_the_tenth_part) {
	double times[11], scratch[11];
	uint64_t iters[11];
	for (int i = 0; i < 11; i++) {
		iters[i] = (uint64_t)(i + 1);
		times[i] = (double)iters[i] * (20 - i);
	}
	cr_expect_float_eq(change_figure(times, iters, 11, scratch), 11, 1e-12);
}
