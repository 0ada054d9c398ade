/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether holding the machine still helped: the time that a core lost in pieces without it and with it, alternately.
 * Pure.
 */
#pragma once

#include "hosted/still/doctor.h"

enum { HELPED_PAIRS = 8 };

enum helped_outcome { HELPED_UNMEASURED, HELPED_LESS, HELPED_MORE, HELPED_INCONCLUSIVE };

struct helped {
	enum helped_outcome outcome;
	double plain, still;        /* share of the time that was lost, of all pieces together */
	double ratio, lower, upper; /* with over without, of a pair: the median, and its interval */
	double looked_us;           /* in each of the two, in all */
};

/* Microseconds lost and looked at, a piece each, by pairs. A piece that lost less than a microsecond counts as having
 * lost one: what was not seen is not nothing. The interval is from the least to the greatest ratio of the eight pairs,
 * which has their median in it in 254 of 256 cases, however they are distributed (sign test, exact). */
void helped_judge(const double *plain_us, const double *still_us, const double *plain_looked_us,
		  const double *still_looked_us, struct helped *helped);

/* What it is worth, to those findings that --still does something about: to all of them the same, as they were held
 * together. */
void helped_tell(const struct helped *helped, struct doctor *doctor);

/* A line. `held` says what was still. */
void helped_show(const struct helped *helped, unsigned cpu, const char *held, struct text *text);
/* Of the file's word `lost`; another word is HELPED_UNMEASURED. */
enum helped_outcome helped_outcome_of(const char *word);
/* A member `helped` of the object that is being written. */
void helped_write(const struct helped *helped, const char *held, struct text *text);
