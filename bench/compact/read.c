/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes may come. What a record grows to is bounded by what its payload can say: a token of four bytes gives
 * COMPACT_MATCH_MOST at the most, a number of one byte 20 digits and a comma.
 */
#include "bench/compact/compact.h"

#include "bench/record.h"
#include "lib/crc32.h"

#include <string.h>

enum { NO_DIGIT = COMPACT_DIGITS };
static const size_t payload_bytes_max = 1u << 20;

struct cursor {
	const char *at, *end;
};

static uint32_t digit_value(char c) {
	if (c < '!' || c > '}' || c == '@')
		return NO_DIGIT;
	return (uint32_t)(c - '!' - (c > '@'));
}

static bool read_digit(struct cursor *cursor, uint32_t *value) {
	*value = cursor->at < cursor->end ? digit_value(*cursor->at++) : NO_DIGIT;
	return *value != NO_DIGIT;
}

static bool read_two_digits(struct cursor *cursor, uint32_t *value) {
	uint32_t high, low;
	if (!read_digit(cursor, &high) || !read_digit(cursor, &low))
		return false;
	*value = high * COMPACT_DIGITS + low;
	return true;
}

/* What does not fit is cut: its CRC will not be right. */
static bool read_count(struct cursor *cursor, uint64_t *count) {
	uint64_t place = 1;
	uint32_t value;
	for (*count = 0;; place *= COMPACT_COUNT_DIGITS) {
		if (!read_digit(cursor, &value))
			return false;
		*count += value % COMPACT_COUNT_DIGITS * place;
		if (value < COMPACT_COUNT_DIGITS)
			return true;
	}
}

static bool unpack_numbers(struct cursor *cursor, enum compact_token token, struct text *bytes) {
	uint64_t count, away, number = 0;
	if (!read_count(cursor, &count))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (!read_count(cursor, &away))
			return false;
		number = compact_expected(token, number, i) + (away & 1 ? ~(away >> 1) : away >> 1);
		text_format(bytes, "%s%llu", i > 0 ? "," : "", (unsigned long long)number);
	}
	return true;
}

/* Byte for byte: what is copied may have been copied just now. */
static bool unpack_match(struct cursor *cursor, uint32_t length, struct text *bytes) {
	uint32_t back;
	if (!read_two_digits(cursor, &back) || back >= bytes->length)
		return false;
	for (; length > 0 && !bytes->failed; length--) {
		char c = bytes->bytes[bytes->length - 1 - back];
		text_add(bytes, &c, 1);
	}
	return true;
}

static bool unpack_token(struct cursor *cursor, struct text *bytes) {
	static const char literals[] = {[COMPACT_TILDE] = '~', [COMPACT_AT] = '@', [COMPACT_CIRCUMFLEX] = '^'};
	uint32_t token;
	if (!read_digit(cursor, &token))
		return false;
	if (token >= COMPACT_MATCH_LEAST)
		return unpack_match(cursor, token, bytes);
	if (token == COMPACT_NUMBERS || token == COMPACT_MULTIPLES)
		return unpack_numbers(cursor, (enum compact_token)token, bytes);
	text_add(bytes, &literals[token], 1);
	return true;
}

/* Behind the dictionary. */
static bool unpack(struct cursor cursor, struct text *bytes) {
	text_add_string(bytes, compact_dictionary);
	while (cursor.at < cursor.end) {
		char c = *cursor.at++;
		if (c == '~') {
			if (!unpack_token(&cursor, bytes))
				return false;
		} else {
			text_add(bytes, c == '^' ? " " : &c, 1);
		}
	}
	return !bytes->failed;
}

/* The long form of a record's payload. */
static bool make_record(struct json_span payload, struct text *record) {
	struct text bytes = {0};
	uint32_t crc;
	if (payload.length <= CRC32C_DIGITS)
		return false;
	const char *digits = payload.bytes + payload.length - CRC32C_DIGITS;
	size_t dictionary = strlen(compact_dictionary);
	bool good = crc32c_parse(digits, &crc) && unpack((struct cursor){payload.bytes, digits}, &bytes) &&
		    crc32c(0, bytes.bytes + dictionary, bytes.length - dictionary) == crc;
	if (good) {
		text_add_string(record, RECORD_MARK);
		text_add(record, bytes.bytes + dictionary, bytes.length - dictionary);
		text_add_string(record, " ");
		text_add(record, digits, CRC32C_DIGITS);
	}
	text_free(&bytes);
	return good && !record->failed;
}

