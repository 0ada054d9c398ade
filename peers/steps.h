/* SPDX-License-Identifier: Apache-2.0
 *
 * What the steps of peers/plausible.h take on this machine.
 */
#pragma once

#include "peers/plausible.h"

#include <stdbool.h>

/* Nanoseconds a step, the least of all samples; all zero is none yet. PEER_FORWARD with the addition
 * that its chain has. */
struct peer_steps {
	double ns[PEER_STEPS];
};

/* One more sample of each common step: some 30 us in all. One thread at a time. */
void peer_steps_sample(struct peer_steps *steps);

/* One more sample of the chain of additions alone. */
void peer_steps_sample_clock(struct peer_steps *steps);

/* In cycles of the core, by the chain of additions. */
struct peer_costs peer_costs_of(const struct peer_steps *steps);
