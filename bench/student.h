/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Student's t, beyond which to either side 5 % lie: of the normal distribution's quantile, by degrees of freedom (M.
 * Abramowitz, I. Stegun: "Handbook of Mathematical Functions", 26.7.5); within 1 % from 3 on. Pure. */
static inline double student_95(double freedom) {
	const double x = 1.959964, x3 = x * x * x, x5 = x3 * x * x, x7 = x5 * x * x;
	return x + (x3 + x) / (4 * freedom) + (5 * x5 + 16 * x3 + 3 * x) / (96 * freedom * freedom) +
	       (3 * x7 + 19 * x5 + 17 * x3 - 15 * x) / (384 * freedom * freedom * freedom);
}
