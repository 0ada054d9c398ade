/* SPDX-License-Identifier: Apache-2.0
 *
 * Text from values; see format.h.
 */
#include "kernel/format.h"

#include <stdint.h>

struct sink {
	char *at;
	char *last; /* kept for the terminator */
};

static void put(struct sink *sink, char byte) {
	if (sink->at < sink->last)
		*sink->at++ = byte;
}

static void put_string(struct sink *sink, const char *string) {
	for (const char *at = string != NULL ? string : "(null)"; *at != '\0'; at++)
		put(sink, *at);
}

static void put_number(struct sink *sink, uint64_t value, unsigned base) {
	char digits[20]; /* 2^64 - 1 in base 10 */
	unsigned count = 0;
	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	while (count > 0)
		put(sink, digits[--count]);
}

static void put_signed(struct sink *sink, int64_t value) {
	if (value < 0)
		put(sink, '-');
	put_number(sink, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

size_t format_arguments(char *buffer, size_t size, const char *format, va_list arguments) {
	struct sink sink = {buffer, buffer + size - 1};
	for (const char *at = format; *at != '\0'; at++) {
		if (*at != '%') {
			put(&sink, *at);
			continue;
		}
		int is_long = at[1] == 'l';
		at += 1 + is_long;
		switch (*at) {
		case 's':
			put_string(&sink, va_arg(arguments, const char *));
			break;
		case 'c':
			put(&sink, (char)va_arg(arguments, int));
			break;
		case 'd':
			put_signed(&sink, is_long ? va_arg(arguments, long) : va_arg(arguments, int));
			break;
		case 'u':
		case 'x':
			put_number(&sink, is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned),
				   *at == 'x' ? 16 : 10);
			break;
		case '\0': /* the format ends in a lone '%' */
			at--;
			break;
		default:
			put(&sink, *at);
			break;
		}
	}
	*sink.at = '\0';
	return (size_t)(sink.at - buffer);
}

size_t format_text(char *buffer, size_t size, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	size_t length = format_arguments(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

size_t format_copy(char *buffer, size_t size, const char *text) {
	size_t length = 0;
	for (; length < size - 1 && text[length] != '\0'; length++)
		buffer[length] = text[length];
	buffer[length] = '\0';
	return length;
}
