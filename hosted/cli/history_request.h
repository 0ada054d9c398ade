/* SPDX-License-Identifier: Apache-2.0
 *
 * What a user asks of the history, and what each of `anechoic history`'s words does with it.
 */
#pragma once

#include "hosted/history/history.h"

#include <stdbool.h>
#include <stddef.h>

struct history_request {
	const char *database; /* NULL: the default */
	const char *format;   /* "table", "json", "csv" */
	const char *machine;  /* of import: its name, with {folder} and {file} in it; NULL: {folder} */
	size_t last;          /* runs of each series; 0: as many as the word takes without */
	double rate;          /* of fleet: wrong ones among the machines that are named */
	bool raw;             /* samples, too */
	char **words;
	int count;
};

enum { HISTORY_LAST = 1000 }; /* runs of each series that are shown or searched without --last */

/* Whether a benchmark is one of the request's (a struct history_request) words, parts of names or globs; without any,
 * each is. */
bool history_asks_for(const void *request, const char *benchmark);

/* Each is an exit status; 2 with its reason on standard error, or in `complaint`. */
int history_import(struct history *history, const struct history_request *request, struct text *complaint);
int history_show_changes(struct history *history, const struct history_request *request, struct text *complaint);
int history_fleet(struct history *history, const struct history_request *request, struct text *complaint);
