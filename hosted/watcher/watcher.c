/* SPDX-License-Identifier: Apache-2.0
 *
 * Minutes before `open` are over: their windows were given to detectors, and are in the state or wait in `pending`. In
 * the state, all that is in it is as of one such moment. What a detector is goes there once an hour, as it is large;
 * after a restart it is given again the windows since then.
 */
#include "hosted/watcher/watcher.h"

#include "bench/plain.h"
#include "hosted/watcher/alerts.h"
#include "hosted/watcher/pending.h"
#include "hosted/watcher/standing.h"
#include "hosted/watcher/watched.h"
#include "lib/civil.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MINUTE_S = 60, HOUR_MINUTES = 60 };

struct watcher {
	struct state *state;
	struct watcher_rules rules;
	struct state_watch kept;
	int64_t open; /* the minute that is open; 0: none yet */
	struct alerts alerts;
	struct pending pending;
	unsigned minutes_waiting; /* since a commit was tried */
	bool detectors_are_due;   /* to be put */
	bool state_fails;         /* which was said */
	bool clock_went_back;     /* likewise */
	uint64_t windows;         /* given to detectors since it began */
	struct {
		int64_t taken, loud, failed; /* rounds of the open minute, which are in `kept`, too */
	} of_open;
	double best; /* the least ratio_low of all rooms; 0: none */
	struct watch_status status;
	struct watch_row *rows;
	uint8_t *bytes; /* room for a histogram, or a detector */
	size_t count;
	struct watched watched[];
};

static void say(struct watcher *watcher, const char *line) {
	if (watcher->rules.say)
		watcher->rules.say(watcher->rules.argument, line);
}

/* ---- to the state ------------------------------------------------------------------------------------------------ */

static bool put_window(void *argument, int64_t benchmark, enum watch_span span, const struct state_window *window) {
	struct watcher *watcher = argument;
	return state_put_window(watcher->state, benchmark, span, window);
}

static bool put_detectors(struct watcher *watcher) {
	for (size_t i = 0; i < watcher->count; i++)
		if (!watched_put_detector(&watcher->watched[i], watcher->state, watcher->bytes))
			return false;
	return state_forget(watcher->state, watcher->open * MINUTE_S);
}

static bool put_all(struct watcher *watcher) {
	return pending_each(&watcher->pending, put_window, watcher) &&
	       state_put_watch(watcher->state, &watcher->kept) &&
	       (!alerts_has_news(&watcher->alerts) || alerts_put(&watcher->alerts, watcher->state)) &&
	       (!watcher->detectors_are_due || put_detectors(watcher));
}

static void complain_of_state(struct watcher *watcher) {
	struct text why = {0};
	state_complain(watcher->state, &why);
	if (why.length > 0)
		why.length--; /* its line end */
	text_add_string(&why, ": the watch goes on in memory, and tries again each minute");
	text_add(&why, "", 1);
	if (!why.failed && !watcher->state_fails)
		say(watcher, why.bytes);
	text_free(&why);
	watcher->state_fails = true;
}

static bool commit(struct watcher *watcher) {
	watcher->minutes_waiting = 0;
	if (!state_begin(watcher->state)) {
		complain_of_state(watcher);
		return false;
	}
	if (!put_all(watcher) || !state_commit(watcher->state)) {
		complain_of_state(watcher);
		state_roll_back(watcher->state);
		return false;
	}
	if (watcher->state_fails)
		say(watcher, "the state is written again");
	watcher->state_fails = watcher->detectors_are_due = false;
	pending_clear(&watcher->pending);
	alerts_are_put(&watcher->alerts);
	return true;
}

/* What is told was put before, so that no alert is told that a restart knows nothing of; that it was told is put with
 * the next minute, by when a command has had its time. */
