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
	{9, 1e4}, {11, 2e5}, {13, 4e6}, {15, 8e7}, {17, 1e9},
};
