/* SPDX-License-Identifier: Apache-2.0
 *
 * Two versions, each a launch or many of them: a row for each benchmark that has figures in both, a gap for each that
 * cannot be judged.
 */
#pragma once

#include "hosted/verdict/judge.h"
#include "hosted/verdict/launches.h"

struct versions_found {
	struct judge_row *rows; /* the caller's, as `gaps` is; found are added behind those that are there */
	size_t count;
	struct gap *gaps;
	size_t gap_count;
};

/* Rows are of A's first launch, in its order, and unjudged; there is room for all of its benchmarks. Gaps are of what
 * one side has and the other has not, or what failed, hung or was skipped; there is room for all of both sides' first
 * launches. What was measured in both and took no time is neither. Names point into the launches. */
void versions_compare(const struct judge *judge, const struct launches *a, const struct launches *b,
		      struct versions_found *found);
