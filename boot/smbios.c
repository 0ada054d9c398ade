/* SPDX-License-Identifier: Apache-2.0
 *
 * A structure is a header (type, length, handle), its formatted part, then strings that end with an empty one.
 */
#include "boot/smbios.h"
#include "boot/freestanding.h"

enum {
	ENTRY_32_LENGTH = 0x16, /* 16 bits: of the structure table */
	ENTRY_32_ADDRESS = 0x18,
	ENTRY_64_LENGTH = 0x0c, /* 32 bits: at most */
	ENTRY_64_ADDRESS = 0x10,
	HEADER_BYTES = 4,
	TYPE_BIOS_INFORMATION = 0,
	TYPE_END_OF_TABLE = 127,
	BIOS_CHARACTERISTICS_EXTENSION_2 = 0x13,
	BIOS_CHARACTERISTICS_EXTENSION_2_VIRTUAL = 1u << 4,
};

bool smbios_entry_table(const void *entry_point, const void **table, size_t *length) {
	const uint8_t *entry = entry_point;
	uint64_t address = 0;
	uint32_t bytes = 0;
	if (!entry)
		return false;
	if (memcmp(entry, "_SM3_", 5) == 0) {
		memcpy(&bytes, entry + ENTRY_64_LENGTH, sizeof(uint32_t));
		memcpy(&address, entry + ENTRY_64_ADDRESS, sizeof(uint64_t));
	} else if (memcmp(entry, "_SM_", 4) == 0) {
		memcpy(&bytes, entry + ENTRY_32_LENGTH, sizeof(uint16_t));
		memcpy(&address, entry + ENTRY_32_ADDRESS, sizeof(uint32_t));
	}
	*table = (const void *)address;
	*length = bytes;
	return address != 0;
}

bool smbios_says_virtual(const void *table, size_t length) {
	const uint8_t *bytes = table;
	size_t at = 0;
	while (length - at >= HEADER_BYTES) {
		uint8_t type = bytes[at], formatted = bytes[at + 1];
		if (formatted < HEADER_BYTES || formatted > length - at || type == TYPE_END_OF_TABLE)
			return false;
		if (type == TYPE_BIOS_INFORMATION)
			return formatted > BIOS_CHARACTERISTICS_EXTENSION_2 &&
			       (bytes[at + BIOS_CHARACTERISTICS_EXTENSION_2] &
				BIOS_CHARACTERISTICS_EXTENSION_2_VIRTUAL);
		at += formatted;
		while (length - at >= 2 && (bytes[at] || bytes[at + 1]))
			at++;
		if (length - at < 2)
			return false;
		at += 2;
	}
	return false;
}
