/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/text.h"

#include <jansson.h>
#include <stddef.h>

/* The JSON in the `length` bytes of a file called `name`; `bytes` may be NULL where it is empty. NULL, with a line in
 * `complaint`: it is none, says a name twice in one object, or is empty. The caller's. */
json_t *parse_json(const char *name, const char *bytes, size_t length, struct text *complaint);
