/* SPDX-License-Identifier: Apache-2.0
 *
 * Bars, and whether a row meets them: pure. A bar is judged where more than half of the launches that were asked for
 * had the core alone, and where a reference of our own that it is against is what it claims to be; else it is void.
 */
#pragma once

#include "peers/judge/record.h"

/* Who a bar is measured against, beside a peer's name. */
#define PEER_BEST   "best peer" /* the fastest that is no reference */
#define PEER_LIMIT  "the limit" /* the row's, as the contest has it */
#define PEER_NS     "ns"        /* the ratio is an absolute time an operation */
#define PEER_CYCLES "cycles"    /* the same, in cycles of the core */
#define PEER_WALKS  "walks of a table that never evicts"

/* Whose walks those are. */
#define PEER_NEVER_EVICTS "fx hash"

enum { PEER_BARS_MAX = 4 };

struct peer_bar {
	const char *against; /* NULL: no further bar */
	double ratio;        /* ours over that, least over least: at most this */
	/* Ours is the fastest of the chosen kernel and of all methods; against PEER_LIMIT, each of them against its own
	 * width's, and the worst of them is judged. */
	bool methods;
	bool or_next; /* the next bar is an alternative: it is enough to meet one */
};

#define PEER_NO_BAR \
	{ .against = NULL }
#define PEER_BAR(against_, ratio_) \
	{ .against = (against_), .ratio = (ratio_) }
#define PEER_BAR_OR_NEXT(against_, ratio_) \
	{ .against = (against_), .ratio = (ratio_), .or_next = true }
#define PEER_BAR_METHODS(against_, ratio_) \
	{ .against = (against_), .ratio = (ratio_), .methods = true }

enum peer_verdict {
	PEER_MET,
	PEER_MISSED,
	PEER_VOID,      /* the reference is not what it claims */
	PEER_VOID_BUSY, /* the sibling is busy */
	PEER_ABSENT,    /* whom it is against */
	PEER_NO_LIMIT,
};

struct peer_judgement {
	enum peer_verdict verdict;
	double seen;
};

/* `operations` an iteration; `wanted` launches. An alternative is judged by itself. */
struct peer_judgement peer_bar_judge(const struct peer_bar *bar, const struct peer_record *row, double operations,
				     unsigned wanted);

/* Of a bar and its alternatives. */
enum peer_verdict peer_verdict_of_either(enum peer_verdict a, enum peer_verdict b);

/* Of an entry that claims something. */
enum peer_validity peer_entry_validity(const struct peer_entry *entry, const struct peer_record *row,
				       double operations);