static void settle(struct watcher *watcher, bool is_due) {
	bool tells = alerts_has_to_tell(&watcher->alerts);
	if (tells || is_due || watcher->minutes_waiting >= watcher->rules.minutes_a_commit)
		commit(watcher);
	if (tells && watcher->rules.tell)
		alerts_tell(&watcher->alerts, watcher->rules.tell, watcher->rules.argument);
}

/* ---- minutes ----------------------------------------------------------------------------------------------------- */

static void wait_for_state(struct watcher *watcher, const struct watched *watched, enum watch_span span,
			   const struct state_window *window) {
	watcher->kept.windows_lost += (int64_t)pending_add(&watcher->pending, watched->number, span, window);
}

static void end_open_minute(struct watcher *watcher) {
	struct state_window window;
	struct detector_event event;
	for (size_t i = 0; i < watcher->count; i++) {
		struct watched *watched = &watcher->watched[i];
		if (!watched_end_minute(watched, watcher->open, &window, watcher->bytes, &event))
			continue;
		watcher->windows++;
		wait_for_state(watcher, watched, WATCH_MINUTE, &window);
		if (event.answer != DETECTOR_NONE)
			alerts_take(&watcher->alerts, watched->name, &event, watcher->open);
	}
}

static void end_span(struct watcher *watcher, enum watch_span span, int64_t start) {
	struct state_window window;
	for (size_t i = 0; i < watcher->count; i++)
		if (watched_end_span(&watcher->watched[i], span, start, &window, watcher->bytes))
			wait_for_state(watcher, &watcher->watched[i], span, &window);
}

/* Those that minute `next` is no part of. */
static void end_spans(struct watcher *watcher, int64_t next) {
	for (int span = WATCH_HOUR; span < WATCH_SPANS; span++) {
		int64_t length = standing_span_seconds((enum watch_span)span) / MINUTE_S;
		int64_t start = watcher->open - watcher->open % length;
		if (next >= start + length)
			end_span(watcher, (enum watch_span)span, start * MINUTE_S);
	}
}

/* Minutes before `next` are over. */
static void go_on_to(struct watcher *watcher, int64_t next) {
	end_open_minute(watcher);
	end_spans(watcher, next);
	bool is_hour = next / HOUR_MINUTES != watcher->open / HOUR_MINUTES;
	watcher->detectors_are_due |= is_hour;
	watcher->minutes_waiting++;
	memset(&watcher->of_open, 0, sizeof(watcher->of_open));
	watcher->open = next;
	watcher->kept.last = next - 1;
	alerts_settle(&watcher->alerts, next - 1);
	settle(watcher, is_hour);
}

static bool is_a_time(int64_t seconds) {
	return seconds >= MINUTE_S && seconds <= STATE_TIME_MOST;
}

static void complain_of_clock(struct watcher *watcher, int64_t now) {
	char utc[CIVIL_TEXT_BYTES], line[256];
	if (watcher->clock_went_back)
		return;
	watcher->clock_went_back = true;
	civil_text((uint64_t)(watcher->open * MINUTE_S), utc);
	snprintf(line, sizeof(line),
		 "the clock went back by %" PRId64 " s: rounds are held until it is %s again; if that was never right, "
		 "move the state away (%s)",
		 watcher->open * MINUTE_S - now, utc, state_file(watcher->state));
	say(watcher, line);
}

/* A round of the minute that is open. false: that is over. */
static bool come_to(struct watcher *watcher, int64_t now) {
	int64_t minute = now / MINUTE_S;
	if (!is_a_time(now))
		return false;
	if (watcher->open == 0)
		watcher->open = minute;
	if (watcher->kept.started == 0)
		watcher->kept.started = now;
	if (minute < watcher->open)
		return false;
	watcher->clock_went_back = false;
	if (minute > watcher->open)
		go_on_to(watcher, minute);
	return true;
}

void watcher_advance(struct watcher *watcher, int64_t now) {
	/* The minute that was ended before its time is not the clock's fault. */
	bool went_back = !come_to(watcher, now) && is_a_time(now) && now / MINUTE_S < watcher->open - 1;
	if (went_back && watcher->rules.is_live)
		complain_of_clock(watcher, now);
}

