/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/measured.h"
#include "bench/ladder/picture.h"
#include "bench/match.h"
#include "bench/size.h"

#include <stdlib.h>
#include <string.h>

static void add_size(struct text *text, uint64_t bytes) {
	char words[SIZE_WORDS_BYTES];
	text_add_string(text, size_words(words, bytes, 4));
}

static bool holds(const struct levels_level *level, uint64_t bytes) {
	return bytes >= level->bytes_lower && bytes <= level->bytes_upper;
}

static void add_doubts(struct text *text, unsigned doubts) {
	bool first = true;
	for (unsigned doubt = LEVEL_WEAK; doubt < LEVEL_DOUBTS_END; doubt *= 2)
		if (doubts & doubt) {
			text_format(text, "%s%s", first ? "uncertain: " : ", ",
				    levels_doubt_name((enum levels_doubt)doubt));
			first = false;
		}
}

static void show_level(const struct measured_levels *measured, size_t index, struct text *text) {
	const struct levels_level *level = &measured->levels.level[index];
	uint64_t told = measured->told_bytes[index];

	if (level->kind == LEVEL_LAST) {
		text_format(text, "        beyond them %.4g ns [%.4g %.4g]\n", level->latency, level->latency_lower,
			    level->latency_upper);
		return;
	}
	text_format(text, "        L%zu  %.4g ns [%.4g %.4g]", index + 1, level->latency, level->latency_lower,
		    level->latency_upper);
	text_pad(text, 40);
	if (level->named_bytes != 0) {
		add_size(text, level->named_bytes);
		text_add_string(text, " ");
	}
	text_add_string(text, "[");
	add_size(text, level->bytes_lower);
	text_add_string(text, ", ");
	add_size(text, level->bytes_upper);
	text_format(text, "]%s", level->kind == LEVEL_BETWEEN ? " in a ramp" : "");
	if (told != 0) {
		text_add_string(text, holds(level, told) ? ", as told: " : ", told ");
		add_size(text, told);
	}
	text_add_string(text, level->doubts ? "; " : "");
	add_doubts(text, level->doubts);
	text_add_string(text, "\n");
}

/* ---- in words ---------------------------------------------------------------------------------------------------- */

static void show_missing(const struct measured_levels *measured, struct text *text) {
	if (measured->missing == 0)
		return;
	text_format(text, "        pages of %s: ", measured_page_name(measured->page_bytes));
	if (measured->count > 0) {
		text_add_string(text, "not measured from ");
		add_size(text, measured->missing_from);
		text_add_string(text, " on");
	} else {
		text_add_string(text, "nothing is measured");
	}
	text_format(text, "%s%s\n", measured->why[0] ? ": " : "", measured->why);
}

/* Of the rows that count, in ticks; 0: there is none. */
static uint64_t shortest_sample(const struct collector *collector) {
	uint64_t shortest = UINT64_MAX;
	for (size_t i = 0; i < collector->count; i++) {
		const struct collected *benchmark = &collector->benchmarks[i];
		struct stats_input input;
		uint64_t *ticks;
		if (!match_name(MEASURED_ROWS, benchmark->name, false) ||
		    !collect_samples(collector, benchmark, &input, &ticks))
			continue;
		for (size_t k = 0; k < input.count; k++)
			shortest = ticks[k] < shortest ? ticks[k] : shortest;
		free(ticks);
	}
	return shortest == UINT64_MAX ? 0 : shortest;
}

/* A least time is too short by up to a step of the clock, over its sample. */
static void show_clock(const struct collector *collector, uint64_t clock_step, struct text *text) {
	enum { STEPS_LEAST = 100 };
	uint64_t shortest = shortest_sample(collector);
	if (shortest < clock_step * STEPS_LEAST)
		text_format(text,
			    "        the clock is too coarse: a step is %.2g %% of the shortest sample; a longer "
			    "--measurement-time helps\n",
			    100.0 * (double)clock_step / (double)(shortest ? shortest : 1));
}

/* Of all pages where none says anything: the one with the most points. */
static const struct measured_levels *richest(const struct measured_ladder *ladder) {
	const struct measured_levels *best = measured_best(ladder);
	for (size_t i = 0; measured_best(ladder) == NULL && i < ladder->count; i++)
		if (best == NULL || ladder->pages[i].count > best->count)
			best = &ladder->pages[i];
	return best;
}

void measured_show(const struct collector *collector, const struct measured_ladder *ladder, uint64_t clock_step,
		   struct text *text) {
	const struct measured_levels *best = richest(ladder);
	if (best == NULL || best->count < LEVELS_POINTS_LEAST)
		return;
	bool found = best->levels.count > 0;
	text_format(text, "levels  %sfound in %zu sizes, pages of %s%s%s\n", found ? "" : "none ", best->count,
		    measured_page_name(best->page_bytes), found ? "" : ": ",
		    found ? "" : levels_outcome_name(best->levels.outcome));
	for (size_t i = 0; i < best->levels.count; i++)
		show_level(best, i, text);
	for (size_t i = 0; i < ladder->count; i++)
		show_missing(&ladder->pages[i], text);
	show_clock(collector, clock_step, text);
}

/* ---- drawn ------------------------------------------------------------------------------------------------------- */

void measured_draw(const struct measured_ladder *ladder, const struct picture_frame *frame, struct text *text) {
	static const char marks[MEASURED_PAGE_SIZES] = {'o', '+', 'x'};
	struct picture_curve curves[MEASURED_PAGE_SIZES];
	const struct measured_levels *best = measured_best(ladder);
	for (size_t i = 0; i < ladder->count; i++) {
		const struct measured_levels *page = &ladder->pages[i];
		size_t mark = 0;
		while (measured_page_bytes(mark) != page->page_bytes)
			mark++;
		curves[i] = (struct picture_curve){page->points, page->count, marks[mark],
						   measured_page_name(page->page_bytes)};
	}
	picture_draw(frame, curves, ladder->count, best ? &best->levels : NULL, text);
}
