/* SPDX-License-Identifier: Apache-2.0
 *
 * Results in the formats of other tools; docs/formats.md has the mapping, member by member. Pure but for
 * export_criterion, which makes a tree of files. Benchmarks without samples are left out, but for those that have a
 * place in the format: a failed one is an error in Google Benchmark's, a row in CSV, a 0 in Prometheus'.
 */
#pragma once

#include "bench/json.h"
#include "bench/text.h"
#include "hosted/results/results_read.h"

#include <stdbool.h>

/* Adds the file's content; text->failed where memory ended. */
void export_google(const struct results *results, struct text *text);
void export_bencher(const struct results *results, struct text *text);
void export_github(const struct results *results, struct text *text);
void export_csv(const struct results *results, struct text *text);

/* What the user may say of the labels that tell one file's series from another's. */
struct export_labels {
	const char *machine; /* NULL: the CPU's name */
	bool per_commit;     /* the commit is one of them */
};
void export_prometheus(const struct results *results, const struct export_labels *labels, struct text *text);

/* A series, its labels in the same order, that is in both of two files of Prometheus'. *series: as it stands in `a`, to
 * the blank before its value. */
bool export_series_in_both(struct json_span a, struct json_span b, struct json_span *series);

/* GROUP/FUNCTION/new/{benchmark,estimates,sample}.json below `directory`, made where it is not there. 0, or
 * PLATFORM_EIO, PLATFORM_EINVAL (a name too long), PLATFORM_ENOMEM with a line in `complaint`. */
int export_criterion(const struct results *results, const char *directory, struct text *complaint);

/* Adds the value as text, indented, line end included, and lets go of it; NULL sets text->failed. */
void export_add_json(struct text *text, json_t *value);
