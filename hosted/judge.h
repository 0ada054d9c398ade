/* SPDX-License-Identifier: Apache-2.0
 *
 * From changes to a table and an exit status: what `compare`, `ab` and `run --baseline` share. Options, thresholds by
 * benchmark, the known deviation between launches, the correction over all rows, the verdicts.
 */
#pragma once

#include "hosted/change.h"
#include "hosted/results_read.h"

#include <stdbool.h>
#include <stddef.h>

struct judge {
	struct change_rules rules;
	const char *thresholds_file; /* --per-benchmark; NULL: none */
	const char *launches_file;   /* --launches; NULL: the one in the data folder */
	bool json;                   /* --format json */
	struct text thresholds;      /* its text */
	json_t *launches;            /* NULL: nothing is known of launches */
};

struct judge_row {
	const char *name;
	const char *against; /* the file or command that B is */
	double a_ns;
	double b_ns;
	size_t launches; /* of each side */
	struct change_rules rules;
	struct change change;
};

/* Defaults. */
void judge_start(struct judge *judge);

/* Takes argv[*i], and the word behind it where it has a value, which *i then stands on. 1: taken; 0: not an option of
 * these; -1: said what is wrong. */
int judge_option(struct judge *judge, int argc, char **argv, int *i);

/* The same of --format, for what shows a table. */
int judge_format_option(struct judge *judge, int argc, char **argv, int *i);

/* Lines of the help. */
extern const char judge_options_help[];

/* Reads the files that the options name; false: said what is wrong. */
bool judge_open(struct judge *judge);
void judge_close(struct judge *judge);

struct change_rules judge_rules(const struct judge *judge, const char *name);

/* Of the logarithm of a figure between launches; *launches 0: unknown, as it is on any other machine than that of the
 * file. */
double judge_deviation(const struct judge *judge, const struct results *results, const char *name, size_t *launches);

/* NULL: both are of one machine, way of running and clock; else what differs, one line, in a static buffer. */
const char *judge_mismatch(const struct results *a, const struct results *b);

/* NULL: the two may be judged, being figures of the hardware without a mismatch; else why not, as above. */
const char *judge_refusal(const struct results *a, const struct results *b);

/* Corrects, judges and prints. The exit status: 1 a regression, 3 none but something is inconclusive, 0 neither. */
int judge_show(const struct judge *judge, const char *head, struct judge_row *rows, size_t count);

/* FILE in the folder for data: $ANECHOIC_HOME, or anechoic in $XDG_DATA_HOME, or ~/.local/share/anechoic. false: there
 * is none, or the path is too long. `make`: folders are made. */
bool judge_data_path(const char *file, bool make, char *path, size_t capacity);
