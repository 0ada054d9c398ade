/* SPDX-License-Identifier: Apache-2.0
 *
 * Load options as a command line, and the one bit of SMBIOS.
 */
#include "boot/options.h"
#include "boot/smbios.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>
#include <uchar.h>

static void expect_options(const char16_t *options, size_t bytes, const char *wanted) {
	char text[64];
	memset(text, '#', sizeof(text));
	size_t length = options_to_ascii(options, bytes, text, sizeof(text));
	cr_expect_eq(length, strlen(wanted), "'%.*s', wanted '%s'", (int)length, text, wanted);
	cr_expect_eq(memcmp(text, wanted, strlen(wanted)), 0, "'%.*s', wanted '%s'", (int)length, text, wanted);
}
#define EXPECT_OPTIONS(literal, wanted) expect_options(literal, sizeof(literal), wanted)

Test(boot_options, words_of_a_boot_entry) {
	EXPECT_OPTIONS(u"--quick pool", "--quick pool");
	EXPECT_OPTIONS(u"  --quick\tpool", "--quick pool");
	EXPECT_OPTIONS(u"", "");
	expect_options(NULL, 0, "");
	expect_options(u"--quick", 4 * sizeof(char16_t), "--qu"); /* not terminated */
}

Test(boot_options, the_loaders_own_name_is_dropped) {
	EXPECT_OPTIONS(u"BOOTX64.EFI --quick", "--quick");
	EXPECT_OPTIONS(u"FS0:\\EFI\\BOOT\\BootAA64.efi   pool", "pool");
	EXPECT_OPTIONS(u"loader.efi", "");
	EXPECT_OPTIONS(u"pool loader.efi", "pool loader.efi");
	EXPECT_OPTIONS(u"efi", "efi");
}

Test(boot_options, what_is_no_text_is_no_command_line) {
	static const uint8_t guid[16] = {0x4e, 0xac, 0x08, 0x81, 0x11, 0x9f, 0x59, 0x4d,
					 0x85, 0x0e, 0xe2, 0x1a, 0x52, 0x2c, 0x59, 0xb2};
	char text[64];
	cr_expect_eq(options_to_ascii(guid, sizeof(guid), text, sizeof(text)), 0);
	cr_expect_eq(options_to_ascii("--quick", 8, text, sizeof(text)), 0, "8-bit text");
	EXPECT_OPTIONS(u"--quick \u00e9", "");
	cr_expect_eq(options_to_ascii(u"--quick", 16, text, 3), 0, "longer than the room");
}

static size_t smbios_table(uint8_t *table, uint8_t extension) {
	size_t at = 0;
	const uint8_t oem[] = {200, 4, 1, 0, 'a', 'b', 0, 'c', 0, 0};
	memcpy(table, oem, sizeof(oem));
	at += sizeof(oem);
	memset(table + at, 0, 0x18 + 2);
	table[at + 1] = 0x18;
	table[at + 0x13] = extension;
	at += 0x18 + 2;
	const uint8_t end[] = {127, 4, 2, 0, 0, 0};
	memcpy(table + at, end, sizeof(end));
	return at + sizeof(end);
}

Test(boot_smbios, the_virtual_bit) {
	uint8_t table[128];
	size_t length = smbios_table(table, 0x14);
	cr_expect(smbios_says_virtual(table, length));
	cr_expect(smbios_says_virtual(table, sizeof(table)), "the length is an upper bound");
	length = smbios_table(table, 0x04);
	cr_expect_not(smbios_says_virtual(table, length));
}

Test(boot_smbios, a_cut_table_says_nothing_false) {
	uint8_t table[128];
	smbios_table(table, 0x14);
	for (size_t length = 0; length < 10 + 0x18; length++)
		cr_expect_not(smbios_says_virtual(table, length), "%zu bytes", length);
	const uint8_t endless[] = {1, 0, 0, 0, 0, 0, 0, 0};
	cr_expect_not(smbios_says_virtual(endless, sizeof(endless)));
}

Test(boot_smbios, both_entry_points) {
	const void *table;
	size_t length;
	uint8_t entry[32] = "_SM3_";
	memcpy(entry + 0x0c, &(uint32_t){0x12345}, 4);
	memcpy(entry + 0x10, &(uint64_t){0x123456789a}, 8);
	cr_assert(smbios_entry_table(entry, &table, &length));
	cr_expect_eq((uintptr_t)table, 0x123456789a);
	cr_expect_eq(length, 0x12345);

	uint8_t old[32] = "_SM_";
	memcpy(old + 0x16, &(uint16_t){0x123}, 2);
	memcpy(old + 0x18, &(uint32_t){0xf0000}, 4);
	cr_assert(smbios_entry_table(old, &table, &length));
	cr_expect_eq((uintptr_t)table, 0xf0000);
	cr_expect_eq(length, 0x123);

	cr_expect_not(smbios_entry_table(NULL, &table, &length));
	cr_expect_not(smbios_entry_table("something else, long enough", &table, &length));
}
