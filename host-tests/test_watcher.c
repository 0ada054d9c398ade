/* SPDX-License-Identifier: Apache-2.0
 *
 * The watch itself, with detectors of the simplest kind in the place of its own: what of a day comes into which window,
 * which alerts that makes, and what is there after whatever ends the process.
 */
#include "hosted/watcher/watcher.h"

#include "hosted/results/files.h"
#include "hosted/results/sqlite.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a detector that a test can see through ---------------------------------------------------------------------- */

enum { LEARN = 4 };

/* The level is the first window's; 4 % away is a change, and 2 % is none any more. */
struct detector {
	struct detector_rules rules;
	uint64_t windows, first, last;
	double level, sum, peak;
	bool is_open, is_slower;
};

size_t detector_size(void) {
	return sizeof(struct detector);
}

bool detector_begin(struct detector *detector, const struct detector_rules *rules) {
	memset(detector, 0, sizeof(*detector));
	detector->rules.run_length = rules->run_length;
	detector->rules.window_seconds = rules->window_seconds;
	return rules->run_length > 1000;
}

void detector_add(struct detector *detector, const struct detector_window *window, struct detector_event *event) {
	double value = window->percentiles[DETECTOR_P50];
	double away = detector->windows ? fabs(value / detector->level - 1) : 0;
	*event = (struct detector_event){.answer = DETECTOR_NONE, .by = "fake", .before = detector->level};
	cr_assert_geq(window->number, detector->last, "windows come in order");
	if (detector->windows++ == 0)
		detector->level = value;
	detector->sum += value + 3 * window->percentiles[DETECTOR_P99] + (double)window->values->total;
	if (!detector->is_open && away > 0.04 && detector->windows > LEARN) {
		event->answer = DETECTOR_OPENED;
		detector->first = window->number;
		detector->is_slower = value > detector->level;
	} else if (detector->is_open && away < 0.02) {
		event->answer = DETECTOR_CLOSED;
	}
	detector->is_open = event->answer == DETECTOR_NONE ? detector->is_open : event->answer == DETECTOR_OPENED;
	if (event->answer != DETECTOR_CLOSED)
		detector->last = window->number;
	detector->peak = detector->is_open ? value : detector->peak;
	event->first = detector->first;
	event->last = detector->last;
	event->after = detector->peak;
	event->is_slower = detector->is_slower;
}

uint64_t detector_learns(const struct detector *detector) {
	return detector->windows < LEARN ? LEARN - detector->windows : 0;
}

bool detector_is_open(const struct detector *detector) {
	return detector->is_open;
}

size_t detector_bytes_most(void) {
	return sizeof(struct detector);
}

size_t detector_write(const struct detector *detector, uint8_t *bytes, size_t capacity) {
	if (capacity < sizeof(*detector))
		return 0;
	memcpy(bytes, detector, sizeof(*detector));
	return sizeof(*detector);
}

bool detector_read(struct detector *detector, const struct detector_rules *rules, const uint8_t *bytes, size_t length) {
	struct detector found;
	if (length == sizeof(found)) {
		memcpy(&found, bytes, length);
		if (found.rules.run_length == rules->run_length) {
			*detector = found;
			return true;
		}
	}
	detector_begin(detector, rules);
	return false;
}

/* ---- a watch ----------------------------------------------------------------------------------------------------- */

#define START INT64_C(1795737600) /* 2026-11-27T00:00:00Z */

enum { MINUTE_S = 60, HOUR = 60, DAY = 1440 };

static char folder[64], file[sizeof(folder) + 16];
static struct text said, told;
static size_t tells;

