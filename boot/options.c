/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/options.h"
#include "boot/freestanding.h"

#include <stdbool.h>

static bool ends_in_efi(const char *word, size_t length) {
	static const char suffix[] = ".efi";
	size_t suffix_length = sizeof(suffix) - 1;
	if (length < suffix_length)
		return false;
	for (size_t i = 0; i < suffix_length; i++) {
		char c = word[length - suffix_length + i];
		if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != suffix[i])
			return false;
	}
	return true;
}

size_t options_to_ascii(const void *options, size_t options_bytes, char *text, size_t capacity) {
	size_t length = 0;
	for (size_t at = 0; at + sizeof(uint16_t) <= options_bytes; at += sizeof(uint16_t)) {
		uint16_t character;
		memcpy(&character, (const uint8_t *)options + at, sizeof(character));
		if (character == 0)
			break;
		if (character == '\t')
			character = ' ';
		if (character < 0x20 || character > 0x7e || length == capacity)
			return 0;
		text[length++] = (char)character;
	}
	size_t start = 0, word_end;
	while (start < length && text[start] == ' ')
		start++;
	for (word_end = start; word_end < length && text[word_end] != ' ';)
		word_end++;
	if (ends_in_efi(text + start, word_end - start))
		start = word_end;
	while (start < length && text[start] == ' ')
		start++;
	memmove(text, text + start, length - start);
	return length - start;
}
