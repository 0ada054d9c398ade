/* SPDX-License-Identifier: Apache-2.0
 *
 * Heights of cusum.h, and the windows to a false alarm in the mean, at least; printed by `make watch-table`.
 */
#pragma once

enum { CUSUM_TABLE_ROWS = 5 };

static const struct {
	double height;
	double run_length;
} cusum_table[CUSUM_TABLE_ROWS] = {
	{7, 3.78e+04}, {9, 4.15e+05}, {11, 2.74e+06}, {13, 1.78e+07}, {15, 1.01e+08},
};
