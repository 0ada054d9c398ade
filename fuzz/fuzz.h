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
