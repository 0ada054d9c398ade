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

static void expect_text(const char *text, size_t length, const char *wanted) {
	cr_expect_eq(length, strlen(wanted), "'%.*s', wanted '%s'", (int)length, text, wanted);
	cr_expect_eq(memcmp(text, wanted, strlen(wanted)), 0, "'%.*s', wanted '%s'", (int)length, text, wanted);
}

static void expect_options_of(const char16_t *options, size_t bytes, const char16_t *own_path, const char *wanted) {
	char text[64];
	memset(text, '#', sizeof(text));
	expect_text(text, options_to_ascii(options, bytes, own_path, text, sizeof(text)), wanted);
}

static void expect_options(const char16_t *options, size_t bytes, const char *wanted) {
	expect_options_of(options, bytes, NULL, wanted);
}
#define EXPECT_OPTIONS(literal, wanted)          expect_options(literal, sizeof(literal), wanted)
#define EXPECT_OPTIONS_OF(path, literal, wanted) expect_options_of(literal, sizeof(literal), path, wanted)

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

Test(boot_options, the_own_name_without_its_ending) {
	EXPECT_OPTIONS_OF(u"\\anechoic.efi", u"anechoic --quick", "--quick");
	EXPECT_OPTIONS_OF(u"\\EFI\\Tools\\Anechoic.EFI", u"fs0:\\EFI\\Tools\\ANECHOIC pool", "pool");
	EXPECT_OPTIONS_OF(u"\\anechoic.efi", u"fs0:anechoic pool", "pool");
	EXPECT_OPTIONS_OF(u"\\anechoic.efi", u"./anechoic", "");
	EXPECT_OPTIONS_OF(u"\\anechoic.efi", u"anechoic2 --quick", "anechoic2 --quick");
	EXPECT_OPTIONS_OF(u"\\anechoic.efi", u"pool anechoic", "pool anechoic");
	EXPECT_OPTIONS_OF(u"\\EFI\\BOOT\\BOOTX64.EFI", u"pool --quick", "pool --quick");
	EXPECT_OPTIONS_OF(u"", u"pool --quick", "pool --quick");
	EXPECT_OPTIONS_OF(u"\\", u"pool --quick", "pool --quick");
	EXPECT_OPTIONS_OF(u"\\EFI\\BOOT\\BOOTX64.EFI", u"BOOTX64.EFI BOOTX64", "BOOTX64");
}

Test(boot_options, a_quoted_path_with_blanks) {
	EXPECT_OPTIONS_OF(u"\\My Tools\\anechoic.efi", u"\"fs0:\\My Tools\\anechoic.efi\" --quick", "--quick");
	EXPECT_OPTIONS_OF(u"\\My Tools\\anechoic.efi", u" \"fs0:\\My Tools\\anechoic\"\t--quick pool", "--quick pool");
	EXPECT_OPTIONS_OF(u"\\My Tools\\mein \u00e9.efi", u"\"My Tools\\mein \u00e9\" --quick", "--quick");
	EXPECT_OPTIONS_OF(u"\\anechoic.efi", u"\"anechoic", "");
	EXPECT_OPTIONS_OF(u"\\anechoic.efi", u"\"two words\" pool", "\"two words\" pool");
}

static void expect_arguments(const char16_t *const *arguments, size_t count, const char *wanted) {
	char text[64];
	memset(text, '#', sizeof(text));
	expect_text(text, options_from_arguments(arguments, count, text, sizeof(text)), wanted);
}
#define EXPECT_ARGUMENTS(wanted, ...)                                          \
	expect_arguments((const char16_t *const[]){u"fs0:\\x y", __VA_ARGS__}, \
			 1 + sizeof((const char16_t *const[]){__VA_ARGS__}) / sizeof(char16_t *), wanted)

/* What lib/conf.h makes of the line is what the shell had. */
Test(boot_options, words_of_a_shell) {
	EXPECT_ARGUMENTS("--quick pool", u"--quick", u"pool");
	EXPECT_ARGUMENTS("\"two words\" pool", u"two words", u"pool");
	EXPECT_ARGUMENTS("\"--arguments=--quick pool\"", u"--arguments=--quick pool");
	EXPECT_ARGUMENTS("--arguments=\"--quick pool\" x", u"--arguments=\"--quick pool\"", u"x");
	EXPECT_ARGUMENTS("\"a b\"", u"a\" b");
	EXPECT_ARGUMENTS("\"\" pool", u"", u"pool");
	EXPECT_ARGUMENTS("caf? pool", u"caf\u00e9", u"pool");
	expect_arguments((const char16_t *const[]){u"anechoic"}, 1, "");
	expect_arguments(NULL, 0, "");
	char text[8];
	const char16_t *const words[] = {u"anechoic", u"--quick", u"x"};
	cr_expect_eq(options_from_arguments(words, 3, text, 8), 0, "longer than the room");
	cr_expect_eq(options_from_arguments(words, 2, text, 7), 7);
}

Test(boot_options, what_is_no_text_is_no_command_line) {
	static const uint8_t guid[16] = {0x4e, 0xac, 0x08, 0x81, 0x11, 0x9f, 0x59, 0x4d,
					 0x85, 0x0e, 0xe2, 0x1a, 0x52, 0x2c, 0x59, 0xb2};
	char text[64];
	cr_expect_eq(options_to_ascii(guid, sizeof(guid), NULL, text, sizeof(text)), 0);
	cr_expect_eq(options_to_ascii("--quick", 8, NULL, text, sizeof(text)), 0, "8-bit text");
	EXPECT_OPTIONS(u"--quick \u00e9", "");
	cr_expect_eq(options_to_ascii(u"--quick", 16, NULL, text, 3), 0, "longer than the room");
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
