/* SPDX-License-Identifier: Apache-2.0
 *
 * What costs something between two ends: in the nearest cache and one size after the other, or further away and in any
 * order. Costs are known of both. Which of them a program is nearer to says the time that looks found it in these
 * calls: it is as far on the way as the time is between the costs. In ns of CPU time. Pure.
 */
#pragma once

#include "hosted/advise/advice_sum.h"
#include "hosted/record/record.h"

#include <stdbool.h>
#include <stdint.h>

struct advice_ends {
	struct advice_sum at[2];
};

/* Half of its interval of 95 % with it. */
struct advice_found {
	bool is_known;
	double ns, error;
};

/* Whether looks were enough to say a time. */
bool advice_is_looked_at(const struct record *record);

/* What went to calls of kinds `first` to `last` (COUNTS_IN_NOTHING and so on). */
struct advice_found advice_time_in(const struct record *record, uint32_t first, uint32_t last);

/* `way`: 0 is the first end, 1 the second. */
struct advice_sum advice_at_end(const struct advice_ends *ends, double way);

/* As far on the way as `found` is between the ends of COSTS_PLAIN. */
struct advice_sum advice_sum_on_way(const struct advice_ends *ends, const struct advice_ends *plain,
				    const struct advice_found *found);
