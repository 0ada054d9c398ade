/* SPDX-License-Identifier: Apache-2.0
 *
 * What a watch keeps (its state, a SQLite file) on the page: how it stands and its alerts, in the words of `watch
 * show`; each benchmark's level over time, drawn here, with what changed; the last windows. The section is written when
 * the file is read, as another process may watch on it meanwhile.
 */
#include "bench/plain.h"
#include "hosted/report/report.h"
#include "hosted/watcher/alert_json.h"
#include "hosted/watcher/standing.h"
#include "lib/civil.h"
#include "platform.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SERIES_SHOWN = 256, POINTS_MOST = 1000, MIDNIGHTS_MOST = 62 };

/* Of a picture, in its own units: times stand from TOP to FLOOR, below them is what is said of the room. */
enum { WIDTH = 1000, HEIGHT = 90, TOP = 3, FLOOR = 80 };

struct point {
	int64_t start;
	double p50, p95;
	enum room_word room;
};

struct drawing {
	struct state *state;
	struct text *text;
	enum watch_span span; /* that is drawn, and the last row that is written */
	int64_t begin, end;   /* of all pictures: seconds since 1970 */
	size_t series;        /* so far */
	const char *name;     /* of the benchmark; "" once it was written */
	size_t alerts;
	struct text *shades, *words; /* of the benchmark's changes */
	bool good;
	size_t count;
	struct point points[POINTS_MOST];
};

static void add_utc(struct text *text, int64_t seconds) {
	char utc[CIVIL_TEXT_BYTES];
	civil_text((uint64_t)seconds, utc);
	text_add_string(text, utc);
}

/* ---- how much there is ------------------------------------------------------------------------------------------- */

static bool take_first(void *argument, const struct state_window *window) {
	struct drawing *drawing = argument;
	if (drawing->end == 0 || window->start < drawing->begin)
		drawing->begin = window->start;
	return false;
}

static bool take_last(void *argument, const struct state_window *window) {
	struct drawing *drawing = argument;
	int64_t end = window->start + standing_span_seconds(drawing->span);
	if (end > drawing->end)
		drawing->end = end;
	return false;
}

static void widen(void *argument, int64_t benchmark, const char *name) {
	struct drawing *drawing = argument;
	(void)name;
	for (int span = 0; span < WATCH_SPANS && drawing->series < SERIES_SHOWN; span++) {
		drawing->span = (enum watch_span)span;
		drawing->good &= state_windows(drawing->state, benchmark, drawing->span, 0, take_first, drawing) &&
				 state_last_window(drawing->state, benchmark, drawing->span, take_last, drawing);
	}
	drawing->series++;
}

/* The shortest span of which a picture has room for all windows; of days, for the last. */
static void choose_span(struct drawing *drawing) {
	int64_t most = POINTS_MOST * standing_span_seconds(WATCH_DAY);
	if (drawing->end - drawing->begin > most)
		drawing->begin = drawing->end - most;
	drawing->span = WATCH_MINUTE;
	while (drawing->end - drawing->begin > POINTS_MOST * standing_span_seconds(drawing->span))
		drawing->span = (enum watch_span)(drawing->span + 1);
}

/* ---- a benchmark over time --------------------------------------------------------------------------------------- */

static bool take_point(void *argument, const struct state_window *window) {
	struct drawing *drawing = argument;
	if (drawing->count == POINTS_MOST)
		return false;
	drawing->points[drawing->count++] = (struct point){.start = window->start,
							   .p50 = window->percentiles[DETECTOR_P50],
							   .p95 = window->percentiles[DETECTOR_P95],
							   .room = window->room};
	return true;
}

static double place(const struct drawing *drawing, int64_t seconds) {
	double all = (double)(drawing->end - drawing->begin);
	return WIDTH * fmax(0, fmin(1, (double)(seconds - drawing->begin) / all));
}

