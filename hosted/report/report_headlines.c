/* SPDX-License-Identifier: Apache-2.0
 *
 * A few figures that a reader asks for first, of those that a run has: what one core and all of them read from memory,
 * what a line takes from core to core, and what the project's own code takes.
 */
#include "hosted/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MOST = 6 };

struct headline {
	const char *label, *name;
	enum { WHOLE, LARGEST, LEAST, MOST } which; /* the row of that name, or of all that begin so one */
	bool rate;
};

static const struct headline headlines[] = {
	{"one core reads from memory", "machine/bandwidth/one/read/", LARGEST, true},
	{"all cores read from memory", "machine/bandwidth/all/read/", LARGEST, true},
	{"a line from core to core and back, the nearest", "machine/cores/pair/", LEAST, false},
	{"the farthest", "machine/cores/pair/", MOST, false},
	{"64 bytes from the pool and back", "pool/pool_vs_standard/stack_pool_allocate", WHOLE, false},
	{"an address through the software TLB", "tlb/lookup/mostly_hits", WHOLE, false},
	{"a copy of 4 KiB", "copy/4KiB/bytes", WHOLE, true},
};

/* What follows the prefix, "48KiB", as a number to compare. */
static double size_behind(const struct report_row *row, const char *prefix) {
	char *end;
	double size = strtod(row->name + strlen(prefix), &end);
	return size * (*end == 'G' ? 1073741824.0 : *end == 'M' ? 1048576.0 : *end == 'K' ? 1024.0 : 1.0);
}

static bool is_better(const struct headline *headline, const struct report_row *row, const struct report_row *best,
		      size_t file) {
	if (!best)
		return true;
	if (headline->which == LARGEST)
		return size_behind(row, headline->name) > size_behind(best, headline->name);
	double mine = results_headline(row->runs[file])->point, others = results_headline(best->runs[file])->point;
	return headline->which == LEAST ? mine < others : mine > others;
}

/* NULL: the file has none. */
static const struct results_benchmark *find(const struct report *report, const struct headline *headline, size_t file) {
	const struct report_row *best = NULL;
	size_t length = strlen(headline->name);
	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_row *row = &report->rows[i];
		bool meant = strncmp(row->name, headline->name, length) == 0 &&
			     (headline->which != WHOLE || row->name[length] == '\0');
		if (meant && report_has_figures(row->runs[file]) && is_better(headline, row, best, file))
			best = row;
	}
	return best ? best->runs[file] : NULL;
}

static void figure(struct text *text, const struct report *report, size_t file, const struct headline *headline,
		   const struct results_benchmark *run) {
	bool rate = headline->rate && run->unit[0];
	text_add_string(text, "<span data-headline=\"");
	report_text(text, run->name);
	text_add_string(text, "\"");
	report_attribute(text, "value", rate ? run->per_second : results_headline(run)->point);
	text_add_string(text, ">");
	report_mark(text, report, file);
	if (rate)
		report_rate(text, run->per_second, run->unit);
	else
		report_time(text, results_headline(run)->point);
	text_add_string(text, "</span> ");
}

static bool tile(struct text *text, const struct report *report, const struct headline *headline) {
	bool any = false;
	for (size_t file = 0; file < report->file_count; file++) {
		const struct results_benchmark *run = find(report, headline, file);
		if (!run)
			continue;
		if (!any) {
			text_format(text, "<div><dt>%s", headline->label);
			report_badges(text, report);
			text_add_string(text, "</dt><dd>");
		}
		any = true;
		figure(text, report, file, headline, run);
	}
	text_add_string(text, any ? "</dd></div>" : "");
	return any;
}

void report_headlines(struct text *text, const struct report *report) {
	struct text tiles = {0};
	size_t count = 0;
	for (size_t i = 0; i < sizeof(headlines) / sizeof(headlines[0]) && count < SHOWN_MOST; i++)
		count += tile(&tiles, report, &headlines[i]);
	if (count) {
		text_add_string(text, "<dl class=\"tiles headlines\">");
		text_add(text, tiles.bytes, tiles.length);
		text_add_string(text, "</dl>\n");
	}
	text_free(&tiles);
}
