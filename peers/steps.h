/* SPDX-License-Identifier: Apache-2.0
 *
 * What the steps of peers/judge/plausible.h take on this machine.
 */
#pragma once

#include "peers/judge/plausible.h"
#include "peers/judge/probe.h"

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

enum { PEER_WINDOWS_MAX = 512 };

/* Windows of some microseconds: one chain of additions, four, eight, each as long. */
struct peer_chains {
	double ns[1 + PEER_CHAINS_KINDS][PEER_WINDOWS_MAX];
	unsigned count;
};

/* `windows` more; those beyond PEER_WINDOWS_MAX are not taken. */
void peer_chains_sample(struct peer_chains *chains, unsigned windows);

/* Of at least one window. */
struct peer_probe peer_probe_of(const struct peer_chains *chains);
