/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic compare`: files of single launches, the first against each of the others.
 */
#pragma once

#include "hosted/judge.h"

/* Prints; the exit status. Refuses what is not comparable. */
int compare_results(const struct judge *judge, const struct results *files, size_t count);
