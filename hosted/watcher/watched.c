/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/watched.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

static const double fractions[DETECTOR_PERCENTILES] = {0.5, 0.95, 0.99};

bool watched_begin(struct watched *watched, const char *name, int64_t number, const struct detector_rules *rules) {
	*watched = (struct watched){.number = number, .rules = *rules, .rng = rng_seeded(rng_seed_of(0, name))};
	strncpy(watched->name, name, sizeof(watched->name) - 1);
	watched->row.benchmark = watched->name;
	watched->values = malloc(WATCHED_VALUES_MOST * sizeof(*watched->values));
	watched->detector = malloc(detector_size());
	return watched->values && watched->detector && detector_begin(watched->detector, rules);
}

void watched_free(struct watched *watched) {
	free(watched->values);
	free(watched->detector);
}

/* ---- values in --------------------------------------------------------------------------------------------------- */

static void worsen(struct watched_span *span, enum room_word room) {
	if (span->values.total == 0 || room < span->room)
		span->room = room;
}

/* Each of the minute's values is kept with the same chance: J. Vitter: "Random sampling with a reservoir", ACM TOMS 11
 * (1985), algorithm R. */
static void keep(struct watched *watched, double value) {
	uint64_t place = watched->seen++;
	if (place >= WATCHED_VALUES_MOST)
		place = watched->seen > UINT32_MAX ? WATCHED_VALUES_MOST
						   : rng_below(&watched->rng, (uint32_t)watched->seen);
	if (place < WATCHED_VALUES_MOST)
		watched->values[place] = value;
}

void watched_add(struct watched *watched, const double *values, size_t count, enum room_word room) {
	struct watched_span *minute = &watched->spans[WATCH_MINUTE];
	worsen(minute, room);
	for (size_t i = 0; i < count; i++)
		if (values[i] > 0 && histogram_add(&minute->values, values[i]))
			keep(watched, values[i]);
}

/* ---- windows out ------------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* By histogram_quantile's rank. */
static void exact_percentiles(struct watched *watched, double percentiles[DETECTOR_PERCENTILES]) {
	size_t kept = watched->seen < WATCHED_VALUES_MOST ? (size_t)watched->seen : WATCHED_VALUES_MOST;
	qsort(watched->values, kept, sizeof(*watched->values), compare_doubles);
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		percentiles[p] = watched->values[(size_t)(fractions[p] * (double)(kept - 1))];
}

static void describe(const struct watched_span *span, int64_t start, struct state_window *window, uint8_t *bytes) {
	*window = (struct state_window){.start = start, .room = span->room, .count = span->values.total};
	window->values = bytes;
	window->length = histogram_write(&span->values, bytes);
}

static void show(struct watched *watched, enum watch_span span, const struct state_window *window) {
	struct watch_figures *last = &watched->row.last[span];
	*last = (struct watch_figures){.start = window->start, .count = window->count, .room = window->room};
	memcpy(last->percentiles, window->percentiles, sizeof(last->percentiles));
}

static void merge(struct watched *watched, enum watch_span span, const struct watched_span *from) {
	struct watched_span *into = &watched->spans[span];
	worsen(into, from->room);
	(void)histogram_merge(&into->values, &from->values);
}

static void give(struct watched *watched, int64_t minute, const struct histogram *values, const double *percentiles,
		 struct detector_event *event) {
	struct detector_window window = {.number = (uint64_t)minute, .values = values};
	memcpy(window.percentiles, percentiles, sizeof(window.percentiles));
	detector_add(watched->detector, &window, event);
	watched->given = (uint64_t)minute;
}

bool watched_look(struct watched *watched, int64_t minute, struct state_window *window, uint8_t *bytes) {
	const struct watched_span *span = &watched->spans[WATCH_MINUTE];
	if (span->values.total == 0)
		return false;
	describe(span, minute * MINUTE_S, window, bytes);
	exact_percentiles(watched, window->percentiles);
	show(watched, WATCH_MINUTE, window);
	return true;
}

bool watched_end_minute(struct watched *watched, int64_t minute, struct state_window *window, uint8_t *bytes,
			struct detector_event *event) {
	struct watched_span *span = &watched->spans[WATCH_MINUTE];
	*event = (struct detector_event){.answer = DETECTOR_NONE};
	if (!watched_look(watched, minute, window, bytes))
		return false;
	give(watched, minute, &span->values, window->percentiles, event);
	merge(watched, WATCH_HOUR, span);
	merge(watched, WATCH_DAY, span);
	*span = (struct watched_span){.room = ROOM_UNKNOWN};
	watched->seen = 0;
	return true;
}

