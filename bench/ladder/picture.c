/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/picture.h"

#include "bench/size.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MARGIN = 9, PLOT_MOST = PICTURE_COLUMNS_MOST - MARGIN, SIZE_COLUMNS = 9 };

struct plot {
	size_t columns, rows;
	double from, to;  /* octaves of the first and last column */
	double low, high; /* ln of the latency of the lowest and highest row */
	char cell[PICTURE_ROWS_MOST][PLOT_MOST];
};

static size_t clamped(size_t value, size_t least, size_t most) {
	return value < least ? least : value > most ? most : value;
}

/* ---- scales ------------------------------------------------------------------------------------------------------ */

/* false: there are no two sizes, or no latency. */
static bool scale(const struct picture_frame *frame, const struct picture_curve *curves, size_t count,
		  struct plot *plot) {
	plot->from = frame->from_bytes ? log2((double)frame->from_bytes) : INFINITY;
	plot->to = frame->to_bytes ? log2((double)frame->to_bytes) : -INFINITY;
	plot->low = INFINITY, plot->high = -INFINITY;
	for (size_t c = 0; c < count; c++)
		for (size_t i = 0; i < curves[c].count; i++) {
			const struct levels_point *point = &curves[c].points[i];
			double octave = log2((double)point->bytes), height = log(point->latency);
			plot->from = frame->from_bytes ? plot->from : fmin(plot->from, octave);
			plot->to = frame->to_bytes ? plot->to : fmax(plot->to, octave);
			plot->low = fmin(plot->low, height);
			plot->high = fmax(plot->high, height);
		}
	const double flat = 0.1; /* noise of a curve that never rises shall not fill the picture */
	if (plot->high - plot->low < flat)
		plot->high = plot->low + flat;
	return isfinite(plot->low) && isfinite(plot->high) && plot->to > plot->from;
}

static double octave_of(const struct plot *plot, size_t column) {
	return plot->from + (plot->to - plot->from) * (double)column / (double)(plot->columns - 1);
}

/* May lie beyond the plot. */
static long column_of(const struct plot *plot, double bytes) {
	return lround((log2(bytes) - plot->from) / (plot->to - plot->from) * (double)(plot->columns - 1));
}

