/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/report/report_os_tax.h"

#include "hosted/report/report.h"

#include <math.h>
#include <string.h>

static void side(struct text *text, const char *title, const struct launches *launches) {
	static const char *const paths[] = {"platform/architecture", "platform/way", "platform/hypervisor",
					    "platform/firmware"};
	text_format(text, "<li><b>%s</b> ", title);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *value = results_context(&launches->all[0], paths[i]);
		if (!*value)
			continue;
		report_text(text, value);
		text_add_string(text, " · ");
	}
	text_add_string(text, "<span class=\"file\">");
	report_text(text, launches->name);
	text_format(text, "</span> · %zu launch%s</li>\n", launches->count, launches->count == 1 ? "" : "es");
}

static void header(struct text *text, const struct os_tax *tax) {
	text_add_string(text, "<header><p class=\"brand\">Anechoic</p><h1>What Linux costs on this machine</h1>\n<p>");
	report_text(text, results_context(&tax->hosted->all[0], "platform/cpu"));
	text_add_string(text, "</p>\n<ul class=\"files\">");
	side(text, "Linux", tax->hosted);
	side(text, "Image", tax->image);
	text_add_string(text, "</ul>\n");
	if (tax->call_ns > 0) {
		text_add_string(text,
				"<p class=\"banner\"><strong>This host emulates the image's kernel:</strong> a call "
				"into it takes ");
		report_time(text, tax->call_ns);
		text_add_string(text,
				". What the image asks its kernel for costs that here, and a fraction of it where "
				"hardware runs it.</p>\n");
	}
	text_add_string(text, "</header>\n");
}

/* Four digits that count. */
static void number(struct text *text, double value) {
	if (value < 0.1)
		text_format(text, "%.3g", value);
	else
		text_format(text, "%.*f", value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0, value);
}

/* How far the farthest ratio lies from 1, on the logarithm's scale, which all rows share. */
static double reach_of(const struct os_tax *tax) {
	double reach = log(1.1);
	for (size_t i = 0; i < tax->count; i++)
		reach = fmax(reach, fabs(log(tax->rows[i].ratio)));
	return reach;
}

static void row(struct text *text, const struct os_tax_row *row, double reach) {
	text_add_string(text, "<tr><th scope=\"row\">");
	report_name(text, row->name);
	text_add_string(text, "</th><td class=\"number\" data-l=\"Linux\">");
	report_time(text, row->hosted_ns);
	text_add_string(text, "</td><td class=\"number\" data-l=\"image\">");
	report_time(text, row->image_ns);
	text_add_string(text, "</td><td class=\"number\" data-l=\"ratio\"");
	report_attribute(text, "value", row->ratio);
	text_add_string(text, ">");
	number(text, row->ratio);
	text_add_string(text, " <small>");
	number(text, row->lower);
	text_add_string(text, " – ");
	number(text, row->upper);
	text_add_string(text, "</small></td>");
	text_add_string(text, "<td>");
	report_forest(text, &(struct report_forest){.lower = log(row->lower) / reach,
						    .point = log(row->ratio) / reach,
						    .upper = log(row->upper) / reach});
	text_format(text, "</td><td>%s</td><td>", room_word_name(row->room));
	report_text(text, row->why);
	text_add_string(text, "</td></tr>\n");
}

static void part(struct text *text, const struct os_tax *tax, enum os_tax_part part, double reach) {
	double mean = os_tax_mean(tax, part);
	if (!(mean > 0))
		return;
	text_format(text, "<section><h2>The ratio of %s</h2>\n<p class=\"note\">Geometric mean ",
		    os_tax_part_title(part));
	number(text, mean);
	text_add_string(text,
			".</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\"><table "
			"class=\"plain\"><thead><tr><th>An iteration of</th><th class=\"number\">Linux</th><th "
			"class=\"number\">image</th><th class=\"number\">Linux / image</th><th>image is slower | Linux "
			"is</th><th>Room</th><th>Why</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < tax->count; i++)
		if (tax->rows[i].part == part)
			row(text, &tax->rows[i], reach);
	text_add_string(text, "</tbody></table></div></section>\n");
}

static void gaps(struct text *text, const struct os_tax *tax) {
	if (tax->gap_count == 0)
		return;
	text_add_string(text, "<section><h2>Without a ratio</h2>\n<table class=\"plain\"><tbody>\n");
	for (size_t i = 0; i < tax->gap_count; i++) {
		text_add_string(text, "<tr><th scope=\"row\">");
		report_name(text, tax->gaps[i].name);
		text_format(text, "</th><td>%s%s", os_tax_gap_text(&tax->gaps[i]), *tax->gaps[i].reason ? ": " : "");
		report_text(text, tax->gaps[i].reason);
		text_add_string(text, "</td></tr>\n");
	}
	text_add_string(text, "</tbody></table></section>\n");
}

static void losses(struct text *text, const struct os_tax *tax) {
	if (tax->loss_count == 0)
		return;
	text_add_string(
		text,
		"<section><h2>Time that a core does not get</h2>\n<table class=\"plain\"><thead><tr><th>Core</th>"
		"<th class=\"number\">lost</th><th class=\"number\">the longest at once</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < tax->loss_count; i++) {
		const struct os_tax_loss *loss = &tax->losses[i];
		text_format(
			text,
			"<tr><th scope=\"row\">%s, core %u</th><td class=\"number\">%.6f %%</td><td class=\"number\">",
			loss->hosted ? "Linux" : "image", loss->core, loss->lost * 100);
		report_time(text, loss->longest_ns);
		text_add_string(text, "</td></tr>\n");
	}
	text_add_string(text, "</tbody></table></section>\n");
}

void report_os_tax(struct text *text, const struct os_tax *tax) {
	const double reach = reach_of(tax);
	report_open(text, "what Linux costs");
	text_add_string(text, "</head><body>\n");
	header(text, tax);
	text_add_string(
		text,
		"<main>\n<p class=\"note\">The same compiled objects, run as a program of Linux and in the image, "
		"in turns. A ratio is Linux's time over the image's: above 1, Linux takes longer. ");
	report_text(text, os_tax_intervals_text(tax));
	text_add_string(text, "</p>\n");
	for (unsigned i = 0; i < OS_TAX_PARTS; i++)
		part(text, tax, (enum os_tax_part)i, reach);
	gaps(text, tax);
	losses(text, tax);
	text_add_string(text, "</main>\n</body></html>\n");
}
