/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/judge/probe.h"

/* What a median of windows lies above the least of them on a core left alone is some percent; a sibling that does next
 * to nothing but spin takes a tenth. */
static const double tolerance = 1.06;

enum { PART_BELOW = 50 };

void peer_alone_note(struct peer_alone *alone, const struct peer_probe *probe) {
	for (size_t kind = 0; kind < PEER_CHAINS_KINDS; kind++) {
		double step = probe->least[kind] * PEER_ALONE_STEPS;
		size_t bin = step < PEER_ALONE_BINS - 1 ? (size_t)step : PEER_ALONE_BINS - 1;
		alone->counts[kind][bin]++;
	}
	alone->total++;
}

double peer_alone_ratio(const struct peer_alone *alone, enum peer_chain_kind kind) {
	uint32_t below = 0;
	for (size_t bin = 0; bin < PEER_ALONE_BINS; bin++) {
		below += alone->counts[kind][bin];
		if (below > alone->total / PART_BELOW)
			return (double)(bin + 1) / PEER_ALONE_STEPS;
	}
	return 0;
}

bool peer_probe_idle(const struct peer_alone *alone, const struct peer_probe *probe) {
	for (size_t kind = 0; kind < PEER_CHAINS_KINDS; kind++)
		if (probe->usual[kind] > tolerance * peer_alone_ratio(alone, (enum peer_chain_kind)kind))
			return false;
	return true;
}
