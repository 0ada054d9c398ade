/* SPDX-License-Identifier: Apache-2.0
 *
 * The page's frame.
 */
#include "hosted/report/report.h"

/* Nothing may be fetched, whatever a hostile file brought in. */
static const char head[] =
	"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
	"script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>Anechoic: ";

static const char sizes[] =
	"<section id=\"sizes\" hidden><h2>Over size</h2><p class=\"note\">Whiskers are intervals, and each speaks of "
	"one launch.</p><div class=\"charts\"></div></section>\n";

static const char *or_unknown(const char *string) {
	return string[0] ? string : "unknown";
}

static void file_line(struct text *text, const struct report *report, size_t file) {
	const struct results *results = report->files[file];
	static const char *const paths[] = {"platform/architecture", "platform/way", "platform/hypervisor"};
	report_mark(text, report, file);
	if (report->file_count > 1) {
		report_text(text, or_unknown(results_context(results, "platform/cpu")));
		text_add_string(text, " · ");
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *value = results_context(results, paths[i]);
		if (value[0])
			report_text(text, value);
		if (value[0])
			text_add_string(text, " · ");
	}
	if (report_has_memory(report))
		report_memory_line(text, report, file);
	text_add_string(text, "<span class=\"file\">");
	report_text(text, report->versions[file].name);
	text_add_string(text, "</span>");
	if (report->versions[file].count > 1)
		text_format(text, " · %zu launches", report->versions[file].count);
	report_badge(text, report, file);
	report_key_facts(text, report, file);
}

static void banner(struct text *text, const struct report *report) {
	for (size_t file = 0; file < report->file_count; file++) {
		const char *emulated = results_context(report->files[file], "emulated");
		if (!results_functional_only(report->files[file]))
			continue;
		text_add_string(text, "<p class=\"banner\">");
		report_mark(text, report, file);
		text_add_string(text, "<strong>Functional only.</strong> ");
		report_text(text, emulated[0] ? emulated : "Not measured on hardware");
		text_add_string(
			text,
			". These figures show that the code ran; they say nothing of how fast hardware is.</p>\n");
	}
}

static const char *cpu_of(const struct report *report) {
	if (report->file_count)
		return or_unknown(results_context(report->files[0], "platform/cpu"));
	const char *machine = report_parts_machine(report);
	return machine ? machine : "A machine that its file does not name";
}

static void header(struct text *text, const struct report *report) {
	text_add_string(text, "<header><p class=\"brand\">Anechoic</p><h1>");
	report_text(text, report->file_count > 1 ? "Comparison" : cpu_of(report));
	text_add_string(text, "</h1>\n<ul class=\"files\">");
	for (size_t file = 0; file < report->file_count; file++) {
		text_add_string(text, "<li>");
		file_line(text, report, file);
		text_add_string(text, "</li>");
	}
	text_add_string(text, "</ul>\n");
	banner(text, report);
	text_add_string(text, "</header>\n");
	if (report->file_count == 0)
		return;
	text_add_string(text, "<nav>");
	if (report_has_memory(report))
		text_add_string(text, "<a href=\"#memory\">Memory</a><a href=\"#cores\">Cores</a>");
	text_add_string(text, "<a href=\"#summary\">Summary</a><a href=\"#all\">All benchmarks</a>"
			      "<a href=\"#sizes\" hidden>Over size</a>");
	report_part_links(text, report, true);
	if (report_has_history(report))
		text_add_string(text, "<a href=\"#history\">History</a>");
	if (report_has_fleet(report))
		text_add_string(text, "<a href=\"#fleet\">Fleet</a>");
	text_add_string(text, "<a href=\"#each\">Each benchmark</a><a href=\"#room\">The room</a>");
	report_part_links(text, report, false);
	text_add_string(text, "<a href=\"#machine\">The machine</a></nav>\n");
}

static void body(struct text *text, const struct report *report) {
	if (report_has_memory(report)) {
		report_memory(text, report);
		report_cores(text, report);
	}
	report_overview(text, report);
	report_missing(text, report);
	/* Changes are what several are looked at for; of one, the pictures come before the long table. */
	if (report->file_count > 1)
		report_table(text, report);
	text_add_string(text, sizes);
	if (report->file_count == 1)
		report_table(text, report);
	report_parts(text, report, true);
	report_history(text, report);
	report_fleet(text, report);
	report_cards(text, report);
	report_room(text, report);
	report_parts(text, report, false);
	report_machine(text, report);
}

void report_open(struct text *text, const char *title) {
	text_add(text, head, sizeof(head) - 1);
	report_text(text, title);
	text_add_string(text, "</title>\n<style>");
	text_add(text, report_style, report_style_bytes);
	text_add_string(text, "</style>\n");
}

void report_page(struct text *text, const struct report *report) {
	report_open(text, cpu_of(report));
	if (report_script_bytes > 0)
		text_add_string(text, "<script>document.documentElement.className=\"scripted\"</script>\n");
	text_add_string(text, "</head><body>\n");
	header(text, report);
	text_add_string(text, "<main>\n");
	if (report->file_count) {
		body(text, report);
	} else {
		report_parts(text, report, true);
		report_parts(text, report, false);
	}
	text_add_string(text, "</main>\n");
	report_data(text, report);
	report_profiles_data(text, report);
	if (report_has_memory(report))
		report_memory_data(text, report);
	text_add_string(text, "<script>");
	text_add(text, report_script, report_script_bytes);
	text_add_string(text, "</script>\n</body></html>\n");
}
