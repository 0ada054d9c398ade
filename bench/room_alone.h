/* SPDX-License-Identifier: Apache-2.0
 *
 * What the documents of this architecture's cores say of the probe's ratio (bench/room/room.h), where they do;
 * bench/<arch>/room_alone.c.
 */
#pragma once

#include "simd/simd.h"

/* The most that ROOM_CHAINS chains of additions over one take on a core that nobody else uses, by the least number of
 * units that every core with these features has for them; 0: nothing is known. */
double room_ratio_alone(simd_features features);
