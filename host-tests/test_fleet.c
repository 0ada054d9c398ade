/* SPDX-License-Identifier: Apache-2.0
 *
 * Fleets: made-up machines of which one is slow, or none.
 */
#include "host-tests/fleet_model.h"
#include "hosted/verdict/student.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stddef.h>

enum { MACHINES = 40, BENCHMARKS = 3 };

static double figures[BENCHMARKS][MACHINES];
static struct fleet_cell cells[BENCHMARKS + 1][MACHINES];
static const struct fleet_rules rules = {.rate = 0.05, .threshold = 0.01};

static int judge(size_t machines) {
	const struct fleet fleet = {figures[0], MACHINES, BENCHMARKS, machines};
	return fleet_judge(&fleet, &rules, cells[0]);
}

/* Alike but for a known, even spread of a percent in the middle; each benchmark in an order of its own. */
static void fill(void) {
	static const size_t strides[BENCHMARKS] = {1, 7, 11};
	for (size_t row = 0; row < BENCHMARKS; row++)
		for (size_t i = 0; i < MACHINES; i++)
			figures[row][i] = 100 * (1 + ((double)(i * strides[row] % MACHINES) - 20) / 2000);
}

Test(fleet, students_tails_are_those_of_the_tables) {
	cr_expect_float_eq(student_two_sided(12.706, 1), 0.05, 1e-5);
	cr_expect_float_eq(student_two_sided(2.228, 10), 0.05, 1e-4);
	cr_expect_float_eq(student_two_sided(4.587, 10), 0.001, 1e-6);
	cr_expect_float_eq(student_two_sided(3.3101, 500), 0.001, 1e-5);
	cr_expect_float_eq(student_quantile(0.05, 10), 2.228139, 1e-5);
}

/* The bar: 500 machines of which one is 7 % slow, figures with 2 % of noise. */
Test(fleet, the_slow_one_of_five_hundred_is_found_and_few_others) {
	for (int noise = FLEET_NORMAL; noise <= FLEET_HEAVY; noise++) {
		const struct fleet_model model = {.machines = 500,
						  .benchmarks = 17,
						  .runs = 1,
						  .deviation = 0.02,
						  .slow = 1.07,
						  .noise = (enum fleet_noise)noise,
						  .rules = rules};
		struct fleet_answers answers = fleet_model_judge(&model, 20, 1);
		/* 1.4 % of a machine's own deviation is not told from a slow one. */
		cr_expect(noise == FLEET_SHARED || answers.found == 1, "noise %d: found in %g", noise, answers.found);
		cr_expect(answers.wrong <= rules.rate, "noise %d: %g of those named are wrong", noise, answers.wrong);
	}
}

/* Of 2,000 fleets without a slow machine, at most the stated share has one that is named; the threshold left out. */
Test(fleet, of_machines_that_are_alike_none_is_named_but_at_the_stated_rate) {
	static const size_t sizes[] = {10, 20, 50};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		const struct fleet_model model = {.machines = sizes[i],
						  .benchmarks = 5,
						  .runs = 1,
						  .deviation = 0.02,
						  .slow = 1,
						  .rules = {.rate = 0.05}};
		struct fleet_answers answers = fleet_model_judge(&model, 2000, 2);
		/* 5 %, and twice the deviation of what 2,000 fleets show of it */
		cr_expect(answers.wrong <= 0.06, "%zu machines: in %g", sizes[i], answers.wrong);
		cr_expect(answers.wrong > 0, "%zu machines: never", sizes[i]);
	}
}

Test(fleet, benchmarks_that_differ_are_marked_on_the_machine_that_does) {
	fill();
	figures[0][5] = 150;
	figures[1][5] = 130;
	figures[2][8] = 150; /* alone: the machine's median is like the others' */
	cr_assert_eq(judge(MACHINES), BENCHMARKS);
	for (size_t i = 0; i < MACHINES; i++) {
		cr_expect_eq(cells[BENCHMARKS][i].stands_out, i == 5, "machine %zu", i);
		cr_expect_eq(cells[0][i].stands_out, i == 5, "machine %zu", i);
		cr_expect_not(cells[2][i].stands_out, "machine %zu", i);
	}
	cr_expect_float_eq(cells[0][5].deviation, 0.5, 0.01);
	cr_expect_float_eq(cells[BENCHMARKS][5].deviation, 0.3, 0.02);
	cr_expect(cells[0][5].z > 20 && cells[BENCHMARKS][5].corrected <= rules.rate);
	cr_expect(cells[BENCHMARKS][5].corrected >= cells[BENCHMARKS][5].p);
}

Test(fleet, a_difference_within_the_threshold_does_not_matter) {
	for (size_t row = 0; row < BENCHMARKS; row++)
		for (size_t i = 0; i < MACHINES; i++)
			figures[row][i] = 100 + (double)i / 1e4;
	for (size_t row = 0; row < BENCHMARKS; row++)
		figures[row][3] = 100.9;
	cr_assert_eq(judge(MACHINES), BENCHMARKS);
	cr_expect(cells[BENCHMARKS][3].z > 100);
	cr_expect_eq(cells[BENCHMARKS][3].p, 1);
	for (size_t row = 0; row < BENCHMARKS; row++)
		figures[row][3] = 98;
	judge(MACHINES);
	cr_expect(cells[BENCHMARKS][3].stands_out && cells[BENCHMARKS][3].deviation < 0);
}

Test(fleet, too_few_machines_and_figures_without_a_spread_are_not_judged) {
	fill();
	cr_expect_eq(judge(FLEET_MACHINES_LEAST - 1), 0);
	for (size_t i = 0; i < (size_t)(FLEET_MACHINES_LEAST - 1) * (BENCHMARKS + 1); i++)
		cr_expect(!cells[0][i].judged && cells[0][i].p == 1 && !cells[0][i].stands_out);
	for (size_t i = 0; i < MACHINES; i++)
		figures[0][i] = i % 3 ? 7 : 8;
	for (size_t i = FLEET_MACHINES_LEAST - 1; i < MACHINES; i++)
		figures[1][i] = 0;
	cr_expect_eq(judge(MACHINES), 1);
	cr_expect(!cells[0][0].judged && !cells[1][0].judged && cells[2][0].judged);
	cr_expect_eq(judge(0), 0);
}

/* Half of the benchmarks that are judged: with less a machine's median would be of others than the rest's. */
Test(fleet, a_machine_with_few_of_the_benchmarks_is_not_judged) {
	fill();
	figures[0][4] = figures[1][4] = 0;
	figures[2][4] = 200;
	figures[0][6] = 0;
	cr_assert_eq(judge(MACHINES), BENCHMARKS);
	cr_expect(cells[2][4].judged && !cells[BENCHMARKS][4].judged && !cells[BENCHMARKS][4].stands_out);
	cr_expect(!cells[0][6].judged && cells[BENCHMARKS][6].judged);
}
