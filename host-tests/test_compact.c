/* SPDX-License-Identifier: Apache-2.0
 *
 * Records in their compact form: the same bytes again, whatever they are, and of a log of which only the end is left
 * all that the end has.
 */
#include "bench/collect.h"
#include "bench/record.h"
#include "bench/results.h"
#include "bench/rng.h"
#include "host-tests/compact_log.h"
#include "lib/crc32.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 6, SAMPLES = 40 };

static struct text record_of(const char *tag, const char *members) {
	struct text line = {0};
	record_open(&line, tag);
	text_add_string(&line, members);
	record_close(&line);
	return line;
}

/* The record that `lines` are, without its line's end. */
static struct text long_of(const struct text *lines) {
	struct compact_reader reader = {0};
	struct text record = {0};
	enum compact_line found = COMPACT_NO_LINE;
	for (const char *at = lines->bytes, *end = at + lines->length, *newline; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		cr_assert_neq(found, COMPACT_RECORD, "lines behind a record's last one");
		cr_assert_leq(newline - at, COMPACT_LINE_BYTES);
		found = compact_read(&reader, (struct json_span){at, (size_t)(newline - at)}, &record);
	}
	cr_assert_eq(found, COMPACT_RECORD);
	cr_assert_eq(reader.lost, 0);
	compact_reader_free(&reader);
	return record;
}

static void expect_same_again(const char *members) {
	struct text record = record_of("END", members), lines = compact_log(&record);
	cr_assert_eq(lines.bytes[0], '@');
	cr_assert(strchr("BW", lines.bytes[1]), "%.40s", lines.bytes);
	struct text again = long_of(&lines);
	cr_assert_eq(again.length + 1, record.length, "%s", members);
	cr_expect(memcmp(again.bytes, record.bytes, again.length) == 0, "%s", members);
	text_free(&again);
	text_free(&lines);
	text_free(&record);
}

Test(compact, the_dictionary_is_a_part_of_the_form) {
	/* Of another one old logs cannot be read: it stays as it is, and a new form gets other kinds of lines. */
	cr_expect_eq(crc32c(0, compact_dictionary, strlen(compact_dictionary)), UINT32_C(0x8437c99a));
}

Test(compact, any_record_comes_again) {
	static const char *const members[] = {
		"",
		"\"a\":\"~@^ ~~ @@ ^^ \\\\ \\\" !}\"",
		"\"a\":[]",
		"\"a\":[0]",
		"\"a\":[1,2,3],\"b\":[3,2,1],\"c\":[0,0,0,0]",
		"\"a\":[9999999999999999999,0,9999999999999999999,1]",
		"\"a\":[18446744073709551615,18446744073709551615,18446744073709551615]",
		"\"a\":[1,2,-3],\"b\":[1,2,3.5],\"c\":[1,2,3e5],\"d\":[1,2]",
		"\"a\":[[1,2,3],[1,2,3],[1,2,3]]",
		"\"ticks\":[1000,2003,3001,4010,5002,6100,7001]",
	};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		expect_same_again(members[i]);
}

Test(compact, long_runs_of_the_same_come_again) {
	struct text members = {0};
	text_add_string(&members, "\"a\":\"");
	for (int i = 0; i < 3 * COMPACT_WINDOW; i++)
		text_add_string(&members, i % 997 ? "x" : "xyz ");
	text_add_string(&members, "\"");
	expect_same_again(members.bytes);
	text_free(&members);
}

Test(compact, what_is_no_printable_text_stays_long) {
	struct text record = record_of("END", "\"name\":\"\xc3\xa9\""), lines = compact_log(&record);
	cr_assert_eq(lines.length, record.length);
	cr_expect(memcmp(lines.bytes, record.bytes, record.length) == 0);
	text_free(&lines);
	text_free(&record);
}

/* ---- logs -------------------------------------------------------------------------------------------------------- */

static struct text run_log(void) {
	struct text log = {0}, line;
	struct rng rng = rng_seeded(7);
	char name[32];
	line = record_of("RUN",
			 "\"resumed\":false,\"context\":{\"planned\":6,\"version\":\"x\",\"options\":{\"seed\":5,"
			 "\"nresamples\":100,\"confidence_level\":0.9}}");
	text_add(&log, line.bytes, line.length);
	text_free(&line);
	for (size_t row = 0; row < ROWS; row++) {
		uint64_t ticks[SAMPLES];
		for (uint64_t i = 0; i < SAMPLES; i++)
			ticks[i] = (i + 1) * 100000 + rng_below(&rng, 5000);
		snprintf(name, sizeof(name), "group/%zu", row);
		const struct benchmark benchmark = {.name = name, .iteration = "one of them"};
		struct measurement m = {
			.status = BENCH_STATUS_OK, .linear = true, .step = 10, .ticks = ticks, .count = SAMPLES};
		m.hz = 1000000000;
		struct text record = {0};
		record_start(&record, name, row);
		text_add(&log, record.bytes, record.length);
		if (row == 0) {
			line = record_of("CONTEXT", "\"context\":{\"runner\":{\"clock_step_ticks\":2}}");
			text_add(&log, line.bytes, line.length);
			text_free(&line);
		}
		record_end(&record, &benchmark, row, &m);
		text_add(&log, record.bytes, record.length);
		text_free(&record);
	}
	line = record_of("DONE", "\"status\":0,\"clock\":{\"hz\":2000000000}");
	text_add(&log, line.bytes, line.length);
	text_free(&line);
	return log;
}

