/* SPDX-License-Identifier: Apache-2.0
 *
 * What kind of load a record is of, and what each setting would gain it here: counts of the record times costs of this
 * machine. Pure; docs/advise.md says how, and what is assumed.
 *
 * Time is CPU time of the program, without what recording it took.
 */
#pragma once

#include "bench/text.h"
#include "hosted/advise/costs.h"
#include "hosted/advise/replay.h"
#include "hosted/record/record.h"

#include <stdbool.h>
#include <stdint.h>

/* Of time: a gain that is no more is none to act on, as comparisons call no change a change up to there. */
#define ADVICE_UNNOTICED 0.01

/* Shares of time; an interval of 95 %. */
struct advice_range {
	double point, lower, upper;
};

enum advice_part { ADVICE_MEMORY, ADVICE_ALLOCATION, ADVICE_COMPUTE, ADVICE_PARTS };
/* The part that more than half of the time goes to, or that there is none. */
enum advice_kind { ADVICE_IS_MEMORY, ADVICE_IS_ALLOCATION, ADVICE_IS_COMPUTE, ADVICE_IS_MIXED, ADVICE_KINDS };

enum advice_setting { ADVICE_KERNELS, ADVICE_POOLS, ADVICE_HUGE, ADVICE_SETTINGS };

enum advice_missing {
	ADVICE_COMPLETE,
	ADVICE_NOTHING_RECORDED,
	ADVICE_TOO_SHORT,    /* for the clock that CPU time comes from, beside what starting takes */
	ADVICE_OTHER_MACHINE /* its times say nothing here */
};

struct advice {
	enum advice_missing missing;  /* what follows is then left at zero */
	double time_ns, recording_ns; /* of the program, and what was taken off for that it was recorded */
	struct advice_range parts[ADVICE_PARTS];
	double sure[ADVICE_KINDS]; /* how likely it is that kind; 1 together */
	enum advice_kind kind;     /* the likeliest */
	struct {
		bool measured;            /* its costs are known */
		struct advice_range gain; /* of time; below 0: it would be slower */
	} settings[ADVICE_SETTINGS];
	/* Blocks that pools gain: by classes of the size asked for (preload/counts.h); ADVICE_POOLS is with these. */
	bool pooled[COUNTS_CLASSES];
	/* The one to take, by the greatest gain of those that are more than ADVICE_UNNOTICED for sure; ADVICE_SETTINGS:
	 * nothing. */
	enum advice_setting best;
	/* Huge pages: what asks for them gets none; what does not gets them, too, so that there is little to gain. */
	bool huge_pages_off, huge_pages_on;
	/* What GLIBC_TUNABLES says where the advice is read, and is to stay so; NULL: nothing. advice_make leaves it at
	 * that: no record and no costs have it. */
	const char *tunables;
	bool page_walks_unknown; /* memory is more than what TLBs cover for sure: pages may gain more than is said */
};

/* `replay`: what the record's blocks took when they were played back with pools for the sizes that an advice without it
 * names; NULL: sums of costs have to tell. */
void advice_make(const struct record *record, const struct costs *costs, const struct replay *replay,
		 struct advice *advice);

/* "memory", "allocation", "compute", "mixed"; "kernels", "pools", "huge pages". Static text. */
const char *advice_part_name(enum advice_part part);
const char *advice_kind_name(enum advice_kind kind);
const char *advice_setting_name(enum advice_setting setting);

/* Runs of the classes that are pooled, as the sizes that are in them: "16-95,128-191". */
void advice_pool_sizes(const struct advice *advice, struct text *text);

/* What is to be typed before a program, blank behind it: "anechoic apply --pools=16-96 -- ". */
void advice_command(const struct advice *advice, enum advice_setting setting, struct text *text);

/* Parts of what advice_show says: the kind of load, or why there is no advice, as a line; a share of time; what a
 * setting gains; what else is to be known of huge pages, as lines; and what to type. */
void advice_show_kind(const struct record *record, const struct advice *advice, struct text *text);
void advice_show_range(const struct advice_range *range, bool is_gain, struct text *text);
void advice_show_gain(const struct advice *advice, enum advice_setting setting, struct text *text);
void advice_show_notes(const struct advice *advice, struct text *text);
void advice_show_best(const struct record *record, const struct advice *advice, struct text *text);

/* For people, and as JSON (schema "anechoic-advice/1", docs/formats.md). */
void advice_show(const struct record *record, const struct advice *advice, struct text *text);
void advice_write(const struct record *record, const struct advice *advice, struct text *json);
