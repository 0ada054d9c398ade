/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C where the CPU has no instruction for it: internal. Half a byte a step, from a table of 64 bytes.
 */
#pragma once

#include "simd/kernels.h"

static inline uint32_t crc32c_by_table(uint32_t crc, const void *memory, size_t bytes) {
	/* Entry i: what the reflected polynomial makes of i in four steps. */
	static const uint32_t table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	const uint8_t *byte = memory;
	crc = ~crc;
	for (size_t i = 0; i < bytes; i++) {
		crc ^= byte[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}
