/* SPDX-License-Identifier: Apache-2.0
 *
 * What a watch tells those outside: an alert as JSON and as a sentence, metrics, and the file of them.
 */
#include "host-tests/watch_made_up.h"
#include "hosted/results/files.h"
#include "hosted/watcher/alert_json.h"
#include "hosted/watcher/metrics.h"
#include "hosted/watcher/textfile.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static json_t *parsed(const struct watch_alert *alert) {
	struct text text = {0};
	alert_json(alert, &text);
	cr_assert_not(text.failed);
	cr_expect_eq(memchr(text.bytes, '\n', text.length), text.bytes + text.length - 1, "one line");
	json_t *json = json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES, NULL);
	cr_assert(json);
	text_free(&text);
	return json;
}

static const char *string(json_t *json, const char *name) {
	return json_string_value(json_object_get(json, name));
}

Test(alert_json, says_all_of_an_alert) {
	struct watch_alert alert = made_up_alert(2);
	json_t *json = parsed(&alert), *changes = json_object_get(json, "changes");
	cr_expect_str_eq(string(json, "schema"), "anechoic-alert/1");
	cr_expect_eq(json_integer_value(json_object_get(json, "id")), 7);
	cr_expect_str_eq(string(json, "state"), "opened");
	cr_expect_str_eq(string(json, "began_utc"), "2026-11-27T00:00:00Z");
	cr_expect(json_is_null(json_object_get(json, "closed_utc")));
	cr_expect_eq(json_array_size(changes), 2);
	json_t *first = json_array_get(changes, 0), *second = json_array_get(changes, 1);
	cr_expect_str_eq(string(first, "direction"), "slower");
	cr_expect_float_eq(json_number_value(json_object_get(first, "change")), 0.05, 1e-12);
	cr_expect(json_is_null(json_object_get(first, "last_utc")));
	cr_expect(json_is_null(json_object_get(first, "adopted")));
	cr_expect_str_eq(string(second, "benchmark"), "reference/a \"name\"\\ of its own");
	cr_expect_str_eq(string(second, "direction"), "faster");
	cr_expect_str_eq(string(second, "percentile"), "p99");
	cr_expect_str_eq(string(second, "first_utc"), "2026-11-27T00:01:00Z");
	json_decref(json);
}

Test(alert_json, says_when_it_ended) {
	struct watch_alert alert = made_up_end(1);
	json_t *json = parsed(&alert), *change = json_array_get(json_object_get(json, "changes"), 0);
	cr_expect_str_eq(string(json, "state"), "closed");
	cr_expect_str_eq(string(json, "closed_utc"), "2026-11-27T01:00:00Z");
	cr_expect_str_eq(string(change, "state"), "closed");
	cr_expect_str_eq(string(change, "last_utc"), "2026-11-27T00:50:00Z");
	cr_expect_str_eq(string(json, "text"),
			 "alert 7 closed: tlb/lookup was 5 % slower (p50, 100 ns to 105 ns, by "
			 "cusum), from 2026-11-27T00:00:00Z to 2026-11-27T01:00:00Z; it came back");
	cr_expect(json_is_false(json_object_get(change, "adopted")));
	json_decref(json);
}

static const char *end_of_sentence(const struct watch_alert *alert) {
	static struct text text;
	text.length = 0;
	alert_sentence(alert, &text);
	text_add(&text, "", 1);
	cr_assert_not(text.failed);
	const char *end = strchr(text.bytes, ';');
	return end ? end : "";
}

Test(alert_json, says_whether_the_new_level_is_the_one_from_now_on) {
	struct watch_alert alert = made_up_end(2);
	cr_expect_str_eq(end_of_sentence(&alert), "; it came back");
	alert.members[1].event.is_adopted = true;
	cr_expect_str_eq(end_of_sentence(&alert), "; 1 of 2 stayed there, which is their level from now on");
	alert.members[0].event.is_adopted = true;
	cr_expect_str_eq(end_of_sentence(&alert), "; it stayed there, which is the level from now on");
	json_t *json = parsed(&alert), *change = json_array_get(json_object_get(json, "changes"), 0);
	cr_expect(json_is_true(json_object_get(change, "adopted")));
	json_decref(json);
	struct watch_alert open = made_up_alert(1);
	cr_expect_str_eq(end_of_sentence(&open), "");
}

