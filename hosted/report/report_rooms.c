/* SPDX-License-Identifier: Apache-2.0
 *
 * What happened while each benchmark was measured (bench/room/room.h): its word in the table, and in its card the word,
 * what it was said for, and which of the samples were disturbed.
 */
#include "bench/room/show.h"
#include "hosted/report/report.h"
#include "hosted/verdict/row_room.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static const char *class_of(enum room_word word) {
	static const char *const classes[ROOM_WORDS] = {
		[ROOM_UNKNOWN] = "even", [ROOM_LOUD] = "bad", [ROOM_USABLE] = "doubt"};
	return classes[word] ? classes[word] : "good";
}

static void add_word(struct text *text, enum room_word word) {
	text_format(text, "<b class=\"%s\">%s</b>", class_of(word), room_word_name(word));
}

/* Of all launches of a version; false: no file says anything of it. */
static bool word_of(const struct report *report, const struct report_row *row, size_t file, enum room_word *word) {
	const struct launches *version = &report->versions[file];
	struct row_room room = {.apart = row->between[file].spread.apart_count > 0};
	size_t told = 0;
	for (size_t i = 0; i < version->count; i++) {
		const struct results_benchmark *run =
			version->count == 1 ? row->runs[file] : results_find(&version->all[i], row->name);
		told += report_has_figures(run) && run->has_room;
		row_room_add(&room, run);
	}
	row_room_settle(&room);
	*word = room.word;
	return told > 0;
}

