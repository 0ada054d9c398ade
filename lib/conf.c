/* SPDX-License-Identifier: Apache-2.0
 *
 * The tokenizer of config files and command lines. Every step moves the cursor forward, so any text comes to its end.
 */
#include "lib/conf.h"

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r';
}

static struct conf_span span_trim(const char *begin, const char *end) {
	while (begin < end && is_blank(*begin))
		begin++;
	while (begin < end && is_blank(end[-1]))
		end--;
	return (struct conf_span){begin, (size_t)(end - begin)};
}

/* Printable ASCII only: a damaged file must not become an option. */
static bool span_is_text(struct conf_span span) {
	for (size_t i = 0; i < span.length; i++) {
		unsigned char c = (unsigned char)span.bytes[i];
		if ((c < 0x20 && c != '\t') || c > 0x7e)
			return false;
	}
	return true;
}

static bool is_key_char(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.';
}

static struct conf_span span_without_dashes(struct conf_span span) {
	for (int i = 0; i < 2 && span.length > 0 && *span.bytes == '-'; i++) {
		span.bytes++;
		span.length--;
	}
	return span;
}

/* Takes the quotes off; false where one is left open. */
static bool span_unquote(struct conf_span *span) {
	if (span->length == 0 || span->bytes[0] != '"')
		return true;
	if (span->length < 2 || span->bytes[span->length - 1] != '"')
		return false;
	span->bytes++;
	span->length -= 2;
	return true;
}

struct conf_cursor conf_open(const char *text, size_t length) {
	static const unsigned char byte_order_mark[3] = {0xef, 0xbb, 0xbf};
	struct conf_cursor cursor = {text, text ? text + length : text, 0};
	if (length >= sizeof byte_order_mark) {
		size_t same = 0;
		while (same < sizeof byte_order_mark && (unsigned char)text[same] == byte_order_mark[same])
			same++;
		if (same == sizeof byte_order_mark)
			cursor.at += same;
	}
	return cursor;
}

/* A '#' within quotes is part of the value. */
static const char *comment_or_end(const char *begin, const char *end) {
	bool quoted = false;
	for (const char *c = begin; c < end; c++) {
		if (*c == '"')
			quoted = !quoted;
		else if (*c == '#' && !quoted)
			return c;
	}
	return end;
}

static struct conf_span next_line(struct conf_cursor *cursor) {
	const char *begin = cursor->at, *end = begin;
	while (end < cursor->end && *end != '\n' && *end != '\r')
		end++;
	cursor->at = end < cursor->end ? end + 1 : end;
	if (cursor->at < cursor->end && *end == '\r' && *cursor->at == '\n')
		cursor->at++;
	cursor->line++;
	return span_trim(begin, comment_or_end(begin, end));
}

enum conf_result conf_next(struct conf_cursor *cursor, struct conf_span *key, struct conf_span *value) {
	struct conf_span line;
	do {
		if (cursor->at == cursor->end)
			return CONF_END;
		line = next_line(cursor);
	} while (line.length == 0);

	*value = (struct conf_span){NULL, 0};
	*key = line;
	if (!span_is_text(line))
		return CONF_BROKEN;

	const char *end = line.bytes + line.length;
	const char *c = line.bytes;
	while (c < end && is_key_char(*c))
		c++;
	struct conf_span name = span_without_dashes((struct conf_span){line.bytes, (size_t)(c - line.bytes)});
	if (name.length == 0 || name.bytes[0] == '-' || (c < end && !is_blank(*c) && *c != '='))
		return CONF_BROKEN;

	struct conf_span rest = span_trim(c, end);
	if (rest.length > 0 && rest.bytes[0] == '=')
		rest = span_trim(rest.bytes + 1, end);
	else if (rest.length == 0)
		rest = (struct conf_span){NULL, 0};
	if (!span_unquote(&rest))
		return CONF_BROKEN;
	*key = name;
	*value = rest;
	return CONF_ENTRY;
}

bool conf_next_word(struct conf_cursor *cursor, struct conf_span *word) {
	const char *at = cursor->at, *const end = cursor->end;
	while (at < end && (is_blank(*at) || *at == '\n'))
		at++;
	const char *begin = at;
	bool quoted = false;
	for (; at < end; at++) {
		/* Neither a quote nor a blank, by one comparison: an emulated kernel reads every byte of
		 * a command line here. */
		if ((unsigned char)*at > '"')
			continue;
		if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (is_blank(*at) || *at == '\n'))
			break;
	}
	cursor->at = at;
	if (at == begin)
		return false;
	*word = (struct conf_span){begin, (size_t)(at - begin)};
	span_unquote(word);
	return true;
}

bool conf_span_is(struct conf_span span, const char *text) {
	size_t i = 0;
	while (i < span.length && text[i] != '\0' && span.bytes[i] == text[i])
		i++;
	return span.bytes && i == span.length && text[i] == '\0';
}

static void key_found(struct conf_key *keys, size_t count, struct conf_span name, struct conf_span value) {
	/* Most are none: an emulated kernel pays for every call. */
	for (size_t i = 0; i < count; i++) {
		if (name.length > 0 && *name.bytes == *keys[i].key && conf_span_is(name, keys[i].key))
			keys[i].value = value;
	}
}

/* `--name` or `--name=value`; other words say nothing of a key. */
static void word_read(struct conf_span word, struct conf_key *keys, size_t count) {
	if (word.length < 2 || word.bytes[0] != '-' || word.bytes[1] != '-')
		return;
	struct conf_span name = {word.bytes + 2, 0};
	while (name.length < word.length - 2 && name.bytes[name.length] != '=')
		name.length++;
	const char *after = name.bytes + name.length;
	bool has_value = after < word.bytes + word.length;
	struct conf_span value = {has_value ? after + 1 : after, has_value ? word.length - 3 - name.length : 0};
	span_unquote(&value);
	key_found(keys, count, name, value);
}

void conf_find_all(const char *config, size_t config_length, const char *command_line, size_t command_line_length,
		   struct conf_key *keys, size_t count) {
	for (size_t i = 0; i < count; i++)
		keys[i].value = (struct conf_span){NULL, 0};
	struct conf_span name, value, word;
	struct conf_cursor cursor = conf_open(config, config_length);
	for (enum conf_result result; (result = conf_next(&cursor, &name, &value)) != CONF_END;) {
		if (result == CONF_ENTRY)
			key_found(keys, count, name,
				  value.bytes ? value : (struct conf_span){name.bytes + name.length, 0});
	}
	cursor = conf_open(command_line, command_line_length);
	while (conf_next_word(&cursor, &word))
		word_read(word, keys, count);
}

struct conf_span conf_find(const char *config, size_t config_length, const char *command_line,
			   size_t command_line_length, const char *key) {
	struct conf_key one = {.key = key};
	conf_find_all(config, config_length, command_line, command_line_length, &one, 1);
	return one.value;
}
