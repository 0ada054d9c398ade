/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites.h"

extern const struct bench_suite suite_pool, suite_tlb, suite_copy, suite_simd;

const struct bench_suite *const bench_suites[] = {&suite_pool, &suite_tlb, &suite_copy, &suite_simd, NULL};
