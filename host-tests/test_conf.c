/* SPDX-License-Identifier: Apache-2.0
 *
 * The tokenizer of config files and command lines.
 */
#include "lib/conf.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_span(struct conf_span span, const char *text) {
	if (!text) {
		cr_expect_null(span.bytes);
		return;
	}
	cr_expect(conf_span_is(span, text), "found '%.*s', wanted '%s'", (int)span.length, span.bytes, text);
}

static void expect_entry(struct conf_cursor *cursor, unsigned line, const char *key, const char *value) {
	struct conf_span found_key, found_value;
	cr_assert_eq(conf_next(cursor, &found_key, &found_value), CONF_ENTRY, "%s", key);
	cr_expect_eq(cursor->line, line);
	expect_span(found_key, key);
	expect_span(found_value, value);
}

static void expect_broken(const char *text) {
	struct conf_cursor cursor = conf_open(text, strlen(text));
	struct conf_span key, value;
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_BROKEN, "'%s' is not broken", text);
	cr_expect_eq(cursor.line, 1);
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_END);
}

Test(conf, entries_in_every_spelling) {
	const char *text = "\xef\xbb\xbfmode = handback\r\n"
			   "\r\n"
			   "  # a comment\n"
			   "quick # and why\n"
			   "--seed=7\n"
			   "filter pool\n"
			   "arguments = \"--quick # pool\"\n"
			   "empty =\n"
			   "last = 1";
	struct conf_cursor cursor = conf_open(text, strlen(text));
	expect_entry(&cursor, 1, "mode", "handback");
	expect_entry(&cursor, 4, "quick", NULL);
	expect_entry(&cursor, 5, "seed", "7");
	expect_entry(&cursor, 6, "filter", "pool");
	expect_entry(&cursor, 7, "arguments", "--quick # pool");
	expect_entry(&cursor, 8, "empty", "");
	expect_entry(&cursor, 9, "last", "1");
	struct conf_span key, value;
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_END);
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_END);
}

Test(conf, lines_end_in_three_ways) {
	const char *text = "mode = handback\r\rquick\r\n\n= nothing\rseed = 7\r";
	struct conf_cursor cursor = conf_open(text, strlen(text));
	expect_entry(&cursor, 1, "mode", "handback");
	expect_entry(&cursor, 3, "quick", NULL);
	struct conf_span key, value;
	cr_assert_eq(conf_next(&cursor, &key, &value), CONF_BROKEN);
	cr_expect_eq(cursor.line, 5);
	expect_entry(&cursor, 6, "seed", "7");
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_END);
	expect_span(conf_find(text, strlen(text), NULL, 0, "seed"), "7");
}

Test(conf, broken_lines) {
	expect_broken("= value");
	expect_broken("---key = value");
	expect_broken("key: value");
	expect_broken("key = \"left open");
	expect_broken("k\x01y = value");
	expect_broken("key = caf\xc3\xa9");
	expect_broken("--");
}

Test(conf, a_broken_line_does_not_end_the_file) {
	const char *text = "!\nmode = takeover\n";
	struct conf_cursor cursor = conf_open(text, strlen(text));
	struct conf_span key, value;
	cr_assert_eq(conf_next(&cursor, &key, &value), CONF_BROKEN);
	expect_span(key, "!");
	expect_entry(&cursor, 2, "mode", "takeover");
}

Test(conf, no_text) {
	struct conf_cursor cursor = conf_open(NULL, 0);
	struct conf_span key, value;
	cr_expect_eq(conf_next(&cursor, &key, &value), CONF_END);
	cr_expect_not(conf_next_word(&cursor, &key));
	expect_span(conf_find(NULL, 0, NULL, 0, "mode"), NULL);
}

Test(conf, words) {
	const char *text = "  --quick\t\"two words\" pool  ";
	struct conf_cursor cursor = conf_open(text, strlen(text));
	struct conf_span word;
	const char *wanted[] = {"--quick", "two words", "pool"};
	for (unsigned i = 0; i < 3; i++) {
		cr_assert(conf_next_word(&cursor, &word));
		expect_span(word, wanted[i]);
	}
	cr_expect_not(conf_next_word(&cursor, &word));
}

Test(conf, command_line_overrides_config) {
	const char *config = "mode = takeover\nexit = semihosting\nmode = handback\nquick\n";
	const char *words = "--exit=isa-debug-exit mode --console=\"a b\" --seed";
	struct {
		const char *key, *value;
	} cases[] = {{"mode", "handback"}, {"exit", "isa-debug-exit"}, {"quick", ""}, {"console", "a b"}, {"seed", ""},
		     {"absent", NULL}};
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_span(conf_find(config, strlen(config), words, strlen(words), cases[i].key), cases[i].value);
}

Test(conf, several_keys_in_one_pass) {
	const char *config = "exit = reset\nother = 1\n";
	const char *words = "pool! --record-port=virtio-mmio:0xfeb02e00 \"a b\" --exit --quick";
	struct conf_key keys[] = {{.key = "record-port"},
				  {.key = "exit"},
				  {.key = "absent", .value = {"left over", 9}},
				  {.key = "other"}};
	conf_find_all(config, strlen(config), words, strlen(words), keys, 4);
	expect_span(keys[0].value, "virtio-mmio:0xfeb02e00");
	expect_span(keys[1].value, "");
	expect_span(keys[2].value, NULL);
	expect_span(keys[3].value, "1");
}

Test(conf, words_end_at_blanks_only) {
	const char *text = "a!b\nc#\x7f\xc3\xa9\r\"x \ty\"z \x01\"open end";
	struct conf_cursor cursor = conf_open(text, strlen(text));
	struct conf_span word;
	const char *wanted[] = {"a!b", "c#\x7f\xc3\xa9", "\"x \ty\"z", "\x01\"open end"};
	for (unsigned i = 0; i < 4; i++) {
		cr_assert(conf_next_word(&cursor, &word));
		expect_span(word, wanted[i]);
	}
	cr_expect_not(conf_next_word(&cursor, &word));
}

/* Any bytes come to an end, within the text. */
Test(conf, random_bytes) {
	unsigned state = 1;
	for (unsigned round = 0; round < 20000; round++) {
		size_t length = round % 61;
		char *text = malloc(length + 1); /* exactly as long as said: a sanitizer sees one byte too far */
		for (size_t i = 0; i < length; i++) {
			state = state * 1664525u + 1013904223u;
			text[i] = "a-= \"#\n\t\r\xef\xbb\xbf\x01z"[(state >> 16) % 15];
		}
		struct conf_cursor cursor = conf_open(text, length);
		struct conf_span key, value;
		unsigned steps = 0;
		while (conf_next(&cursor, &key, &value) != CONF_END)
			cr_assert_leq(++steps, length);
		cursor = conf_open(text, length);
		for (steps = 0; conf_next_word(&cursor, &key);)
			cr_assert_leq(++steps, length);
		conf_find(text, length, text, length, "a");
		free(text);
	}
}