uint64_t watcher_end_minute(struct watcher *watcher) {
	bool any = false;
	for (size_t i = 0; i < watcher->count; i++)
		any |= watcher->watched[i].seen > 0;
	if (any)
		go_on_to(watcher, watcher->open + 1);
	return watcher->windows;
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

static struct watched *find(struct watcher *watcher, const char *benchmark) {
	for (size_t i = 0; i < watcher->count; i++)
		if (strcmp(watcher->watched[i].name, benchmark) == 0)
			return &watcher->watched[i];
	return NULL;
}

static enum room_word judge(struct watcher *watcher, const struct room_seen *room) {
	if (room == NULL)
		return ROOM_UNKNOWN;
	if (room->probes > 0 && (watcher->best == 0 || room->ratio_low < watcher->best))
		watcher->best = room->ratio_low;
	return room_judge(room, watcher->best);
}

static bool is_good_enough(const struct watcher *watcher, enum room_word room) {
	return room == ROOM_UNKNOWN ? watcher->rules.takes_unknown_rooms : room >= watcher->rules.room;
}

enum watcher_answer watcher_take(struct watcher *watcher, const struct watcher_round *round) {
	struct watched *watched = find(watcher, round->benchmark);
	if (watched == NULL)
		return WATCHER_UNKNOWN;
	watcher_advance(watcher, round->time);
	if (!is_a_time(round->time) || round->time / MINUTE_S < watcher->open) {
		watcher->kept.rounds_held += watcher->rules.is_live;
		return WATCHER_HELD;
	}
	if (round->status != BENCH_STATUS_OK || round->count == 0) {
		watcher->kept.rounds_failed++;
		watcher->of_open.failed++;
		return WATCHER_FAILED;
	}
	enum room_word room = judge(watcher, round->room);
	if (!is_good_enough(watcher, room)) {
		watcher->kept.rounds_loud++;
		watcher->of_open.loud++;
		return WATCHER_LOUD;
	}
	watched_add(watched, round->values, round->count, room);
	watcher->kept.rounds++;
	watcher->of_open.taken++;
	watcher->kept.last_round = round->time;
	return WATCHER_TAKEN;
}

/* ---- its begin --------------------------------------------------------------------------------------------------- */

static bool goes_on(const void *argument, const char *benchmark) {
	const struct watcher *watcher = argument;
	for (size_t i = 0; i < watcher->count; i++)
		if (strcmp(watcher->watched[i].name, benchmark) == 0)
			return detector_is_open(watcher->watched[i].detector);
	return false;
}

static void drop_changes(struct watcher *watcher) {
	if (watcher->open > 0)
		alerts_drop(&watcher->alerts, goes_on, watcher, watcher->open - 1);
}

static struct detector_rules rules_of(const struct watcher_rules *rules, size_t count) {
	return (struct detector_rules){
		.run_length = rules->run_length / MINUTE_S * (double)count,
		.window_seconds = MINUTE_S,
	};
}

/* Within a transaction. */
static bool begin_benchmarks(struct watcher *watcher, const char *const *names) {
	const struct detector_rules rules = rules_of(&watcher->rules, watcher->count);
	for (size_t i = 0; i < watcher->count; i++) {
		int64_t number;
		if (!state_benchmark(watcher->state, names[i], &number) ||
		    !watched_begin(&watcher->watched[i], names[i], number, &rules))
			return false;
	}
	watcher->kept.run_length = watcher->rules.run_length;
	watcher->kept.process = getpid();
	return state_put_watch(watcher->state, &watcher->kept);
}

static bool load_benchmarks(struct watcher *watcher) {
	size_t anew = 0;
	for (size_t i = 0; i < watcher->count; i++) {
		bool learns_anew;
		if (!watched_load(&watcher->watched[i], watcher->state, watcher->open, &learns_anew))
			return false;
		anew += learns_anew;
	}
	if (anew > 0) {
		char line[160];
		snprintf(line, sizeof(line),
			 "%zu of %zu benchmarks are learned anew: what is known of them is for another --arl, other "
			 "benchmarks beside them, or damaged",
			 anew, watcher->count);
		say(watcher, line);
		watcher->detectors_are_due = true;
	}
	return true;
}

static bool load(struct watcher *watcher, const char *const *names) {
	if (!state_get_watch(watcher->state, &watcher->kept) || !alerts_load(&watcher->alerts, watcher->state))
		return false;
	watcher->open = watcher->kept.last > 0 ? watcher->kept.last + 1 : 0;
	if (watcher->open > STATE_TIME_MOST / MINUTE_S)
		watcher->open = STATE_TIME_MOST / MINUTE_S;
	if (!state_begin(watcher->state))
		return false;
	if (!begin_benchmarks(watcher, names) || !state_commit(watcher->state) || !load_benchmarks(watcher))
		return false;
	drop_changes(watcher);
	return true;
}

static void free_watcher(struct watcher *watcher) {
	for (size_t i = 0; i < watcher->count; i++)
		watched_free(&watcher->watched[i]);
	pending_clear(&watcher->pending);
	free(watcher->rows);
	free(watcher->bytes);
	free(watcher);
}

/* false, as well: no memory. */
static bool can_be_promised(const struct watcher_rules *rules, size_t count) {
	struct detector *detector = malloc(detector_size());
	const struct detector_rules of_each = rules_of(rules, count);
	bool can = detector && detector_begin(detector, &of_each);
	free(detector);
	return can;
}

static bool may_be_watched(const struct watcher_rules *rules, const char *const *benchmarks, size_t count,
			   struct text *complaint) {
	if (count == 0 || count > WATCHER_BENCHMARKS_MOST) {
		text_format(complaint, "%zu benchmarks: a watch has 1 to %d\n", count, WATCHER_BENCHMARKS_MOST);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (strlen(benchmarks[i]) >= STATE_NAME_BYTES) {
			plain_format(complaint, "%.40s...: a name of a benchmark has less than %d bytes\n",
				     benchmarks[i], STATE_NAME_BYTES);
			return false;
		}
	if (can_be_promised(rules, count))
		return true;
	text_format(complaint,
		    "%g days to a false alarm, over %zu benchmarks: no detector can promise that, another --arl or "
		    "number of "
		    "benchmarks can be\n",
		    rules->run_length / (double)standing_span_seconds(WATCH_DAY), count);
	return false;
}

struct watcher *watcher_begin(struct state *state, const struct watcher_rules *rules, const char *const *benchmarks,
			      size_t count, struct text *complaint) {
	size_t bytes = HISTOGRAM_BYTES_MAX > detector_bytes_most() ? HISTOGRAM_BYTES_MAX : detector_bytes_most();
	if (!may_be_watched(rules, benchmarks, count, complaint))
		return NULL;
	struct watcher *watcher = calloc(1, sizeof(*watcher) + count * sizeof(watcher->watched[0]));
	if (watcher == NULL) {
		text_add_string(complaint, "out of memory\n");
		return NULL;
	}
	watcher->state = state;
	watcher->rules = *rules;
	watcher->count = count;
	watcher->rows = calloc(count, sizeof(*watcher->rows));
	watcher->bytes = malloc(bytes);
	bool has_memory = watcher->rows && watcher->bytes;
	if (has_memory && load(watcher, benchmarks))
		return watcher;
	if (!has_memory)
		text_add_string(complaint, "out of memory\n");
	else
		state_complain(state, complaint);
	state_roll_back(state); /* behind the complaint, in whose place would be its own */
	free_watcher(watcher);
	return NULL;
}

bool watcher_may_take(struct state *state, const struct state_watch *kept, const char *machine,
		      struct text *complaint) {
	if (*kept->machine == '\0' || strncmp(kept->machine, machine, sizeof(kept->machine) - 1) == 0)
		return true;
	plain_add_string(complaint, state_file(state));
	text_add_string(complaint, ": this is a watch of another machine, ");
	plain_add_string(complaint, kept->machine);
	text_add_string(complaint, "; here is ");
	plain_add_string(complaint, machine);
	text_add_string(complaint, ": name another file with --state\n");
	return false;
}

bool watcher_machine(struct watcher *watcher, const char *machine, const char *commit, struct text *complaint) {
	struct state_watch *kept = &watcher->kept;
	char line[STATE_COMMIT_BYTES * 2 + 96];
	if (!watcher_may_take(watcher->state, kept, machine, complaint))
		return false;
	snprintf(kept->machine, sizeof(kept->machine), "%s", machine);
	if (strncmp(kept->commit, commit, sizeof(kept->commit) - 1) == 0)
		return true;
	if (*kept->commit) {
		snprintf(line, sizeof(line), "all is learned anew: %s measured before, now %.*s does", kept->commit,
			 STATE_COMMIT_BYTES, commit);
		say(watcher, line);
	}
	snprintf(kept->commit, sizeof(kept->commit), "%s", commit);
	for (size_t i = 0; i < watcher->count; i++)
		watched_forget(&watcher->watched[i], watcher->open > 0 ? watcher->open - 1 : 0);
	drop_changes(watcher);
	if (!state_reset_detectors(watcher->state, watcher->open > 0 ? (uint64_t)watcher->open - 1 : 0) ||
	    !state_put_watch(watcher->state, kept)) {
		state_complain(watcher->state, complaint);
		return false;
	}
	return true;
}

static bool end(struct watcher *watcher) {
	watcher->detectors_are_due = true;
	bool whole = commit(watcher);
	free_watcher(watcher);
	return whole;
}

bool watcher_end(struct watcher *watcher) {
	watcher_end_minute(watcher);
	return end(watcher);
}

/* A window that begins where minutes are not over yet is one to look at: nothing is made of it, and it gives way to the
 * whole one. */
bool watcher_leave(struct watcher *watcher) {
	struct state_window window;
	for (size_t i = 0; i < watcher->count; i++)
		if (watched_look(&watcher->watched[i], watcher->open, &window, watcher->bytes))
			wait_for_state(watcher, &watcher->watched[i], WATCH_MINUTE, &window);
	watcher->kept.rounds -= watcher->of_open.taken;
	watcher->kept.rounds_loud -= watcher->of_open.loud;
	watcher->kept.rounds_failed -= watcher->of_open.failed;
	return end(watcher);
}

/* ---- how it stands ----------------------------------------------------------------------------------------------- */

const struct watch_status *watcher_status(struct watcher *watcher) {
	const struct state_watch *kept = &watcher->kept;
	for (size_t i = 0; i < watcher->count; i++) {
		struct watch_row *row = &watcher->rows[i];
		*row = watcher->watched[i].row;
		row->learns = detector_learns(watcher->watched[i].detector);
		row->is_open = alerts_is_part(&watcher->alerts, row->benchmark, &row->is_slower);
	}
	watcher->status = (struct watch_status){
		.rows = watcher->rows,
		.row_count = watcher->count,
		.started = kept->started,
		.last_round = kept->last_round,
		.rounds = (uint64_t)kept->rounds,
		.rounds_loud = (uint64_t)kept->rounds_loud,
		.rounds_failed = (uint64_t)kept->rounds_failed,
		.duty = kept->duty,
		.run_length = watcher->rules.run_length,
		.alerts_opened = watcher->alerts.opened,
		.alerts_closed = watcher->alerts.closed,
	};
	return &watcher->status;
}

void watcher_set_duty(struct watcher *watcher, double duty) {
	watcher->kept.duty = duty;
}

int64_t watcher_held(const struct watcher *watcher) {
	return watcher->kept.rounds_held;
}
