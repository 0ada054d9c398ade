/* SPDX-License-Identifier: Apache-2.0
 *
 * The symbol by which a suite's object says what header it was compiled with, and what that number stands for: another
 * size or place of what a suite reads and writes is another number.
 */
#include "bench/benchmark.h"

const char anechoic_suite_abi_2 = 0;

_Static_assert(BENCH_SUITE_ABI == 2, "the symbol above has the number of BENCH_SUITE_ABI");
_Static_assert(sizeof(struct bench_own_suite) == 24, "bench_own_suite changed: another BENCH_SUITE_ABI");
_Static_assert(sizeof(struct benchmark) == 120 && offsetof(struct benchmark, run) == 104,
	       "struct benchmark changed: another BENCH_SUITE_ABI");
_Static_assert(sizeof(struct bench_context) == 408 && offsetof(struct bench_context, cores) == 128,
	       "struct bench_context changed: another BENCH_SUITE_ABI");
_Static_assert(sizeof(struct bench_memory) == 40, "struct bench_memory changed: another BENCH_SUITE_ABI");
