/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/levels.h"

enum { OWN_LEVELS = 2 };

static uint64_t larger(uint64_t a, uint64_t b) {
	return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b) {
	return a < b ? a : b;
}

static void take_size(struct levels_level *level, uint64_t lower, uint64_t upper) {
	level->bytes_lower = lower;
	level->bytes_upper = upper;
	level->bytes_best = smaller(larger(level->bytes_best, lower), upper);
	level->named_bytes = levels_name(lower, upper, true);
}

/* Whether they agree on where it ends. */
static bool combine(struct levels_level *large, struct levels_level *small) {
	uint64_t lower = larger(large->bytes_lower, small->bytes_lower);
	uint64_t upper = smaller(large->bytes_upper, small->bytes_upper);
	if (large->doubts)
		return false;
	if (lower > upper) {
		if (small->doubts)
			return false;
		large->doubts = small->doubts = LEVEL_APART;
		large->named_bytes = small->named_bytes = 0;
		return false;
	}
	if (small->doubts) {
		small->doubts = 0;
		take_size(small, large->bytes_lower, large->bytes_upper);
		return true;
	}
	take_size(large, lower, upper);
	take_size(small, lower, upper);
	return true;
}

void levels_combine(struct levels *large, struct levels *small) {
	for (size_t i = 0; i < OWN_LEVELS && i < large->count && i < small->count; i++) {
		if (large->level[i].kind == LEVEL_LAST || small->level[i].kind == LEVEL_LAST ||
		    !combine(&large->level[i], &small->level[i]))
			return;
		/* What is below them is the same, and so is what is counted from there. */
		if (i + 1 < large->count && i + 1 < small->count && !(large->level[i + 1].doubts & LEVEL_COUNT_DOUBT))
			small->level[i + 1].doubts &= ~(unsigned)LEVEL_COUNT_DOUBT;
	}
}