bool report_has_rooms(const struct report *report) {
	for (size_t file = 0; file < report->file_count; file++)
		for (size_t launch = 0; launch < report->versions[file].count; launch++) {
			const struct results *results = &report->versions[file].all[launch];
			for (size_t i = 0; i < results->count; i++)
				if (report_has_figures(&results->benchmarks[i]) && results->benchmarks[i].has_room)
					return true;
		}
	return false;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static void cell_of_one(struct text *text, const struct report *report, const struct report_row *row) {
	enum room_word word;
	if (!word_of(report, row, 0, &word))
		text_add_string(text, "<td>");
	else if (word >= ROOM_QUIET)
		text_format(text, "<td>%s", room_word_name(word));
	else
		text_format(text, "<td class=\"%s\">%s", class_of(word), room_word_name(word));
}

void report_room_cell(struct text *text, const struct report *report, const struct report_row *row) {
	enum room_word word;
	if (report->file_count == 1) {
		cell_of_one(text, report, row);
		return;
	}
	text_add_string(text, "<td class=\"rooms\">");
	for (size_t file = 0; file < report->file_count; file++) {
		if (!word_of(report, row, file, &word))
			continue;
		report_mark(text, report, file);
		text_format(text, "<span class=\"%s\">%s</span> ", word >= ROOM_QUIET ? "" : class_of(word),
			    room_word_name(word));
	}
}

/* ---- the card ---------------------------------------------------------------------------------------------------- */

/* What the file has of it, as far as it is as it should be. */
static bool read_seen(const struct results_benchmark *run, struct room_seen *seen) {
	char *bytes = json_dumps(json_object_get(run->json, "room"), JSON_COMPACT);
	struct text whole = {0};
	text_format(&whole, "{\"room\":%s}", bytes ? bytes : "null");
	bool has = !whole.failed && room_read((struct json_span){whole.bytes, whole.length}, seen);
	text_free(&whole);
	free(bytes);
	return has;
}

static void add_lost(struct text *text, const struct room_seen *seen) {
	text_format(text, "; lost %.3g %% of ", room_lost(seen) * 100);
	report_time(text, (double)seen->measured_ns);
	if (seen->within || seen->between) {
		text_format(text, ", disturbed %" PRIu64 " within samples, %" PRIu64 " between, the longest ",
			    seen->within, seen->between);
		report_time(text, (double)seen->longest_ns);
	}
}

static void add_probe(struct text *text, const struct room_seen *seen, double best) {
	double alone = room_alone(seen, best);
	if (!seen->probes)
		return;
	text_format(text, "; %" PRIu64 " chains over one %.4g (%.4g – %.4g), ", seen->chains, seen->ratio_median,
		    seen->ratio_low, seen->ratio_high);
	if (alone > 0)
		text_format(text, "alone %.4g", alone);
	else
		text_add_string(text, "alone not known");
}

static void add_counts(struct text *text, const bool *counted, const uint64_t *counts) {
	static const char *const names[ROOM_COUNTS] = {[ROOM_INTERRUPTS] = "interrupts",
						       [ROOM_SMIS] = "SMIs",
						       [ROOM_SWITCHES] = "switches",
						       [ROOM_MOVES] = "moves"};
	for (int i = 0; i < ROOM_COUNTS; i++)
		if (names[i] && counted[i] && (counts[i] || i != ROOM_MOVES))
			text_format(text, "; %s %" PRIu64, names[i], counts[i]);
	if (counted[ROOM_STOLEN_NS]) {
		text_add_string(text, "; taken by the host ");
		report_time(text, (double)counts[ROOM_STOLEN_NS]);
	}
}

/* Whole nanoseconds, of which a microsecond's are enough; false: no clock measured such times. */
static bool take_ticks(const struct results_benchmark *run, uint64_t *ticks) {
	const double most = 1e15;
	for (size_t i = 0; i < run->count; i++) {
		if (!(run->times[i] <= most))
			return false;
		ticks[i] = (uint64_t)(run->times[i] + 0.5);
	}
	return true;
}

enum { STRIP = 600 }; /* of its coordinates */

static void add_marks(struct text *text, const uint64_t *detours, size_t count) {
	size_t marks = 0;
	for (size_t i = 0; i < count; i++)
		marks += detours[i] > 0;
	if (marks == 0)
		return;
	text_format(text,
		    "<svg class=\"strip\" viewBox=\"0 0 %d 8\" preserveAspectRatio=\"none\" role=\"img\" "
		    "aria-label=\"%zu of %zu samples were disturbed\"><path d=\"",
		    STRIP, marks, count);
	for (size_t i = 0; i < count; i++)
		if (detours[i] > 0)
			text_format(text, "M%.0f 0V8", (double)STRIP * ((double)i + 0.5) / (double)count);
	text_add_string(text, "\"/></svg>");
}

static void add_strip(struct text *text, const struct results_benchmark *run) {
	uint64_t *ticks = calloc(run->count, 2 * sizeof(*ticks));
	double *sorted = calloc(run->count, sizeof(*sorted));
	struct room_times times = {.ticks = ticks,
				   .count = run->count,
				   .step = run->iters[0],
				   .linear = run->linear,
				   .us = 1000,
				   .hz = 1000000000};
	if (ticks && sorted && take_ticks(run, ticks)) {
		uint64_t *detours = ticks + run->count;
		room_detours_within(&times, sorted, detours);
		add_marks(text, detours, run->count);
	}
	free(sorted);
	free(ticks);
}

void report_room_of_card(struct text *text, const struct report *report, const struct report_row *row, size_t file) {
	const struct results_benchmark *run = row->runs[file];
	double best = json_number_value(report_context(report->files[file], "room/best_ratio"));
	struct room_seen seen;
	enum room_word word;
	if (!word_of(report, row, file, &word))
		return;
	text_add_string(text, "<p class=\"what room\">");
	report_mark(text, report, file);
	text_add_string(text, "Room ");
	add_word(text, word);
	if (report->versions[file].count > 1 && run->has_room) {
		text_format(text, " of %zu launches; the one shown ", report->versions[file].count);
		add_word(text, run->room);
	}
	bool has_seen = run->has_room && read_seen(run, &seen);
	if (has_seen) {
		add_lost(text, &seen);
		text_format(text, "; clock changed by %.2g %%", room_clock_change(&seen) * 100);
		add_probe(text, &seen, best);
		add_counts(text, seen.counted, seen.counts);
	}
	text_add_string(text, "</p>");
	if (has_seen && seen.within)
		add_strip(text, run);
}

/* ---- the first screen -------------------------------------------------------------------------------------------- */

static void add_tally(struct text *text, const json_t *words) {
	const char *before = ": ";
	for (int word = ROOM_WORDS - 1; word >= 0; word--) {
		double count = json_number_value(json_object_get(words, room_word_name((enum room_word)word)));
		if (!(count > 0))
			continue;
		text_format(text, "%s%.0f %s", before, fmin(count, 1e9), room_word_name((enum room_word)word));
		before = ", ";
	}
}

bool report_room_of_run(struct text *text, const struct results *results) {
	static const char *const members[ROOM_COUNTS] = {[ROOM_INTERRUPTS] = "room/interrupts",
							 [ROOM_SWITCHES] = "room/switches",
							 [ROOM_STOLEN_NS] = "room/stolen_ns"};
	enum room_word word = ROOM_UNKNOWN;
	bool counted[ROOM_COUNTS] = {false};
	uint64_t counts[ROOM_COUNTS] = {0};
	if (!json_is_object(report_context(results, "room")))
		return false;
	room_word_of(results_context(results, "room/word"), &word);
	add_word(text, word);
	add_tally(text, report_context(results, "room/benchmarks"));
	for (int i = 0; i < ROOM_COUNTS; i++) {
		const json_t *count = members[i] ? report_context(results, members[i]) : NULL;
		counted[i] = json_is_integer(count) && json_integer_value(count) >= 0;
		counts[i] = counted[i] ? (uint64_t)json_integer_value(count) : 0;
	}
	text_add_string(text, "<span class=\"more\">");
	add_counts(text, counted, counts);
	text_add_string(text, "</span>; ");
	return true;
}
