/* SPDX-License-Identifier: Apache-2.0
 *
 * What one profile chose in every cell beside the fastest method and the built-in one, and how far several agree.
 */
#pragma once

#include "bench/tune/profile_read.h"

#include <stdbool.h>
#include <stddef.h>

/* Prints the cells that miss a bar, and the counts. Whether none does. */
bool verdicts_check(const struct profile_file *file, double ns_a_tick);

/* Prints over cells where some method differs by more than 3 % from the built-in one the share of profiles that choose
 * as most do. Whether the bar is met. */
bool verdicts_check_agreement(const struct profile_file *files, size_t count);
