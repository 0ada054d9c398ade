/* SPDX-License-Identifier: Apache-2.0
 *
 * What a record's calls on memory take, in ns of CPU time. Pure.
 */
#pragma once

#include "hosted/advise/advice_sum.h"
#include "hosted/record/record.h"

/* The functions before `end`: COSTS_CALLS, those that kernels are for, or COUNTS_CALL_COUNT, all. */
struct advice_sum advice_sum_of_calls(const struct record *record, const struct costs *costs,
				      enum costs_setting setting, int end);
