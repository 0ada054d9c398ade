/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/levels.h"

enum { WAYS_MOST = 32, LINE = 64 };

/* The smallest unit is a way: odd ways came at the first level, where a way is a page, and of large caches. */
static bool is_built(uint64_t bytes, unsigned odd) {
	static const uint64_t kib = 1024;
	return odd == 1 || (odd == 3 && (bytes <= 192 * kib || bytes >= 1536 * kib)) ||
	       (odd == 5 && bytes >= 1280 * kib);
}

uint64_t levels_name(uint64_t lower, uint64_t upper, bool own) {
	uint64_t found = 0;
	for (unsigned odd = 1; odd <= WAYS_MOST; odd += 2)
		for (uint64_t bytes = (uint64_t)odd * LINE; bytes <= upper && bytes < UINT64_MAX / 2; bytes *= 2)
			if (bytes >= lower && (!own || is_built(bytes, odd))) {
				if (found)
					return 0;
				found = bytes;
			}
	return found;
}

const char *levels_outcome_name(enum levels_outcome outcome) {
	static const char *const names[] = {
		[LEVELS_FOUND] = "found",
		[LEVELS_FLAT] = "one level only",
		[LEVELS_TOO_FEW] = "too few points",
		[LEVELS_TOO_MANY] = "too many points",
		[LEVELS_BAD_POINT] = "a point that is none",
		[LEVELS_UNSORTED] = "sizes not ascending",
		[LEVELS_LOUD] = "too loud",
		[LEVELS_NO_LEVEL] = "no level: latency rises all the way",
	};
	return (size_t)outcome < sizeof names / sizeof names[0] ? names[outcome] : "?";
}

const char *levels_kind_name(enum levels_kind kind) {
	static const char *const names[] = {[LEVEL_STEP] = "step", [LEVEL_BETWEEN] = "between", [LEVEL_LAST] = "last"};
	return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

const char *levels_doubt_name(enum levels_doubt doubt) {
	switch (doubt) {
	case LEVEL_WEAK:
		return "a small step, as a TLB makes";
	case LEVEL_HIDDEN:
		return "may hide another level";
	case LEVEL_SHAPE:
		return "ends as no cache does";
	case LEVEL_SHORT:
		return "a short plateau";
	case LEVEL_OPEN:
		return "the curve ends too soon";
	case LEVEL_COUNT_DOUBT:
		return "a level below is uncertain";
	case LEVEL_SCATTERED:
		return "ends early, as in small pages: a host may have cut the large ones";
	case LEVEL_APART:
		return "other pages say another size";
	case LEVEL_DOUBTS_END:
		break;
	}
	return "?";
}
