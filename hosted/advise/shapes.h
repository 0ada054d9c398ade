/* SPDX-License-Identifier: Apache-2.0
 *
 * How a record's blocks stand to others that live (enum costs_shape), by what it holds of those that were followed: how
 * long they lived, and in which order they went. Pure.
 */
#pragma once

#include "hosted/advise/costs.h"
#include "hosted/record/record.h"

#include <stddef.h>

enum { SHAPES_FEW_ALIVE = 8 }; /* blocks alive at once that glibc keeps by thread and size, and hands out again */

struct shapes_alive {
	double each_ns;                   /* from one allocation to the next */
	double at_once[COUNTS_LIFETIMES]; /* blocks that live beside one that lives for so long */
	double all, few; /* blocks that were followed; those with SHAPES_FEW_ALIVE at once at the most */
};

struct shapes_alive shapes_alive_of(const struct record *record);

struct shapes {
	double share[COSTS_SHAPES]; /* of blocks; 1 together */
};

struct shapes shapes_of(const struct record *record);
