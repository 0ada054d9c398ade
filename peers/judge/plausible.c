/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/judge/plausible.h"

#include <stddef.h>

/* Steps are measured one kind at a time, to some percent, and a core may find a shorter way than the source's. */
static const double fastest = 0.8, slowest = 2;

static double greater(double a, double b) {
	return a > b ? a : b;
}

static double sum_of(const double steps[PEER_STEPS], const struct peer_costs *costs) {
	double sum = 0;
	for (size_t step = 0; step < PEER_STEPS; step++)
		sum += steps[step] * costs->cycles[step];
	return sum;
}

static double flood_of(const struct peer_work *work, const struct peer_costs *costs) {
	double longest = 0;
	for (size_t step = 0; step < PEER_STEPS; step++)
		longest = greater(longest, work->all[step] * costs->cycles[step]);
	return longest;
}

struct peer_range peer_range_of(const struct peer_claim *claim, const struct peer_costs *costs) {
	double chains = 0, floods = 0, both = 0, perhaps = 0;
	for (size_t i = 0; i < PEER_LOOPS; i++) {
		double chain = sum_of(claim->loops[i].chain, costs), flood = flood_of(&claim->loops[i], costs);
		chains += chain;
		floods += flood;
		both += greater(chain, flood);
		perhaps += sum_of(claim->loops[i].perhaps, costs);
	}
	double least = claim->overlaps ? floods : both;
	least = greater(least, claim->instructions * costs->cycles[PEER_NOPS]);
	return (struct peer_range){.least = fastest * least, .most = slowest * (greater(least, chains) + perhaps)};
}

enum peer_validity peer_judge(const struct peer_claim *claim, const struct peer_costs *costs, double cycles) {
	struct peer_range range = peer_range_of(claim, costs);
	if (claim->instructions_most > 0 && claim->instructions > claim->instructions_most)
		return PEER_TOO_MANY_INSTRUCTIONS;
	if (cycles < range.least)
		return PEER_TOO_FAST;
	return cycles > range.most ? PEER_TOO_SLOW : PEER_VALID;
}

const char *peer_validity_name(enum peer_validity validity) {
	static const char *const names[] = {
		[PEER_VALID] = "valid",
		[PEER_TOO_FAST] = "**void**, too fast",
		[PEER_TOO_SLOW] = "**void**, too slow",
		[PEER_TOO_MANY_INSTRUCTIONS] = "**void**, too many instructions",
	};
	return names[validity];
}
