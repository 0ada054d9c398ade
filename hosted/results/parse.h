/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* The JSON in the `length` bytes of a file called `name`; `bytes` may be NULL where it is empty. NULL, with a line in
 * `complaint`: it is none, says a name twice in one object, or is empty. The caller's. */
json_t *parse_json(const char *name, const char *bytes, size_t length, struct text *complaint);

/* Schemas are NAME/NUMBER. Whether one is a later one than `known`, of the same name; then a line in `complaint` says
 * so. */
bool parse_is_later(const char *schema, const char *known, const char *name, struct text *complaint);

/* Whether a file's root says that it is of the schema `known`. false, with a line in `complaint`: it is of a later one,
 * or no `what`. */
bool parse_is_of(const json_t *root, const char *known, const char *what, const char *name, struct text *complaint);
