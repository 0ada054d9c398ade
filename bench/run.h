/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands `run` and `list`. Both return the exit status: 0 all well, 2 nothing to run or the results cannot be saved, 4 a benchmark
 * failed or hung, injected ones included: a run with broken benchmarks in it is never a clean one.
 */
#pragma once

#include "bench/options.h"

int run_benchmarks(const struct options *options);
int run_list(const struct options *options);
