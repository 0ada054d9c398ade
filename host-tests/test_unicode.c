/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in every encoding that an editor writes, whole, cut and broken. Expected bytes: Unicode 15, tables 3-4 to 3-7.
 */
#include "lib/unicode.h"

#include "lib/conf.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Malloced to the byte: a sanitizer sees one too far. */
static void expect_bytes(const char *bytes, size_t length, const char *wanted, size_t wanted_length) {
	char *text = malloc(UNICODE_UTF8_BYTES_MAX(length)), *from = malloc(length + 1);
	memcpy(from, bytes, length);
	from = realloc(from, length ? length : 1);
	size_t used = unicode_to_utf8(from, length, text, UNICODE_UTF8_BYTES_MAX(length));
	cr_expect_eq(used, wanted_length, "%zu bytes, wanted %zu", used, wanted_length);
	cr_expect_eq(memcmp(text, wanted, wanted_length), 0, "'%.*s', wanted '%s'", (int)used, text, wanted);
	free(from);
	free(text);
}
#define EXPECT(literal, wanted) expect_bytes(literal, sizeof(literal) - 1, wanted, sizeof(wanted) - 1)
#define REPLACED                "\xef\xbf\xbd"

Test(unicode, without_a_mark_it_is_passed_on) {
	EXPECT("mode = handback\r\n", "mode = handback\r\n");
	EXPECT("caf\xc3\xa9", "caf\xc3\xa9");
	EXPECT("", "");
	EXPECT("\xff", "\xff");
	EXPECT("\xfe", "\xfe");
	EXPECT("\xef\xbb", "\xef\xbb");
	cr_expect_eq(unicode_to_utf8(NULL, 0, NULL, 0), 0);
}

Test(unicode, marks_are_dropped) {
	EXPECT("\xef\xbb\xbfquick", "quick");
	EXPECT("\xef\xbb\xbf", "");
	EXPECT("\xff\xfe", "");
	EXPECT("\xfe\xff", "");
}

Test(unicode, utf16_of_both_orders) {
	EXPECT("\xff\xfeq\0=\0\r\0\n\0", "q=\r\n");
	EXPECT("\xfe\xff\0q\0=\0\r\0\n", "q=\r\n");
	EXPECT("\xff\xfe\x7f\0\x80\0\xff\x07\0\x08\xff\xff", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
	EXPECT("\xff\xfe\0\0", "\0");
}

Test(unicode, surrogates) {
	EXPECT("\xff\xfe\x00\xd8\x00\xdc\xff\xdb\xff\xdf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
	EXPECT("\xfe\xff\xd8\x3d\xde\x00", "\xf0\x9f\x98\x80");
	EXPECT("\xff\xfe\x00\xd8"
	       "a\0",
	       REPLACED "a"); /* high alone */
	EXPECT("\xff\xfe\x00\xdc"
	       "a\0",
	       REPLACED "a"); /* low alone */
	EXPECT("\xff\xfe\x00\xd8\x00\xd8\x00\xdc", REPLACED "\xf0\x90\x80\x80");
	EXPECT("\xff\xfe"
	       "a\0\x00\xd8",
	       "a" REPLACED); /* high at the end */
	EXPECT("\xff\xfe"
	       "a\0\x00\xd8\x00",
	       "a" REPLACED REPLACED);
}

Test(unicode, an_odd_byte_at_the_end) {
	EXPECT("\xff\xfe"
	       "a\0b",
	       "a" REPLACED);
	EXPECT("\xfe\xff\0a\0", "a" REPLACED);
}

/* Any room is kept to, and ends between two characters. */
Test(unicode, room_that_ends_anywhere) {
	static const char utf16[] = "\xff\xfe"
				    "a\0\xe9\0\xac\x20\x3d\xd8\x00\xde";
	static const char utf8[] = "\xef\xbb\xbf"
				   "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
	static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
	for (size_t capacity = 0; capacity <= 10; capacity++) {
		char *text = malloc(capacity + !capacity);
		cr_expect_eq(unicode_to_utf8(utf16, sizeof(utf16) - 1, text, capacity), whole[capacity], "%zu",
			     capacity);
		cr_expect_eq(memcmp(text, utf8 + 3, whole[capacity]), 0, "%zu", capacity);
		cr_expect_eq(unicode_to_utf8(utf8, sizeof(utf8) - 1, text, capacity), whole[capacity], "%zu", capacity);
		cr_expect_eq(memcmp(text, utf8 + 3, whole[capacity]), 0, "%zu", capacity);
		free(text);
	}
}

/* Notepad's "Unicode": options are found in it, and a line that is no option is named by its number. */
Test(unicode, a_config_file_of_windows) {
	static const char ascii[] = "mode = takeover\r\nquick\r\nname = ?\r\nseed = 7";
	char utf16[2 + 2 * sizeof(ascii)] = "\xff\xfe", text[UNICODE_UTF8_BYTES_MAX(sizeof(utf16))];
	for (size_t i = 0; i < sizeof(ascii) - 1; i++) {
		utf16[2 + 2 * i] = ascii[i] == '?' ? 0 : ascii[i];
		utf16[3 + 2 * i] = ascii[i] == '?' ? (char)0xd8 : 0;
	}
	size_t length = unicode_to_utf8(utf16, 2 * sizeof(ascii), text, sizeof(text));
	struct conf_span seed = conf_find(text, length, NULL, 0, "seed"), key, value;
	cr_expect(conf_span_is(seed, "7"));
	struct conf_cursor cursor = conf_open(text, length);
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_ENTRY);
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_ENTRY);
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_BROKEN);
	cr_expect_eq(cursor.line, 3);
}
