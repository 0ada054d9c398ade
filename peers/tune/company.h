/* SPDX-License-Identifier: Apache-2.0
 *
 * What a profile's choices cost around the calls: among additions, and the choice itself.
 */
#pragma once

#include "bench/tune/profile_read.h"

#include <stdbool.h>

/* Calls of 4 KiB with additions behind each, the profile for mixed use beside the fastest method. Prints it; whether
 * the bar is met. */
bool company_check(const struct profile_file *file, enum simd_operation operation);

/* Of short copies and fills, what asking for the band costs beside a call through the method's own pointer, which a
 * register holds. Prints it; whether the bar is met. */
bool company_check_dispatch(const struct profile_file *file, double ns_a_tick);
