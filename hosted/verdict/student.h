/* SPDX-License-Identifier: Apache-2.0
 *
 * Student's distribution, and the function that it and the binomial one are made of. Pure.
 */
#pragma once

/* I_x(a, b), the regularised incomplete beta function. */
double student_beta(double x, double a, double b);

/* P(|T| >= t), t from 0 on. */
double student_two_sided(double t, double freedom);

/* The t of which that is `significance`. */
double student_quantile(double significance, double freedom);
