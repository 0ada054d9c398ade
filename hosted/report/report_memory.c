/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's memory, where results have rows on it: what the machine tells of its caches and TLBs, what the system
 * read, and what the ladder of latencies and the reach over pages show, side by side. The pictures over size are the
 * script's (charts/memory.js).
 */
#include "bench/machine/words.h"
#include "bench/size.h"
#include "hosted/report/report.h"
#include "hosted/results/results_tlbs.h"

#include <string.h>

static uint64_t whole_number(const json_t *object, const char *name) {
	json_int_t number = json_integer_value(json_object_get(object, name));
	return number > 0 ? (uint64_t)number : 0;
}

/* ---- in a line --------------------------------------------------------------------------------------------------- */

void report_memory_line(struct text *text, const struct report *report, size_t file) {
	struct results_caches caches = results_caches_of(report->files[file]);
	uint64_t cores = whole_number(report_context(report->files[file], "platform"), "cores");
	if (cores)
		text_format(text, "%llu core%s · ", (unsigned long long)cores, cores == 1 ? "" : "s");
	for (size_t i = 0; i < caches.count; i++) {
		const struct results_told *told = &caches.told[i];
		if (!told->bytes && !caches.read_bytes[i])
			continue;
		text_format(text, "L%zu ", i + 1);
		machine_add_bytes(text, told->bytes ? told->bytes : caches.read_bytes[i]);
		if (told->sharers > 1)
			text_format(text, " for %llu", (unsigned long long)told->sharers);
		text_add_string(text, " · ");
	}
}

/* ---- told, read, measured ---------------------------------------------------------------------------------------- */

static void near_size(struct text *text, uint64_t bytes) {
	char words[SIZE_WORDS_BYTES];
	text_add_string(text, size_words(words, bytes, 4));
}

static void size_cell(struct text *text, const char *label, uint64_t bytes, const char *source) {
	text_format(text, "<td data-l=\"%s\"", label);
	if (bytes == 0) {
		text_add_string(text, " class=\"even\">–</td>");
		return;
	}
	text_format(text, " data-value=\"%llu\">", (unsigned long long)bytes);
	near_size(text, bytes);
	text_add_string(text, " <small>");
	report_text(text, source);
	text_add_string(text, "</small></td>");
}

/* A name is a size that is built; without one only the interval is known. */
static void measured_cell(struct text *text, const struct results_level *level) {
	text_add_string(text, "<td data-l=\"measured\"");
	if (!level || level->kind == LEVEL_LAST) {
		text_add_string(text, " class=\"even\">–</td>");
		return;
	}
	text_format(text, " data-value=\"%llu\" data-low=\"%llu\" data-high=\"%llu\">",
		    (unsigned long long)(level->named_bytes ? level->named_bytes : level->bytes),
		    (unsigned long long)level->bytes_lower, (unsigned long long)level->bytes_upper);
	near_size(text, level->named_bytes ? level->named_bytes : level->bytes);
	text_add_string(text, " <small>");
	near_size(text, level->bytes_lower);
	text_add_string(text, " – ");
	near_size(text, level->bytes_upper);
	text_add_string(text, level->kind == LEVEL_BETWEEN ? ", a ramp</small></td>" : "</small></td>");
}

/* `ns` 0: nothing is known. */
static void latency_cell(struct text *text, double ns, double lower, double upper) {
	text_add_string(text, "<td data-l=\"latency\"");
	if (!(ns > 0)) {
		text_add_string(text, " class=\"even\">–</td>");
		return;
	}
	report_attribute(text, "value", ns);
	report_attribute(text, "low", lower);
	report_attribute(text, "high", upper);
	text_add_string(text, ">");
	report_time(text, ns);
	text_add_string(text, " <small>");
	report_interval(text, lower, upper);
	text_add_string(text, "</small></td>");
}

static void verdict_word(struct text *text, enum results_verdict verdict) {
	static const char *const classes[] = {
		[RESULTS_NOT_MEASURED] = "even", [RESULTS_UNCERTAIN] = "doubt", [RESULTS_LATENCY_ALONE] = "even",
		[RESULTS_NOT_TOLD] = "even",     [RESULTS_AGREES] = "good",     [RESULTS_DIFFERS] = "bad",
	};
	text_format(text, "<td data-l=\"verdict\"><b class=\"%s\">%s</b>", classes[verdict],
		    results_verdict_name(verdict));
}

