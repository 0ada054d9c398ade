/* SPDX-License-Identifier: Apache-2.0
 *
 * Two versions, each a launch or many of them: a row for each benchmark that has figures in both.
 */
#pragma once

#include "hosted/verdict/judge.h"
#include "hosted/verdict/launches.h"

/* Benchmarks that one side has and the other has not, or that failed, hung or were skipped: there is room for all of
 * both sides' first launches. How many there are. One that was measured in both and took no time is none of them. */
size_t versions_gaps(const struct launches *a, const struct launches *b, struct gap *gaps);

/* Rows are of A's first launch, in its order, and unjudged; there is room for all of its benchmarks. How many there
 * are. Names point into the launches. */
size_t versions_compare(const struct judge *judge, const struct launches *a, const struct launches *b,
			struct judge_row *rows);
