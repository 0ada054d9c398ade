/* SPDX-License-Identifier: Apache-2.0
 *
 * Load options need not be aligned: they are read a unit at a time.
 */
#include "boot/options.h"
#include "boot/freestanding.h"

#include <stdbool.h>

#define SUFFIX_CHARS 4 /* ".efi" */

/* UTF-16 from `at`, in bytes. */
struct words {
	const uint8_t *at;
	size_t length; /* characters */
};

static uint16_t unit(struct words words, size_t index) {
	uint16_t character;
	memcpy(&character, words.at + index * sizeof(character), sizeof(character));
	return character;
}

static struct words part(struct words words, size_t begin, size_t end) {
	return (struct words){words.at + begin * sizeof(uint16_t), end - begin};
}

static struct words open_text(const void *bytes, size_t length_max) {
	struct words words = {bytes, 0};
	while (words.length < length_max && unit(words, words.length))
		words.length++;
	return words;
}

static bool is_blank(uint16_t character) {
	return character == ' ' || character == '\t';
}

static uint16_t lower(uint16_t character) {
	return character >= 'A' && character <= 'Z' ? (uint16_t)(character - 'A' + 'a') : character;
}

/* Case does not matter on a FAT volume, nor to a shell. */
static bool same(struct words left, struct words right) {
	size_t i = 0;
	while (i < left.length && i < right.length && lower(unit(left, i)) == lower(unit(right, i)))
		i++;
	return i == left.length && i == right.length;
}

static bool ends_in_efi(struct words word) {
	static const uint16_t suffix[SUFFIX_CHARS] = {'.', 'e', 'f', 'i'};
	return word.length >= SUFFIX_CHARS && same(part(word, word.length - SUFFIX_CHARS, word.length),
						   (struct words){(const uint8_t *)suffix, SUFFIX_CHARS});
}

/* Behind the last separator, without ".efi". */
static struct words last_part(struct words path) {
	size_t begin = path.length;
	while (begin > 0 && unit(path, begin - 1) != '\\' && unit(path, begin - 1) != '/' &&
	       unit(path, begin - 1) != ':')
		begin--;
	return part(path, begin, ends_in_efi(path) ? path.length - SUFFIX_CHARS : path.length);
}

static bool is_own_name(struct words word, const uint16_t *own_path) {
	if (ends_in_efi(word))
		return true;
	struct words own = own_path ? last_part(open_text(own_path, SIZE_MAX)) : part(word, 0, 0);
	return own.length > 0 && same(last_part(word), own);
}

/* Where the words behind the loader's own name begin. */
static size_t skip_own_name(struct words line, const uint16_t *own_path) {
	size_t begin = 0;
	while (begin < line.length && is_blank(unit(line, begin)))
		begin++;
	bool quoted = begin < line.length && unit(line, begin) == '"';
	size_t end = begin + quoted;
	while (end < line.length && (quoted ? unit(line, end) != '"' : !is_blank(unit(line, end))))
		end++;
	if (!is_own_name(part(line, begin + quoted, end), own_path))
		return begin;
	end += quoted && end < line.length;
	while (end < line.length && is_blank(unit(line, end)))
		end++;
	return end;
}

size_t options_to_ascii(const void *options, size_t options_bytes, const uint16_t *own_path, char *text,
			size_t capacity) {
	struct words line = open_text(options, options_bytes / sizeof(uint16_t));
	size_t length = 0;
	if (line.length == 0)
		return 0;
	for (size_t i = skip_own_name(line, own_path); i < line.length; i++) {
		uint16_t character = is_blank(unit(line, i)) ? ' ' : unit(line, i);
		if (character < 0x20 || character > 0x7e || length == capacity)
			return 0;
		text[length++] = (char)character;
	}
	return length;
}

/* Whether a word is taken for one without quotes around it. */
static bool holds_together(struct words word) {
	bool quoted = false, blank_outside = word.length == 0;
	for (size_t i = 0; i < word.length; i++) {
		quoted ^= unit(word, i) == '"';
		blank_outside |= !quoted && is_blank(unit(word, i));
	}
	return !quoted && !blank_outside;
}

struct room {
	char *text;
	size_t used;
	size_t capacity;
};

static void put(struct room *room, char character) {
	if (room->used < room->capacity)
		room->text[room->used] = character;
	room->used++;
}

size_t options_from_arguments(const uint16_t *const *arguments, size_t count, char *text, size_t capacity) {
	struct room room = {text, 0, capacity};
	for (size_t i = 1; i < count; i++) {
		struct words word = open_text(arguments[i], SIZE_MAX);
		bool quotes = !holds_together(word);
		if (i > 1)
			put(&room, ' ');
		if (quotes)
			put(&room, '"');
		for (size_t at = 0; at < word.length; at++) {
			uint16_t character = unit(word, at);
			if (quotes && character == '"')
				continue; /* one within quotes cannot be said */
			put(&room, is_blank(character)                      ? ' '
				   : character >= 0x20 && character <= 0x7e ? (char)character
									    : '?');
		}
		if (quotes)
			put(&room, '"');
	}
	return room.used <= capacity ? room.used : 0;
}
