/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites.h"

const struct bench_suite *const bench_suites[] = {
	&suite_pool,     &suite_pool_steady, &suite_pool_cores,     &suite_tlb, &suite_copy, &suite_simd,
	&suite_combined, &suite_reference,   &suite_reference_sets, NULL};