static void verdict_cell(struct text *text, const struct results_memory_row *row) {
	const struct results_level *level = row->found;
	verdict_word(text, row->verdict);
	for (size_t i = 0; level && i < json_array_size(level->doubts); i++) {
		text_add_string(text, i ? ", " : " <small>");
		report_text(text, json_string_value(json_array_get(level->doubts, i)));
	}
	text_add_string(text, level && json_array_size(level->doubts) ? "</small></td></tr>\n" : "</td></tr>\n");
}

static void level_row(struct text *text, const struct results_memory_row *row) {
	bool memory = strcmp(row->name, "memory") == 0;
	text_format(text, "<tr data-level=\"%s\"><th scope=\"row\">%s</th>", row->name, memory ? "Memory" : row->name);
	size_cell(text, "told", row->told_bytes, row->source);
	size_cell(text, "read", row->read_bytes, "by the system");
	measured_cell(text, row->found);
	latency_cell(text, row->found ? row->found->ns : 0, row->found ? row->found->ns_lower : 0,
		     row->found ? row->found->ns_upper : 0);
	verdict_cell(text, row);
}

/* ---- the TLBs ---------------------------------------------------------------------------------------------------- */

static void reach_cells(struct text *text, const struct reach_level *level) {
	if (!level) {
		text_add_string(text, "<td data-l=\"measured\" class=\"even\">–</td>");
		latency_cell(text, 0, 0, 0);
		return;
	}
	text_format(text, "<td data-l=\"measured\" data-low=\"%u\"", (unsigned)level->lower);
	if (level->kind == REACH_STEP)
		text_format(text, " data-high=\"%u\">%u – %u", (unsigned)level->upper, (unsigned)level->lower,
			    (unsigned)level->upper);
	else
		text_format(text, ">%u or more", (unsigned)level->lower);
	text_add_string(text, " <small>entries</small></td>");
	latency_cell(text, level->ns, level->ns_lower, level->ns_upper);
}

static void reach_verdict_cell(struct text *text, const struct results_tlb_row *row) {
	bool first = true;
	verdict_word(text, row->verdict);
	for (unsigned doubt = REACH_CACHE; row->is_found && doubt < REACH_DOUBTS_END; doubt *= 2)
		if (row->found.doubts & doubt) {
			text_format(text, "%s%s", first ? " <small>" : ", ", reach_doubt_name((enum reach_doubt)doubt));
			first = false;
		}
	if (row->outcome[0])
		text_format(text, " <small>%s", row->outcome);
	text_add_string(text, first && !row->outcome[0] ? "</td></tr>\n" : "</small></td></tr>\n");
}

static void tlb_row(struct text *text, const struct results_tlb_row *row) {
	text_format(text, "<tr data-level=\"%s\"><th scope=\"row\">TLB %zu, %s</th><td data-l=\"told\"", row->name,
		    row->level + 1, reach_page_name(row->size));
	if (row->told) {
		text_format(text, " data-value=\"%llu\">%llu <small>", (unsigned long long)row->told,
			    (unsigned long long)row->told);
		report_text(text, row->source);
		text_add_string(text, "</small></td>");
	} else {
		text_add_string(text, " class=\"even\">–</td>");
	}
	text_add_string(text, "<td data-l=\"read\" class=\"even\">–</td>");
	reach_cells(text, row->is_found ? &row->found : NULL);
	reach_verdict_cell(text, row);
}

