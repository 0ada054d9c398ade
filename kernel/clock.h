/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock's calibrator: the frequency of the ticks from what the machine states and from a reference counter beside
 * them, over as long a span as there has been. Integer arithmetic only; pure but for the two counters that it reads
 * through pointers.
 *
 * A reference that wraps is unwrapped by the estimate so far: between two anchors it may wrap any number of times, as
 * long as the estimate's error over that time stays below half a wrap.
 */
#pragma once

#include "kernel/arch.h"

#include <stdbool.h>
#include <stdint.h>

struct clock_anchor {
	uint64_t ticks;     /* in the middle of the reading */
	uint64_t reference; /* unwrapped, counted from the first anchor */
	uint64_t error;     /* ticks that the reading of the reference may be off by, to either side */
};

struct clock {
	uint64_t (*ticks)(void);
	struct arch_reference reference;
	bool has_reference;
	uint64_t stated_hz; /* 0: the machine says nothing */
	const char *stated_name;
	const char *counter;
	bool invariant;
	uint64_t raw; /* reference as last read, wrapped */
	struct clock_anchor first;
	struct clock_anchor last;
};

/* Takes the first anchor. `reference` may be NULL. */
void clock_start(struct clock *clock, uint64_t (*ticks)(void), const struct arch_reference *reference,
		 uint64_t stated_hz, const char *stated_name, const char *counter, bool invariant);

/* Ways to find a reference, the best first, each tried once at most and only when it is asked for: finding one may
 * start it. */
struct clock_candidates {
	bool (*find[3])(struct arch_reference *reference); /* NULL: no further one */
	unsigned tried;
	struct arch_reference found[3];
	unsigned found_count;
};

/* The `index`th of those that are there; false: there are not so many. begin(n) comes before find[n]. */
bool clock_reference_find(struct clock_candidates *candidates, unsigned index, void (*begin)(unsigned kind),
			  struct arch_reference *reference);

/* Takes another anchor; the estimate is over the time since the first. */
void clock_anchor_add(struct clock *clock);

/* Takes anchors, one at least, until the reference has come `counts` from the first. One that does not in a million of
 * them is given up: has_reference is false. */
void clock_await(struct clock *clock, uint64_t counts);

/* Ticks a second, as well as it is known: by the reference where the anchors stand far enough apart for it to be
 * better than 0.1 %, else as stated. 0: unknown. */
uint64_t clock_hz(const struct clock *clock);

/* Where `clock` has no second source of its own and `second`, another reference beside the same ticks, is good enough
 * by now, that is named as the second. */
void clock_describe(const struct clock *clock, const struct clock *second, struct platform_clock *description);

/* a * b / c, rounded down, without overflow between; all ones where the result does not fit. */
uint64_t clock_scale(uint64_t a, uint64_t b, uint64_t c);
