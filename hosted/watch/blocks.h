/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows made into means of blocks, long enough that one says next to nothing of the next: what sequence.h counts
 * signs of is nearly independent then. Pure. The length is measured on a day without a change.
 */
#pragma once

#include "hosted/watch/baseline.h"

#include <stdbool.h>
#include <stdint.h>

#define BLOCKS_CORRELATION 0.1 /* of a block's mean with the one before, at the most */

/* Members are to be looked at, none to be written. */
struct blocks {
	uint32_t windows;   /* a block: 15, 30, 60 or 120, the first that is long enough; else 120 */
	double correlation; /* that was measured at that length */
	uint32_t count;     /* of the block that is being filled */
	double sum;
};

/* From the day that the baseline was made of. */
void blocks_measure(struct blocks *blocks, const struct baseline *baseline, const float *levels, const uint8_t *hours,
		    uint32_t count);

/* A window's distance from the baseline. true: a block is full, and this is its mean. */
bool blocks_add(struct blocks *blocks, double distance, double *mean);

/* What was added of the block that is being filled is forgotten. */
void blocks_restart(struct blocks *blocks);
