/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites.h"

#define ROW(name) &suite_##name,
const struct bench_suite *const bench_suites[] = {BENCH_SUITES(ROW) NULL};
