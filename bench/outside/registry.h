/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites from outside as suites like ours: each row's name behind its suite's, what a row leaves out filled in, and in
 * the place of what cannot run a row that fails and says why.
 */
#pragma once

#include "bench/outside/link.h"
#include "bench/suites.h"

/* The made table and its strings; rows' other pointers are the suite's. Lies in one mapping that nobody writes to. */
struct outside_table;

/* Whether a row of this tree, or several, is what `limit` says (bench/benchmark.h). */
typedef bool outside_is_ours(const char *limit);

/* NULL: no memory. Outside of guarded functions. */
struct outside_table *outside_table_make(const struct outside_linked *linked, outside_is_ours *is_ours);

/* NULL: past the last. */
const struct bench_suite *outside_table_suite(const struct outside_table *table, size_t index);

/* Of what is in this link, made at the first call; never more than are linked. */
const struct bench_suite *outside_suite(size_t index, outside_is_ours *is_ours);
