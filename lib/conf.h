/* SPDX-License-Identifier: Apache-2.0
 *
 * anechoic.conf and command lines, as text: the one tokenizer of the loader, the kernel and the programme. It knows the
 * syntax, not the options. Pure, freestanding, allocates nothing; spans point into the caller's text.
 *
 * A config line is `key`, `key = value` or `key value`, `#` starts a comment, leading `--` of a key is ignored, values
 * may stand in double quotes. A UTF-8 byte-order mark, lines that end with LF, CR LF or CR, and a missing last line end
 * are accepted; other encodings are lib/unicode.h's.
 * A command line is words separated by blanks: `--key`, `--key=value`, or a bare word; double quotes group.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct conf_span {
	const char *bytes; /* NULL: absent */
	size_t length;
};

struct conf_cursor {
	const char *at;
	const char *end;
	unsigned line; /* of the entry last given, from 1 */
};

enum conf_result {
	CONF_END = 0,
	CONF_ENTRY = 1,
	CONF_BROKEN = 2, /* *key is the offending line; go on with the next call */
};

struct conf_cursor conf_open(const char *text, size_t length);

/* The next entry of a config file; blank lines and comments are passed over. */
enum conf_result conf_next(struct conf_cursor *cursor, struct conf_span *key, struct conf_span *value);

/* The next word of a command line, quotes taken off where they enclose the word. false: none is left. */
bool conf_next_word(struct conf_cursor *cursor, struct conf_span *word);

/* The last value of `key` in a config file, overridden by `--key=value` in a command line. Absent: bytes NULL. Present
 * without a value: length 0. Either text may be NULL with length 0. */
struct conf_span conf_find(const char *config, size_t config_length, const char *command_line,
			   size_t command_line_length, const char *key);

/* conf_find for several keys in one pass over the texts. */
struct conf_key {
	const char *key;
	struct conf_span value; /* found; whatever was in it is lost */
};
void conf_find_all(const char *config, size_t config_length, const char *command_line, size_t command_line_length,
		   struct conf_key *keys, size_t count);

bool conf_span_is(struct conf_span span, const char *text);