/* Of the medians, ns; and what is drawn of it, logarithms: 4 % at the least, as less would look larger than it is. */
struct range {
	double least, most, low, high;
};

static struct range range_of(const struct drawing *drawing) {
	struct range range = {.least = INFINITY};
	for (size_t i = 0; i < drawing->count; i++) {
		range.least = fmin(range.least, drawing->points[i].p50);
		range.most = fmax(range.most, drawing->points[i].p50);
	}
	double lacks = fmax(0, log(1.04) - (log(range.most) - log(range.least)));
	range.low = log(range.least) - lacks / 2;
	range.high = log(range.most) + lacks / 2;
	return range;
}

static double height_of(double ns, struct range range) {
	double share = (log(ns) - range.low) / (range.high - range.low);
	return FLOOR - (FLOOR - TOP) * fmax(0, fmin(1, share));
}

/* Broken where a window is missing. */
static void add_line(struct text *text, const struct drawing *drawing, struct range range, bool tail) {
	int64_t seconds = standing_span_seconds(drawing->span);
	text_format(text, "<path%s d=\"", tail ? " class=\"tail\"" : "");
	for (size_t i = 0; i < drawing->count; i++) {
		const struct point *point = &drawing->points[i];
		bool goes_on = i > 0 && point->start - point[-1].start <= seconds;
		double ns = tail ? point->p95 : point->p50;
		text_format(text, "%s%.1f %.1f%s", goes_on ? "L" : "M", place(drawing, point->start + seconds / 2),
			    height_of(ns, range), goes_on ? "" : "h0");
	}
	text_add_string(text, "\"/>");
}

static void add_midnights(struct text *text, const struct drawing *drawing) {
	int64_t day = standing_span_seconds(WATCH_DAY), first = drawing->begin - drawing->begin % day + day;
	if ((drawing->end - drawing->begin) / day > MIDNIGHTS_MOST || first >= drawing->end)
		return;
	text_add_string(text, "<path class=\"zero\" d=\"");
	for (int64_t at = first; at < drawing->end; at += day)
		text_format(text, "M%.1f 0V%d", place(drawing, at), HEIGHT);
	text_add_string(text, "\"/>");
}

static void add_loud(struct text *text, const struct drawing *drawing) {
	int64_t seconds = standing_span_seconds(drawing->span);
	text_add_string(text, "<path class=\"loud\" d=\"");
	for (size_t i = 0; i < drawing->count; i++)
		if (drawing->points[i].room == ROOM_LOUD)
			text_format(text, "M%.1f %dV%d", place(drawing, drawing->points[i].start + seconds / 2),
				    FLOOR + 4, HEIGHT);
	text_add_string(text, "\"/>");
}

static void add_shade(const struct drawing *drawing, const struct detector_event *event, int64_t from, int64_t to) {
	double left = place(drawing, from), right = place(drawing, to);
	text_format(drawing->shades, "<rect class=\"%s\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"/>",
		    event->is_slower ? "bad" : "good", left, fmax(right - left, 1), HEIGHT);
}

/* Those of the alerts' changes that are the benchmark's: in the picture, and in words below it. */
static void take_changes(void *argument, const struct watch_alert *alert, unsigned told) {
	struct drawing *drawing = argument;
	int64_t minute = standing_span_seconds(WATCH_MINUTE);
	(void)told;
	for (size_t i = 0; i < alert->count && i < WATCH_ALERT_BENCHMARKS; i++) {
		const struct detector_event *event = &alert->members[i].event;
		bool is_over = event->answer == DETECTOR_CLOSED;
		int64_t from = (int64_t)event->first * minute, to = ((int64_t)event->last + 1) * minute;
		struct text words = {0};
		if (strcmp(alert->members[i].benchmark, drawing->name) != 0)
			continue;
		add_shade(drawing, event, from, is_over ? to : drawing->end);
		alert_change(&alert->members[i], &words);
		text_format(drawing->words, "<li>alert %" PRIu64 ": ", alert->id);
		report_words(drawing->words, &words);
		text_add_string(drawing->words, is_over ? ", from " : ", since ");
		add_utc(drawing->words, from);
		text_add_string(drawing->words, is_over ? " to " : "");
		if (is_over)
			add_utc(drawing->words, to);
		text_add_string(drawing->words, "</li>\n");
	}
}

