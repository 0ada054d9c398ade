/* SPDX-License-Identifier: Apache-2.0
 *
 * The caches and the memory of a run's machine, of each what is told, what the system read, what its ladder shows, and
 * whether these agree.
 */
#pragma once

#include "hosted/results/results_read.h"

/* A data or unified cache, the first of its level. */
struct results_told {
	uint64_t bytes; /* 0: nothing is said of this level */
	uint64_t sharers;
	const char *source; /* the results' */
};

struct results_caches {
	struct results_told told[LEVELS_MOST]; /* by the machine: context.machine */
	uint64_t read_bytes[LEVELS_MOST];      /* by the operating system: context.caches; 0: it says nothing */
	size_t count;                          /* levels of either */
};

struct results_caches results_caches_of(const struct results *results);

/* Of the largest pages in which levels were found: there a TLB is least in the way. NULL: in none. */
const struct results_ladder *results_best_ladder(const struct results *results);

enum results_verdict {
	RESULTS_NOT_MEASURED,
	RESULTS_UNCERTAIN,
	RESULTS_LATENCY_ALONE, /* of what lies beyond the caches */
	RESULTS_NOT_TOLD,
	RESULTS_AGREES,
	RESULTS_DIFFERS,
};

/* "not measured", "uncertain", "latency alone", "not told", "agrees", "differs" */
const char *results_verdict_name(enum results_verdict verdict);

struct results_memory_row {
	char name[8];                      /* "L1", "memory" */
	uint64_t told_bytes, read_bytes;   /* 0: not said */
	const char *source;                /* of what is told; "" */
	const struct results_level *found; /* NULL: nothing */
	enum results_verdict verdict;
};

enum { RESULTS_MEMORY_ROWS_MOST = LEVELS_MOST + 1 };

/* Caches from the first on, then the memory; returns how many. `ladder` NULL: nothing was measured. */
size_t results_memory_rows(const struct results *results, const struct results_ladder *ladder,
			   struct results_memory_row rows[RESULTS_MEMORY_ROWS_MOST]);
