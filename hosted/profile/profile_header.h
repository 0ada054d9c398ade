/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/text.h"

/* simd_profile.h of a profile.json, for a programme that takes simd/ along: the choice that the profile was made for.
 * 0, or PLATFORM_EIO, PLATFORM_EINVAL with a line in `complaint`. */
/* `own`: this build's architecture, whose methods it has. */
int profile_header_write(const char *file, const char *own, struct text *header, struct text *complaint);
