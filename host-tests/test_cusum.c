/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/cusum.h"

#include "hosted/watch/cusum_table.h"

#include <criterion/criterion.h>
#include <math.h>

static struct cusum cusum;

Test(cusum, heights_grow_with_what_is_asked_for) {
	double last = 2 * (CUSUM_CUT - CUSUM_REFERENCE) - 1,
	       most = CUSUM_BEYOND * cusum_table[CUSUM_TABLE_ROWS - 1].run_length;
	for (double run_length = 1; run_length <= most; run_length *= 1.5) {
		double height = cusum_height(run_length);
		cr_expect_geq(height, last, "%g", run_length);
		last = height;
	}
	for (int i = 0; i < CUSUM_TABLE_ROWS; i++)
		cr_expect_float_eq(cusum_height(cusum_table[i].run_length), cusum_table[i].height, 1e-9);
	const double wrong[] = {0, -1, NAN, INFINITY, most * 1.01};
	for (int i = 0; i < 5; i++)
		cr_expect_eq(cusum_height(wrong[i]), 0, "%d", i);
}

Test(cusum, sums_by_hand) {
	cusum_begin(&cusum, 5);
	cusum_add(&cusum, 2, 10);
	cr_expect_float_eq(cusum.up, 1.25, 1e-12);
	cusum_add(&cusum, 0, 11);
	cr_expect_float_eq(cusum.up, 0.5, 1e-12);
	cr_expect_eq(cusum_since(&cusum), 10);
	cusum_add(&cusum, -1, 12);
	cr_expect_eq(cusum.up, 0);
	cr_expect_float_eq(cusum_strength(&cusum), -0.05, 1e-12);
	cusum_add(&cusum, 99, 13);
	cr_expect_float_eq(cusum.up, 3.25, 1e-12, "no value counts for more than the cut");
	for (uint64_t i = 14; i < 100; i++)
		cusum_add(&cusum, 3, i);
	cr_expect_eq(cusum.up, 9, "no further");
	cr_expect_eq(cusum_since(&cusum), 13);
	cr_expect_float_eq(cusum_strength(&cusum), 1.8, 1e-12);
	double up = cusum.up, down = cusum.down;
	cusum_add(&cusum, NAN, 100);
	cr_expect(cusum.up == up && cusum.down == down);
	for (uint64_t i = 101; i < 110; i++)
		cusum_add(&cusum, -4, i);
	cr_expect_leq(cusum_strength(&cusum), -1);
	cr_expect_eq(cusum_since(&cusum), 101);
}

Test(cusum, one_outlier_is_no_evidence) {
	cusum_begin(&cusum, cusum_height(1));
	cusum_add(&cusum, 1e300, 0);
	cr_expect_lt(cusum_strength(&cusum), 0.5);
}
