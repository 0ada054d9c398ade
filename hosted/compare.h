/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic compare`: versions, each a launch or many of them, the first against each of the others.
 */
#pragma once

#include "hosted/judge.h"
#include "hosted/launches.h"

/* Prints; the exit status. Refuses what is not comparable. */
int compare_launches(const struct judge *judge, const struct launches *versions, size_t count);
