/* SPDX-License-Identifier: Apache-2.0
 *
 * What the references of peers/pool.c do with an object, counted out from their source. Pure.
 */
#pragma once

#include "peers/judge/plausible.h"

enum pool_reference { POOL_STACK, POOL_LIST, POOL_FLOOR };

/* A step of each is an object: POOL_TOUCH writes to it, in the row's order or in ascending order, POOL_WALK finds the
 * next one in it, too. */
enum pool_probe { POOL_TOUCH, POOL_TOUCH_ASCENDING, POOL_WALK, POOL_PROBES };

/* One object at a time. */
struct peer_claim claim_of_pool_pairs(enum pool_reference who);

/* Many objects, then all of them back. */
struct peer_claim claim_of_pool_waves(enum pool_reference who);
