/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the core's clock has settled, before the first benchmark: a core that was idle takes milliseconds to come to
 * its speed, and how long is its governor's business. A chain of dependent additions, which nothing but the clock makes
 * faster, is timed in windows; settled is when two in a row are alike. One that an interrupt broke into does not count
 * as slow: a window is its fastest part.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { SETTLE_WINDOWS_MOST = 60, SETTLE_PARTS = 8 };

/* The faster over the slower of two windows in a row that are alike. */
#define SETTLE_RATIO 0.98

struct settling {
	unsigned windows; /* timed; 0: not tried */
	uint64_t last_ticks;
	uint64_t window_ns; /* of a window, about */
	double ratio;       /* of the last two */
	bool settled;
};

/* One more window, of so many ticks; pure. true: settled. */
bool settling_take(struct settling *settling, uint64_t ticks);

/* Windows of a twentieth of the warm-up, SETTLE_WINDOWS_MOST at the most: three times the warm-up. Not where the
 * processor is emulated. `hz`: of the ticks. */
void settle_clock(uint64_t warm_up_ns, uint64_t hz, struct settling *settling);

/* A member `settling` of the object that is being written; nothing where it was not tried. */
void settling_describe(const struct settling *settling, struct text *text);
