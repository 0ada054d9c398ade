/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions, each a launch or many of them, the first against each of the others: what `compare` and
 * `run --baseline` show.
 */
#pragma once

#include "hosted/cli/verdict_table.h"
#include "hosted/verdict/judge.h"
#include "hosted/verdict/launches.h"

struct comparison {
	const struct judge *judge;
	const struct launches *versions; /* the first against each of the others */
	size_t count;                    /* at least 2 */
	bool selected;                   /* the later ones were asked for some benchmarks only, and lack no other */
	enum verdict_format format;
};

/* Prints; the exit status. Refuses what is not comparable. */
int comparison_show(const struct comparison *comparison);

/* Each file's own line on standard error, once. false: there is nothing to say. */
bool comparison_complain_of_no_time(const struct launches *versions, size_t count);

/* Names each launch that is of a cut-off run: what it lacks was not measured. */
void comparison_complain_of_incomplete(const struct launches *versions, size_t count);

/* Why no row came of it, where that is not the times' fault. */
void comparison_complain_of_nothing_in_common(const struct launches *versions, size_t count);
