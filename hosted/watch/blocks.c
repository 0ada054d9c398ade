/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/blocks.h"

enum { SHORTEST = 15, LONGEST = 120 };

void blocks_restart(struct blocks *blocks) {
	blocks->count = 0;
	blocks->sum = 0;
}

bool blocks_add(struct blocks *blocks, double distance, double *mean) {
	blocks->sum += distance;
	if (++blocks->count < blocks->windows)
		return false;
	*mean = blocks->sum / blocks->windows;
	blocks_restart(blocks);
	return true;
}

/* Of means about 0 with the ones before. */
static double correlation_of(struct blocks *blocks, const struct baseline *baseline, const float *levels,
			     const uint8_t *hours, uint32_t count) {
	double squares = 0, products = 0, before = 0, mean, most = BASELINE_CUT * baseline->spread;
	blocks_restart(blocks);
	for (uint32_t i = 0; i < count; i++) {
		double distance = baseline_cut(levels[i] - baseline_at(baseline, hours[i]), most);
		if (!blocks_add(blocks, distance, &mean))
			continue;
		squares += mean * mean;
		products += mean * before;
		before = mean;
	}
	blocks_restart(blocks);
	return squares > 0 ? products / squares : 0;
}

void blocks_measure(struct blocks *blocks, const struct baseline *baseline, const float *levels, const uint8_t *hours,
		    uint32_t count) {
	for (blocks->windows = SHORTEST;; blocks->windows *= 2) {
		blocks->correlation = correlation_of(blocks, baseline, levels, hours, count);
		if (blocks->correlation < BLOCKS_CORRELATION || blocks->windows == LONGEST)
			return;
	}
}
