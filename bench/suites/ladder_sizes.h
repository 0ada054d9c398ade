/* SPDX-License-Identifier: Apache-2.0
 *
 * The sizes that the ladder of the memory is climbed in: four an octave, 1 KiB to 1 GiB; with --quick to 256 MiB.
 */
#pragma once

#include "lib/units.h"

#include <stdint.h>

enum { LADDER_AN_OCTAVE = 4, LADDER_SIZES = 20 * LADDER_AN_OCTAVE + 1, LADDER_QUICK_LAST = 18 * LADDER_AN_OCTAVE };

/* Size `step`, in bytes: a multiple of a line of 64 bytes, and of 1 KiB or 1 MiB as soon as that is a step of 3 %. */
static inline uint64_t ladder_size(unsigned step) {
	static const uint64_t sixteenth[LADDER_AN_OCTAVE] = {16384, 19484, 23170, 27554}; /* 2^(i/4) * 2^14 */
	uint64_t exact = sixteenth[step % LADDER_AN_OCTAVE] << (step / LADDER_AN_OCTAVE), bytes = exact / 16;
	uint64_t unit = bytes >= 32 * UINT64_C(1048576) ? 1048576 : bytes >= 32 * UINT64_C(1024) ? 1024 : 64;
	return (bytes + unit / 2) / unit * unit;
}
