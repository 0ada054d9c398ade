/* SPDX-License-Identifier: Apache-2.0
 *
 * hosted/verdict/spread.c on launches that are made up.
 */
#include "bench/rng.h"
#include "hosted/verdict/spread.h"

#include <criterion/criterion.h>
#include <math.h>

static struct spread of(const double *figures, size_t count, double within) {
	struct spread_launch launches[SPREAD_LAUNCHES_MAX];
	struct spread spread;
	for (size_t i = 0; i < count; i++)
		launches[i] = (struct spread_launch){figures[i], within};
	spread_of(launches, count, &spread);
	return spread;
}

Test(spread, names_the_launch_that_lies_apart) {
	static const double figures[] = {159, 162, 429, 165, 161};
	struct spread spread = of(figures, 5, 0.015);
	cr_assert_eq(spread.apart_count, 1);
	cr_assert_eq(spread.apart[0], 2);
	cr_assert_float_eq(spread.figure, 162, 1e-9);
	cr_assert_float_eq(spread.within, 0.015, 1e-9);
	cr_assert_float_eq(spread.between, (429. - 159) / 162, 1e-9);
	cr_assert(spread.least == 159 && spread.most == 165);
}

Test(spread, names_none_where_none_is_odd) {
	static const struct {
		const char *what;
		double figures[6];
		size_t count;
		double within;
		size_t apart; /* how many */
	} cases[] = {
		{"a fast one, too", {100, 100, 60}, 3, 0.01, 1},
		{"just beyond 5 %", {100, 100, 100, 100.1, 106}, 5, 0.01, 1},
		{"two others say little", {100, 100, 119}, 3, 0.01, 0},
		{"two", {100, 104}, 2, 0.01, 0},
		{"of two, neither", {100, 300}, 2, 0.01, 0},
		{"within 5 %", {100, 100, 104}, 3, 0.01, 0},
		{"all over the place", {100, 120, 140, 160, 180}, 5, 0.01, 0},
		{"its own interval reaches as far", {100, 100, 130}, 3, 0.4, 0},
		{"two levels", {100, 100, 100, 200, 200, 200}, 6, 0.01, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert_eq(of(cases[i].figures, cases[i].count, cases[i].within).apart_count, cases[i].apart, "%s",
			     cases[i].what);
}

Test(spread, leaves_out_what_was_not_measured) {
	static const double none[] = {0, 0}, one[] = {7}, some[] = {0, 100, NAN, 101, 300, 100};
	struct spread spread = of(none, 2, 0.01);
	cr_assert(spread.launches == 0 && spread.figure == 0 && spread.between == 0);
	spread = of(one, 1, 0);
	cr_assert(spread.launches == 1 && spread.figure == 7 && spread.between == 0 && spread.within == 0);
	spread = of(some, 6, 0.01);
	cr_assert_eq(spread.launches, 4);
	cr_assert_eq(spread.apart_count, 1);
	cr_assert_eq(spread.apart[0], 4);
}

static double normal(struct rng *rng) {
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += (double)rng_below(rng, 1u << 30) / (1u << 30);
	return sum;
}

/* In percent of sets of launches, one or more of which is said to lie apart. */
static double false_alarms(size_t count, double deviation) {
	enum { SETS = 20000 };
	struct rng rng = rng_seeded(1);
	unsigned alarms = 0;
	for (unsigned set = 0; set < SETS; set++) {
		double figures[SPREAD_LAUNCHES_MAX];
		for (size_t i = 0; i < count; i++)
			figures[i] = exp(deviation * normal(&rng));
		alarms += of(figures, count, 0.005).apart_count > 0;
	}
	return 100.0 * alarms / SETS;
}

/* The figures of docs/methodology.md. */
Test(spread, is_seldom_wrong_about_launches_that_are_alike) {
	cr_assert_leq(false_alarms(5, 0.01), 0.1);
	cr_assert_leq(false_alarms(5, 0.03), 3.5);
	cr_assert_leq(false_alarms(5, 0.10), 5);
	cr_assert_leq(false_alarms(10, 0.10), 0.2);
	cr_assert_leq(false_alarms(3, 0.03), 0.1);
}
