/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of suites: what there is to run, in the order of the run.
 */
#pragma once

#include "bench/benchmark.h"
#include "simd/simd.h"

/* A row that is made when it is asked for, with what its strings are. Not to be moved. */
struct bench_row {
	struct benchmark benchmark;
	char name[64];
	char iteration[128];
};

/* A suite; the order of the table in suites.c is the order of the run. */
struct bench_suite {
	const char *name;                   /* rows of machine/... run where they are asked for by name alone */
	const struct benchmark *benchmarks; /* NULL: `make` makes them */
	/* Writes row `index`, whole. For families of hundreds, whose table nobody shall carry who does not run them. */
	void (*make)(size_t index, struct bench_row *row);
	size_t count;
	size_t (*count_made)(void); /* instead of `count` where that hangs on the machine; NULL: it does not */
};

/* Each is bench/suites/NAME.c, which defines suite_NAME. */
#define BENCH_SUITES(SUITE)                                 \
	SUITE(pool)                                         \
	SUITE(pool_steady)                                  \
	SUITE(pool_cores)                                   \
	SUITE(tlb)                                          \
	SUITE(copy)                                         \
	SUITE(simd)                                         \
	SUITE(combined)                                     \
	SUITE(os_calls)                                     \
	SUITE(os_memory)                                    \
	SUITE(machine_latency)                              \
	SUITE(machine_bandwidth)                            \
	SUITE(machine_parallelism)                          \
	SUITE(machine_forwarding)                           \
	SUITE(machine_cores)                                \
	SUITE(machine_loaded)                               \
	SUITE(machine_pages)                                \
	SUITE(machine_page_work)                            \
	SUITE(machine_prefetchers)                          \
	SUITE(machine_tlb_geometry)                         \
	SUITE(reference) /* what the harness is tried on */ \
	SUITE(reference_sets)

#define BENCH_SUITE_DECLARE(name) extern const struct bench_suite suite_##name;
BENCH_SUITES(BENCH_SUITE_DECLARE)

extern const struct bench_suite *const bench_suites[]; /* ends with NULL */

/* Whether one of these has a row of that name, or a family of rows (match_is_of), on this machine or another. */
bool bench_suites_have(const char *name);

/* Suite `index` of all: ours, then those from outside that were linked in; NULL: past the last. The first call with an
 * index behind ours is outside of guarded functions. */
const struct bench_suite *bench_suite_at(size_t index);

/* How many rows it has on this machine. */
size_t bench_suite_count(const struct bench_suite *suite);

/* Row `index` of a suite: of its table, or made in *row, which is the caller's. */
const struct benchmark *bench_suite_row(const struct bench_suite *suite, size_t index, struct bench_row *row);

/* Benchmarks that are broken on purpose, one a name of --inject; in no other run. */
extern const struct bench_suite suite_inject;
