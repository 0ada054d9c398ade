/* SPDX-License-Identifier: Apache-2.0
 *
 * Greedy: the longest match that the last places of the same five bytes give. Matches end behind a '[' with numbers
 * behind it, so that these become numbers.
 */
#include "bench/compact/compact.h"

#include "bench/record.h"
#include "lib/crc32.h"

#include <stdlib.h>
#include <string.h>

enum { HASH_BITS = 11, PLACES_MOST = 48, NUMBERS_LEAST = 3 };

struct packing {
	const char *bytes; /* the dictionary, and the record behind it */
	size_t length;
	uint32_t *last;   /* by hash, the last place of such bytes, and 1 more; 0: none */
	uint32_t *before; /* by place, the one before it, likewise */
	struct text *payload;
};

static char digit(uint32_t value) {
	char c = (char)('!' + value);
	return c < '@' ? c : (char)(c + 1);
}

static void add_digit(struct text *text, uint32_t value) {
	char c = digit(value);
	text_add(text, &c, 1);
}

static void add_two_digits(struct text *text, uint32_t value) {
	add_digit(text, value / COMPACT_DIGITS % COMPACT_DIGITS);
	add_digit(text, value % COMPACT_DIGITS);
}

static void add_token(struct text *text, uint32_t token) {
	text_add_string(text, "~");
	add_digit(text, token);
}

static void add_count(struct text *text, uint64_t count) {
	for (; count >= COMPACT_COUNT_DIGITS; count /= COMPACT_COUNT_DIGITS)
		add_digit(text, (uint32_t)(COMPACT_COUNT_DIGITS + count % COMPACT_COUNT_DIGITS));
	add_digit(text, (uint32_t)count);
}

uint64_t compact_expected(enum compact_token token, uint64_t before, uint64_t index) {
	return token == COMPACT_MULTIPLES && index > 0 ? before + before / index : before;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

/* Its length, 0: there is none that its value would be written as again. */
static size_t read_number(const char *at, const char *end, uint64_t *number) {
	enum { DIGITS_MOST = 19 };
	size_t length = 0;
	for (*number = 0; at + length < end && at[length] >= '0' && at[length] <= '9' && length <= DIGITS_MOST;
	     length++)
		*number = *number * 10 + (uint64_t)(at[length] - '0');
	return length > DIGITS_MOST || (length > 1 && *at == '0') ? 0 : length;
}

/* Of an array of nothing but numbers up to its ']', from the first on: how many bytes they are. 0: it is none. */
static size_t count_numbers(const char *at, const char *end, size_t *count) {
	const char *begin = at;
	uint64_t number;
	for (*count = 1;; (*count)++) {
		size_t length = read_number(at, end, &number);
		at += length;
		if (length == 0 || at == end || (*at != ',' && *at != ']'))
			return 0;
		if (*at++ == ']')
			return (size_t)(at - 1 - begin);
	}
}

static void add_numbers(struct text *text, enum compact_token token, const char *at, const char *end, size_t count) {
	uint64_t before = 0, number;
	add_token(text, token);
	add_count(text, count);
	for (size_t i = 0; i < count; i++) {
		at += read_number(at, end, &number) + 1;
		uint64_t away = number - compact_expected(token, before, i);
		add_count(text, away >> 63 ? ~away << 1 | 1 : away << 1);
		before = number;
	}
}

/* The shorter way. Returns how many bytes they are; 0: they stay as they are. */
static size_t pack_numbers(struct packing *packing, size_t place) {
	const char *at = packing->bytes + place, *end = packing->bytes + packing->length;
	struct text ways[2] = {{0}, {0}};
	size_t count, length = at[-1] == '[' ? count_numbers(at, end, &count) : 0;
	if (length == 0 || count < NUMBERS_LEAST)
		return 0;
	for (int i = 0; i < 2; i++)
		add_numbers(&ways[i], (enum compact_token)(COMPACT_NUMBERS + i), at, end, count);
	const struct text *best = &ways[ways[1].length < ways[0].length];
	bool is_shorter = best->length < length && !ways[0].failed && !ways[1].failed;
	if (is_shorter)
		text_add(packing->payload, best->bytes, best->length);
	text_free(&ways[0]);
	text_free(&ways[1]);
	return is_shorter ? length : 0;
}

/* ---- matches ----------------------------------------------------------------------------------------------------- */

static uint32_t *last_place(struct packing *packing, size_t place) {
	uint32_t hash = 0;
	for (size_t i = 0; i < COMPACT_MATCH_LEAST; i++)
		hash = (hash ^ (unsigned char)packing->bytes[place + i]) * UINT32_C(0x01000193); /* FNV-1's prime */
	return &packing->last[hash >> (32 - HASH_BITS)];
}

static void note(struct packing *packing, size_t place) {
	if (place + COMPACT_MATCH_LEAST > packing->length)
		return;
	uint32_t *last = last_place(packing, place);
	packing->before[place] = *last;
	*last = (uint32_t)place + 1;
}

static size_t match_length(const struct packing *packing, size_t from, size_t place) {
	const char *bytes = packing->bytes;
	size_t length = 0;
	while (length < COMPACT_MATCH_MOST && place + length < packing->length &&
	       bytes[from + length] == bytes[place + length]) {
		length++;
		if (bytes[place + length - 1] == '[' && place + length < packing->length &&
		    bytes[place + length] >= '0' && bytes[place + length] <= '9')
			break;
	}
	return length;
}

static size_t find_match(struct packing *packing, size_t place, size_t *back) {
	size_t best = COMPACT_MATCH_LEAST - 1;
	if (place + COMPACT_MATCH_LEAST > packing->length)
		return 0;
	uint32_t from = *last_place(packing, place);
	for (int i = 0; i < PLACES_MOST && from > 0 && place - (from - 1) <= COMPACT_WINDOW; i++) {
		size_t length = match_length(packing, from - 1, place);
		if (length > best) {
			best = length;
			*back = place - (from - 1);
		}
		from = packing->before[from - 1];
	}
	return best < COMPACT_MATCH_LEAST ? 0 : best;
}

/* ---- a record ---------------------------------------------------------------------------------------------------- */

static void add_literal(struct text *payload, char c) {
	if (c == '~' || c == '@' || c == '^')
		add_token(payload, c == '~' ? COMPACT_TILDE : c == '@' ? COMPACT_AT : COMPACT_CIRCUMFLEX);
	else
		text_add(payload, c == ' ' ? "^" : &c, 1);
}

static size_t pack_next(struct packing *packing, size_t place) {
	size_t back = 0, length = pack_numbers(packing, place);
	if (length > 0)
		return length;
	length = find_match(packing, place, &back);
	if (length == 0) {
		add_literal(packing->payload, packing->bytes[place]);
		return 1;
	}
	add_token(packing->payload, (uint32_t)length);
	add_two_digits(packing->payload, (uint32_t)back - 1);
	return length;
}

static void pack_all(struct packing *packing, size_t dictionary) {
	size_t place = 0;
	for (; place < dictionary; place++)
		note(packing, place);
	while (place < packing->length)
		for (size_t next = place + pack_next(packing, place); place < next; place++)
			note(packing, place);
}

/* `said`: TAG {json}. */
static bool pack(struct text *payload, struct json_span said) {
	struct text bytes = {0};
	size_t dictionary = strlen(compact_dictionary);
	text_add(&bytes, compact_dictionary, dictionary);
	text_add(&bytes, said.bytes, said.length);
	struct packing packing = {
		.bytes = bytes.bytes,
		.length = bytes.length,
		.last = calloc(1u << HASH_BITS, sizeof(uint32_t)),
		.before = bytes.failed ? NULL : malloc(bytes.length * sizeof(uint32_t)),
		.payload = payload,
	};
	bool has_memory = packing.last != NULL && packing.before != NULL;
	if (has_memory)
		pack_all(&packing, dictionary);
	free(packing.last);
	free(packing.before);
	text_free(&bytes);
	return has_memory && !payload->failed;
}

static void add_lines(struct compact_writer *writer, const struct text *payload, struct text *lines) {
	size_t room = COMPACT_LINE_BYTES - COMPACT_HEAD_BYTES, length;
	for (size_t at = 0; at < payload->length; at += length) {
		bool is_last = payload->length - at <= room;
		length = is_last ? payload->length - at : room;
		text_add_string(lines, at == 0 ? is_last ? "@W" : "@B" : is_last ? "@E" : "@C");
		add_two_digits(lines, writer->number);
		text_add(lines, payload->bytes + at, length);
		text_add_string(lines, "\n");
		writer->number = (writer->number + 1) % COMPACT_WINDOW;
	}
}

static bool is_printable(struct json_span text) {
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] < ' ' || text.bytes[i] > '~')
			return false;
	return true;
}

