/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops of the probe beside a benchmark (bench/room/probe.h); compiled once for both platforms, as suites are. A
 * step is one addition that waits for the one before, and nothing else is in them but the end of the loop, once in
 * ROOM_UNROLLED steps.
 */
#pragma once

#include <stdint.h>

enum { ROOM_UNROLLED = 16, ROOM_CHAINS = 8 };

/* Steps are a multiple of ROOM_UNROLLED, and at least that. */
void room_loop_one(uint64_t steps);

/* As many steps of each of ROOM_CHAINS chains that do not wait for each other. */
void room_loop_chains(uint64_t steps);