/* Of a TLB's sets and ways, where the run looked for them. */
static void geometry_note(struct text *text, const struct results *results) {
	struct text lines = {0};
	results_tlb_geometry(results, &lines);
	text_add(&lines, "", 1);
	if (!lines.failed && lines.length > 1) {
		text_add_string(text, "<pre class=\"note\" data-geometry>");
		report_text(text, lines.bytes);
		text_add_string(text, "</pre>\n");
	}
	text_free(&lines);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* `ladder` NULL: nothing was measured. `has_tlbs`: theirs are rows of it. */
static void levels_table(struct text *text, const struct results *results, const struct results_ladder *ladder,
			 bool has_tlbs) {
	struct results_tlb_row tlbs[RESULTS_TLB_ROWS_MOST];
	size_t tlb_count = has_tlbs ? results_tlb_rows(results, tlbs) : 0;
	struct results_memory_row rows[RESULTS_MEMORY_ROWS_MOST];
	size_t count = results_memory_rows(results, ladder, rows);
	text_add_string(text,
			"<table class=\"plain levels-told\"><thead><tr><th>Level</th><th>Told</th><th>Read</th>"
			"<th>Measured, interval</th><th>A load, interval</th><th>Verdict</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < count; i++)
		level_row(text, &rows[i]);
	for (size_t i = 0; i < tlb_count; i++)
		tlb_row(text, &tlbs[i]);
	text_add_string(text, "</tbody></table>\n");
}

static void pages_note(struct text *text, const struct results_ladder *ladder) {
	text_add_string(text, "<p class=\"note\">In pages of ");
	machine_add_bytes(text, ladder->page_bytes);
	text_add_string(text, ladder->count ? "" : ": ");
	report_text(text, ladder->count ? "" : ladder->outcome);
	if (ladder->noise >= 0)
		text_format(text, "; noise of a point %.1f %%", ladder->noise * 100);
	text_add_string(text, ".</p>\n");
}

static void levels_of(struct text *text, const struct report *report, size_t file) {
	const struct results *results = report->files[file];
	const struct results_ladder *best = results_best_ladder(results);
	text_format(text, "<div data-told=\"%zu\"><h3>", file);
	report_mark(text, report, file);
	text_add_string(text, "Told, read and measured");
	report_badge(text, report, file);
	text_add_string(text, "</h3>\n");
	if (best)
		pages_note(text, best);
	levels_table(text, results, best, true);
	geometry_note(text, results);
	text_add_string(text, "</div>\n");
	for (size_t i = 0; i < results->ladder_count; i++) {
		const struct results_ladder *ladder = &results->ladders[i];
		if (ladder == best)
			continue;
		text_add_string(text, "<details><summary>");
		report_mark(text, report, file);
		text_add_string(text, "Levels in pages of ");
		machine_add_bytes(text, ladder->page_bytes);
		text_add_string(text, "</summary>\n");
		pages_note(text, ladder);
		levels_table(text, results, ladder, false);
		text_add_string(text, "</details>\n");
	}
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

static void ladder_figure(struct text *text, const struct report *report) {
	text_add_string(text,
			"<figure class=\"wide\"><figcaption>A load over the size of what is read, at random<small>; "
			"above, levels found; below, caches told</small>");
	report_badges(text, report);
	text_add_string(text, "</figcaption><div class=\"chart ladder\" data-chart=\"ladder\" data-at=\"0\"></div>"
			      "</figure>");
}

void report_memory(struct text *text, const struct report *report) {
	text_add_string(text, "<section id=\"memory\"><h2>Memory</h2>\n");
	text_add_string(text, "<div class=\"opening\">");
	if (report_has_rows(report, "machine/latency/"))
		ladder_figure(text, report);
	text_add_string(text, "</div>\n");
	report_plots(text, report, report->file_count == 1 ? results_best_ladder(report->files[0]) : NULL);
	report_headlines(text, report);
	text_add_string(text, "<div class=\"charts\"></div>\n");
	for (size_t file = 0; file < report->file_count; file++) {
		if (report_has_rows(report, "machine/latency/") || report_has_rows(report, REACH_PREFIX))
			levels_of(text, report, file);
		report_gaps(text, report, file);
	}
	text_add_string(text, "</section>\n");
}

/* ---- for the script ---------------------------------------------------------------------------------------------- */

static void level_data(struct text *text, const struct results_level *level) {
	text_format(
		text,
		"{\"last\":%s,\"certain\":%s,\"ns\":%.12g,\"bytes\":%llu,\"low\":%llu,\"high\":%llu,\"named\":%llu}",
		level->kind == LEVEL_LAST ? "true" : "false", level->certain ? "true" : "false", level->ns,
		(unsigned long long)level->bytes, (unsigned long long)level->bytes_lower,
		(unsigned long long)level->bytes_upper, (unsigned long long)level->named_bytes);
}

static void file_data(struct text *text, const struct results *results) {
	const struct results_ladder *best = results_best_ladder(results);
	struct results_caches caches = results_caches_of(results);
	text_add_string(text, "{\"levels\":[");
	for (size_t i = 0; best && i < best->count; i++) {
		text_add_string(text, i ? "," : "");
		level_data(text, &best->levels[i]);
	}
	text_add_string(text, "],\"told\":[");
	for (size_t i = 0; i < caches.count; i++)
		text_format(text, "%s%llu", i ? "," : "",
			    (unsigned long long)(caches.told[i].bytes ? caches.told[i].bytes : caches.read_bytes[i]));
	text_add_string(text, "]}");
}

void report_memory_data(struct text *text, const struct report *report) {
	text_add_string(text, "<script type=\"application/json\" id=\"levels\">[");
	for (size_t file = 0; file < report->file_count; file++) {
		text_add_string(text, file ? ",\n" : "");
		file_data(text, report->files[file]);
	}
	text_add_string(text, "]</script>\n");
}
