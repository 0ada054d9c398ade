/* SPDX-License-Identifier: Apache-2.0
 *
 * What the documents of this architecture's cores say of the probe's ratio (bench/room/room.h), where they do;
 * bench/<arch>/room_alone.c.
 */
#pragma once

#include "simd/simd.h"

/* Four chains of additions over one, on a core that nobody else uses: 1 where every core with these features has at
 * least four units for them; 0: some have fewer, and nothing is known. */
double room_ratio_alone(simd_features features);
