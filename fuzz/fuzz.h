/* SPDX-License-Identifier: Apache-2.0
 *
 * What libFuzzer calls (LLVM's documentation, "libFuzzer: Getting Started"): once for each input, in
 * one process. `make fuzz`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/text.h"
#include "lib/crc32.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What must hold whatever the input was. */
static inline void need(bool what) {
	if (!what)
		abort();
}

enum {
	CRC_BYTES = 4,
};

/* The bytes, and behind them their CRC-32C in little-endian order: so that a reader that asks for it does not refuse
 * every input. The caller's, CRC_BYTES longer than `length`. */
static inline uint8_t *with_crc(const uint8_t *bytes, size_t length) {
	uint8_t *copy = malloc(length + CRC_BYTES);
	need(copy != NULL);
	if (length)
		memcpy(copy, bytes, length);
	uint32_t crc = crc32c(0, copy, length);
	for (size_t i = 0; i < CRC_BYTES; i++)
		copy[length + i] = (uint8_t)(crc >> (8 * i));
	return copy;
}

/* The lines, each `@anechoic TAG {json}` among them with the CRC that makes it a record, which no fuzzer guesses. */
static inline void add_sealed_lines(struct text *log, const char *bytes, size_t length) {
	static const char mark[] = "@anechoic ";
	const size_t skip = sizeof(mark) - 1;
	for (const char *at = bytes, *end = bytes + length; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t line = (size_t)((newline ? newline : end) - at);
		text_add(log, at, line);
		if (line > skip && memcmp(at, mark, skip) == 0)
			text_format(log, " %08x", (unsigned)crc32c(0, at + skip, line - skip));
		text_add(log, "\n", 1);
		at += line + (newline != NULL);
	}
}
