/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether something else ran on the core's other thread, told by how much room the core has beside one chain of
 * dependent additions, which takes a cycle each whatever the other thread does. Four independent chains fit beside it
 * on any core with four adders; on one with three they take a third longer, which is the core's own and the same in
 * each launch; eight fill a core that has more adders than four, and are the first to feel a sibling that does little.
 * A busy sibling takes its share of all of it.
 *
 * So there is no figure to know beforehand: what the core does alone is the least that was seen of a ratio in windows
 * of some microseconds, over all launches, and a launch whose usual ratio was well above it had company. Not the very
 * least, since a clock that changes between two windows makes a ratio too small now and then, but what a fiftieth of
 * all rows and launches lie below. What this cannot see is a sibling that hardly ever rests for a window during the
 * whole run. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peer_chain_kind { PEER_CHAINS_FOUR, PEER_CHAINS_EIGHT, PEER_CHAINS_KINDS };

/* Over the time of one chain as long. */
struct peer_probe {
	double usual[PEER_CHAINS_KINDS]; /* median over median */
	double least[PEER_CHAINS_KINDS]; /* minimum over minimum */
};

enum { PEER_ALONE_STEPS = 256, PEER_ALONE_BINS = 8 * PEER_ALONE_STEPS };

/* How often each ratio was the least, in steps of 1 / PEER_ALONE_STEPS; zero: nothing seen yet. */
struct peer_alone {
	uint32_t counts[PEER_CHAINS_KINDS][PEER_ALONE_BINS];
	uint32_t total;
};

void peer_alone_note(struct peer_alone *alone, const struct peer_probe *probe);

/* What the core does alone; 0: nothing was noted. */
double peer_alone_ratio(const struct peer_alone *alone, enum peer_chain_kind kind);

/* Within 6 percent of the core alone. */
bool peer_probe_idle(const struct peer_alone *alone, const struct peer_probe *probe);
