/* SPDX-License-Identifier: Apache-2.0
 *
 * Benchmarks that cannot be judged because a side has no figure of them, and why.
 */
#pragma once

#include "bench/status.h"

#include <stdbool.h>
#include <stddef.h>

/* What became of a benchmark on one side, over all of its launches. Starts as zeroes. */
struct gap_outcome {
	bool seen;
	enum bench_status status; /* the worst: hung, failed, else ok where any launch measured it, else skipped */
	const char *reason;       /* why not ok; the caller's */
};

/* One more launch. true: it is the worst so far, and `reason` stands. */
bool gap_outcome_add(struct gap_outcome *outcome, enum bench_status status, const char *reason);

/* The last is the other side's news, and no fault. */
enum gap_kind { GAP_FAILED, GAP_HUNG, GAP_SKIPPED, GAP_ONLY_IN_A, GAP_ONLY_IN_B };

struct gap {
	const char *name;
	const char *against; /* the file or command that B is */
	enum gap_kind kind;
	char side;          /* 'A' or 'B': where it failed, hung, was skipped, or is alone */
	const char *reason; /* "": none is known */
};

/* Fills all of *gap but name and against; B's fault goes before A's. false: both measured it, or both skipped it. */
bool gap_find(const struct gap_outcome *a, const struct gap_outcome *b, struct gap *gap);

/* Whether anything failed or hung, which is worth a table by itself. */
bool gap_any_broken(const struct gap *gaps, size_t count);

/* "failed in B", "only in A"; in a static buffer. */
const char *gap_text(const struct gap *gap);
