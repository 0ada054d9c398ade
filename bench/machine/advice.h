/* SPDX-License-Identifier: Apache-2.0
 *
 * What to do on this machine so that figures are good and mean something: a sentence, its reason, and the margin that
 * was measured, where one was. Pure code. No advice follows from a feature that is claimed and nothing else: that a
 * processor has wider vectors does not make them faster.
 */
#pragma once

#include "caps/machine.h"

/* A benchmark of the run: nanoseconds an iteration, with its interval. */
struct advice_figure {
	const char *name;
	double ns, lower_ns, upper_ns;
};

/* What a run on this machine measured. */
struct advice_run {
	const struct advice_figure *figures; /* of the hardware */
	size_t figure_count;
	double gaps_share; /* of the time, lost to gaps of more than 1 us; negative: not known */
	bool clock_unverified;
};

struct advice {
	char text[128]; /* what to do */
	char reason[256];
	bool measured;    /* else told only */
	char margin[128]; /* "141.3 ns against 144.3 ns in 512 bit"; "" where told only */
};

/* Calls `take` for each, borrowed for the time of the call, what was measured first. run NULL: none. */
void advice_give(const struct caps_machine *machine, const struct advice_run *run,
		 void (*take)(void *argument, const struct advice *advice), void *argument);