static void add_picture(struct text *text, const struct drawing *drawing) {
	struct range range = range_of(drawing);
	text_add_string(text, "<div class=\"course\"><b>");
	report_name(text, drawing->name);
	text_format(text,
		    "</b> <small>p50 of each %s: %.4g to %.4g ns</small>\n<svg viewBox=\"0 0 %d %d\" "
		    "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"p50 and p95 over time\">",
		    standing_span_name(drawing->span), range.least, range.most, WIDTH, HEIGHT);
	add_midnights(text, drawing);
	text_add(text, drawing->shades->bytes, drawing->shades->length);
	add_line(text, drawing, range, true);
	add_line(text, drawing, range, false);
	add_loud(text, drawing);
	text_add_string(text, "</svg>");
	if (drawing->words->length) {
		text_add_string(text, "<ul class=\"advice\">");
		text_add(text, drawing->words->bytes, drawing->words->length);
		text_add_string(text, "</ul>");
	}
	text_add_string(text, "</div>\n");
}

static void draw(void *argument, int64_t benchmark, const char *name) {
	struct drawing *drawing = argument;
	struct text shades = {0}, words = {0};
	if (drawing->series++ >= SERIES_SHOWN)
		return;
	drawing->name = name;
	drawing->count = 0;
	drawing->shades = &shades;
	drawing->words = &words;
	drawing->good &= state_windows(drawing->state, benchmark, drawing->span, drawing->begin, take_point, drawing) &&
			 state_alerts(drawing->state, STANDING_ALERTS, take_changes, drawing);
	if (drawing->count || words.length)
		add_picture(drawing->text, drawing);
	drawing->text->failed |= shades.failed || words.failed;
	text_free(&shades);
	text_free(&words);
}

static bool add_pictures(struct drawing *drawing) {
	struct text *text = drawing->text;
	drawing->good &= state_benchmarks(drawing->state, widen, drawing);
	if (drawing->end == 0)
		return drawing->good;
	choose_span(drawing);
	text_add_string(text, "<h3>Over time</h3>\n<p class=\"note\">From ");
	add_utc(text, drawing->begin);
	text_add_string(text, " to ");
	add_utc(text, drawing->end);
	text_format(
		text,
		", all over the same time: the line is the median of each %s, the fainter one p95, which ends at the "
		"picture's edge where it is beyond. Heights are logarithms, and 4 %% at the least. A break is a time "
		"in which nothing was kept, a tick below a loud room, a shade a change that an alert told; a line "
		"from top to bottom is midnight, UTC.</p>\n",
		standing_span_name(drawing->span));
	drawing->series = 0;
	drawing->good &= state_benchmarks(drawing->state, draw, drawing);
	if (drawing->series > SERIES_SHOWN)
		text_format(text, "<p class=\"note\">The first %d of %zu benchmarks.</p>\n", SERIES_SHOWN,
			    drawing->series);
	return drawing->good;
}

/* ---- the last windows -------------------------------------------------------------------------------------------- */

static bool take_row(void *argument, const struct state_window *window) {
	struct drawing *drawing = argument;
	struct text *text = drawing->text;
	text_add_string(text, "<tr data-window><th scope=\"row\">");
	report_name(text, drawing->name);
	text_format(text, "</th><td>%s</td><td>", standing_span_name(drawing->span));
	add_utc(text, window->start);
	text_add_string(text, "</td>");
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		text_format(text, "<td class=\"number\" data-l=\"%s\">%.4g</td>",
			    alert_percentile_name((enum detector_percentile)p), window->percentiles[p]);
	text_format(text, "<td class=\"number\" data-l=\"values\">%" PRIu64 "</td><td>%s</td></tr>\n", window->count,
		    room_word_name(window->room));
	drawing->name = "";
	return false;
}

