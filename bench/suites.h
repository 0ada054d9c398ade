/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of suites: what there is to run, in the order of the run.
 */
#pragma once

#include "bench/benchmark.h"

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

/* How many rows it has on this machine. */
size_t bench_suite_count(const struct bench_suite *suite);

/* Row `index` of a suite: of its table, or made in *row, which is the caller's. */
const struct benchmark *bench_suite_row(const struct bench_suite *suite, size_t index, struct bench_row *row);

/* Benchmarks that are broken on purpose, one a name of --inject; in no other run. */
extern const struct bench_suite suite_inject;
