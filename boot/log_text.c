/* SPDX-License-Identifier: Apache-2.0
 *
 * A cut can be at any byte, and what a broken medium gives back can be anything: a record counts only with its CRC.
 */
#include "boot/log_text.h"
#include "boot/freestanding.h"
#include "lib/crc32.h"

static const char saved_prefix[] = "@anechoic SAVED ";
#define MARK_LENGTH (sizeof("@anechoic ") - 1) /* the CRC is over what follows */

size_t log_used_bytes(const char *bytes, size_t length) {
	size_t used = length;
	while (used && (bytes[used - 1] == LOG_FILLER || bytes[used - 1] == '\0'))
		used--;
	return used && used < length && bytes[used] == LOG_FILLER ? used + 1 : used;
}

static bool is_whole_saved_record(const char *line, size_t length) {
	size_t prefix_length = sizeof(saved_prefix) - 1;
	uint32_t crc;
	if (length && line[length - 1] == '\r')
		length--;
	if (length < prefix_length + 1 + CRC32C_DIGITS || memcmp(line, saved_prefix, prefix_length) != 0)
		return false;
	size_t payload_end = length - CRC32C_DIGITS - 1;
	return line[payload_end] == ' ' && crc32c_parse(line + payload_end + 1, &crc) &&
	       crc32c(0, line + MARK_LENGTH, payload_end - MARK_LENGTH) == crc;
}

bool log_is_finished(const char *bytes, size_t length) {
	for (size_t start = 0; start < length;) {
		size_t end = start;
		while (end < length && bytes[end] != '\n')
			end++;
		if (end < length && is_whole_saved_record(bytes + start, end - start))
			return true;
		start = end + 1;
	}
	return false;
}
