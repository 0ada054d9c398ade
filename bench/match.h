/* SPDX-License-Identifier: Apache-2.0
 *
 * Names against patterns: the one matcher, hosted and in the image. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* exact: equality. Else a pattern with `*`, `?` or `[` is a glob that must match the whole name (`*` any bytes, `/`
 * included; `?` one; `[a-c]`, `[!a-c]` one of a set; an unclosed `[` is itself), and any other is a substring. */
bool match_name(const char *pattern, const char *name, bool exact);

/* Whether `name` is `row`, or a row of that family: "triad/4KiB" of "triad". */
bool match_is_of(const char *row, const char *name);

/* The name that a word is the begin of, or a slip of: two letters off at the most, and not all of them. */
struct match_nearest {
	const char *word;
	const char *name; /* NULL: none so far; the first of several alike */
	size_t least;
};

struct match_nearest match_nearest_to(const char *word);
void match_try(struct match_nearest *nearest, const char *name);

/* Levenshtein's distance; words longer than 63 bytes are cut. */
size_t match_distance(const char *a, const char *b);
