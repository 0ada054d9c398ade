/* SPDX-License-Identifier: Apache-2.0
 *
 * What changed anywhere in a history: the levels of all benchmarks.
 */
#pragma once

#include "hosted/history/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history_change {
	char *benchmark;
	struct history_entry first; /* the run that the new level begins with, and its series */
	double from, to;            /* levels: the medians of their runs, nanoseconds an iteration */
	size_t runs_before, runs;   /* that the levels last, of those that were searched */
};

/* Names of all benchmarks that have a result, ascending; each is the caller's, as is the list. */
int history_benchmarks(struct history *history, char ***names, size_t *count, struct text *complaint);

/* Of the last `most` runs of each series of benchmarks that `is_asked` (of `context`) says yes to; newest first, by the
 * run, then by benchmark. 0, or PLATFORM_EIO and a line in `complaint`; history_changes_free in any case. */
int history_changes(struct history *history, bool (*is_asked)(const void *context, const char *benchmark),
		    const void *context, size_t most, struct history_change **changes, size_t *count,
		    struct text *complaint);
void history_changes_free(struct history_change *changes, size_t count);
