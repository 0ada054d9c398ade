/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/lackey.h"

static int digit_of(char c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool kind_of(const char *line, uint8_t *kind) {
	if (line[0] == 'I' && line[1] == ' ' && line[2] == ' ')
		*kind = STREAM_EXECUTE;
	else if (line[0] == ' ' && line[1] == 'L' && line[2] == ' ')
		*kind = STREAM_READ;
	else if (line[0] == ' ' && (line[1] == 'S' || line[1] == 'M') && line[2] == ' ')
		*kind = STREAM_WRITE;
	else
		return false;
	return true;
}

bool lackey_parse(const char *line, size_t length, struct stream_event *event) {
	enum { BEFORE = 3, DIGITS_MOST = 16 };
	size_t at = BEFORE;
	if (length <= BEFORE || !kind_of(line, &event->kind))
		return false;
	event->address = 0;
	for (int digit; at < length && (digit = digit_of(line[at])) >= 0; at++)
		event->address = event->address << 4 | (unsigned)digit;
	size_t end = at + 1;
	while (end < length && line[end] >= '0' && line[end] <= '9')
		end++;
	return at > BEFORE && at <= BEFORE + DIGITS_MOST && at < length && line[at] == ',' && end == length &&
	       end > at + 1;
}