static struct collector collected(const char *bytes, size_t length) {
	struct collector collector = {0};
	collect_bytes(&collector, bytes, length);
	collect_end(&collector);
	return collector;
}

static size_t count_finished(const struct collector *collector) {
	size_t finished = 0;
	for (size_t i = 0; i < collector->count; i++)
		finished += collector->benchmarks[i].finished;
	return finished;
}

static void expect_same_results(const struct text *one, const struct text *other) {
	struct collector collectors[] = {collected(one->bytes, one->length), collected(other->bytes, other->length)};
	struct text results[2] = {{0}, {0}};
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(collect_status(&collectors[i]), 0);
		results_write(&collectors[i], &results[i]);
		collect_free(&collectors[i]);
	}
	cr_assert_eq(results[0].length, results[1].length);
	cr_expect(memcmp(results[0].bytes, results[1].bytes, results[0].length) == 0);
	text_free(&results[0]);
	text_free(&results[1]);
}

Test(compact, of_a_compact_log_come_the_same_results) {
	struct text log = run_log(), lines = compact_log(&log);
	expect_same_results(&log, &lines);
	text_free(&lines);
	text_free(&log);
}

/* As firmware and consoles leave them: line ends of two characters, escape sequences, blanks behind. */
Test(compact, a_console_may_decorate_the_lines) {
	struct text log = run_log(), lines = compact_log(&log), decorated = {0};
	for (const char *at = lines.bytes, *end = at + lines.length, *newline; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		text_add_string(&decorated, "\x1b[0m");
		text_add(&decorated, at, (size_t)(newline - at));
		text_add_string(&decorated, *at == '@' && at[1] != 'a' ? " \x1b[K \r\n" : "\r\n");
		text_add_string(&decorated, "a line of text, of somebody @ Boot0001\r\n");
	}
	expect_same_results(&log, &decorated);
	text_free(&decorated);
	text_free(&lines);
	text_free(&log);
}

/* Whatever is cut off before, what is whole behind counts, with the run's own context. */
Test(compact, any_end_of_a_log_tells_of_all_that_is_in_it) {
	struct text log = run_log(), lines = compact_log(&log);
	size_t most = ROWS, closing = 0;
	for (size_t cut = 1; cut < lines.length; cut++) {
		struct collector collector = collected(lines.bytes + cut, lines.length - cut);
		size_t finished = count_finished(&collector);
		cr_assert_leq(finished, most, "cut at %zu", cut);
		most = finished;
		if (collector.run != NULL && collector.context != NULL) {
			cr_assert_not_null(collector.done);
			cr_assert_eq(collect_damaged(&collector), ROWS - finished, "cut at %zu", cut);
			cr_assert_eq(collect_status(&collector), finished == ROWS ? 0 : 4);
			cr_assert(collector.compact.cut > 0 || finished == ROWS);
			closing = cut;
		}
		collect_free(&collector);
	}
	cr_expect_eq(most, 0);
	cr_expect_gt(closing, lines.length / 2, "the run is said again at its end");
	text_free(&lines);
	text_free(&log);
}

Test(compact, a_lost_line_is_counted_and_costs_its_record) {
	struct text log = run_log(), lines = compact_log(&log);
	for (const char *at = lines.bytes, *end = at + lines.length, *newline; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		struct text rest = {0};
		text_add(&rest, lines.bytes, (size_t)(at - lines.bytes));
		text_add(&rest, newline + 1, (size_t)(end - newline - 1));
		struct collector collector = collected(rest.bytes, rest.length);
		cr_expect_geq(count_finished(&collector), ROWS - 1);
		bool is_last = memcmp(newline + 1, RECORD_MARK "DONE", RECORD_MARK_BYTES + 4) == 0;
		if (at[1] != 'a' && !is_last)
			cr_expect_eq(collector.compact.cut + collector.compact.lost, 1, "%.20s", at);
		collect_free(&collector);
		text_free(&rest);
	}
	text_free(&lines);
	text_free(&log);
}

