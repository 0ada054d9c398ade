/* SPDX-License-Identifier: Apache-2.0
 *
 * `run --launches N`: the programme runs itself N times, one launch after the other, and shows what each launch knows
 * of a figure beside how far launches lie apart.
 */
#pragma once

#include <stdbool.h>

/* Of a `run` (or of filters alone) for more than one launch: does all of it, and true. */
bool run_launches(int argc, char **argv, int *status);

/* Setters of the options, which only check: what they ask for is done before options are read. */
int run_launches_set(const char *value);
int run_launches_set_thorough(const char *value);
