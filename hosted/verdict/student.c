/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/student.h"

#include <math.h>

/* Abramowitz and Stegun, 26.5.8; evaluated after W. Lentz, Applied Optics 15 (1976). */
static double beta_fraction(double x, double a, double b) {
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1);
	d = 1 / (fabs(d) < tiny ? tiny : d);
	double value = d;
	for (int m = 1; m < 500; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double before = value;
		for (int k = 0; k < 2; k++) {
			double term = k ? odd : even;
			d = 1 + term * d;
			d = 1 / (fabs(d) < tiny ? tiny : d);
			c = 1 + term / c;
			c = fabs(c) < tiny ? tiny : c;
			value *= c * d;
		}
		if (fabs(value - before) < 1e-15 * fabs(value))
			break;
	}
	return value;
}

double student_beta(double x, double a, double b) {
	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
					 : 1 - front * beta_fraction(1 - x, b, a) / b;
}

double student_two_sided(double t, double freedom) {
	return student_beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

double student_quantile(double significance, double freedom) {
	double low = 0, high = 1e6;
	for (int i = 0; i < 200; i++) {
		double middle = (low + high) / 2;
		if (student_two_sided(middle, freedom) > significance)
			low = middle;
		else
			high = middle;
	}
	return high;
}
