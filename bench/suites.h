/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of suites: what there is to run, in the order of the run.
 */
#pragma once

#include "bench/benchmark.h"

extern const struct bench_suite *const bench_suites[]; /* ends with NULL */

/* Benchmarks that are broken on purpose, one a name of --inject; in no other run. */
extern const struct bench_suite suite_inject;

/* bench/suites/: one file each. */
extern const struct bench_suite suite_pool;
extern const struct bench_suite suite_pool_steady;
extern const struct bench_suite suite_pool_cores;
extern const struct bench_suite suite_tlb;
extern const struct bench_suite suite_copy;
extern const struct bench_suite suite_simd;
extern const struct bench_suite suite_combined;
extern const struct bench_suite suite_reference; /* what the harness is tried on */
extern const struct bench_suite suite_reference_sets;
