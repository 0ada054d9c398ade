/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of a command line.
 */
#pragma once

#include <stdbool.h>

/* The value of option `name` at argv[*index], as "--name value", on which *index then stands, or "--name=value"; NULL:
 * it is not that option, or has none. */
const char *words_value(int argc, char **argv, int *index, const char *name);

/* The same, but an option without its value gives "". */
const char *words_value_or_empty(int argc, char **argv, int *index, const char *name);

/* "--name 'value': not a valid value, ALLOWED" on standard error. */
void words_complain_of_value(const char *name, const char *value, const char *allowed);

/* Of --format where these are all: false, with a line on standard error: `value` is neither "table" nor "json". */
bool words_take_format(const char *value, bool *as_json);

/* Whether `word` is the first "--", which ends a command's options: *ended is then true, and what follows are words. */
bool words_end_options(const char *word, bool *ended);

/* The value of --out, or what stands behind -o, in the same word or the next; NULL: neither, or it has none. */
const char *words_out(int argc, char **argv, int *index);
