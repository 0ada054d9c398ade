/* SPDX-License-Identifier: Apache-2.0
 *
 * What commands say and write.
 */
#pragma once

#include "bench/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Writes complaints to standard error and frees them. false: there was none. Names of files and what stands in them is
 * plain there (bench/plain.h). */
bool output_complain(struct text *complaint);

/* As fprintf, of one line or a part of it, and plain (plain_format). */
void output_say(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether these bytes are results of a run that did not come to its end. */
bool output_is_partial(const char *bytes, size_t length);

/* Saves results of a run: where they are of one that was cut off, and `name` is a file with anything else in it, under
 * NAME.partial, and says so. Frees nothing. 0, or 2 and a line on standard error. */
int output_save_results(const char *name, const struct text *results);

/* A file's name as JSON, which is UTF-8: '?' in the place of what is not ASCII where the name is not. The caller's. */
json_t *output_name_json(const char *name);

/* Whether `name` may not be written: it is one of the `count` inputs, or holds results and is to become something else.
 * Says so. */
bool output_refuses(const char *name, const char *const *inputs, size_t count, bool are_results);

/* Before work is done for nothing: whether `name`, which may be NULL, can and may be written. Says why not. */
bool output_may_write(const char *name);

/* Saves `content` as files_save does, and frees it; 0, or 2 and a line on standard error. `failed` content
 * is memory that ended. */
int output_save(const char *name, struct text *content);
