/* SPDX-License-Identifier: Apache-2.0
 *
 * The density against what is known of it: its kernel's shape, its area, the rule for its bandwidth.
 */
#include "bench/density.h"

#include <criterion/criterion.h>
#include <math.h>

enum { POINTS = 2001 };

/* One value: the kernel itself, 0.75 at its top, 0 at its ends. */
Test(density, one_value_is_the_kernel) {
	static const double value[] = {5};
	double density[5];
	density_estimate(value, 1, 2, 3, 7, density, 5);
	static const double wanted[] = {0, 0.28125, 0.375, 0.28125, 0};
	for (int i = 0; i < 5; i++)
		cr_expect_float_eq(density[i], wanted[i], 1e-15, "%d: %g", i, density[i]);
}

Test(density, area_is_one) {
	static const double values[] = {1, 1.5, 2, 2, 2.25, 8, 8.5, 9};
	static double density[POINTS];
	double area = 0, step = 14.0 / (POINTS - 1);
	density_estimate(values, 8, 1.5, -2, 12, density, POINTS);
	for (int i = 0; i < POINTS; i++)
		area += density[i] * step;
	cr_expect_float_eq(area, 1, 1e-4, "%g", area);
	cr_expect_gt(density[600], density[1000], "two humps: more at 2.2 than at 5");
	cr_expect_gt(density[1500], density[1000], "and at 8.5");
}

/* 0 .. 31: the deviation is 9.380832, the quartiles' distance over 1.34 is 11.57, and 32^(1/5) is 2. */
Test(density, bandwidth_by_the_rule) {
	double values[32];
	for (int i = 0; i < 32; i++)
		values[i] = i;
	cr_expect_float_eq(density_bandwidth(values, 32), 0.9 * 2.2138 * 9.380831519646859 / 2, 1e-9);
	values[31] = 1e6; /* an outlier does not smear the rest */
	cr_expect_lt(density_bandwidth(values, 32), 12);
}

Test(density, no_spread_no_bandwidth) {
	static const double alike[] = {3, 3, 3};
	cr_expect_eq(density_bandwidth(alike, 3), 0);
	cr_expect_eq(density_bandwidth(alike, 1), 0);
}
