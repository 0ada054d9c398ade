/* SPDX-License-Identifier: Apache-2.0
 *
 * The ladder and one core's bandwidth as pictures that need no script: both axes logarithmic, a line for each file and
 * page or access. A browser that runs the script never shows them; charts/memory.js draws more.
 */
#include "bench/machine/words.h"
#include "hosted/report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 1072, HEIGHT = 340, LEFT = 64, RIGHT = 34, TOP = 44, BOTTOM = 26, KEY = 24 };

struct point {
	size_t file;
	char key[KEY]; /* what a line is of: a page's size, an access */
	double octave; /* log2 of the size */
	double ten;    /* log10 of the value */
};

struct plot {
	struct point *points;
	size_t count;
	double left, right, low, high;
};

/* What a picture is of: the row's value at a size; false: it is not in it. */
struct kind {
	const char *label;
	bool (*place)(const char *name, const struct results_benchmark *run, struct point *point, double *value);
	void (*tick)(struct text *text, double value);
};

/* "48KiB"; 0: it is none. */
static double size_of(const char *text) {
	static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
	char *end;
	double number = strtod(text, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i]) == 0)
			return ldexp(number, 10 * (int)i);
	return 0;
}

static bool take_size(const char *size, struct point *point) {
	double bytes = size_of(size);
	point->octave = bytes > 0 ? log2(bytes) : 0;
	return bytes > 0 && isfinite(bytes);
}

static bool place_latency(const char *name, const struct results_benchmark *run, struct point *point, double *value) {
	char size[KEY], rest;
	if (sscanf(name, "machine/latency/%23[^/]/line/%23[^/]%c", point->key, size, &rest) != 2)
		return false;
	*value = report_least(run);
	return take_size(size, point);
}

static bool place_bandwidth(const char *name, const struct results_benchmark *run, struct point *point, double *value) {
	char size[KEY], rest;
	if (sscanf(name, "machine/bandwidth/one/%23[^/]/%23[^/]%c", point->key, size, &rest) != 2 ||
	    strncmp(point->key, "stream_", sizeof("stream_") - 1) == 0)
		return false;
	*value = run->per_second / 1073741824.0;
	return take_size(size, point);
}

static int by_line_and_size(const void *left, const void *right) {
	const struct point *a = left, *b = right;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	double bytes_a = size_of(a->key), bytes_b = size_of(b->key);
	int order = bytes_a == bytes_b ? strcmp(a->key, b->key) : bytes_a < bytes_b ? -1 : 1;
	return order ? order : (a->octave > b->octave) - (a->octave < b->octave);
}

/* false: there is no line to draw. `points` is the caller's to free in any case. */
static bool collect(const struct report *report, const struct kind *kind, struct plot *plot) {
	*plot = (struct plot){calloc(report->row_count * report->file_count + 1, sizeof(*plot->points)),
			      0,
			      INFINITY,
			      -INFINITY,
			      INFINITY,
			      -INFINITY};
	for (size_t i = 0; plot->points && i < report->row_count; i++)
		for (size_t file = 0; file < report->file_count; file++) {
			const struct report_row *row = &report->rows[i];
			struct point *point = &plot->points[plot->count];
			double value = 0;
			if (!report_has_figures(row->runs[file]) ||
			    !kind->place(row->name, row->runs[file], point, &value) || !(value > 0))
				continue;
			point->file = file;
			point->ten = log10(value);
			plot->left = fmin(plot->left, point->octave);
			plot->right = fmax(plot->right, point->octave);
			plot->low = fmin(plot->low, point->ten);
			plot->high = fmax(plot->high, point->ten);
			plot->count++;
		}
	if (plot->count)
		qsort(plot->points, plot->count, sizeof(*plot->points), by_line_and_size);
	plot->low -= 0.05;
	plot->high += 0.05;
	return plot->right > plot->left;
}

static double across(const struct plot *plot, double octave) {
	double share = (octave - plot->left) / (plot->right - plot->left);
	return LEFT + (WIDTH - LEFT - RIGHT) * fmin(fmax(share, 0), 1);
}

static double down(const struct plot *plot, double ten) {
	return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (ten - plot->low) / (plot->high - plot->low);
}

/* ---- axes -------------------------------------------------------------------------------------------------------- */

static void tick_time(struct text *text, double ns) {
	text_format(text, ns < 1000 ? "%g ns" : "%g µs", ns < 1000 ? ns : ns / 1000);
}

static void tick_rate(struct text *text, double gib_second) {
	text_format(text, "%g GiB/s", gib_second);
}

