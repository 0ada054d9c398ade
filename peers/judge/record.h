/* SPDX-License-Identifier: Apache-2.0
 *
 * What one launch saw of one row, and what several come to: plain data, without pointers, since it goes from process to
 * process. The least of each contestant over the launches in which the core was alone stands for it
 * (peers/judge/probe.h); a launch with company says nothing, since a chain of dependent steps keeps its time beside a
 * busy sibling, and code that fills the core does not. Pure.
 */
#pragma once

#include "peers/judge/plausible.h"
#include "peers/judge/probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEER_NAME_BYTES = 96, PEER_WORDS_BYTES = 192, PEER_ENTRIES_MAX = 40 };

/* Cut off where it is too long. */
void peer_words_copy(char *to, size_t bytes, const char *from);

enum peer_role {
	PEER_OURS,
	PEER_OURS_METHOD, /* ours by one method, whatever was chosen */
	PEER_OTHER,
	PEER_LIMIT_OF_OURS,
	PEER_LIMIT_OF_METHOD, /* of the PEER_OURS_METHOD before it */
};

struct peer_entry {
	enum peer_role role;
	char name[PEER_NAME_BYTES];
	char absent[PEER_WORDS_BYTES]; /* why it is not here; empty: it is */
	bool reference, claims;
	struct peer_claim claim;
	double minimum_ns, median_ns; /* an iteration */
	/* Ours over it, round by round: the median, and in one launch its interval where that was asked for, over
	 * several the least and the greatest of the launches' medians. */
	double paired, paired_least, paired_most;
	uint64_t walks; /* of a TLB from empty; 0: not counted */
};

struct peer_record {
	uint32_t row;                   /* its place in the list of all */
	char skipped[PEER_WORDS_BYTES]; /* why nothing was measured; empty: it was */
	size_t count;
	struct peer_entry entries[PEER_ENTRIES_MAX]; /* ours first */
	struct peer_costs costs;
	double core_ghz;
	struct peer_probe probe; /* before, between the rounds and after */
	unsigned launches, idle; /* of a merged one: taken, and of those with the core alone */
};

/* Of `count` launches, at least one. Where the core was never alone, of all of them. */
void peer_records_merge(const struct peer_record *const *launches, size_t count, const struct peer_alone *alone,
			struct peer_record *merged);

/* `wanted` launches were asked for: more than half of them have to have had the core alone. */
bool peer_record_judged(const struct peer_record *merged, unsigned wanted);
