/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/levels.h"

/* Finer than that says nothing: a cache's sizes lie further apart, and a chase of few lines more is no other. The way
 * up around the interval is for the shape of it. */
enum { GAP_DIVISOR = 32, RISE_GAP_DIVISOR = 12, GAP_LEAST = 512 };

static bool overlap(uint64_t low, uint64_t high, uint64_t from, uint64_t to) {
	return low < to && high > from;
}

/* The narrowest gap that is wanted there, as a share of the size: 1 / that; 0: no matter. */
static uint64_t divisor(const struct levels *levels, uint64_t low, uint64_t high) {
	uint64_t most = 0;
	for (size_t i = 0; i < levels->count; i++) {
		const struct levels_level *level = &levels->level[i];
		if (level->kind == LEVEL_LAST)
			continue;
		if (overlap(low, high, level->bytes_lower, level->bytes_upper))
			return GAP_DIVISOR;
		if (overlap(low, high, level->rise_from_bytes, level->rise_to_bytes))
			most = RISE_GAP_DIVISOR;
	}
	return most;
}

/* The middle of the gap behind point i; 0: it is narrow enough. */
static uint64_t middle_of_gap(const struct levels_curve *curve, const struct levels *levels, size_t i) {
	uint64_t low = curve->points[i].bytes, high = curve->points[i + 1].bytes;
	uint64_t middle = (low + (high - low) / 2) / GAP_LEAST * GAP_LEAST, by = divisor(levels, low, high);
	bool narrow = by == 0 || high - low <= low / by || high - low < 2 * GAP_LEAST;
	return narrow || middle <= low || middle >= high ? 0 : middle;
}

static void insert(uint64_t *bytes, size_t count, uint64_t value) {
	size_t at = count;
	for (; at > 0 && bytes[at - 1] > value; at--)
		bytes[at] = bytes[at - 1];
	bytes[at] = value;
}

static bool is_in(const uint64_t *bytes, size_t count, uint64_t value) {
	for (size_t i = 0; i < count; i++)
		if (bytes[i] == value)
			return true;
	return false;
}

size_t levels_wanted(const struct levels_curve *curve, const struct levels *levels, uint64_t *bytes, size_t capacity) {
	size_t count = 0;
	while (count < capacity && curve->count + count < LEVELS_POINTS_MOST) {
		uint64_t best = 0;
		double widest = 0;
		for (size_t i = 0; i + 1 < curve->count; i++) {
			uint64_t low = curve->points[i].bytes, high = curve->points[i + 1].bytes;
			uint64_t middle = middle_of_gap(curve, levels, i);
			double width = (double)(high - low) / (double)low;
			if (middle && width > widest && !is_in(bytes, count, middle)) {
				widest = width;
				best = middle;
			}
		}
		if (!best)
			break;
		insert(bytes, count++, best);
	}
	return count;
}
