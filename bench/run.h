/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands `run` and `list`. Both return the exit status: 0 all well, 2 nothing to run or the results cannot be
 * saved, 4 a benchmark failed or hung, injected ones included: a run with broken benchmarks in it is never a clean one.
 */
#pragma once

#include "bench/options.h"

/* A DONE record for what ended before a run began (a usage error, a list): a launcher learns the exit
 * status from nothing else. */
void run_end_unopened(int status);

/* The same for a command that is no run, and left a file of its own. `unsaved`: why that is not whole; NULL: it is. */
void run_end_other(int status, const char *unsaved);

int run_benchmarks(const struct options *options);
int run_list(const struct options *options);
