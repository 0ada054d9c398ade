/* SPDX-License-Identifier: Apache-2.0
 *
 * What a record's blocks take, each allocated and freed, in ns of CPU time. Pure.
 */
#pragma once

#include "hosted/advise/advice_sum.h"
#include "hosted/advise/shapes.h"
#include "hosted/record/record.h"

#include <stdbool.h>
#include <stdint.h>

/* As if no other class were beside it. */
struct advice_sum advice_sum_of_class(const struct record *record, const struct costs *costs,
				      enum costs_setting setting, const struct shapes *shapes, uint32_t class);

/* Of the classes; NULL: of all. */
struct advice_sum advice_sum_of_blocks(const struct record *record, const struct costs *costs,
				       enum costs_setting setting, const bool classes[COUNTS_CLASSES]);
