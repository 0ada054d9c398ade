/* SPDX-License-Identifier: Apache-2.0
 *
 * Text of strangers: what steers a terminal is gone, and what is text stays. Bytes: ECMA-48, 5.3 and 5.4; RFC 3629.
 */
#include "bench/plain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void expect_plain(const char *given, const char *kept, const char *wanted) {
	char text[64];
	snprintf(text, sizeof(text), "%s", given);
	plain_bytes(text, strlen(text), kept);
	cr_expect_str_eq(text, wanted);
}

Test(plain, text_stays) {
	expect_plain("", "", "");
	expect_plain("a ~ \xc2\xa0 caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e", "",
		     "a ~ \xc2\xa0 caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e");
	expect_plain("one\ttwo\n", "\n\t", "one\ttwo\n");
}

Test(plain, control_characters_go_in_each_encoding) {
	expect_plain("\x1b[2J\a\r\x7f", "\n\t", "?[2J???");
	expect_plain("one\ttwo\n", "", "one?two?");
	expect_plain("\x9b"
		     "2J",
		     "", "?2J");
	expect_plain("\xc2\x9b"
		     "2J \xc2\x80",
		     "", "??2J ??");
	expect_plain("\xc0\x9b \xe0\x80\x9b \xf0\x80\x80\x9b", "", "?? ??? ????");
}

Test(plain, what_is_no_utf_8_goes) {
	expect_plain("caf\xe9", "", "caf?");
	expect_plain("\xed\xa0\x80 \xf4\x90\x80\x80 \xf5", "", "??? ???? ?");
	expect_plain("cut \xe2\x82", "", "cut ??");
	expect_plain("\xe2\x1b[m", "", "??[m");
}

/* Bytes behind the end are none of it. */
Test(plain, no_three_bytes_steer_anything) {
	for (unsigned all = 0; all < 1U << 24; all += 1 + (all >> 16) % 5) {
		const char given[4] = {(char)(all >> 16), (char)(all >> 8), (char)all, '\xbf'};
		char text[4];
		memcpy(text, given, sizeof(text));
		plain_bytes(text, 3, "");
		cr_assert_eq(text[3], '\xbf');
		for (int i = 0; i < 3; i++) {
			unsigned char byte = (unsigned char)text[i];
			cr_assert(byte >= 0x20 && byte != 0x7f, "%06x", all);
			cr_assert(byte != 0xc2 || (i < 2 && (unsigned char)text[i + 1] >= 0xa0), "%06x", all);
			cr_assert(byte < 0x80 || byte > 0xbf || i > 0, "%06x", all);
		}
	}
}

Test(plain, is_added_behind_what_is_there) {
	struct text text = {0};
	text_add_string(&text, "\x1b");
	plain_add(&text,
		  "a\x1b"
		  "bc",
		  3);
	cr_expect(text.length == 4 && memcmp(text.bytes,
					     "\x1b"
					     "a?b",
					     4) == 0);
	text_free(&text);
}

Test(plain, a_line_has_no_newline_but_its_own) {
	struct text text = {0};
	plain_format(&text, "%s: %d\tof it\n", "a\nb\x1b", 7);
	plain_format(&text, "%s", "not ended\n");
	plain_add_string(&text, "\r\n");
	cr_expect(text.length == 26 && memcmp(text.bytes, "a?b?: 7\tof it\nnot ended???", 26) == 0, "%.*s",
		  (int)text.length, text.bytes);
	text_free(&text);
}

Test(plain, a_line_may_be_long) {
	enum { LENGTH = 100000 };
	static char name[LENGTH + 1];
	struct text text = {0};
	memset(name, '\n', LENGTH);
	plain_format(&text, "%s\n", name);
	cr_expect(!text.failed && text.length == LENGTH + 1 && text.bytes[LENGTH] == '\n');
	cr_expect(memchr(text.bytes, '\n', LENGTH) == NULL);
	text_free(&text);
}
