/* SPDX-License-Identifier: Apache-2.0
 *
 * Launches of one version: a results.json is one launch, a folder holds many, each a file that ends in .json,
 * in order of their names; a published baseline (schema anechoic-baseline/1, docs/formats.md) is many in one file.
 */
#pragma once

#include "bench/text.h"
#include "hosted/results/results_read.h"
#include "hosted/verdict/gap.h"
#include "hosted/verdict/spread.h"

#include <stdbool.h>
#include <stddef.h>

struct launches {
	const char *name; /* of the file or folder, in words; the caller's */
	struct results *all;
	size_t count; /* at least 1 */
};

/* 0, or an error with one line in `complaint`, and then there is nothing to free. A folder without a launch, one with
 * more than CHANGE_PAIRS_MAX, and one whose launches may not stand in one column (comparable_refusal) are errors. */
int launches_read(const char *name, struct launches *launches, struct text *complaint);

/* The same of a file, a launch's or a baseline, that was read already. */
int launches_take(const char *name, const struct text *bytes, struct launches *launches, struct text *complaint);
void launches_free(struct launches *launches);

/* As one file: a single launch as it is, several as a baseline. false: no memory. */
bool launches_write(const struct launches *launches, struct text *text);

/* change_figure of a measurement; 0 where there is none. false: no memory, and *figure is 0. `benchmark`
 * may be NULL. */
bool launches_figure_of(const struct results_benchmark *benchmark, double *figure);

/* change_figure of the benchmark in launch `index`; 0: not measured there. */
double launches_figure(const struct launches *launches, size_t index, const char *benchmark);

struct gap_outcome launches_outcome(const struct launches *launches, const char *benchmark);

/* A line where benchmarks were measured and have no figure above 0, because no time passed in them: the launch's name,
 * the first of them and how many more there are. false: there are none. */
bool launches_without_time(const struct results *launch, const char *name, struct text *complaint);

/* A line where the launch says that its run was cut off or its log damaged. */
void launches_incomplete(const struct results *launch, const char *name, struct text *complaint);

/* Its figure, and half of its own interval; all 0 where it has none. `benchmark` may be NULL. */
struct spread_launch launches_spread_launch(const struct results_benchmark *benchmark);

/* Whether one of them lies apart from the others (spread.h). */
bool launches_apart(const struct launches *launches, const char *benchmark);

/* Median over the launches that have it; 0: none has. */
double launches_median(const struct launches *launches, const char *benchmark);

/* Of the logarithm of the figure between launches; *known: how many launches it comes from, less than 2
 * of them tell nothing. */
double launches_deviation(const struct launches *launches, const char *benchmark, size_t *known);
