/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/match.h"

#include <string.h>

/* One of the set at *pattern, which stands behind '['; moves *pattern behind the set. No closing bracket:
 * false, *pattern NULL. */
static bool match_set(const char **pattern, char c) {
	const char *at = *pattern;
	bool inverted = *at == '!', found = false;
	if (inverted)
		at++;
	const char *first = at;
	for (; *at && (*at != ']' || at == first); at++) {
		if (at[1] == '-' && at[2] && at[2] != ']') {
			found |= at[0] <= c && c <= at[2];
			at += 2;
		} else {
			found |= *at == c;
		}
	}
	*pattern = *at ? at + 1 : NULL;
	return found != inverted;
}

/* One character of `pattern` against c: the pattern behind it, or NULL. */
static const char *match_one(const char *pattern, char c) {
	if (*pattern == '[') {
		const char *behind = pattern + 1;
		bool found = match_set(&behind, c);
		if (behind)
			return found ? behind : NULL;
	} else if (*pattern == '?') {
		return pattern + 1;
	}
	return *pattern == c ? pattern + 1 : NULL;
}

/* Only the last star can need to give back: linear in the name for each star. */
static bool match_glob(const char *pattern, const char *name) {
	const char *star = NULL, *retry = NULL;
	while (*name) {
		const char *behind;
		if (*pattern == '*') {
			star = ++pattern;
			retry = name;
		} else if (*pattern && (behind = match_one(pattern, *name))) {
			pattern = behind;
			name++;
		} else if (star) {
			pattern = star;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool match_name(const char *pattern, const char *name, bool exact) {
	if (exact)
		return strcmp(pattern, name) == 0;
	if (strpbrk(pattern, "*?["))
		return match_glob(pattern, name);
	return strstr(name, pattern) != NULL;
}

bool match_is_of(const char *row, const char *name) {
	size_t length = strlen(row);
	return strncmp(name, row, length) == 0 && (name[length] == '/' || name[length] == '\0');
}

size_t match_distance(const char *a, const char *b) {
	enum { LENGTH_MAX = 63 };
	size_t length_a = strlen(a), length_b = strlen(b), row[LENGTH_MAX + 1];
	length_a = length_a < LENGTH_MAX ? length_a : LENGTH_MAX;
	length_b = length_b < LENGTH_MAX ? length_b : LENGTH_MAX;
	for (size_t j = 0; j <= length_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
			size_t removed = row[j] + 1, added = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = replaced < removed ? replaced : removed;
			row[j] = row[j] < added ? row[j] : added;
		}
	}
	return row[length_b];
}

struct match_nearest match_nearest_to(const char *word) {
	size_t length = strlen(word);
	return (struct match_nearest){.word = word, .least = length < 3 ? length : 3};
}

void match_try(struct match_nearest *nearest, const char *name) {
	enum { BEGIN_LEAST = 3 };
	size_t length = strlen(nearest->word);
	bool begins = length >= BEGIN_LEAST && strncmp(nearest->word, name, length) == 0;
	size_t distance = begins ? 0 : match_distance(nearest->word, name);
	if (distance >= nearest->least || distance >= strlen(name))
		return;
	nearest->least = distance;
	nearest->name = name;
}
