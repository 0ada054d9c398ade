/* SPDX-License-Identifier: Apache-2.0
 *
 * Recursive descent over the five kinds of value; every step is bounded by the span.
 */
#include "bench/json.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16, NUMBER_MAX = 40 };

struct scan {
	const char *at;
	const char *end;
};

static bool scan_value(struct scan *scan, unsigned depth);

static void scan_blanks(struct scan *scan) {
	while (scan->at < scan->end &&
	       (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
		scan->at++;
}

static bool scan_char(struct scan *scan, char c) {
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static bool scan_word(struct scan *scan, const char *word) {
	size_t length = strlen(word);
	if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
		return false;
	scan->at += length;
	return true;
}

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

static int hex_value(char c) {
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool scan_string(struct scan *scan) {
	if (!scan_char(scan, '"'))
		return false;
	while (scan->at < scan->end) {
		unsigned char c = (unsigned char)*scan->at++;
		if (c == '"')
			return true;
		if (c < 0x20)
			return false;
		if (c != '\\')
			continue;
		if (scan->at == scan->end)
			return false;
		char escape = *scan->at++;
		if (escape == 'u') {
			for (int i = 0; i < 4; i++, scan->at++)
				if (scan->at == scan->end || hex_value(*scan->at) < 0)
					return false;
		} else if (!escape || !strchr("\"\\/bfnrt", escape)) {
			return false;
		}
	}
	return false;
}

static bool scan_digits(struct scan *scan) {
	const char *begin = scan->at;
	while (scan->at < scan->end && is_digit(*scan->at))
		scan->at++;
	return scan->at > begin;
}

static bool scan_number(struct scan *scan) {
	scan_char(scan, '-');
	const char *begin = scan->at;
	if (!scan_digits(scan) || (*begin == '0' && scan->at - begin > 1))
		return false;
	if (scan_char(scan, '.') && !scan_digits(scan))
		return false;
	if (scan_char(scan, 'e') || scan_char(scan, 'E')) {
		if (!scan_char(scan, '+'))
			scan_char(scan, '-');
		return scan_digits(scan);
	}
	return true;
}

/* An object's or an array's inside, after its opening bracket. */
static bool scan_members(struct scan *scan, unsigned depth, char close) {
	scan_blanks(scan);
	if (scan_char(scan, close))
		return true;
	do {
		scan_blanks(scan);
		if (close == '}') {
			if (!scan_string(scan))
				return false;
			scan_blanks(scan);
			if (!scan_char(scan, ':'))
				return false;
			scan_blanks(scan);
		}
		if (!scan_value(scan, depth))
			return false;
		scan_blanks(scan);
	} while (scan_char(scan, ','));
	return scan_char(scan, close);
}

static bool scan_value(struct scan *scan, unsigned depth) {
	if (scan->at == scan->end || depth >= DEPTH_MAX)
		return false;
	switch (*scan->at) {
	case '{':
		scan->at++;
		return scan_members(scan, depth + 1, '}');
	case '[':
		scan->at++;
		return scan_members(scan, depth + 1, ']');
	case '"':
		return scan_string(scan);
	case 't':
		return scan_word(scan, "true");
	case 'f':
		return scan_word(scan, "false");
	case 'n':
		return scan_word(scan, "null");
	default:
		return scan_number(scan);
	}
}

size_t json_value_length(struct json_span text) {
	struct scan scan = {text.bytes, text.bytes + text.length};
	return scan_value(&scan, 0) ? (size_t)(scan.at - text.bytes) : 0;
}

bool json_member(struct json_span object, const char *name, struct json_span *value) {
	struct scan scan = {object.bytes, object.bytes + object.length};
	size_t length = strlen(name);
	if (!scan_char(&scan, '{'))
		return false;
	do {
		scan_blanks(&scan);
		const char *key = scan.at;
		if (!scan_string(&scan))
			return false;
		bool found = (size_t)(scan.at - key) == length + 2 && memcmp(key + 1, name, length) == 0;
		scan_blanks(&scan);
		if (!scan_char(&scan, ':'))
			return false;
		scan_blanks(&scan);
		value->bytes = scan.at;
		if (!scan_value(&scan, 1))
			return false;
		value->length = (size_t)(scan.at - value->bytes);
		if (found)
			return true;
		scan_blanks(&scan);
	} while (scan_char(&scan, ','));
	return false;
}

static bool is_among(const struct json_span *names, size_t count, struct json_span name) {
	for (size_t i = 0; i < count; i++)
		if (names[i].length == name.length && memcmp(names[i].bytes, name.bytes, name.length) == 0)
			return true;
	return false;
}

bool json_is_unique(struct json_span object) {
	struct scan scan = {object.bytes, object.bytes + object.length};
	struct json_span names[JSON_UNIQUE_MEMBERS];
	size_t count = 0;
	if (!scan_char(&scan, '{'))
		return false;
	scan_blanks(&scan);
	if (scan_char(&scan, '}'))
		return true;
	do {
		scan_blanks(&scan);
		struct json_span name = {scan.at, 0};
		if (count == JSON_UNIQUE_MEMBERS || !scan_string(&scan))
			return false;
		name.length = (size_t)(scan.at - name.bytes);
		if (is_among(names, count, name))
			return false;
		names[count++] = name;
		scan_blanks(&scan);
		if (!scan_char(&scan, ':'))
			return false;
		scan_blanks(&scan);
		if (!scan_value(&scan, 1))
			return false;
		scan_blanks(&scan);
	} while (scan_char(&scan, ','));
	return true;
}

bool json_next(struct json_span *cursor, struct json_span *element) {
	struct scan scan = {cursor->bytes, cursor->bytes + cursor->length};
	if (!scan_char(&scan, '[') && !scan_char(&scan, ','))
		return false;
	scan_blanks(&scan);
	element->bytes = scan.at;
	if (!scan_value(&scan, 1))
		return false;
	element->length = (size_t)(scan.at - element->bytes);
	scan_blanks(&scan);
	cursor->bytes = scan.at;
	cursor->length = (size_t)(scan.end - scan.at);
	return true;
}

bool json_to_u64(struct json_span value, uint64_t *number) {
	uint64_t sum = 0;
	for (size_t i = 0; i < value.length; i++) {
		unsigned digit = (unsigned)(value.bytes[i] - '0');
		if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return value.length > 0;
}

bool json_to_double(struct json_span value, double *number) {
	char copy[NUMBER_MAX];
	if (value.length == 0 || value.length >= sizeof(copy) || (!is_digit(value.bytes[0]) && value.bytes[0] != '-'))
		return false;
	memcpy(copy, value.bytes, value.length);
	copy[value.length] = '\0';
	char *end;
	*number = strtod(copy, &end);
	return *end == '\0' && *number - *number == 0; /* neither infinite nor NaN */
}

bool json_to_bool(struct json_span value, bool *truth) {
	*truth = value.length == 4 && memcmp(value.bytes, "true", 4) == 0;
	return *truth || (value.length == 5 && memcmp(value.bytes, "false", 5) == 0);
}

static char unescape(char c) {
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *found = strchr(from, c);
	return found && *found ? to[found - from] : c;
}

bool json_to_string(struct json_span value, char *string, size_t capacity) {
	if (value.length < 2 || value.bytes[0] != '"' || capacity == 0)
		return false;
	const char *at = value.bytes + 1, *end = value.bytes + value.length - 1;
	size_t used = 0;
	while (at < end && used + 1 < capacity) {
		char c = *at++;
		if (c == '\\' && *at == 'u') {
			int high = hex_value(at[1]) | hex_value(at[2]), low = hex_value(at[3]) << 4 | hex_value(at[4]);
			c = high == 0 && low != 0 ? (char)low : '?';
			at += 5;
		} else if (c == '\\') {
			c = unescape(*at++);
		}
		string[used++] = c;
	}
	string[used] = '\0';
	return true;
}

bool json_member_u64(struct json_span object, const char *name, uint64_t *number) {
	struct json_span value;
	return json_member(object, name, &value) && json_to_u64(value, number);
}

bool json_member_string(struct json_span object, const char *name, char *string, size_t capacity) {
	struct json_span value;
	return json_member(object, name, &value) && json_to_string(value, string, capacity);
}

bool json_member_is(struct json_span object, const char *name, const char *string) {
	struct json_span value;
	size_t length = strlen(string);
	return json_member(object, name, &value) && value.length == length + 2 && value.bytes[0] == '"' &&
	       memcmp(value.bytes + 1, string, length) == 0;
}
