/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON scanner, and the writer in text.c that it must read.
 */
#include "bench/json.h"
#include "bench/rng.h"
#include "bench/text.h"

#include <criterion/criterion.h>
#include <float.h>
#include <string.h>

static struct json_span span(const char *text) {
	return (struct json_span){text, strlen(text)};
}

Test(json, accepts_what_is_json) {
	static const char *const good[] = {
		"{}",
		"[]",
		"0",
		"-0",
		"12.5e-3",
		"\"\"",
		"true",
		"false",
		"null",
		"{\"a\":[1,2,{\"b\":null}]}",
		"{ \"a\" : 1 , \"b\" : [ ] }",
		"\"\\u00e4\\n\\\"\"",
		"[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]",
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect_eq(json_value_length(span(good[i])), strlen(good[i]), "%s", good[i]);
	cr_expect_eq(json_value_length(span("{} 12345678")), 2, "what stands behind is not the value's");
}

Test(json, refuses_what_is_not) {
	static const char *const bad[] = {
		"",        "{",           "[",      "\"",         "{]",       "[1,]",
		"{\"a\"}", "{\"a\":}",    "{a:1}",  "01",         "-",        "1.",
		"1e",      ".5",          "+1",     "NaN",        "Infinity", "tru",
		"\"\\x\"", "\"\\u00g0\"", "\"\n\"", "{\"a\":1,}", "[1 2]",    "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(json_value_length(span(bad[i])), 0, "%s", bad[i]);
}

Test(json, members_are_found_at_their_level) {
	struct json_span object =
		span("{\"x\":{\"name\":\"inner\"},\"name\":\"out\\\"er\",\"n\":18446744073709551615,\"t\":true}");
	char name[16];
	uint64_t n;
	bool t;
	struct json_span value;
	cr_expect(json_member_string(object, "name", name, sizeof(name)));
	cr_expect_str_eq(name, "out\"er");
	cr_expect(json_member_u64(object, "n", &n));
	cr_expect_eq(n, UINT64_MAX);
	cr_expect(json_member(object, "t", &value) && json_to_bool(value, &t) && t);
	cr_expect_not(json_member(object, "nam", &value));
	cr_expect_not(json_member(span("[1]"), "n", &value));
	cr_expect(json_member_is(object, "t", "true") == false, "a word is not a string");
	cr_expect(json_member_string(object, "name", name, 4));
	cr_expect_str_eq(name, "out", "cut off at the capacity");
}

Test(json, arrays_are_walked) {
	struct json_span cursor = span("[ 1, \"a,]\" ,[2,3], {}]"), element;
	size_t count = 0;
	while (json_next(&cursor, &element))
		count++;
	cr_expect_eq(count, 4);
	cursor = span("[]");
	cr_expect_not(json_next(&cursor, &element));
}

Test(json, numbers) {
	uint64_t n;
	double d;
	cr_expect_not(json_to_u64(span("18446744073709551616"), &n), "beyond 64 bits");
	cr_expect_not(json_to_u64(span("-1"), &n));
	cr_expect_not(json_to_u64(span("1.0"), &n));
	cr_expect(json_to_double(span("-2.5e3"), &d) && d == -2500);
	cr_expect_not(json_to_double(span("1e999"), &d), "infinite");
	cr_expect_not(json_to_double(span("\"1\""), &d));
}

Test(json, what_is_written_is_read) {
	struct text text = {0};
	char all[256], read[256];
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	text_add_string(&text, "{");
	text_member_string(&text, "all", all);
	text_member_u64(&text, "most", UINT64_MAX);
	text_member_double(&text, "big", DBL_MAX);
	text_member_double(&text, "no", DBL_MAX * 2);
	text_member_hex(&text, "hex", 0xffff);
	text_member(&text, "list");
	text_add_string(&text, "[");
	text_member_bool(&text, NULL, true);
	text_member_bool(&text, NULL, false);
	text_add_string(&text, "]}");
	struct json_span object = {text.bytes, text.length};
	cr_expect_eq(json_value_length(object), text.length, "%.*s", (int)text.length, text.bytes);
	cr_expect(json_member_string(object, "all", read, sizeof(read)));
	cr_expect_eq(memcmp(read, all, sizeof(all)), 0);
	struct json_span value;
	cr_expect(json_member(object, "no", &value) && value.bytes[0] == 'n', "infinity is written as null");
	for (size_t i = 0; i < text.length; i++)
		cr_assert(text.bytes[i] >= 0x20 && text.bytes[i] <= 0x7e, "byte %zu is not printable ASCII", i);
	text_free(&text);
}

/* Any bytes: an answer, and no access outside (the sanitizers look). */
Test(json, survives_damage) {
	const char *good = "{\"a\":[1,2.5e-3,\"x\\u0041\\n\",{\"b\":null}],\"c\":true,\"d\":\"e\"}";
	struct rng rng = rng_seeded(3);
	size_t length = strlen(good);
	for (int round = 0; round < 20000; round++) {
		char *copy = malloc(length);
		memcpy(copy, good, length);
		for (uint32_t i = rng_below(&rng, 4); i > 0; i--)
			copy[rng_below(&rng, (uint32_t)length)] = (char)rng_next(&rng);
		struct json_span value = {copy, rng_below(&rng, (uint32_t)length + 1)}, found;
		size_t accepted = json_value_length(value);
		cr_assert_leq(accepted, value.length);
		char string[8];
		value.length = accepted;
		if (accepted && json_member(value, "a", &found))
			for (struct json_span element; json_next(&found, &element);)
				json_to_string(element, string, sizeof(string));
		free(copy);
	}
}
