/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/profile/tunables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ends[] = ":";

/* Whether a word in `list` is for the tunable of the word at `word`. */
static bool has_same(const char *list, const char *word) {
	size_t name = strcspn(word, "=:");
	while (*list) {
		size_t length = strcspn(list, ends);
		if (strcspn(list, "=:") == name && strncmp(list, word, name) == 0)
			return true;
		list += length + (list[length] != '\0');
	}
	return false;
}

/* Those words of `list` that neither the rest of it nor `later` replaces, behind what `joined` has from `begin` on. */
static void add_words(const char *list, const char *later, size_t begin, struct text *joined) {
	while (*list) {
		size_t length = strcspn(list, ends);
		const char *rest = list + length + (list[length] != '\0');
		if (length && !has_same(rest, list) && !has_same(later, list)) {
			text_add_string(joined, joined->length > begin ? ends : "");
			text_add(joined, list, length);
		}
		list = rest;
	}
}

void tunables_join(const char *old, const char *more, struct text *joined) {
	size_t begin = joined->length;
	add_words(old ? old : "", more, begin, joined);
	add_words(more, "", begin, joined);
}

void tunables_key(char key[CRC32C_DIGITS + 1]) {
	struct text words = {0};
	key[0] = '\0';
	tunables_join(getenv(TUNABLES_VARIABLE), "", &words);
	if (words.length)
		snprintf(key, CRC32C_DIGITS + 1, "%08" PRIx32, crc32c(0, words.bytes, words.length));
	text_free(&words);
}