bool watched_end_span(struct watched *watched, enum watch_span which, int64_t start, struct state_window *window,
		      uint8_t *bytes) {
	struct watched_span *span = &watched->spans[which];
	if (span->values.total == 0)
		return false;
	describe(span, start, window, bytes);
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		window->percentiles[p] = histogram_quantile(&span->values, fractions[p]);
	show(watched, which, window);
	*span = (struct watched_span){.room = ROOM_UNKNOWN};
	return true;
}

/* ---- from the state ---------------------------------------------------------------------------------------------- */

struct loading {
	struct watched *watched;
	struct watched_span found; /* what a window's bytes are */
	enum watch_span span;      /* that is filled */
	int64_t end;               /* windows that begin here or later are none yet, in seconds */
};

static bool read_found(struct loading *loading, const struct state_window *window) {
	loading->found.room = window->room;
	return histogram_read(&loading->found.values, window->values, window->length) &&
	       loading->found.values.total > 0;
}

static bool take_into_span(void *argument, const struct state_window *window) {
	struct loading *loading = argument;
	if (window->start < loading->end && read_found(loading, window))
		merge(loading->watched, loading->span, &loading->found);
	return window->start < loading->end;
}

static bool take_last(void *argument, const struct state_window *window) {
	struct loading *loading = argument;
	show(loading->watched, loading->span, window);
	return false;
}

/* What it said then was said, and is in the state. */
static bool take_again(void *argument, const struct state_window *window) {
	struct loading *loading = argument;
	struct detector_event event;
	int64_t minute = window->start / MINUTE_S;
	if (window->start < loading->end && (uint64_t)minute > loading->watched->given && read_found(loading, window))
		give(loading->watched, minute, &loading->found.values, window->percentiles, &event);
	return window->start < loading->end;
}

static bool load_windows(struct loading *loading, struct state *state) {
	struct watched *watched = loading->watched;
	int64_t hour = loading->end - loading->end % HOUR_S, day = loading->end - loading->end % DAY_S;
	bool good = true;
	loading->span = WATCH_HOUR;
	good &= state_windows(state, watched->number, WATCH_MINUTE, hour, take_into_span, loading);
	loading->span = WATCH_DAY;
	good &= state_windows(state, watched->number, WATCH_MINUTE, hour, take_into_span, loading);
	good &= state_windows(state, watched->number, WATCH_HOUR, day, take_into_span, loading);
	for (int span = 0; span < WATCH_SPANS; span++) {
		loading->span = (enum watch_span)span;
		good &= state_last_window(state, watched->number, loading->span, take_last, loading);
	}
	return good;
}

static bool load_detector(struct loading *loading, struct state *state, bool *learns_anew) {
	struct watched *watched = loading->watched;
	size_t capacity = detector_bytes_most(), length;
	uint64_t last;
	uint8_t *bytes = malloc(capacity);
	bool good = bytes && state_get_detector(state, watched->number, &last, bytes, capacity, &length);
	*learns_anew = false;
	int64_t open = loading->end / MINUTE_S;
	if (good && length > 0 &&
	    ((last > 0 && last >= (uint64_t)open) ||
	     !detector_read(watched->detector, &watched->rules, bytes, length))) {
		*learns_anew = true;
		watched_forget(watched, open > 0 ? open - 1 : 0);
	} else if (good) {
		watched->given = last < (uint64_t)open ? last : 0;
	}
	free(bytes);
	return good && state_windows(state, watched->number, WATCH_MINUTE, ((int64_t)watched->given + 1) * MINUTE_S,
				     take_again, loading);
}

bool watched_load(struct watched *watched, struct state *state, int64_t open, bool *learns_anew) {
	struct loading *loading = malloc(sizeof(*loading));
	if (loading == NULL)
		return false;
	*loading = (struct loading){.watched = watched, .end = open * MINUTE_S};
	bool good = load_windows(loading, state) && load_detector(loading, state, learns_anew);
	free(loading);
	return good;
}

void watched_forget(struct watched *watched, int64_t minute) {
	(void)detector_begin(watched->detector, &watched->rules);
	watched->given = (uint64_t)minute;
}

bool watched_put_detector(const struct watched *watched, struct state *state, uint8_t *bytes) {
	size_t length = detector_write(watched->detector, bytes, detector_bytes_most());
	return length > 0 && state_put_detector(state, watched->number, watched->given, bytes, length);
}
