/* SPDX-License-Identifier: Apache-2.0
 *
 * Thresholds of cusum.h for 10^3, 10^4, 10^5 and 10^6 values to a false alarm; printed by `make watch-table`.
 */
#pragma once

enum { CUSUM_TABLE_ROWS = 4, CUSUM_TABLE_DECADES = 4 };

static const struct {
	double correlation;
	double thresholds[CUSUM_TABLE_DECADES];
} cusum_table[CUSUM_TABLE_ROWS] = {
	{0.00, {5.2, 6.9, 8.6, 11.1}},
	{0.25, {6.9, 9.9, 12.8, 17.2}},
	{0.50, {10.3, 15.7, 20.4, 29.1}},
	{0.75, {18.0, 30.3, 43.3, 64.8}},
};