static void add_rows(void *argument, int64_t benchmark, const char *name) {
	struct drawing *drawing = argument;
	drawing->name = name;
	for (int span = 0; span < WATCH_SPANS && drawing->series < SERIES_SHOWN; span++) {
		drawing->span = (enum watch_span)span;
		drawing->good &= state_last_window(drawing->state, benchmark, drawing->span, take_row, drawing);
	}
	drawing->series++;
}

static bool add_windows(struct drawing *drawing) {
	drawing->series = 0;
	text_add_string(
		drawing->text,
		"<h3>Last windows</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Last "
		"windows\"><table class=\"plain\"><thead><tr><th>Benchmark</th><th>Window</th><th>Start, UTC</th>"
		"<th class=\"number\">p50 ns</th><th class=\"number\">p95</th><th class=\"number\">p99</th><th "
		"class=\"number\">Values</th><th>Room</th></tr></thead><tbody>\n");
	drawing->good &= state_benchmarks(drawing->state, add_rows, drawing);
	text_add_string(drawing->text, "</tbody></table></div>\n");
	return drawing->good;
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

static void take_alert(void *argument, const struct watch_alert *alert, unsigned told) {
	struct drawing *drawing = argument;
	struct text words = {0};
	(void)told;
	alert_sentence(alert, &words);
	text_add_string(drawing->text, "<li>");
	report_words(drawing->text, &words);
	text_add_string(drawing->text, "</li>\n");
	drawing->alerts++;
}

static bool add_alerts(struct drawing *drawing) {
	text_add_string(drawing->text, "<h3>Alerts</h3>\n<ul class=\"advice\">");
	bool good = state_alerts(drawing->state, STANDING_ALERTS, take_alert, drawing);
	text_add_string(drawing->text, drawing->alerts ? "</ul>\n" : "<li>no alert</li></ul>\n");
	return good;
}

static bool add_section(struct drawing *drawing, const struct state_watch *watch, const struct report_part *part) {
	struct text *text = drawing->text, words = {0};
	bool measured = standing_add(watch, &words);
	report_part_open(text, part);
	text_add_string(text, "<h2>The watch</h2>\n<p class=\"file\">");
	report_text(text, state_file(drawing->state));
	text_add_string(text, "</p>\n<p class=\"lines\">");
	report_words(text, &words);
	text_add_string(text, "</p>\n");
	bool good = !measured || (add_alerts(drawing) && add_pictures(drawing) && add_windows(drawing));
	text_add_string(text, "</section>\n");
	return good;
}

static bool read_state(struct state *state, struct report_part *part, struct text *complaint) {
	struct state_watch watch;
	struct drawing *drawing = calloc(1, sizeof(*drawing));
	if (drawing == NULL) {
		text_add_string(complaint, "out of memory\n");
		return false;
	}
	drawing->state = state;
	drawing->text = &part->section;
	drawing->good = true;
	bool good = state_get_watch(state, &watch) && add_section(drawing, &watch, part);
	free(drawing);
	if (!good)
		(void)state_complain(state, complaint);
	else
		memcpy(part->machine, watch.machine, sizeof(part->machine));
	return good;
}

static bool read(struct report_part *part, const struct text *bytes, struct text *complaint) {
	struct state *state;
	(void)bytes;
	if (state_open(part->file, STATE_LOOK, &state, complaint) != 0)
		return false;
	bool good = read_state(state, part, complaint);
	state_close(state);
	return good;
}

const struct report_kind report_watch_kind = {.is = state_is, .anchor = "watch", .link = "The watch", .read = read};
