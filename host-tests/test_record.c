/* SPDX-License-Identifier: Apache-2.0
 *
 * Record lines: their form, and finding whole ones among anything.
 */
#include "bench/record.h"
#include "lib/crc32.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct benchmark benchmark = {
	.name = "group/one",
	.iteration = "does a \"thing\"",
	.unit = BENCH_UNIT_BYTES,
	.per_iteration = 4096,
};

static struct json_span span_of(const struct text *text) {
	return (struct json_span){text->bytes, text->length};
}

static void write_end(struct text *text) {
	uint64_t ticks[] = {100, 201, 299};
	struct measurement m = {.linear = true, .step = 7, .count = 3, .ticks = ticks, .hz = 1000000000};
	record_end(text, &benchmark, 3, &m);
}

/* The CRC was computed with a bitwise CRC-32C in Python, over what stands between the mark and it. */
Test(record, form_of_a_line) {
	struct text text = {0};
	record_start(&text, "a/b", 2);
	text_add(&text, "", 1);
	cr_expect_str_eq(text.bytes, "@anechoic START {\"name\":\"a/b\",\"index\":2} 25aa00d9\n");
	text_free(&text);
}

Test(record, end_names_the_cores_that_it_ran_on) {
	struct text text = {0};
	struct measurement m = {.core_count = 2, .cores = {{.text = "core 2 (fake), other core"}, {.text = "core 3"}}};
	record_end(&text, &benchmark, 3, &m);
	text_add(&text, "", 1);
	cr_expect(strstr(text.bytes, ",\"cores\":[\"core 2 (fake), other core\",\"core 3\"],"), "%s", text.bytes);
	text.length = 0;
	m.core_count = 0;
	record_end(&text, &benchmark, 3, &m);
	text_add(&text, "", 1);
	cr_expect_null(strstr(text.bytes, "cores"), "%s", text.bytes);
	text_free(&text);
}

Test(record, end_has_what_is_needed) {
	struct text text = {0};
	struct record record;
	write_end(&text);
	struct json_span at = span_of(&text), ticks, element;
	uint64_t step, hz, index, sum = 0, one;
	char iteration[32];
	cr_assert(record_next(&at, &record));
	cr_expect_str_eq(record.tag, "END");
	cr_expect(json_member_is(record.json, "status", "ok"));
	cr_expect(json_member_is(record.json, "unit", "bytes"));
	cr_expect(json_member_is(record.json, "sampling", "linear"));
	cr_expect(json_member_string(record.json, "iteration", iteration, sizeof(iteration)));
	cr_expect_str_eq(iteration, "does a \"thing\"");
	cr_expect(json_member_u64(record.json, "index", &index) && index == 3);
	cr_expect(json_member_u64(record.json, "step", &step) && step == 7);
	cr_expect(json_member_u64(record.json, "hz", &hz) && hz == 1000000000);
	cr_assert(json_member(record.json, "ticks", &ticks));
	while (json_next(&ticks, &element) && json_to_u64(element, &one))
		sum += one;
	cr_expect_eq(sum, 600);
	cr_expect_not(record_next(&at, &record));
	text_free(&text);
}

Test(record, a_fault_names_its_place) {
	struct text text = {0};
	struct record record;
	struct json_span fault, at;
	struct measurement m = {.status = BENCH_STATUS_FAILED, .reason = "faulted", .phase = "run"};
	m.fault = (struct platform_fault){.vector = 14, .address = UINT64_MAX, .name = "#PF write", .symbol = "f+0x1"};
	record_end(&text, &benchmark, 0, &m);
	at = span_of(&text);
	cr_assert(record_next(&at, &record));
	cr_assert(json_member(record.json, "fault", &fault));
	cr_expect(json_member_is(fault, "address", "0xffffffffffffffff"));
	cr_expect(json_member_is(fault, "symbol", "f+0x1"));
	cr_expect_not(json_member(record.json, "ticks", &fault), "a failed one has no samples");
	text_free(&text);
}

/* Whatever byte is changed: the record is not taken for whole. */
Test(record, every_damaged_byte_is_seen) {
	struct text text = {0};
	struct record record;
	write_end(&text);
	size_t end = text.length - 1; /* the newline is not part of it */
	for (size_t i = 0; i < end; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text.bytes[i] ^= (char)(1 << bit);
			struct json_span at = span_of(&text);
			cr_expect_not(record_next(&at, &record), "byte %zu, bit %d", i, bit);
			text.bytes[i] ^= (char)(1 << bit);
		}
	}
	text_free(&text);
}

Test(record, every_cut_is_seen) {
	struct text text = {0};
	struct record record;
	write_end(&text);
	for (size_t length = 0; length < text.length; length++) {
		char *copy = malloc(length + 1);
		memcpy(copy, text.bytes, length);
		struct json_span at = {copy, length};
		cr_expect_eq(record_next(&at, &record), length == text.length - 1, "cut at %zu", length);
		free(copy);
	}
	text_free(&text);
}

/* A cut record, then a whole one without a newline between: the second is found wherever the first was cut. */
Test(record, whole_ones_are_found_behind_cut_ones) {
	struct text first = {0}, second = {0};
	struct record record;
	write_end(&first);
	record_start(&second, "next/one", 4);
	for (size_t cut = 0; cut + 1 < first.length; cut++) {
		char *both = malloc(cut + second.length);
		memcpy(both, first.bytes, cut);
		memcpy(both + cut, second.bytes, second.length);
		struct json_span at = {both, cut + second.length};
		cr_assert(record_next(&at, &record), "cut at %zu", cut);
		cr_expect_str_eq(record.tag, "START");
		free(both);
	}
	text_free(&first);
	text_free(&second);
}

Test(record, crc_of_another_tag_is_no_record) {
	struct record record;
	const char *json = "{}";
	char line[64];
	snprintf(line, sizeof(line), "@anechoic LONGTAGS %s %08x\n", json, crc32c(0, "LONGTAGS {}", 11));
	struct json_span at = {line, strlen(line)};
	cr_expect_not(record_next(&at, &record), "a tag longer than its field");
	snprintf(line, sizeof(line), "@anechoic X [] %08x\n", crc32c(0, "X []", 4));
	at = (struct json_span){line, strlen(line)};
	cr_expect_not(record_next(&at, &record), "an array");
}
