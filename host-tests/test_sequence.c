/* SPDX-License-Identifier: Apache-2.0
 *
 * The boundary against the martingale that it is made of, the bound on false alarms against many made-up series, and
 * what a change in the level gives.
 */
#include "hosted/watch/sequence.h"

#include "bench/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct sequence sequence;

static const struct sequence_rules usual = {
	.run_length = 1e6, .dependence = 1, .tolerance = 0, .narrowest = 64, .stride = 4, .learn = 32};

static double uniform(struct rng *rng) {
	return ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
}

static double normal(struct rng *rng) {
	return sqrt(-2 * log(uniform(rng))) * cos(2 * 3.14159265358979323846 * uniform(rng));
}

/* 2 sqrt(rho / (v + rho)) exp(s^2 / (2 (v + rho))) Phi(s / sqrt(v + rho)): at s = u(v) it is 2 / alpha at least, as
 * each side has half of alpha. */
Test(sequence, boundary_is_where_the_mixture_reaches_it) {
	for (double v = 0.25; v < 1e6; v *= 3)
		for (double rho = 0.1; rho < 1e3; rho *= 7)
			for (double alpha = 1e-7; alpha < 0.5; alpha *= 10) {
				double s = sequence_boundary(v, rho, alpha), sum = v + rho;
				double mixture = sqrt(rho / sum) * exp(s * s / (2 * sum)) * erfc(-s / sqrt(2 * sum));
				cr_assert_geq(mixture, 2 / alpha * (1 - 1e-12), "%g %g %g", v, rho, alpha);
				cr_assert_leq(mixture, 4 / alpha + 4, "%g %g %g: far too wide", v, rho, alpha);
			}
}

Test(sequence, rules_outside_of_what_they_say_are_refused) {
	struct sequence_rules rules[] = {usual, usual, usual, usual, usual, usual, usual, usual};
	rules[0].run_length = 3;
	rules[1].dependence = 0.9;
	rules[2].tolerance = NAN;
	rules[3].narrowest = 0;
	rules[4].stride = 0;
	rules[5].learn = 0;
	rules[6].learn = SEQUENCE_LEARN_MAX + 1;
	rules[7].stride = SEQUENCE_STRIDE_MAX + 1;
	for (int i = 0; i < 8; i++)
		cr_expect_not(sequence_begin(&sequence, &rules[i]), "%d", i);
	cr_assert(sequence_begin(&sequence, &usual));
	cr_expect_float_eq(sequence.alpha, 4e-6, 1e-10);
}

/* Many short series: with a mean of at least 200, no more than in the mean one in 200 values alarms. */
Test(sequence, false_alarms_are_as_rare_as_was_asked_for) {
	struct sequence_rules rules = usual;
	rules.run_length = 200;
	rules.learn = 8;
	struct rng rng = rng_seeded(11);
	uint64_t seen = 0, alarms = 0;
	cr_assert(sequence_begin(&sequence, &rules));
	for (int i = 0; i < 20000; i++) {
		enum sequence_answer answer = sequence_add(&sequence, 100 * exp(0.02 * normal(&rng)));
		seen += answer != SEQUENCE_LEARNS;
		alarms += answer == SEQUENCE_FASTER || answer == SEQUENCE_SLOWER;
	}
	cr_expect_leq(alarms * 200, seen, "%llu in %llu", (unsigned long long)alarms, (unsigned long long)seen);
}

/* Values until the alarm, after `before` at 100 and then at 100 * ratio; 0: there was none. */
static int delay(const struct sequence_rules *rules, uint64_t seed, int before, double ratio,
		 enum sequence_answer *answer) {
	struct rng rng = rng_seeded(seed);
	cr_assert(sequence_begin(&sequence, rules));
	for (int i = 0; i < before; i++) {
		*answer = sequence_add(&sequence, 100 * exp(0.02 * normal(&rng)));
		cr_assert(*answer == SEQUENCE_SAME || *answer == SEQUENCE_LEARNS);
	}
	for (int i = 1; i <= 2000; i++) {
		*answer = sequence_add(&sequence, 100 * ratio * exp(0.02 * normal(&rng)));
		if (*answer != SEQUENCE_SAME)
			return i;
	}
	return 0;
}

