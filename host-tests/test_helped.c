/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up pieces of a second each: a verdict needs all pairs on one side.
 */
#include "hosted/still/helped.h"

#include <criterion/criterion.h>
#include <string.h>

static const double second[HELPED_PAIRS] = {1e6, 1e6, 1e6, 1e6, 1e6, 1e6, 1e6, 1e6};
static const double plain[HELPED_PAIRS] = {100, 120, 90, 400, 100, 110, 105, 95};

static struct helped judged(const double *still) {
	struct helped helped;
	helped_judge(plain, still, second, second, &helped);
	return helped;
}

Test(helped, less_where_every_pair_says_so) {
	const double half[HELPED_PAIRS] = {50, 60, 45, 200, 50, 55, 52.5, 47.5};
	struct helped helped = judged(half);
	cr_assert_eq(helped.outcome, HELPED_LESS);
	cr_assert_float_eq(helped.ratio, 0.5, 1e-9);
	cr_assert_float_eq(helped.lower, 0.5, 1e-9);
	cr_assert_float_eq(helped.plain, 1120e-6 / 8, 1e-12);
	const double twice[HELPED_PAIRS] = {200, 240, 180, 800, 200, 220, 210, 190};
	cr_assert_eq(judged(twice).outcome, HELPED_MORE);
}

Test(helped, inconclusive_where_one_pair_differs) {
	const double mixed[HELPED_PAIRS] = {50, 60, 45, 200, 50, 55, 52.5, 96};
	struct helped helped = judged(mixed);
	cr_assert_eq(helped.outcome, HELPED_INCONCLUSIVE);
	cr_assert(helped.lower < 1 && helped.upper > 1);
	cr_assert_eq(judged(plain).outcome, HELPED_INCONCLUSIVE, "the same twice");
}

Test(helped, nothing_lost_is_no_infinity_and_nothing_looked_at_no_answer) {
	const double none[HELPED_PAIRS] = {0};
	struct helped helped;
	helped_judge(none, none, second, second, &helped);
	cr_assert_eq(helped.outcome, HELPED_INCONCLUSIVE);
	cr_assert_float_eq(helped.ratio, 1, 1e-9);
	cr_assert_eq(judged(none).outcome, HELPED_LESS);
	cr_assert_float_eq(judged(none).upper, 1.0 / 90, 1e-9, "bounded by a microsecond");
	helped_judge(plain, none, second, none, &helped);
	cr_assert_eq(helped.outcome, HELPED_UNMEASURED);
	struct text text = {0};
	helped_show(&helped, 1, "", &text);
	text_add(&text, "", 1);
	cr_assert_str_eq(text.bytes, "--still: unmeasured\n");
	text_free(&text);
}