/* Numbers that go back are those of another boot, or of a log that was read before. */
static void take_number(struct compact_reader *reader, uint32_t number) {
	uint32_t missing = (number + COMPACT_WINDOW - reader->next) % COMPACT_WINDOW;
	bool doubted_was_ours = reader->doubted == number && missing != 0;
	if (!reader->is_numbered)
		reader->cut = number - doubted_was_ours;
	else if (number != 0 && missing < COMPACT_WINDOW / 2)
		reader->lost += missing - doubted_was_ours;
	if (missing != 0)
		reader->is_open = false;
	reader->is_numbered = true;
	reader->next = (number + 1) % COMPACT_WINDOW;
	reader->doubted = 0;
}

static bool is_payload(struct json_span text) {
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] != '~' && digit_value(text.bytes[i]) == NO_DIGIT)
			return false;
	return true;
}

struct line {
	char kind;
	uint32_t number;
	struct json_span payload;
};

/* `length`: from its '@' on. All but a record's last one are full. */
static bool is_length(char kind, size_t length) {
	bool is_last = kind == 'E' || kind == 'W';
	return length <= COMPACT_LINE_BYTES && length > (is_last ? COMPACT_HEAD_BYTES : COMPACT_LINE_BYTES - 1);
}

/* The first of this form in it. */
static bool find_line(struct json_span text, struct line *line) {
	const char *end = text.bytes + text.length;
	while (end > text.bytes && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	for (const char *at = text.bytes; at < end; at++) {
		at = memchr(at, '@', (size_t)(end - at));
		if (at == NULL || end - at <= COMPACT_HEAD_BYTES)
			return false;
		struct cursor cursor = {at + 2, end};
		line->kind = at[1];
		line->payload = (struct json_span){at + COMPACT_HEAD_BYTES, (size_t)(end - at) - COMPACT_HEAD_BYTES};
		if (memchr("BCEW", at[1], 4) && is_length(at[1], (size_t)(end - at)) &&
		    read_two_digits(&cursor, &line->number) && is_payload(line->payload))
			return true;
	}
	return false;
}

/* What a console said twice. A record's first line begins it anew, and a whole one says the same again. */
static bool is_repetition(const struct compact_reader *reader, const struct line *line) {
	const struct text *payload = &reader->payload;
	size_t length = line->payload.length;
	return (line->kind == 'C' || line->kind == 'E') && reader->is_numbered &&
	       (line->number + 1) % COMPACT_WINDOW == reader->next && length <= payload->length &&
	       memcmp(payload->bytes + payload->length - length, line->payload.bytes, length) == 0;
}

/* A record's last line is of any length, and a stranger's, such as a prompt of root@Eva01, may look like one. */
static bool doubt(struct compact_reader *reader, const struct line *line) {
	bool is_doubtful = (line->kind == 'E' || line->kind == 'W') && line->number != reader->next;
	if (is_doubtful)
		reader->doubted = line->number + 1;
	return is_doubtful;
}

static enum compact_line take_whole(struct compact_reader *reader, const struct line *line, struct text *record) {
	bool good = make_record(line->payload, record);
	if (!good && doubt(reader, line))
		return COMPACT_NO_LINE;
	take_number(reader, line->number);
	reader->is_open = false;
	reader->lost += !good;
	return good ? COMPACT_RECORD : COMPACT_PART;
}

static enum compact_line take_part(struct compact_reader *reader, const struct line *line, struct text *record) {
	take_number(reader, line->number);
	if (line->kind == 'B') {
		reader->is_open = true;
		reader->payload.length = 0;
		reader->payload.failed = false;
	}
	reader->is_open &= reader->payload.length + line->payload.length <= payload_bytes_max;
	if (!reader->is_open)
		return COMPACT_PART;
	text_add(&reader->payload, line->payload.bytes, line->payload.length);
	if (line->kind != 'E')
		return COMPACT_PART;
	reader->is_open = false;
	bool good = make_record((struct json_span){reader->payload.bytes, reader->payload.length}, record);
	reader->lost += !good;
	return good ? COMPACT_RECORD : COMPACT_PART;
}

enum compact_line compact_read(struct compact_reader *reader, struct json_span text, struct text *record) {
	struct line line;
	record->length = 0;
	record->failed = false;
	if (!find_line(text, &line))
		return COMPACT_NO_LINE;
	if (line.kind == 'W')
		return take_whole(reader, &line, record);
	if (is_repetition(reader, &line))
		return COMPACT_PART;
	return doubt(reader, &line) ? COMPACT_NO_LINE : take_part(reader, &line, record);
}

void compact_reader_free(struct compact_reader *reader) {
	text_free(&reader->payload);
	*reader = (struct compact_reader){0};
}