static size_t row_of(const struct plot *plot, double height) {
	double share = (height - plot->low) / (plot->high - plot->low);
	return (size_t)lround((1 - fmin(fmax(share, 0), 1)) * (double)(plot->rows - 1));
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

/* ln of the latency there; false: it is beyond the curve by more than half a column. */
static bool height_at(const struct plot *plot, const struct picture_curve *curve, double octave, double *height) {
	double half = (plot->to - plot->from) / (double)(plot->columns - 1) / 2;
	for (size_t i = 0; i < curve->count; i++) {
		double here = log2((double)curve->points[i].bytes), at = log(curve->points[i].latency);
		bool first = i == 0, last = i + 1 == curve->count;
		if (here < octave - (last ? half : 0))
			continue;
		*height = at;
		if (first || here <= octave)
			return fabs(here - octave) <= half;
		double before = log2((double)curve->points[i - 1].bytes), from = log(curve->points[i - 1].latency);
		*height = from + (at - from) * (octave - before) / (here - before);
		return true;
	}
	return false;
}

static void draw_curve(struct plot *plot, const struct picture_curve *curve) {
	for (size_t column = 0; column < plot->columns; column++) {
		double height;
		if (!height_at(plot, curve, octave_of(plot, column), &height))
			continue;
		char *cell = &plot->cell[row_of(plot, height)][column];
		*cell = *cell == ' ' || *cell == ':' ? curve->mark : '*';
	}
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

/* "48 KiB"; "~14 MiB" where it has no name. */
static void size_text(const struct levels_level *level, char *text, size_t room) {
	uint64_t bytes = level->named_bytes ? level->named_bytes : level->bytes_best;
	char words[SIZE_WORDS_BYTES];
	snprintf(text, room, "%s%s", level->named_bytes ? "" : "~", size_words(words, bytes, 3));
}

/* In the middle of its columns, the shorter one where the longer does not fit. */
static void put_name(char *names, long from, long to, const char *name, const char *shorter) {
	const char *fits = (long)strlen(name) < to - from ? name : (long)strlen(shorter) < to - from ? shorter : "";
	memcpy(names + from + (to - from - (long)strlen(fits) + 1) / 2, fits, strlen(fits));
}

static void draw_levels(struct plot *plot, const struct levels *levels, char *names) {
	long from = 0, end = (long)plot->columns;
	for (size_t i = 0; i < levels->count && from < end; i++) {
		const struct levels_level *level = &levels->level[i];
		char name[48], number[16], size[24];
		snprintf(number, sizeof number, "L%u%s", (unsigned)i + 1, level->doubts ? "?" : "");
		if (level->kind == LEVEL_LAST) {
			put_name(names, from, end, "beyond them", "beyond");
			return;
		}
		long to = column_of(plot, (double)(level->named_bytes ? level->named_bytes : level->bytes_best));
		to = to < from ? from : to >= end ? end - 1 : to;
		size_text(level, size, sizeof size);
		snprintf(name, sizeof name, "%s %s", number, size);
		put_name(names, from, to, name, number);
		for (size_t row = 0; row < plot->rows; row++)
			plot->cell[row][to] = ':';
		names[to] = ':';
		from = to + 1;
	}
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static void add_line(struct text *text, const char *label, char edge, const char *cells, size_t columns) {
	while (columns > 0 && cells[columns - 1] == ' ')
		columns--;
	text_format(text, "%*s %c", MARGIN - 2, label, edge);
	text_add(text, cells, columns);
	text_add_string(text, "\n");
}

/* The round figure of 1, 2 and 5 that lies in this row, the roundest of several; "": none. */
static void label_of(const struct plot *plot, size_t row, char *label, size_t room) {
	static const double round[] = {1, 5, 2};
	label[0] = 0;
	for (size_t i = 0; i < sizeof round / sizeof round[0]; i++)
		for (int power = -3; power <= 9; power++) {
			double ns = round[i] * pow(10, power), height = log(ns);
			double half = (plot->high - plot->low) / (double)(plot->rows - 1) / 2;
			if (label[0] || height < plot->low - half || height > plot->high + half ||
			    row_of(plot, height) != row)
				continue;
			snprintf(label, room,
				 ns < 1e3   ? "%g ns"
				 : ns < 1e6 ? "%g us"
					    : "%g ms",
				 ns < 1e3   ? ns
				 : ns < 1e6 ? ns / 1e3
					    : ns / 1e6);
		}
}

/* Powers of two, as many as there is room for. */
static void add_sizes(const struct plot *plot, struct text *text) {
	char edge[PLOT_MOST], labels[PLOT_MOST + SIZE_COLUMNS];
	double column_octaves = (plot->to - plot->from) / (double)(plot->columns - 1);
	int step = (int)ceil(SIZE_COLUMNS * column_octaves);
	memset(edge, '-', sizeof edge);
	memset(labels, ' ', sizeof labels);
	for (int octave = (int)ceil(plot->from - column_octaves / 2); octave <= plot->to; octave += step) {
		static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
		long column = column_of(plot, exp2(octave));
		char label[16];
		snprintf(label, sizeof label, "%d %s", 1 << octave % 10, units[octave / 10]);
		if (column < 0 || column + (long)strlen(label) > (long)plot->columns)
			continue;
		edge[column] = '+';
		memcpy(labels + column, label, strlen(label));
	}
	add_line(text, "", '+', edge, plot->columns);
	add_line(text, "", ' ', labels, plot->columns);
}

static void add_head(const struct picture_curve *curves, size_t count, struct text *text) {
	bool several = false;
	text_format(text, "%*s  a load that waits for the one before; pages of", MARGIN - 2, "");
	for (size_t i = 0, shown = 0; i < count; i++)
		if (curves[i].count > 0) {
			text_format(text, "%s %s %c", shown ? "," : "", curves[i].name, curves[i].mark);
			several = shown++ > 0;
		}
	text_add_string(text, several ? ", both *\n" : "\n");
}

void picture_draw(const struct picture_frame *frame, const struct picture_curve *curves, size_t count,
		  const struct levels *levels, struct text *text) {
	struct plot plot = {
		.columns = clamped(frame->columns, PICTURE_COLUMNS_LEAST, PICTURE_COLUMNS_MOST) - MARGIN,
		.rows = clamped(frame->rows, PICTURE_ROWS_LEAST, PICTURE_ROWS_MOST),
	};
	char names[PLOT_MOST];
	if (!scale(frame, curves, count, &plot))
		return;
	memset(plot.cell, ' ', sizeof plot.cell);
	memset(names, ' ', sizeof names);
	if (levels != NULL)
		draw_levels(&plot, levels, names);
	for (size_t i = 0; i < count; i++)
		draw_curve(&plot, &curves[i]);
	add_head(curves, count, text);
	if (levels != NULL && levels->count > 0)
		add_line(text, "", ' ', names, plot.columns);
	for (size_t row = 0; row < plot.rows; row++) {
		char label[16];
		label_of(&plot, row, label, sizeof label);
		add_line(text, label, '|', plot.cell[row], plot.columns);
	}
	add_sizes(&plot, text);
}