Test(sequence, a_shift_is_found_and_its_side_is_told) {
	for (uint64_t seed = 1; seed <= 5; seed++) {
		enum sequence_answer answer;
		int values = delay(&usual, seed, 1500, 1.05, &answer);
		cr_expect(values > 0 && values < 100, "%d", values);
		cr_expect_eq(answer, SEQUENCE_SLOWER);
		values = delay(&usual, seed, 1500, 1 / 1.05, &answer);
		cr_expect(values > 0 && values < 100, "%d", values);
		cr_expect_eq(answer, SEQUENCE_FASTER);
		cr_expect_eq(sequence_add(&sequence, 100), SEQUENCE_LEARNS, "anew");
	}
}

Test(sequence, a_shift_within_the_tolerance_is_none) {
	struct sequence_rules rules = usual;
	rules.tolerance = 0.04;
	enum sequence_answer answer;
	cr_expect_eq(delay(&rules, 3, 1500, 1.02, &answer), 0);
	cr_expect_neq(delay(&usual, 3, 1500, 1.02, &answer), 0, "without it, it is one");
}

/* Less than half of the values tell nothing of the median, however far away they are. */
Test(sequence, outliers_move_nothing) {
	struct rng rng = rng_seeded(5);
	cr_assert(sequence_begin(&sequence, &usual));
	for (int i = 0; i < 3000; i++) {
		double value = 100 * exp(0.02 * normal(&rng));
		enum sequence_answer answer = sequence_add(&sequence, i % 10 == 9 ? 1e9 : value);
		cr_assert(answer == SEQUENCE_SAME || answer == SEQUENCE_LEARNS);
	}
	static const double none[] = {0, -1, INFINITY, NAN};
	for (int i = 0; i < 4; i++)
		cr_expect_eq(sequence_add(&sequence, none[i]), SEQUENCE_SAME);
	cr_expect_eq(sequence.seen, 3000);
}

/* All values alike: an atom at the median, where neither deficit grows. */
Test(sequence, ties_never_alarm) {
	double lower, upper;
	cr_assert(sequence_begin(&sequence, &usual));
	cr_expect_not(sequence_interval(&sequence, &lower, &upper));
	for (int i = 0; i < 5000; i++)
		cr_assert_leq(sequence_add(&sequence, 7), SEQUENCE_SAME);
	cr_assert(sequence_interval(&sequence, &lower, &upper));
	cr_expect(lower < 7 && 7 <= upper && upper / lower < 1 + 1.1 * SEQUENCE_STEP, "%g %g", lower, upper);
}

/* Of values that are all alike each is to one side of the other candidates, so that the first sequence excludes them at
 * the age at which half of it is the boundary, for a variance of a quarter of it times the dependence. */
Test(sequence, dependence_makes_it_slower_as_stated) {
	for (double dependence = 1; dependence < 10; dependence *= 2) {
		struct sequence_rules rules = usual;
		rules.dependence = dependence;
		cr_assert(sequence_begin(&sequence, &rules));
		for (uint32_t i = 0; i < rules.learn; i++)
			cr_assert_eq(sequence_add(&sequence, 7), SEQUENCE_LEARNS);
		double lower, upper;
		for (int age = 1; age < 1000; age++) {
			sequence_add(&sequence, 7);
			bool wanted =
				age / 2.0 >= sequence_boundary(dependence * age / 4, sequence.rho, sequence.alpha);
			cr_assert(sequence_interval(&sequence, &lower, &upper));
			cr_assert_eq(lower > 0, wanted, "%g, %d", dependence, age);
			cr_assert_eq(isfinite(upper), wanted, "%g, %d", dependence, age);
		}
		cr_expect(lower > 0);
	}
}

/* Each level has its share of the places, for as long as one likes. */
Test(sequence, memory_is_bounded_and_ages_are_spread) {
	struct sequence_rules rules = usual;
	rules.stride = 1;
	uint32_t most = 0;
	cr_assert(sequence_begin(&sequence, &rules));
	for (int i = 0; i < 40000; i++) {
		sequence_add(&sequence, 7);
		most = sequence.live > most ? sequence.live : most;
		cr_assert_leq(most, SEQUENCE_LIVE);
	}
	cr_expect_eq(most, SEQUENCE_LIVE);
	for (uint32_t age = 8; age <= 8192; age *= 2) {
		uint32_t of_it = 0;
		for (uint32_t i = 0; i < sequence.live; i++)
			of_it += sequence.ones[i].age > age / 2 && sequence.ones[i].age <= age;
		cr_expect_geq(of_it, 2, "%u", age);
	}
}
