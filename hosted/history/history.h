/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of many runs in one SQLite file. Runs stand in the order in which they were added; figures of different
 * machines, ways of running and emulations are series of their own, and so are those that earlier versions kept another
 * figure of, and those of each machine that has a name. A file may be used by several processes; one that a newer
 * version made is refused, one that an earlier one made is brought up to date when a run is added.
 */
#pragma once

#include "bench/text.h"
#include "hosted/results/results_read.h"

#include <stddef.h>
#include <stdint.h>

enum { HISTORY_MACHINE_BYTES = 160, HISTORY_NAME_BYTES = 64 };

struct history;

enum history_use {
	HISTORY_READ, /* nothing is written; none there is an error */
	HISTORY_ADD,  /* makes it where there is none, its folder included */
};

/* `file` NULL: $XDG_DATA_HOME/anechoic/history.db, or that below ~/.local/share. 0, or PLATFORM_EIO with a
 * line in `complaint`. */
int history_open(const char *file, enum history_use use, struct history **history, struct text *complaint);
void history_close(struct history *history);

struct history_adding {
	const char *name; /* which machine of its model it was run on; NULL: nobody says */
	bool names_anew;  /* a run that is there and has another name gets this one */
	bool samples;     /* they are kept, too */
};

/* All of it or nothing, and lasting from history_commit on: till then it can be lost with what was added before it, and
 * other processes cannot add. Results count by what is in them, wherever their file lies. A run that is there with the
 * figure of an earlier version gets today's; one without a name gets one. 1: it was there already, as it is. After
 * PLATFORM_EIO what was added since the last commit may be lost. */
int history_add(struct history *history, const struct results *results, const struct history_adding *how,
		struct text *complaint);
int history_commit(struct history *history, struct text *complaint);

/* What is equal of machines of one model, and must be for figures to be of one series. */
void history_machine(const struct results *results, char *machine, size_t capacity);

struct history_entry {
	int64_t run;
	char added[24];  /* UTC, "2026-01-31 12:00:00" */
	char commit[16]; /* its beginning */
	/* history_machine's; behind it the figure's name, where that is not today's. */
	char machine[HISTORY_MACHINE_BYTES + 16];
	char name[HISTORY_NAME_BYTES]; /* which machine of that model it is; "": nobody said */
	double time, lower, upper;     /* nanoseconds an iteration */
	bool changed;                  /* a new level begins here */
};

/* The last `most` entries of each of a benchmark's series, series by series, each in order; entries are the caller's to
 * free. 0 of them is no error. */
int history_read(struct history *history, const char *benchmark, size_t most, struct history_entry **entries,
		 size_t *count, struct text *complaint);

bool history_same_series(const struct history_entry *a, const struct history_entry *b);

/* The samples of a result that was added with them, as results.json has them; two arrays, the caller's. NULL: there are
 * none. */
json_t *history_samples(struct history *history, const char *benchmark, int64_t run, json_t **times);
