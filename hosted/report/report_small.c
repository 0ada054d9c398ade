/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures small enough for a cell of a table. What they show stands beside them as text.
 */
#include "hosted/report/report.h"

#include <math.h>

void report_forest(struct text *text, const struct report_forest *forest) {
	double from = 60 + 58 * fmax(-1, fmin(1, forest->lower)), to = 60 + 58 * fmax(-1, fmin(1, forest->upper));
	text_add_string(text, "<svg class=\"forest\" viewBox=\"0 0 120 14\" width=\"120\" height=\"14\" "
			      "aria-hidden=\"true\">");
	if (forest->band > 0)
		text_format(text, "<rect x=\"%.1f\" width=\"%.1f\" height=\"14\" class=\"band\"/>",
			    60 - 58 * forest->band, 2 * 58 * forest->band);
	text_format(text,
		    "<path d=\"M%d 0V14\" class=\"zero\"/><path d=\"M%.1f 7H%.1f\" class=\"interval\"/>"
		    "<circle cx=\"%.1f\" cy=\"7\" r=\"3\"/></svg>",
		    forest->from_left ? 2 : 60, from, fmax(to, from + 0.5), 60 + 58 * fmax(-1, fmin(1, forest->point)));
}

enum { BASE = 32, HEIGHT = 50 };

void report_bars(struct text *text, const struct report_bars *bars) {
	int width = (int)bars->count * bars->step;
	text_format(text,
		    "<svg class=\"lengths\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
		    "aria-label=\"%s\"><path d=\"",
		    width, HEIGHT, width, HEIGHT, bars->label);
	for (size_t i = 0; i < bars->count; i++)
		if (bars->heights[i] > 0)
			text_format(text, "M%.1f %dV%.1f", ((double)i + 0.5) * bars->step, BASE,
				    BASE - 1 - (BASE - 2) * bars->heights[i]);
	text_format(text, "\"/><path class=\"zero\" d=\"M0 %dH%d", BASE, width);
	for (size_t i = 0; i < bars->tick_count; i++)
		text_format(text, "M%d %dv4", bars->ticks[i].at, BASE);
	text_add_string(text, "\"/>");
	for (size_t i = 0; i < bars->tick_count; i++)
		if (bars->ticks[i].name[0])
			text_format(text, "<text x=\"%d\" y=\"%d\">%s</text>", bars->ticks[i].at, HEIGHT - 2,
				    bars->ticks[i].name);
	text_add_string(text, "</svg>");
}