static void make_folder(void) {
	/* Thousands of transactions, and no disk need keep them. */
	const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(folder, sizeof(folder), "%s/anechoic-watcher-XXXXXX", memory);
	cr_assert(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/watch.db", folder);
}

static void remove_folder(void) {
	files_remove_tree(folder);
	text_free(&said);
	text_free(&told);
}

TestSuite(watcher, .init = make_folder, .fini = remove_folder);

static void say(void *argument, const char *line) {
	(void)argument;
	text_format(&said, "%s\n", line);
}

static void tell(void *argument, const struct watch_alert *alert) {
	(void)argument;
	tells++;
	text_format(&told, "%llu %s %zu %s;", (unsigned long long)alert->id,
		    alert->state == WATCH_ALERT_OPENED ? "opened" : "closed", alert->count,
		    alert->members[0].benchmark);
}

/* What was added since, terminated. */
static const char *taken(struct text *text) {
	static char copy[4096];
	cr_assert_lt(text->length, sizeof(copy));
	memcpy(copy, text->bytes ? text->bytes : "", text->length);
	copy[text->length] = '\0';
	text->length = 0;
	return copy;
}

static const char *const names[] = {"one", "two"};

struct watch {
	struct state *state;
	struct watcher *watcher;
};

static struct watch begin_of(const struct watcher_rules *rules, size_t count) {
	struct watch watch = {NULL, NULL};
	struct text complaint = {0};
	int status = state_open(file, STATE_WATCH, &watch.state, &complaint);
	if (status == 0)
		watch.watcher = watcher_begin(watch.state, rules, names, count, &complaint);
	cr_assert(watch.watcher, "%.*s", (int)complaint.length, complaint.bytes);
	cr_assert(watcher_machine(watch.watcher, "a machine", "commit", &complaint));
	text_free(&complaint);
	return watch;
}

static const struct watcher_rules usual = {.run_length = 30 * 86400.0,
					   .room = ROOM_USABLE,
					   .takes_unknown_rooms = true,
					   .minutes_a_commit = 1,
					   .is_live = true,
					   .tell = tell,
					   .say = say};

static struct watch begin(void) {
	return begin_of(&usual, 2);
}

static bool end(struct watch *watch) {
	bool whole = watcher_end(watch->watcher);
	state_close(watch->state);
	return whole;
}

static enum watcher_answer take(struct watch *watch, size_t name, int64_t minute, double value) {
	const double values[] = {value, value * 1.001, value * 1.3};
	return watcher_take(watch->watcher, &(struct watcher_round){.benchmark = names[name],
								    .time = START + minute * MINUTE_S + 7,
								    .values = values,
								    .count = 3});
}

static void take_minutes(struct watch *watch, int64_t from, int64_t to, double value) {
	for (int64_t minute = from; minute < to; minute++)
		for (size_t i = 0; i < 2; i++)
			cr_assert_eq(take(watch, i, minute, value * (1 + 1e-4 * (double)(minute % 7))), WATCHER_TAKEN);
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

struct found {
	size_t count;
	struct state_window first, last;
};

static bool count_window(void *argument, const struct state_window *window) {
	struct found *found = argument;
	if (found->count++ == 0)
		found->first = *window;
	found->last = *window;
	return true;
}

static struct found windows(struct state *state, enum watch_span span) {
	struct found found = {0};
	int64_t number;
	cr_assert(state_benchmark(state, "one", &number));
	cr_assert(state_windows(state, number, span, 0, count_window, &found));
	return found;
}

Test(watcher, merges_minutes_into_hours_and_days) {
	struct watch watch = begin();
	take_minutes(&watch, 30, 2 * DAY + 90, 100);
	watcher_advance(watch.watcher, START + (2 * DAY + 120) * MINUTE_S);
	struct found minutes = windows(watch.state, WATCH_MINUTE), hours = windows(watch.state, WATCH_HOUR),
		     days = windows(watch.state, WATCH_DAY);
	cr_expect_eq(minutes.count, 2 * DAY + 60);
	cr_expect_eq(hours.count, 50, "the last half hour is one, too: %zu", hours.count);
	cr_expect_eq(hours.first.count, 30 * 3);
	cr_expect_eq(hours.last.start, START + (2 * DAY + 60) * MINUTE_S);
	cr_expect_eq(days.count, 2);
	cr_expect_eq(days.first.count, (DAY - 30) * 3);
	cr_expect_eq(days.last.count, DAY * 3);
	cr_expect_float_eq(days.last.percentiles[DETECTOR_P99], 130, 130 * HISTOGRAM_RELATIVE_ERROR);
	const struct watch_row *row = &watcher_status(watch.watcher)->rows[0];
	cr_expect_eq(row->last[WATCH_DAY].start, START + DAY * MINUTE_S);
	cr_expect_eq(row->last[WATCH_HOUR].count, 30 * 3);
	cr_expect(end(&watch));
}

Test(watcher, percentiles_of_a_minute_are_exact) {
	struct watch watch = begin();
	take(&watch, 0, 0, 123.456789);
	take(&watch, 0, 1, 100);
	struct found minutes = windows(watch.state, WATCH_MINUTE);
	cr_expect_eq(minutes.first.percentiles[DETECTOR_P50], 123.456789 * 1.001);
	cr_expect_eq(minutes.first.percentiles[DETECTOR_P99], 123.456789 * 1.001);
	cr_expect(end(&watch));
}

Test(watcher, passes_loud_rounds_over_and_counts_what_it_does_not_take) {
	const double value = 5;
	struct watch watch = begin();
	struct room_seen loud = {.measured_ns = 1000, .probes = 9, .ratio_low = 1, .ratio_median = 1, .ratio_high = 1};
	struct watcher_round round = {.benchmark = "one", .time = START, .room = &loud, .values = &value, .count = 1};
	loud.within_ns = 500;
	cr_expect_eq(watcher_take(watch.watcher, &round), WATCHER_LOUD);
	loud.within_ns = 0;
	cr_expect_eq(watcher_take(watch.watcher, &round), WATCHER_TAKEN);
	round.status = BENCH_STATUS_HUNG;
	cr_expect_eq(watcher_take(watch.watcher, &round), WATCHER_FAILED);
	round.status = BENCH_STATUS_OK;
	round.benchmark = "three";
	cr_expect_eq(watcher_take(watch.watcher, &round), WATCHER_UNKNOWN);
	round.benchmark = "one";
	for (int i = 0; i < 2; i++) {
		round.time = i ? INT64_MAX : -1;
		cr_expect_eq(watcher_take(watch.watcher, &round), WATCHER_HELD);
	}
	const struct watch_status *status = watcher_status(watch.watcher);
	cr_expect_eq(status->rounds, 1);
	cr_expect_eq(status->rounds_loud, 1);
	cr_expect_eq(status->rounds_failed, 1);
	cr_expect_eq(watcher_held(watch.watcher), 2);
	cr_expect_eq(status->last_round, START);
	cr_expect(end(&watch));
}

Test(watcher, asks_for_a_known_room_where_it_shall) {
	struct watcher_rules rules = usual;
	rules.takes_unknown_rooms = false;
	struct watch watch = begin_of(&rules, 2);
	cr_expect_eq(take(&watch, 0, 0, 100), WATCHER_LOUD);
	cr_expect(end(&watch));
}

Test(watcher, holds_rounds_while_the_clock_is_behind) {
	struct watch watch = begin();
	take_minutes(&watch, 10, 20, 100);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(take(&watch, 0, 5, 100), WATCHER_HELD);
	const char *line = taken(&said);
	cr_expect(strstr(line, "the clock went back") && strstr(line, "00:19:00Z") && strstr(line, file), "%s", line);
	cr_expect_eq(strchr(line, '\n'), line + strlen(line) - 1, "once: %s", line);
	cr_expect_eq(take(&watch, 0, 20, 100), WATCHER_TAKEN);
	cr_expect_eq(windows(watch.state, WATCH_MINUTE).count, 10);
	cr_expect(end(&watch));
	struct watcher_rules rules = usual;
	rules.is_live = false;
	watch = begin_of(&rules, 2);
	cr_expect_eq(take(&watch, 0, 10, 100), WATCHER_HELD, "it has been taken before");
	cr_expect_str_eq(taken(&said), "");
	cr_expect(end(&watch));
}

/* ---- alerts ------------------------------------------------------------------------------------------------------ */

Test(watcher, makes_one_alert_of_one_event_and_says_its_end) {
	struct watch watch = begin();
	take_minutes(&watch, 0, 100, 100);
	cr_expect_eq(watcher_status(watch.watcher)->rows[0].learns, 0);
	take_minutes(&watch, 100, 150, 106);
	cr_expect_str_eq(taken(&told), "1 opened 2 one;", "both are one alert");
	cr_expect(watcher_status(watch.watcher)->rows[1].is_open);
	take_minutes(&watch, 150, 160, 100);
	cr_expect(watcher_status(watch.watcher)->rows[1].is_open, "it may come again");
	take_minutes(&watch, 160, 165, 106);
	take_minutes(&watch, 165, 250, 100);
	cr_expect_str_eq(taken(&told), "1 closed 2 one;", "it came again within its hold, and is one event");
	const struct watch_status *status = watcher_status(watch.watcher);
	cr_expect_not(status->rows[0].is_open);
	cr_expect_eq(status->alerts_opened, 1);
	cr_expect_eq(status->alerts_closed, 1);
	take_minutes(&watch, 250, 260, 94);
	cr_expect_str_eq(taken(&told), "2 opened 2 one;");
	cr_expect_not(watcher_status(watch.watcher)->rows[0].is_slower);
	cr_expect(end(&watch));
	cr_expect_str_eq(taken(&said), "");
}

Test(watcher, tells_again_what_a_restart_may_have_cut_off) {
	pid_t child = fork();
	if (child == 0) {
		struct watch watch = begin();
		take_minutes(&watch, 0, 50, 100);
		take_minutes(&watch, 50, 52, 110); /* minute 50 is over and told, 51 is open */
		_exit(tells == 1 ? 7 : 1);
	}
	int status;
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(WEXITSTATUS(status), 7);
	struct watch watch = begin();
	take_minutes(&watch, 51, 60, 110);
	cr_expect_str_eq(taken(&told), "1 opened 2 one;", "the same alert");
	cr_expect(end(&watch));
	watch = begin();
	take_minutes(&watch, 61, 70, 110);
	cr_expect_str_eq(taken(&told), "", "that was told");
	cr_expect(end(&watch));
}

/* ---- what ends a process ----------------------------------------------------------------------------------------- */

struct kept {
	struct detector detector;
	struct state_watch watch;
	size_t windows[WATCH_SPANS];
};

static struct kept kept_in_state(void) {
	struct kept kept = {0};
	struct text complaint = {0};
	struct state *state;
	int64_t number;
	uint64_t window;
	size_t length;
	cr_assert_eq(state_open(file, STATE_WATCH, &state, &complaint), 0);
	cr_assert(state_get_watch(state, &kept.watch));
	cr_assert(state_benchmark(state, "one", &number));
	cr_assert(
		state_get_detector(state, number, &window, (uint8_t *)&kept.detector, sizeof(kept.detector), &length));
	for (int span = 0; span < WATCH_SPANS; span++)
		kept.windows[span] = windows(state, (enum watch_span)span).count;
	state_close(state);
	return kept;
}

static double value_at(int64_t minute) {
	return (minute > 300 && minute < 400 ? 110 : 100) + 1e-3 * (double)(minute % 11);
}

/* As far as minute `to`, which stays open; then it is gone without a word. */
static void be_killed_at(int64_t from, int64_t to) {
	pid_t child = fork();
	if (child == 0) {
		struct watch watch = begin();
		for (int64_t minute = from; minute <= to; minute++)
			take(&watch, 0, minute, value_at(minute));
		_exit(0);
	}
	int status;
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
}

Test(watcher, is_the_same_after_however_many_kills) {
	enum { LAST = DAY + 200 };
	struct watch watch = begin();
	for (int64_t minute = 0; minute <= LAST; minute++)
		take(&watch, 0, minute, value_at(minute));
	cr_assert(end(&watch));
	struct kept whole = kept_in_state();
	cr_assert_eq(unlink(file), 0);
	int64_t next = 0;
	for (int64_t stop = 13; stop < LAST; stop += stop % 2 ? 8 : 171) {
		be_killed_at(next, stop);
		next = stop; /* it was open, and is lost */
	}
	watch = begin();
	for (int64_t minute = next; minute <= LAST; minute++)
		cr_assert_eq(take(&watch, 0, minute, value_at(minute)), WATCHER_TAKEN, "%d", (int)minute);
	cr_assert(end(&watch));
	struct kept pieces = kept_in_state();
	cr_expect_eq(pieces.watch.last, whole.watch.last);
	cr_expect_eq(pieces.watch.rounds, whole.watch.rounds);
	cr_expect_eq(pieces.detector.windows, whole.detector.windows);
	cr_expect_eq(pieces.detector.sum, whole.detector.sum, "percentiles are handed on as they were");
	for (int span = 0; span < WATCH_SPANS; span++)
		cr_expect_eq(pieces.windows[span], whole.windows[span], "%d", span);
}

static struct watch_row row_of(struct watch *watch) {
	return watcher_status(watch->watcher)->rows[0];
}

Test(watcher, shows_the_last_windows_after_a_restart) {
	be_killed_at(0, DAY + 130);
	struct watch watch = begin();
	struct watch_row row = row_of(&watch);
	cr_expect_eq(row.last[WATCH_MINUTE].start, START + (DAY + 129) * MINUTE_S);
	cr_expect_eq(row.last[WATCH_MINUTE].percentiles[DETECTOR_P50], value_at(DAY + 129) * 1.001);
	cr_expect_eq(row.last[WATCH_HOUR].start, START + (DAY + HOUR) * MINUTE_S);
	cr_expect_eq(row.last[WATCH_HOUR].count, HOUR * 3);
	cr_expect_eq(row.last[WATCH_DAY].count, DAY * 3);
	cr_expect_eq(row.learns, 0, "it has learned");
	take(&watch, 0, 2 * DAY, 100);
	cr_expect_eq(row_of(&watch).last[WATCH_HOUR].count, 10 * 3, "what was open before is ended by who comes after");
	cr_expect_eq(row_of(&watch).last[WATCH_DAY].count, 130 * 3);
	cr_expect(end(&watch));
}

/* ---- what it does not trust -------------------------------------------------------------------------------------- */

Test(watcher, learns_anew_for_another_programme) {
	struct text complaint = {0};
	struct watch watch = begin();
	take_minutes(&watch, 0, 20, 100);
	take_minutes(&watch, 20, 30, 110);
	cr_expect_str_eq(taken(&told), "1 opened 2 one;");
	cr_assert(watcher_machine(watch.watcher, "a machine", "another commit", &complaint));
	cr_expect_eq(row_of(&watch).learns, LEARN);
	take_minutes(&watch, 30, 80, 110);
	cr_expect_str_eq(taken(&told), "1 closed 2 one;", "nobody follows it any more");
	cr_expect(strstr(taken(&said), "another commit does"));
	cr_expect(end(&watch));
	pid_t child = fork();
	if (child == 0) {
		watch = begin();
		_exit(row_of(&watch).learns == LEARN ? 7 : 1);
	}
	int status;
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(WEXITSTATUS(status), 7, "the first commit is another one again");
	watch = begin();
	cr_expect_eq(row_of(&watch).learns, LEARN, "windows before are not given to it");
	cr_expect_not(watcher_machine(watch.watcher, "another machine", "commit", &complaint));
	text_add(&complaint, "", 1);
	cr_expect(strstr(complaint.bytes, "another machine") && strstr(complaint.bytes, "--state"), "%s",
		  complaint.bytes);
	text_free(&complaint);
	cr_expect(end(&watch));
}

Test(watcher, learns_anew_under_other_rules) {
	struct watch watch = begin();
	take_minutes(&watch, 0, 100, 100);
	take_minutes(&watch, 100, 110, 110);
	cr_expect(end(&watch));
	struct watcher_rules rules = usual;
	rules.run_length *= 2;
	taken(&told);
	watch = begin_of(&rules, 2);
	cr_expect(strstr(taken(&said), "2 of 2 benchmarks are learned anew"));
	cr_expect_eq(row_of(&watch).learns, LEARN);
	take_minutes(&watch, 111, 150, 110);
	cr_expect_str_eq(taken(&told), "1 closed 2 one;");
	cr_expect(end(&watch));
}

Test(watcher, refuses_what_no_watch_can_be) {
	static const char *const many[WATCHER_BENCHMARKS_MOST + 1] = {"one"};
	static const char long_name[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static const char *const too_long = long_name;
	struct text complaint = {0};
	struct watcher_rules rules = usual;
	struct state *state;
	cr_assert_eq(state_open(file, STATE_WATCH, &state, &complaint), 0);
	cr_expect_null(watcher_begin(state, &rules, many, WATCHER_BENCHMARKS_MOST + 1, &complaint));
	cr_expect_null(watcher_begin(state, &rules, names, 0, &complaint));
	cr_expect_null(watcher_begin(state, &rules, &too_long, 1, &complaint));
	rules.run_length = 60;
	cr_expect_null(watcher_begin(state, &rules, names, 2, &complaint));
	text_add(&complaint, "", 1);
	cr_expect(strstr(complaint.bytes, "another --arl"), "%s", complaint.bytes);
	text_free(&complaint);
	state_close(state);
}

static void do_sql(const char *sql) {
	sqlite3 *database;
	char *why = NULL;
	cr_assert(sqlite_load());
	cr_assert_eq(sqlite.open_v2(file, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	cr_assert_eq(sqlite.exec(database, sql, NULL, NULL, &why), SQLITE_OK, "%s: %s", sql, why ? why : "");
	sqlite.close(database);
}

/* Whatever figures somebody wrote into it: no more than a watch that knows less. */
Test(watcher, takes_a_hostile_state_for_what_it_is) {
	static const char *const mischief[] = {
		"UPDATE \"window\" SET \"values\" = randomblob(200)",
		"UPDATE \"window\" SET start = start * 1000003",
		"UPDATE \"window\" SET p50 = 9e999, count = -1, room = 77",
		"UPDATE \"window\" SET p50 = 'x', p95 = x'00', \"values\" = 'text'",
		"UPDATE benchmark SET detector = randomblob(length(detector)), detector_window = -5",
		"UPDATE benchmark SET detector = zeroblob(100000000)",
		"UPDATE benchmark SET detector_window = 9223372036854775807",
		"UPDATE alert SET id = 9223372036854775807, began = -9223372036854775807",
		"INSERT OR REPLACE INTO alert VALUES(3, -1, 9223372036854775807, 0, -1);"
		"INSERT INTO change VALUES(3, 0, 'nobody', 0, 99, 'x', 7, -9223372036854775807, 9223372036854775807, 0,"
		" 9e999, 5)",
		"UPDATE watch SET rounds = -1, rounds_held = 9223372036854775807, duty = 9e999",
		"UPDATE watch SET started = 9223372036854775807, last_round = -7, process = 'x'",
		"DELETE FROM watch",
	};
	for (size_t i = 0; i < sizeof(mischief) / sizeof(mischief[0]); i++) {
		struct watch watch = begin();
		take_minutes(&watch, 200 * (int64_t)i, 200 * (int64_t)i + 70, 100);
		take_minutes(&watch, 200 * (int64_t)i + 70, 200 * (int64_t)i + 75, 110);
		cr_assert(end(&watch));
		do_sql(mischief[i]);
		watch = begin();
		take(&watch, 0, 200 * (int64_t)i + 80, 100);
		watcher_status(watch.watcher);
		end(&watch);
		taken(&told);
		taken(&said);
		cr_assert_eq(unlink(file), 0);
	}
}

/* ---- a disk that is full ----------------------------------------------------------------------------------------- */

static void limit_file(rlim_t bytes) {
	struct rlimit limit = {bytes, RLIM_INFINITY};
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(watcher, goes_on_in_memory_while_the_disk_is_full) {
	struct watch watch = begin();
	take_minutes(&watch, 0, 20, 100);
	struct stat info;
	cr_assert_eq(stat(file, &info), 0);
	limit_file((rlim_t)info.st_size);
	take_minutes(&watch, 20, 100, 100);
	take_minutes(&watch, 100, 105, 110);
	cr_expect_str_eq(taken(&told), "1 opened 2 one;", "it is told all the same");
	const char *line = taken(&said);
	cr_expect(strstr(line, "goes on in memory"), "%s", line);
	cr_expect_eq(strchr(line, '\n'), line + strlen(line) - 1, "once: %s", line);
	limit_file(RLIM_INFINITY);
	take_minutes(&watch, 105, 110, 110);
	cr_expect_str_eq(taken(&said), "the state is written again\n");
	cr_expect_eq(windows(watch.state, WATCH_MINUTE).count, 109, "nothing is lost");
	cr_expect(end(&watch));
}

Test(watcher, says_at_its_end_that_the_state_is_not_whole) {
	struct watch watch = begin();
	take_minutes(&watch, 0, 20, 100);
	limit_file(4096);
	take_minutes(&watch, 20, 25, 100);
	cr_expect_not(end(&watch));
	limit_file(RLIM_INFINITY);
}

Test(watcher, is_one_on_a_state) {
	struct text complaint = {0};
	struct state *second;
	struct watch watch = begin();
	take_minutes(&watch, 0, 2, 100);
	cr_expect_neq(state_open(file, STATE_WATCH, &second, &complaint), 0);
	char process[32];
	snprintf(process, sizeof(process), "process %d", (int)getpid());
	text_add(&complaint, "", 1);
	cr_expect(strstr(complaint.bytes, process), "%s", complaint.bytes);
	cr_expect_eq(state_open(file, STATE_LOOK, &second, &complaint), 0, "others may look");
	struct state_watch kept;
	cr_expect(state_get_watch(second, &kept));
	cr_expect_eq(kept.rounds, 2);
	state_close(second);
	text_free(&complaint);
	cr_expect(end(&watch));
}
