/* SPDX-License-Identifier: Apache-2.0
 *
 * results.json read back: what is whole, and every way of not being so.
 */
#include "bench/collect.h"
#include "bench/record.h"
#include "bench/results.h"
#include "bench/rng.h"
#include "hosted/results/results_read.h"
#include "platform.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define ESTIMATE                                                                                                      \
	"{\"point\":2.5,\"standard_error\":0.1,\"confidence_interval\":{\"confidence_level\":0.95,\"lower_bound\":2," \
	"\"upper_bound\":3}}"

#define FIGURE                                                                                                        \
	"{\"point\":2,\"standard_error\":0.1,\"confidence_interval\":{\"confidence_level\":0.95,\"lower_bound\":1.5," \
	"\"upper_bound\":2.25}}"

static const char whole[] =
	"{\"schema\":\"anechoic/"
	"1\",\"context\":{\"figures\":\"hardware\",\"platform\":{\"cpu\":\"X\"}},\"benchmarks\":[\n"
	"{\"name\":\"copy/4KiB/"
	"a\",\"group\":\"copy\",\"parameters\":[\"4KiB\",\"a\"],\"status\":\"ok\",\"unit\":\"ns\","
	"\"throughput\":{\"unit\":\"bytes\",\"per_iteration\":4096,\"per_second\":1e9},"
	"\"figure\":\"low_decile\",\"estimates\":{\"low_decile\":" FIGURE ",\"slope\":" ESTIMATE ",\"mean\":" ESTIMATE
	",\"median\":" ESTIMATE ",\"median_abs_dev\":" ESTIMATE ",\"std_dev\":" ESTIMATE
	"},\"outliers\":{\"low_severe\":0,\"low_mild\":1,\"high_mild\":0,\"high_severe\":0},"
	"\"layout\":{\"layouts\":8,\"visits\":2,\"sampling_deviation\":0.01,\"layout_deviation\":0.04,\"lower_bound\":"
	"0.03,"
	"\"upper_bound\":0.08,\"worst_to_best\":1.1,"
	"\"figures\":[{\"layout\":1,\"time\":2.5,\"room\":{\"word\":\"loud\"}}]},"
	"\"sampling\":\"linear\",\"iters\":[1,2,3],\"times\":[2.5,5,7.5]},\n"
	"{\"name\":\"copy/8\",\"group\":\"copy\",\"parameters\":[\"8\"],\"status\":\"skipped\",\"reason\":\"no such "
	"unit\"}\n"
	"],\n\"levels\":[{\"page_bytes\":4096,\"outcome\":\"found\",\"noise\":null,\"found\":[]},\n"
	"{\"page_bytes\":2097152,\"outcome\":\"found\",\"noise\":0.01,\"found\":[{\"kind\":\"between\",\"ns\":"
	"0.9,\"ns_lower\":0.8,\"ns_upper\":1.1,\"bytes\":50000,\"bytes_lower\":48000,\"bytes_upper\":52000,"
	"\"told_bytes\":49152,\"certain\":false,\"doubts\":[\"short\"]},\n"
	"{\"kind\":\"last\",\"ns\":99,\"ns_lower\":98,\"ns_upper\":101,\"certain\":true,\"doubts\":[]}]}]}\n";

static int parse(const char *bytes, size_t length, struct results *results, struct text *complaint) {
	*complaint = (struct text){0};
	int status = results_parse("file.json", bytes, length, results, complaint);
	text_add(complaint, "", 1);
	return status;
}

/* `text` with its first `from` made `to`; the caller's to free. */
static char *altered_from(const char *text, const char *from, const char *to) {
	const char *at = strstr(text, from);
	cr_assert_not_null(at, "no %s to alter", from);
	char *bytes = calloc(1, strlen(text) + strlen(to) + 1);
	memcpy(bytes, text, (size_t)(at - text));
	strcat(bytes, to);
	strcat(bytes, at + strlen(from));
	return bytes;
}

