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

/* The long form of what was gathered. */
static bool make_record(struct compact_reader *reader, struct text *record) {
	const char *payload = reader->payload.bytes;
	struct text bytes = {0};
	uint32_t crc;
	size_t dictionary = strlen(compact_dictionary), length = reader->payload.length;
	bool good = length > CRC32C_DIGITS && crc32c_parse(payload + length - CRC32C_DIGITS, &crc) &&
		    unpack((struct cursor){payload, payload + length - CRC32C_DIGITS}, &bytes) &&
		    crc32c(0, bytes.bytes + dictionary, bytes.length - dictionary) == crc;
	if (good) {
		text_add_string(record, RECORD_MARK);
		text_add(record, bytes.bytes + dictionary, bytes.length - dictionary);
		text_add_string(record, " ");
		text_add(record, payload + length - CRC32C_DIGITS, CRC32C_DIGITS);
	}
	text_free(&bytes);
	return good && !record->failed;
}

/* Numbers that go back are those of another boot, or of a log that was read before. */
static void take_number(struct compact_reader *reader, uint32_t number) {
	uint32_t missing = (number + COMPACT_WINDOW - reader->next) % COMPACT_WINDOW;
	if (!reader->is_numbered)
		reader->cut = number;
	else if (number != 0 && missing < COMPACT_WINDOW / 2)
		reader->lost += missing;
	if (missing != 0)
		reader->is_open = false;
	reader->is_numbered = true;
	reader->next = (number + 1) % COMPACT_WINDOW;
}

static bool is_payload(const char *at, const char *end) {
	for (; at < end; at++)
		if (*at != '~' && digit_value(*at) == NO_DIGIT)
			return false;
	return true;
}

/* The first line of ours in it: its kind, with the cursor behind its number. '\0': it has none. */
static char find_line(struct json_span line, struct cursor *cursor, uint32_t *number) {
	const char *end = line.bytes + line.length;
	while (end > line.bytes && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	for (const char *at = line.bytes; at < end; at++) {
		at = memchr(at, '@', (size_t)(end - at));
		if (at == NULL || end - at < 2)
			return '\0';
		*cursor = (struct cursor){at + 2, end};
		if (strchr("BCEW", at[1]) && read_two_digits(cursor, number) && is_payload(cursor->at, end))
			return at[1];
	}
	return '\0';
}

enum compact_line compact_read(struct compact_reader *reader, struct json_span line, struct text *record) {
	struct cursor cursor;
	uint32_t number;
	char kind = find_line(line, &cursor, &number);
	record->length = 0;
	record->failed = false;
	if (kind == '\0')
		return COMPACT_NO_LINE;
	take_number(reader, number);
	if (kind == 'B' || kind == 'W') {
		reader->is_open = true;
		reader->payload.length = 0;
		reader->payload.failed = false;
	}
	if (!reader->is_open || reader->payload.length + (size_t)(cursor.end - cursor.at) > payload_bytes_max) {
		reader->is_open = false;
		return COMPACT_PART;
	}
	text_add(&reader->payload, cursor.at, (size_t)(cursor.end - cursor.at));
	if (kind == 'B' || kind == 'C')
		return COMPACT_PART;
	reader->is_open = false;
	bool good = make_record(reader, record);
	reader->lost += !good;
	return good ? COMPACT_RECORD : COMPACT_PART;
}

void compact_reader_free(struct compact_reader *reader) {
	text_free(&reader->payload);
	*reader = (struct compact_reader){0};
}
