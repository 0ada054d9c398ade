/* SPDX-License-Identifier: Apache-2.0
 *
 * What every form of a table of verdicts says of all its rows together.
 */
#pragma once

#include "bench/text.h"
#include "hosted/cli/verdict_table.h"

/* Of B/A, over the changes that the rows show; 1 where there are none. */
double verdict_summary_mean(const struct judge_row *rows, size_t count);

/* "1 improved, 0 regressed, 3 no change, 0 inconclusive, 2 failed in B", without a line end. The rows are judged. */
void verdict_summary_add(const struct verdict_table *table, struct text *text);
