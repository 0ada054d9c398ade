/* SPDX-License-Identifier: Apache-2.0
 *
 * What on this machine makes figures worse: facts in, findings out. Pure. The order, from worst to least, is that of
 * how much of a core's time or speed such a thing has been seen to take, in classes (`weight`): it is no measurement of
 * this machine, which `worth` is where there is one.
 */
#pragma once

#include "bench/text.h"
#include "hosted/still/facts.h"

#define DOCTOR_SCHEMA "anechoic-doctor/1"
/* Behind what mends a finding with `still`. */
#define DOCTOR_STILL "; --still does something about it"

enum doctor_state {
	DOCTOR_FINE,
	DOCTOR_WORSE,    /* makes figures worse */
	DOCTOR_NOT_TOLD, /* the machine does not say, which is not the same as fine */
};

struct doctor_finding {
	const char *name; /* a word */
	const char *why;
	enum doctor_state state;
	unsigned weight; /* of 100 */
	bool still;      /* --still does something about it */
	bool measured;   /* `worth` was seen here */
	char found[160];
	char mend[200]; /* a command, or what to ask for */
	char worth[120];
};

enum { DOCTOR_TOPICS = 27 };

struct doctor {
	struct doctor_finding findings[DOCTOR_TOPICS]; /* worse ones first, worst first; then not told, then fine */
	size_t count, worse, told;                     /* told: worse or fine */
};

void doctor_judge(const struct still_facts *facts, struct doctor *doctor);

/* What it is of, and how many findings are worse: a line. `seconds`: between two looks; 0: counts are the machine's. */
void doctor_show_head(unsigned cpu, double seconds, size_t worse, struct text *text);
/* For people; `all`: what is fine, each in a line, too. */
void doctor_show_table(const struct still_facts *facts, const struct doctor *doctor, bool all, struct text *text);
/* docs/formats.md; the object stays open. */
void doctor_write_json(const struct still_facts *facts, const struct doctor *doctor, struct text *text);