/* The whole file with its first `from` made `to`. */
static char *altered(const char *from, const char *to) {
	return altered_from(whole, from, to);
}

/* What a version before 2026-11 wrote: the figure is of the samples, and the throughput follows it. */
Test(results_read, a_file_without_the_figure) {
	static const char *const parts[][2] = {
		{"\"figure\":\"low_decile\",", ""},
		{"\"low_decile\":" FIGURE ",", ""},
		{"\"times\":[2.5,5,7.5]", "\"times\":[2.5,6,12]"},
	};
	char *bytes = strdup(whole);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *next = altered_from(bytes, parts[i][0], parts[i][1]);
		free(bytes);
		bytes = next;
	}
	struct results results;
	struct text complaint;
	cr_assert_eq(parse(bytes, strlen(bytes), &results, &complaint), 0, "%s", complaint.bytes);
	const struct results_benchmark *copy = results_find(&results, "copy/4KiB/a");
	const struct results_estimate *figure = results_headline(copy);
	/* A fifth of the way from 2.5 to 3. */
	cr_expect_float_eq(figure->point, 2.6, 1e-12);
	cr_expect(figure->lower >= 2.5 && figure->lower <= figure->point && figure->upper <= 4);
	cr_expect_gt(figure->upper, figure->point);
	cr_expect_eq(figure->level, 0.95);
	cr_expect_float_eq(copy->per_second, 4096e9 / 2.6, 1);
	results_free(&results);
	text_free(&complaint);
	free(bytes);
}

Test(results_read, a_whole_file) {
	struct results results;
	struct text complaint;
	cr_assert_eq(parse(whole, sizeof(whole) - 1, &results, &complaint), 0, "%s", complaint.bytes);
	cr_assert_eq(results.count, 2);
	const struct results_benchmark *copy = results_find(&results, "copy/4KiB/a");
	cr_assert_not_null(copy);
	cr_expect_str_eq(copy->group, "copy");
	cr_expect_eq(copy->parameter_count, 2);
	cr_expect_str_eq(copy->parameters[0], "4KiB");
	cr_expect_eq(copy->status, BENCH_STATUS_OK);
	cr_expect(copy->linear && copy->has_slope);
	cr_expect_eq(copy->count, 3);
	cr_expect_eq(copy->iters[2], 3);
	cr_expect_eq(copy->times[2], 7.5);
	cr_expect_eq(results_headline(copy)->upper, 2.25);
	cr_expect_eq(copy->outliers[STATS_LOW_MILD], 1);
	cr_expect_str_eq(copy->unit, "bytes");
	cr_expect_eq(copy->per_iteration, 4096);
	cr_expect(copy->has_luck && copy->layouts == 8 && copy->visits_each == 2);
	cr_expect(copy->luck_rooms.words[ROOM_LOUD] == 1 && copy->luck_rooms.words[ROOM_UNKNOWN] == 0);
	cr_expect(copy->luck.sampling == 0.01 && copy->luck.layout == 0.04 && copy->luck.upper == 0.08);
	cr_expect_eq(results.benchmarks[1].status, BENCH_STATUS_SKIPPED);
	cr_expect_str_eq(results.benchmarks[1].reason, "no such unit");
	cr_expect_str_eq(results_context(&results, "platform/cpu"), "X");
	cr_expect_str_eq(results_context(&results, "platform/none"), "");
	cr_expect_not(results_functional_only(&results));
	cr_expect_null(results_find(&results, "copy"));
	cr_assert_eq(results.ladder_count, 2);
	cr_expect(results.ladders[0].count == 0 && results.ladders[0].noise == -1);
	cr_assert_eq(results.ladders[1].count, 2);
	const struct results_level *first = results.ladders[1].levels;
	cr_expect(first->kind == LEVEL_BETWEEN && first->ns == 0.9 && first->bytes_upper == 52000);
	cr_expect(first->named_bytes == 0 && first->told_bytes == 49152 && !first->certain);
	cr_expect(first[1].kind == LEVEL_LAST && first[1].bytes == 0 && first[1].certain);
	results_free(&results);
	text_free(&complaint);
}

