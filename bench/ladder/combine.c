/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/levels.h"

enum { OWN_LEVELS = 2 };

/* Whether they agree on where it ends. */
static bool combine(struct levels_level *large, struct levels_level *small) {
	bool overlap = large->bytes_lower <= small->bytes_upper && small->bytes_lower <= large->bytes_upper;
	if (large->doubts || (small->doubts && !overlap))
		return false;
	if (!overlap) {
		small->doubts = LEVEL_APART;
		small->named_bytes = 0;
		return false;
	}
	small->doubts = 0;
	small->bytes_lower = large->bytes_lower;
	small->bytes_upper = large->bytes_upper;
	small->bytes_best = large->bytes_best;
	small->named_bytes = large->named_bytes;
	return true;
}

void levels_combine(struct levels *large, struct levels *small) {
	size_t agreed = 0;
	while (agreed < OWN_LEVELS && agreed < large->count && agreed < small->count) {
		struct levels_level *level = &large->level[agreed], *other = &small->level[agreed];
		if (level->kind == LEVEL_LAST || other->kind == LEVEL_LAST || !combine(level, other))
			break;
		agreed++;
	}
	if (large->count == 0 || agreed == small->count)
		return;
	/* What is below is the same, and so is what is counted from there, but where one has more levels. */
	if (large->count > small->count)
		small->level[agreed].doubts |= LEVEL_COUNT_DOUBT;
	else if (agreed > 0 && large->count == small->count && !(large->level[agreed].doubts & LEVEL_COUNT_DOUBT))
		small->level[agreed].doubts &= ~(unsigned)LEVEL_COUNT_DOUBT;
}
