/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/tree/libc/string.h"

void *memchr(const void *bytes, int value, size_t length) {
	for (const unsigned char *at = bytes; length > 0; length--, at++)
		if (*at == (unsigned char)value)
			return (void *)(uintptr_t)at; /* as ISO C declares it */
	return NULL;
}

size_t strnlen(const char *text, size_t length_max) {
	size_t length = 0;
	while (length < length_max && text[length] != '\0')
		length++;
	return length;
}

size_t strlen(const char *text) {
	return strnlen(text, SIZE_MAX);
}

char *strrchr(const char *text, int character) {
	const char *found = NULL;
	do {
		if (*text == (char)character)
			found = text;
	} while (*text++ != '\0');
	return (char *)(uintptr_t)found;
}