struct wrong {
	const char *from, *to;
	const char *where; /* in the complaint */
	const char *what;
};

Test(results_read, what_is_wrong_is_named_with_its_place) {
	static const struct wrong table[] = {
		{"anechoic/1", "anechoic/2", "line 1, byte 10: schema", "anechoic/1"},
		{"anechoic/1", "anechoic-noise/1", "line 1, byte 10: schema", "`noise` found"},
		{"\"context\":{", "\"contexts\":{", "context", "missing"},
		{"\"benchmarks\":[", "\"benchmark\":[", "benchmarks", "missing"},
		{"\"status\":\"ok\"", "\"status\":\"fine\"", "line 2", "benchmarks[0].status is none of"},
		{"\"status\":\"skipped\"", "\"status\":7", "line 3", "benchmarks[1].status is not a string"},
		{"[1,2,3]", "[1,2]", "line 2", "benchmarks[0].times is not as long as iters"},
		{"[1,2,3]", "[1,0,3]", "line 2", "benchmarks[0].iters[1] is not a whole number from 1 on"},
		{"[2.5,5,7.5]", "[2.5,null,7.5]", "line 2", "benchmarks[0].times[1] is not a number"},
		{"[2.5,5,7.5]", "[2.5,-5,7.5]", "line 2", "benchmarks[0].times[1] is not a number from 0 on"},
		{"[2.5,5,7.5]", "[2.5,1e999,7.5]", "line 2", "real number overflow"},
		{"[2.5,5,7.5]", "[2.5,NaN,7.5]", "line 2", "invalid token"},
		{"[1,2,3],\"times\":[2.5,5,7.5]", "[],\"times\":[]", "line 2", "iters is empty"},
		{"\"linear\"", "\"round\"", "line 2", "sampling is neither"},
		{"\"figure\":\"low_decile\"", "\"figure\":\"slope\"", "line 2",
		 "figure is not low_decile, the one that this version knows"},
		{"\"point\":2.5", "\"point\":\"2.5\"", "line 2", "estimates.slope.point is not a number"},
		{"\"lower_bound\":2", "\"lower_bound\":4", "line 2", "lower_bound is above upper_bound"},
		{"0.95", "1.95", "line 2", "confidence_level is not between 0 and 1"},
		{"\"low_mild\":1", "\"low_mild\":4", "line 2", "more than there are samples"},
		{"0.04", "-0.04", "line 2", "benchmarks[0].layout.layout_deviation is below 0"},
		{"0.03", "0.09", "line 2", "benchmarks[0].layout.lower_bound is above upper_bound"},
		{"\"layouts\":8", "\"layouts\":8.5", "line 2", "layout.layouts is not a whole number"},
		{"\"layouts\":8", "\"layouts\":2", "line 2", "layout.layouts is below 3"},
		{"\"visits\":2", "\"visits\":1", "line 2", "layout.visits is below 2"},
		{"\"worst_to_best\":1.1", "\"worst_to_best\":0.9", "line 2", "layout.worst_to_best is below 1"},
		{"\"figures\":[", "\"figure\":[", "line 2", "layout.figures is missing"},
		{"[{\"layout\":1,", "7,\"other\":[{\"layout\":1,", "line 2", "layout.figures is not an array"},
		{"[{\"layout\":1,", "[7,{\"layout\":1,", "line 2", "layout.figures[0] is not an object"},
		{"[{\"layout\":1,", "[{\"layout\":9,", "line 2", "layout.figures[0].layout is none of the layouts"},
		{"\"time\":2.5", "\"time\":0", "line 2", "layout.figures[0].time is not above 0"},
		{"\"loud\"", "\"calm\"", "line 2", "layout.figures[0].room.word is none of silent"},
		{"{\"layouts\"", "7,\"other\":{\"layouts\"", "line 2", "layout is not an object"},
		{"\"per_second\":1e9", "\"per_second\":0", "line 2", "per_second is not above 0"},
		{"\"copy/8\"", "\"copy/4KiB/a\"", "line 3", "another benchmark"},
		{"\"copy/8\"", "\"\"", "line 3", "name is empty"},
		{"\"mean\":", "\"mode\":", "line 2", "estimates.mean is missing"},
		{"\"unit\":\"ns\"", "\"name\":\"ns\"", "line 2", "duplicate"},
		{"\"levels\":[", "\"levels\":7,\"other\":[", "line 5", "levels is not an array"},
		{"\"levels\":[", "\"levels\":[],\"other\":[", "line 5", "levels is empty"},
		{"\"levels\":[", "\"levels\":[7,", "line 5", "levels[0] is not an object"},
		{"4096,\"outcome\"", "4095,\"outcome\"", "line 5", "levels[0].page_bytes is below 4096"},
		{"2097152", "4096", "line 6", "levels[1].page_bytes is not above the one before"},
		{"\"noise\":0.01", "\"noise\":-1", "line 6", "levels[1].noise is below 0"},
		{"\"noise\":null", "\"noises\":null", "line 5", "levels[0].noise is missing"},
		{"\"outcome\":\"found\"", "\"outcome\":\"\"", "line 5", "levels[0].outcome is empty"},
		{"\"found\":[]", "\"find\":[]", "line 5", "levels[0].found is missing"},
		{"\"between\"", "\"beyond\"", "line 6", "levels[1].found[0].kind is none of step, between, last"},
		{"\"between\"", "\"last\"", "line 6", "found[0].kind is last, and another level follows"},
		{"\"ns_lower\":0.8", "\"ns_lower\":0", "line 6", "found[0].ns_lower is not above 0"},
		{"\"ns_upper\":1.1", "\"ns_upper\":0.85", "line 6", "found[0].ns is not between ns_lower and"},
		{"\"bytes\":50000", "\"bytes\":0", "line 6", "found[0].bytes is 0"},
		{"\"bytes\":50000,", "", "line 6", "found[0].bytes is missing"},
		{"\"bytes_lower\":48000", "\"bytes_lower\":51000", "line 6", "found[0].bytes is not between"},
		{"\"told_bytes\":49152", "\"told_bytes\":4.5", "line 6", "told_bytes is not a whole number"},
		{"\"certain\":false", "\"certain\":0", "line 6", "found[0].certain is neither true nor false"},
		{"[\"short\"]", "[\"\"]", "line 6", "found[0].doubts[0] is not a string with something in it"},
		{"\"ns\":99", "\"ns\":\"99\"", "line 7", "levels[1].found[1].ns is not a number"},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct results results;
		struct text complaint;
		char *bytes = altered(table[i].from, table[i].to);
		cr_expect_neq(parse(bytes, strlen(bytes), &results, &complaint), 0, "%s accepted", table[i].to);
		cr_expect_not_null(strstr(complaint.bytes, "file.json: line "), "%s", complaint.bytes);
		cr_expect_not_null(strstr(complaint.bytes, table[i].where), "no %s in %s", table[i].where,
				   complaint.bytes);
		cr_expect_not_null(strstr(complaint.bytes, table[i].what), "no %s in %s", table[i].what,
				   complaint.bytes);
		text_free(&complaint);
		free(bytes);
	}
}