/* Prompts, addresses and passwords: of any kind, short and as long as a line is, numbered as anything. */
static void add_strangers(struct text *log) {
	static const char kinds[] = "BCEW";
	for (size_t i = 0; i < sizeof(kinds) - 1; i++) {
		text_format(log, "root@%cob01\na@%c1...\n@%c}}0000000012345678\n", kinds[i], kinds[i], kinds[i]);
		text_format(log, "@%c12", kinds[i]);
		for (int length = COMPACT_HEAD_BYTES; length <= COMPACT_LINE_BYTES; length++)
			text_add_string(log, "x");
		text_add_string(log, "\n");
	}
}

Test(compact, strangers_lines_between_cost_nothing) {
	struct text log = run_log(), lines = compact_log(&log), busy = {0};
	add_strangers(&busy);
	for (const char *at = lines.bytes, *end = at + lines.length, *newline; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		text_add(&busy, at, (size_t)(newline + 1 - at));
		add_strangers(&busy);
	}
	expect_same_results(&log, &busy);
	struct collector collector = collected(busy.bytes, busy.length);
	cr_expect_eq(collector.compact.cut, 0);
	cr_expect_eq(collector.compact.lost, 0);
	collect_free(&collector);
	text_free(&busy);
	text_free(&lines);
	text_free(&log);
}

Test(compact, a_line_that_comes_twice_costs_nothing) {
	struct text log = run_log(), lines = compact_log(&log), echoed = {0};
	for (const char *at = lines.bytes, *end = at + lines.length, *newline; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		for (int times = 0; times < (at[1] == 'a' ? 1 : 2); times++)
			text_add(&echoed, at, (size_t)(newline + 1 - at));
	}
	expect_same_results(&log, &echoed);
	struct collector collector = collected(echoed.bytes, echoed.length);
	cr_expect_eq(collector.compact.lost, 0);
	collect_free(&collector);
	text_free(&echoed);
	text_free(&lines);
	text_free(&log);
}

/* What came last is that of the line before only where it says the same. */
Test(compact, another_line_of_the_same_number_is_no_repetition) {
	struct text log = run_log(), lines = compact_log(&log), changed = {0};
	text_add(&lines, "", 1); /* ends it as a string */
	const char *part = strstr(lines.bytes, "\n@C") + 1, *behind = strchr(part, '\n') + 1;
	text_add(&changed, lines.bytes, (size_t)(behind - lines.bytes));
	text_add(&changed, part, (size_t)(behind - part));
	changed.bytes[changed.length - 2] = changed.bytes[changed.length - 2] == 'x' ? 'y' : 'x';
	text_add_string(&changed, behind);
	struct collector collector = collected(changed.bytes, changed.length);
	cr_expect_eq(count_finished(&collector), ROWS - 1);
	collect_free(&collector);
	text_free(&changed);
	text_free(&lines);
	text_free(&log);
}

/* A bit that falls makes no other record of it. */
Test(compact, no_damaged_record_counts) {
	struct text record = record_of("END", "\"name\":\"a\",\"ticks\":[100,201,305,402,499]"),
		    lines = compact_log(&record);
	for (size_t i = 0; i + 1 < lines.length; i++)
		for (int bit = 0; bit < 8; bit++) {
			struct compact_reader reader = {0};
			struct text again = {0};
			lines.bytes[i] = (char)(lines.bytes[i] ^ 1 << bit);
			enum compact_line found =
				compact_read(&reader, (struct json_span){lines.bytes, lines.length - 1}, &again);
			/* That of the line's number is not the record's. */
			bool same = found == COMPACT_RECORD && again.length + 1 == record.length &&
				    memcmp(again.bytes, record.bytes, again.length) == 0;
			cr_expect(found != COMPACT_RECORD || same, "byte %zu, bit %d", i, bit);
			lines.bytes[i] = (char)(lines.bytes[i] ^ 1 << bit);
			compact_reader_free(&reader);
			text_free(&again);
		}
	text_free(&lines);
	text_free(&record);
}

Test(compact, a_payload_that_points_before_everything_is_refused) {
	static const char *const lines[] = {"@W!!~}}}00000000", "@W!!~",  "@W!!~&!",         "@W!!~$",
					    "@W!!~$}",          "@W!!~%", "@W!!~%!00000001", "@W!!00000001"};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct compact_reader reader = {0};
		struct text record = {0};
		cr_expect_eq(compact_read(&reader, (struct json_span){lines[i], strlen(lines[i])}, &record),
			     COMPACT_PART, "%s", lines[i]);
		compact_reader_free(&reader);
		text_free(&record);
	}
}
