/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions, each a launch or many of them, the first against each of the others: what `compare` and
 * `run --baseline` show.
 */
#pragma once

#include "hosted/verdict/judge.h"
#include "hosted/verdict/launches.h"

/* Prints; the exit status. Refuses what is not comparable. `selected`: the later ones were asked for some benchmarks
 * only, and lack no other. */
int compare_launches(const struct judge *judge, const struct launches *versions, size_t count, bool selected);

/* Each file's own line on standard error, once. false: there is nothing to say. */
bool compare_complain_of_no_time(const struct launches *versions, size_t count);

/* Why no row came of it, where that is not the times' fault. */
void compare_complain_of_nothing_in_common(const struct launches *versions, size_t count);