Test(results_read, cut_at_every_byte) {
	for (size_t length = 0; length < sizeof(whole) - 2; length++) {
		struct results results;
		struct text complaint;
		cr_expect_neq(parse(whole, length, &results, &complaint), 0, "cut at %zu", length);
		const char *said = length > 0 ? "file.json: line " : "file.json: it is empty";
		cr_expect_not_null(strstr(complaint.bytes, said), "%s", complaint.bytes);
		text_free(&complaint);
	}
}

/* Whatever is in it, it is refused or it is whole: sanitizers see to the rest. */
Test(results_read, bytes_at_random) {
	struct rng rng = rng_seeded(7);
	char bytes[sizeof(whole)];
	for (int round = 0; round < 20000; round++) {
		struct results results;
		struct text complaint;
		memcpy(bytes, whole, sizeof(whole));
		for (uint32_t i = rng_below(&rng, 4) + 1; i > 0; i--)
			bytes[rng_below(&rng, sizeof(whole) - 1)] = (char)rng_below(&rng, 256);
		if (parse(bytes, sizeof(whole) - 1, &results, &complaint) == 0)
			results_free(&results);
		else
			for (const char *at = complaint.bytes; *at && at[1]; at++)
				cr_assert(*at >= 0x20 && *at < 0x7f, "byte %d in a complaint", *at);
		text_free(&complaint);
	}
}

