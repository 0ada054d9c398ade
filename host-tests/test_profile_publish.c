/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a profile where the file cannot be written, and in a room that is too loud: nothing is measured.
 */
#include "bench/record.h"
#include "bench/tune/make.h"
#include "bench/tune/profile_log.h"
#include "bench/tune/publish.h"
#include "hosted/platform/streams.h"
#include "tune_fixture.h"

#include <criterion/criterion.h>

static struct text console;
static unsigned results_pieces;

/* A stick without room. */
static int take(enum platform_stream stream, const void *bytes, size_t length) {
	if (stream == PLATFORM_STREAM_RECORD) {
		text_add(&console, bytes, length);
		return 0;
	}
	if (stream != PLATFORM_STREAM_RESULTS)
		return PLATFORM_EUNSUPPORTED;
	results_pieces++;
	return PLATFORM_EIO;
}

static void read_console(struct text *file) {
	struct json_span rest = {console.bytes, console.length};
	struct profile_log log = {.head = NULL};
	struct record record;
	while (record_next(&rest, &record))
		cr_expect(profile_log_take(&log, record.json), "a record of tag %s", record.tag);
	cr_expect(profile_log_is_whole(&log));
	profile_log_write(&log, file);
	profile_log_free(&log);
}

Test(profile_publish, where_there_is_no_room_for_the_file_its_records_are_out) {
	static const struct stream_listener full = {.take = take};
	static const struct stream_listener *const listeners[] = {&full, NULL};
	struct tune *tune = fixture_tune(simd_features_detect());
	struct text whole = {0}, again = {0};
	streams_listen(listeners);
	cr_expect_eq(publish_profile(tune, &fixture_about), PLATFORM_EIO);
	cr_expect_eq(results_pieces, 1);
	profile_json_write(&whole, &fixture_about, tune);
	read_console(&again);
	cr_assert_eq(again.length, whole.length);
	cr_expect_arr_eq(again.bytes, whole.bytes, whole.length);
	text_free(&whole);
	text_free(&again);
	free(tune);
}

Test(profile_publish, what_is_too_loud_is_a_status_and_a_word_where_it_is) {
	struct tune *tune = fixture_tune(simd_features_detect());
	struct text table = {0};
	struct tune_choice *fill = &tune->choices[TUNE_FOR_MIXED][SIMD_OPERATION_FILL];
	cr_expect_eq(tune_status(tune), 0);
	fill->bands[0] = (struct tune_band){.below = SIZE_MAX,
					    .method = (unsigned)tune->operations[SIMD_OPERATION_FILL].built_in,
					    .basis = TUNE_TOO_LOUD};
	tune->loud = true;
	cr_expect_eq(tune_status(tune), 3);
	tune_show_table(tune, TUNE_FOR_MIXED, TUNE_TABLE_COLUMNS, &table);
	text_add(&table, "", 1);
	const char *line = strstr(table.bytes, "\nfill ");
	cr_assert_not_null(line, "%s", table.bytes);
	const char *word = strstr(line, "built in; too loud to choose\n");
	cr_assert_not_null(word, "%s", table.bytes);
	cr_expect_null(memchr(line + 1, '\n', (size_t)(word - line - 1)), "in that line");
	cr_expect_not_null(strstr(table.bytes, "\ntoo loud to choose, so that the built-in method stays: fill\n"), "%s",
			   table.bytes);
	text_free(&table);
	free(tune);
}