static void axes(struct text *text, const struct plot *plot, const struct kind *kind) {
	static const double steps[] = {1, 2, 5};
	for (int tens = (int)floor(plot->low); tens <= plot->high; tens++)
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			double ten = tens + log10(steps[i]), y = down(plot, ten);
			if (ten < plot->low || ten > plot->high)
				continue;
			text_format(text, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" ", LEFT, y,
				    WIDTH - RIGHT, LEFT - 8, y + 4);
			text_add_string(text, "text-anchor=\"end\">");
			kind->tick(text, pow(10, ten));
			text_add_string(text, "</text>");
		}
	for (int octave = 2 * (int)ceil(plot->left / 2); octave <= plot->right; octave += 2) {
		text_format(text, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", across(plot, octave),
			    HEIGHT - 8);
		machine_add_bytes(text, UINT64_C(1) << octave);
		text_add_string(text, "</text>");
	}
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

static void band(struct text *text, const struct plot *plot, const struct results_level *level, size_t index,
		 double from) {
	bool last = level->kind == LEVEL_LAST;
	double x1 = across(plot, from), x2 = last ? WIDTH - RIGHT : across(plot, log2((double)level->bytes));
	if (x2 - x1 < 24)
		return;
	text_format(text, "<rect class=\"band b%zu\" x=\"%.1f\" y=\"4\" width=\"%.1f\" height=\"%d\"/>", index % 2, x1,
		    x2 - x1, HEIGHT - BOTTOM - 4);
	text_format(text, "<text class=\"level\" x=\"%.1f\" y=\"18\" text-anchor=\"middle\">", (x1 + x2) / 2);
	if (last)
		text_add_string(text, "memory");
	else
		text_format(text, "L%zu", index + 1);
	text_format(text, "</text><text class=\"level\" x=\"%.1f\" y=\"33\" text-anchor=\"middle\">", (x1 + x2) / 2);
	report_time(text, level->ns);
	text_add_string(text, level->certain ? "</text>" : " ?</text>");
}

static void bands(struct text *text, const struct plot *plot, const struct results_ladder *ladder) {
	double from = plot->left;
	for (size_t i = 0; ladder && i < ladder->count; i++) {
		band(text, plot, &ladder->levels[i], i, from);
		if (ladder->levels[i].kind != LEVEL_LAST)
			from = log2((double)ladder->levels[i].bytes);
	}
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static bool same_line(const struct point *a, const struct point *b) {
	return a->file == b->file && strcmp(a->key, b->key) == 0;
}

/* Of one file each line has a colour; of several each file has. */
static void lines(struct text *text, const struct plot *plot, bool several) {
	size_t line = 0;
	for (size_t i = 0; i < plot->count; i++) {
		const struct point *point = &plot->points[i];
		bool first = i == 0 || !same_line(point - 1, point);
		if (first)
			text_format(text, "%s<polyline class=\"s%zu\" points=\"", i ? "\"/>" : "",
				    (several ? point->file : line++) % 6);
		text_format(text, "%s%.1f,%.1f", first ? "" : " ", across(plot, point->octave), down(plot, point->ten));
	}
	text_add_string(text, plot->count ? "\"/>" : "");
}

static void legend(struct text *text, const struct report *report, const struct plot *plot, const char *of) {
	size_t line = 0;
	text_add_string(text, "<ul class=\"legend\">");
	for (size_t i = 0; i < plot->count; i++) {
		const struct point *point = &plot->points[i];
		if (i && same_line(point - 1, point))
			continue;
		text_format(text, "<li><i class=\"s%zu\"></i>", (report->file_count > 1 ? point->file : line++) % 6);
		report_mark(text, report, point->file);
		text_add_string(text, of);
		report_text(text, point->key);
		text_add_string(text, "</li>");
	}
	text_add_string(text, "</ul>");
}

static void picture(struct text *text, const struct report *report, const struct kind *kind, const char *of,
		    const struct results_ladder *ladder) {
	struct plot plot;
	if (collect(report, kind, &plot)) {
		text_format(text, "<p class=\"note\">%s</p>", kind->label);
		legend(text, report, &plot, of);
		text_format(text, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", WIDTH,
			    HEIGHT, kind->label);
		bands(text, &plot, ladder);
		axes(text, &plot, kind);
		lines(text, &plot, report->file_count > 1);
		text_add_string(text, "</svg>\n");
	}
	free(plot.points);
}

void report_plots(struct text *text, const struct report *report, const struct results_ladder *ladder) {
	static const struct kind latency = {"The least time of a load over the size of what is read, in random order",
					    place_latency, tick_time};
	static const struct kind bandwidth = {"What one core moves a second, over the size of its buffer",
					      place_bandwidth, tick_rate};
	text_add_string(text, "<noscript>\n");
	picture(text, report, &latency, "pages of ", ladder);
	picture(text, report, &bandwidth, "", NULL);
	text_add_string(text, "</noscript>\n");
}
