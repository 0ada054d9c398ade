/* SPDX-License-Identifier: Apache-2.0
 *
 * From changes to verdicts and an exit status: what `compare`, `ab`, `report` and `run --baseline` share. Thresholds by
 * benchmark, the known deviation between launches, the correction over all rows.
 */
#pragma once

#include "hosted/results/results_read.h"
#include "hosted/verdict/change.h"
#include "hosted/verdict/gap.h"
#include "hosted/verdict/row_room.h"

#include <stdbool.h>
#include <stddef.h>

struct judge {
	struct change_rules rules;
	const char *thresholds_file; /* --per-benchmark; NULL: none */
	const char *launches_file;   /* --launches; NULL: the one in the data folder */
	bool writes_launches;        /* --save-launches: that file is to be written, and not read */
	struct text thresholds;      /* its text */
	bool *taken;         /* of each of its lines, from 1 on, whether judge_rules took it; [0]: any row came */
	enum room_word room; /* --room, the least; ROOM_UNKNOWN: any will do */
	json_t *launches;    /* NULL: nothing is known of launches */
};

struct judge_row {
	const char *name;
	const char *against; /* the file or command that B is */
	double a_ns;
	double b_ns;
	size_t launches; /* of each side */
	size_t needed;   /* so many would give an interval; 0: change_pairs_least */
	struct change_rules rules;
	struct change change;
	struct row_room room; /* settled; one that refuses makes the verdict inconclusive */
};

/* Defaults. */
void judge_start(struct judge *judge);

/* A number from `least` to `most`, and nothing behind it. */
bool judge_parse_part(const char *word, double least, double most, double *number);

/* Reads the files that the options name. 0, or PLATFORM_EIO, PLATFORM_EINVAL with a line in `complaint`. */
int judge_open(struct judge *judge, struct text *complaint);
void judge_close(struct judge *judge);

struct change_rules judge_rules(const struct judge *judge, const char *name);

/* Behind judge_rules of all rows: a line in `complaint` for each line of --per-benchmark that was of none, and that
 * `knows` says nothing of. */
typedef bool judge_knows(const char *pattern);
void judge_complain_of_lines(const struct judge *judge, judge_knows *knows, struct text *complaint);

/* Of the logarithm of a figure between launches; *launches 0: unknown, as it is on any other machine than that of the
 * file. */
double judge_deviation(const struct judge *judge, const struct results *results, const char *name, size_t *launches);

/* Takes the row's interval away: what there is of it is too little. */
void judge_leave_open(struct judge_row *row, size_t needed);

enum { JUDGE_REASON_BYTES = 120 };

/* Why a row that was judged is inconclusive, in words; false: it is not. */
bool judge_reason(const struct judge_row *row, char reason[JUDGE_REASON_BYTES]);

/* Corrects over all rows and judges each. 1 a regression, 3 none but something is inconclusive, 0
 * neither, 2 no memory. */
int judge_rows(struct judge_row *rows, size_t count);

/* The exit status of rows and gaps together: 4 where a benchmark failed or hung in B, before all others; 3 in the place
 * of 0 where one could not be judged. */
int judge_status(int rows_status, const struct gap *gaps, size_t count);