static void check_lines(const char *table, size_t columns) {
	for (const char *line = table; *line != '\0';) {
		size_t length = strcspn(line, "\n");
		cr_expect_leq(length, columns, "%.*s", (int)length, line);
		cr_expect(length == 0 || line[length - 1] != ' ', "%.*s", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

Test(profile_publish, the_table_says_what_is_chosen_instead_of_what_in_as_many_columns_as_there_are) {
	struct tune *tune = fixture_tune(simd_features_detect());
	const struct tune_operation *copy = &tune->operations[SIMD_OPERATION_COPY];
	struct tune_choice *choice = &tune->choices[TUNE_FOR_MIXED][SIMD_OPERATION_COPY];
	char line[200];
	choice->bands[1].from = choice->bands[0].below = 24608;
	choice->bands[2].from = choice->bands[1].below = (64 << 20) + 1;
	choice->bands[2].basis = TUNE_NOT_MEASURED;
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
		tune->choices[TUNE_FOR_MIXED][i].bands[0].basis =
			i == SIMD_OPERATION_COPY ? TUNE_CHOSEN : TUNE_TOO_LOUD;
	tune->loud = true;
	choice->cells = 3000;
	choice->conflicts = choice->undecided = 1000;
	for (size_t columns = 80; columns <= 100; columns += 20) {
		struct text table = {0};
		tune_show_table(tune, TUNE_FOR_MIXED, columns, &table);
		text_add(&table, "", 1);
		check_lines(table.bytes, columns);
		snprintf(line, sizeof(line), "\ncopy          below 24 KiB         %-10s -20.0 +-1.2  %s+6.1     %s\n",
			 copy->methods[0].name, columns == 100 ? " +10.0 +-1.7   " : "",
			 copy->methods[copy->built_in].name);
		cr_expect_not_null(strstr(table.bytes, line), "%s%s", line, table.bytes);
		cr_expect_not_null(strstr(table.bytes, "\n              24 KiB to 64 MiB     "));
		cr_expect_not_null(strstr(table.bytes, " built in; another gains alone only\n"));
		cr_expect_not_null(strstr(table.bytes, "\n              beyond 64 MiB        "));
		cr_expect_not_null(strstr(table.bytes, " built in; not measured\n"));
		cr_expect_not_null(strstr(table.bytes, "\ncopies past the caches: from 3 MiB; alone "));
		text_free(&table);
	}
	free(tune);
}

Test(profile_publish, an_interval_that_says_nothing_of_cold_operands_is_left_out) {
	struct tune *tune = fixture_tune(simd_features_detect());
	struct tune_band *band = &tune->choices[TUNE_FOR_MIXED][SIMD_OPERATION_COPY].bands[0];
	for (int sure = 0; sure < 2; sure++) {
		struct text table = {0};
		band->cold =
			(struct tune_ratio){.rounds = 9, .point = 1.06, .lower = sure ? 1.01 : 0.99, .upper = 1.11};
		tune_show_table(tune, TUNE_FOR_MIXED, TUNE_TABLE_COLUMNS, &table);
		text_add(&table, "", 1);
		const char *line = strstr(table.bytes, "\ncopy ");
		cr_assert_not_null(line, "%s", table.bytes);
		const char *wanted = sure ? "+6.0 +-5.0 " : "- ";
		cr_expect_eq(strncmp(line + 1 + 60, wanted, strlen(wanted)), 0, "%s", line);
		text_free(&table);
	}
	free(tune);
}

Test(profile_publish, the_table_says_what_other_cores_change) {
	struct tune *tune = fixture_tune(simd_features_detect());
	struct text table = {0};
	tune->streams.bytes_at[STREAM_COPY][STREAM_ALONE] = SIZE_MAX;
	tune->streams.bytes_at[STREAM_COPY][STREAM_BUSY] = 1 << 20;
	tune_show_table(tune, TUNE_FOR_MIXED, TUNE_TABLE_COLUMNS, &table);
	text_add(&table, "", 1);
	cr_expect_not_null(
		strstr(table.bytes, "copies past the caches: from 3 MiB; alone never, with 3 others 1 MiB\n"), "%s",
		table.bytes);
	cr_expect_not_null(strstr(table.bytes, "\n32 KiB      -20.0   +30.0\n"), "%s", table.bytes);
	text_free(&table);
	free(tune);
}