Test(alert_json, lists_no_more_than_there_is_room_for) {
	struct watch_alert alert = made_up_alert(1000);
	json_t *json = parsed(&alert);
	cr_expect_eq(json_integer_value(json_object_get(json, "benchmarks")), 1000);
	cr_expect_eq(json_array_size(json_object_get(json, "changes")), WATCH_ALERT_BENCHMARKS);
	cr_expect_str_eq(string(json, "text"), "alert 7 opened: tlb/lookup is 5 % slower (p50, 100 ns to 105 ns, by "
					       "cusum) and 999 more, since 2026-11-27T00:00:00Z");
	json_decref(json);
}

static const char *metrics(const struct watch_status *status) {
	static struct text text;
	text.length = 0;
	metrics_write(status, &text);
	text_add(&text, "", 1);
	cr_assert_not(text.failed);
	return text.bytes;
}

static void expect_line(const char *text, const char *line) {
	const char *found = strstr(text, line);
	cr_expect(found && (found == text || found[-1] == '\n') && found[strlen(line)] == '\n', "%s in\n%s", line,
		  text);
}

Test(metrics, have_every_series_in_base_units) {
	static const char *const lines[] = {
		"anechoic_watch_duration_seconds{bench=\"tlb/lookup\",span=\"minute\",stat=\"p50\"} 1.25e-08",
		"anechoic_watch_duration_seconds{bench=\"tlb/lookup\",span=\"hour\",stat=\"p99\"} 1e-05",
		"anechoic_watch_values{bench=\"tlb/lookup\",span=\"hour\"} 3600",
		"anechoic_watch_room{bench=\"tlb/lookup\",span=\"minute\"} 3",
		"anechoic_watch_window_start_time_seconds{bench=\"tlb/lookup\",span=\"minute\"} 1795737600",
		"anechoic_watch_alert_open{bench=\"tlb/lookup\",direction=\"slower\"} 0",
		"anechoic_watch_alert_open{bench=\"a\\\\b\\\"c\\nd\",direction=\"faster\"} 0",
		"anechoic_watch_alert_open{bench=\"a\\\\b\\\"c\\nd\",direction=\"slower\"} 1",
		"anechoic_watch_learning_seconds{bench=\"tlb/lookup\"} 0",
		"anechoic_watch_alerts_opened_total 3",
		"anechoic_watch_rounds_skipped_total 200",
		"anechoic_watch_last_round_time_seconds 1795744800",
		"anechoic_watch_run_length_seconds 2592000",
		"anechoic_watch_duty_ratio 0.0045",
	};
	struct watch_row rows[2];
	struct watch_status status = made_up_status(rows);
	const char *text = metrics(&status);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_line(text, lines[i]);
	cr_expect_null(strstr(text, "span=\"day\""), "there is no day yet");
}

/* A family's head once, and all of its series behind it: the format asks for both. */
Test(metrics, families_are_whole) {
	struct watch_row rows[2];
	struct watch_status status = made_up_status(rows);
	char name[64] = "", *text = strdup(metrics(&status)), *rest = text;
	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		if (strncmp(line, "# TYPE ", 7) == 0) {
			sscanf(line, "# TYPE %63s", name);
			char *again = rest ? strstr(rest, line) : NULL;
			cr_expect_null(again, "%s twice", line);
		} else if (*line != '#') {
			cr_expect_eq(strncmp(line, name, strlen(name)), 0, "%s under %s", line, name);
		}
	}
	free(text);
}

Test(textfile, can_be_read_by_everybody_and_leaves_nothing_beside_it) {
	char folder[] = "/tmp/anechoic-textfile-XXXXXX";
	struct text complaint = {0}, text = {0};
	struct stat status;
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
	umask(077);
	cr_expect(textfile_may_write("watch.prom", &complaint));
	text_add_string(&text, "one 1\n");
	for (int i = 0; i < 2; i++)
		cr_expect_eq(textfile_save("watch.prom", &text, &complaint), 0);
	cr_assert_eq(stat("watch.prom", &status), 0);
	cr_expect_eq(status.st_mode & 0777, 0644);
	cr_expect_eq(umask(077), 077, "the process' own is as it was");
	cr_expect_eq(unlink("watch.prom"), 0);
	cr_expect_eq(rmdir(folder), 0, "nothing else is in it");
	cr_expect_eq(complaint.length, 0);
	cr_expect_not(textfile_may_write("watch.txt", &complaint));
	cr_expect_not(textfile_may_write(".prom", &complaint));
	cr_expect_not(textfile_may_write("/no/such/folder/watch.prom", &complaint));
	text_free(&complaint);
	text_free(&text);
}
