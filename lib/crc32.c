/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C, four bits at a step: a table of 16 words instead of 256, since records are short and the image is small.
 */
#include "lib/crc32.h"

/* Remainders of the 16 values of a nibble, polynomial 0x82F63B78 (0x1EDC6F41 reflected). */
static const uint32_t nibble_remainder[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
	0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t crc32c(uint32_t crc, const void *bytes, size_t length) {
	const uint8_t *byte = bytes;
	crc = ~crc;
	for (size_t i = 0; i < length; i++) {
		crc ^= byte[i];
		crc = crc >> 4 ^ nibble_remainder[crc & 15];
		crc = crc >> 4 ^ nibble_remainder[crc & 15];
	}
	return ~crc;
}

bool crc32c_parse(const char *digits, uint32_t *crc) {
	*crc = 0;
	for (size_t i = 0; i < CRC32C_DIGITS; i++) {
		char digit = digits[i];
		if (digit >= '0' && digit <= '9')
			*crc = *crc << 4 | (uint32_t)(digit - '0');
		else if (digit >= 'a' && digit <= 'f')
			*crc = *crc << 4 | (uint32_t)(digit - 'a' + 10);
		else
			return false;
	}
	return true;
}
