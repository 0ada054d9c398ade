/* SPDX-License-Identifier: Apache-2.0
 *
 * What a record's blocks take, each allocated and freed, in ns of CPU time. Pure.
 */
#pragma once

#include "hosted/advise/advice_sum.h"
#include "hosted/record/record.h"

#include <stdbool.h>
#include <stdint.h>

struct advice_shapes {
	double share[COSTS_SHAPES]; /* of blocks; 1 together */
};

struct advice_shapes advice_shapes_of(const struct record *record);

/* By the size asked for. */
uint64_t advice_blocks_of(const struct record *record, uint32_t class);

/* As if no other class were beside it. */
struct advice_sum advice_sum_of_class(const struct record *record, const struct costs *costs,
				      enum costs_setting setting, const struct advice_shapes *shapes, uint32_t class);

/* Of the classes; NULL: of all. */
struct advice_sum advice_sum_of_blocks(const struct record *record, const struct costs *costs,
				       enum costs_setting setting, const bool classes[COUNTS_CLASSES]);
