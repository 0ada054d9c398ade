/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* Which core platform_core_start takes first, and its relation to the pinned one, "core 2, other core";
 * empty: there is none. */
void cores_describe_other(char *text, size_t capacity);