Test(results_read, deep_nesting_is_refused) {
	enum { DEPTH = 100000 };
	char *bytes = malloc(DEPTH);
	struct results results;
	struct text complaint;
	memset(bytes, '[', DEPTH);
	cr_expect_neq(parse(bytes, DEPTH, &results, &complaint), 0);
	text_free(&complaint);
	free(bytes);
}

Test(results_read, files_that_are_none) {
	static const char *const names[] = {"/nonexistent/results.json", "/"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct results results;
		struct text complaint = {0};
		cr_expect_eq(results_read(names[i], &results, &complaint), PLATFORM_EIO);
		cr_expect(complaint.length > strlen(names[i]) &&
			  memcmp(complaint.bytes, names[i], strlen(names[i])) == 0);
		text_free(&complaint);
	}
}

static void add_record(struct collector *collector, struct text *line) {
	collect_bytes(collector, line->bytes, line->length);
	text_free(line);
}

/* What the collector writes is what is read. */
Test(results_read, reads_what_the_collector_writes) {
	static const struct benchmark benchmark = {
		.name = "group/one/2", .iteration = "first", .unit = BENCH_UNIT_BYTES, .per_iteration = 64};
	uint64_t ticks[20];
	struct measurement m = {.linear = true, .step = 10, .ticks = ticks, .count = 20, .hz = 1000000000};
	struct collector collector = {0};
	struct text line = {0}, text = {0}, complaint = {0};
	struct results results;
	for (uint64_t i = 0; i < 20; i++)
		ticks[i] = (i + 1) * 1000 + i % 3;
	record_open(&line, "RUN");
	text_member_bool(&line, "resumed", false);
	text_member(&line, "context");
	text_add_string(&line, "{\"options\":{\"seed\":5,\"nresamples\":100,\"confidence_level\":0.9}}");
	record_close(&line);
	add_record(&collector, &line);
	record_start(&line, benchmark.name, 0);
	add_record(&collector, &line);
	for (uint32_t visit = 0; visit < 8; visit++) {
		record_layout(&line, &benchmark, 0, visit % 4 + 1, &m);
		add_record(&collector, &line);
	}
	record_end(&line, &benchmark, 0, &m);
	add_record(&collector, &line);
	record_start(&line, "group/two", 1);
	add_record(&collector, &line);
	collect_end(&collector);
	results_write(&collector, &text);
	int status = results_parse("own", text.bytes, text.length, &results, &complaint);
	cr_assert_eq(status, 0, "%.*s", (int)complaint.length, complaint.bytes);
	cr_assert_eq(results.count, 2);
	cr_expect_eq(results.benchmarks[0].count, 20);
	cr_expect_eq(results.benchmarks[0].times[19], (double)ticks[19]);
	cr_expect(results.benchmarks[0].slope.point > 100 && results.benchmarks[0].slope.point < 100.1);
	cr_expect(results.benchmarks[0].has_luck && results.benchmarks[0].layouts == 4);
	cr_expect_eq(results.benchmarks[0].luck.worst_to_best, 1);
	cr_expect_not(results.benchmarks[1].has_luck);
	cr_expect_eq(results.benchmarks[1].status, BENCH_STATUS_SKIPPED, "one START without an END is no hang");
	results_free(&results);
	collect_free(&collector);
	text_free(&text);
	text_free(&complaint);
}