/* A whole record's line, in one of the forms. */
static void add_record(struct compact_writer *writer, struct json_span line, struct text *lines) {
	struct json_span said = {line.bytes + RECORD_MARK_BYTES, line.length - RECORD_MARK_BYTES};
	struct text payload = {0};
	said.length -= 1 + CRC32C_DIGITS + 1;
	bool good = is_printable(said) && pack(&payload, said);
	text_add(&payload, said.bytes + said.length + 1, CRC32C_DIGITS);
	if (good && !payload.failed)
		add_lines(writer, &payload, lines);
	else
		text_add(lines, line.bytes, line.length);
	text_free(&payload);
}

static void add_kept(struct compact_writer *writer, const struct text *kept, struct text *lines) {
	if (kept->length > 0 && !kept->failed)
		add_record(writer, (struct json_span){kept->bytes, kept->length}, lines);
}

static void keep(struct text *kept, struct json_span line) {
	kept->length = 0;
	kept->failed = false;
	text_add(kept, line.bytes, line.length);
}

/* That what is said of the run is no new one's. */
static void keep_run(struct text *kept, struct json_span json) {
	kept->failed = false;
	record_open(kept, "RUN");
	text_member_bool(kept, RECORD_AGAIN, true);
	if (json.length > sizeof("{}") - 1)
		text_add_string(kept, ",");
	text_add(kept, json.bytes + 1, json.length - 2);
	record_close(kept);
}

static bool is_long(const char *tag) {
	static const char *const tags[] = {"RUN", "START", "CUT", "DONE", "SAVED", "UNSAVED"};
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (strcmp(tag, tags[i]) == 0)
			return true;
	return false;
}

void compact_write(struct compact_writer *writer, const char *bytes, size_t length, struct text *lines) {
	struct json_span line = {bytes, length}, rest = line;
	struct record record;
	bool known = record_next(&rest, &record) && rest.length == 1 && *rest.bytes == '\n';
	if (known && strcmp(record.tag, "RUN") == 0) {
		writer->context.length = 0;
		keep_run(&writer->run, record.json);
	} else if (known && strcmp(record.tag, "CONTEXT") == 0) {
		keep(&writer->context, line);
	} else if (known && strcmp(record.tag, "DONE") == 0) {
		add_kept(writer, &writer->run, lines);
		add_kept(writer, &writer->context, lines);
		add_record(writer, line, lines);
	}
	if (known && !is_long(record.tag))
		add_record(writer, line, lines);
	else
		text_add(lines, bytes, length);
}

void compact_writer_free(struct compact_writer *writer) {
	text_free(&writer->run);
	text_free(&writer->context);
	*writer = (struct compact_writer){0};
}
