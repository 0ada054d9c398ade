/* SPDX-License-Identifier: Apache-2.0
 *
 * The noise of the room and the machine, from `context`. What has a name here comes first; all that the file
 * recorded stands below it.
 */
#include "hosted/report/report.h"
#include "lib/units.h"

#include <stdlib.h>
#include <string.h>

const json_t *report_context(const struct results *results, const char *path) {
	const json_t *value = results->context;
	char name[64];
	while (*path && value) {
		size_t length = strcspn(path, "/");
		if (length >= sizeof(name))
			return NULL;
		memcpy(name, path, length);
		name[length] = '\0';
		value = json_object_get(value, name);
		path += length + (path[length] == '/');
	}
	return value;
}

static void plain(struct text *text, const json_t *value);

static void list(struct text *text, const json_t *array) {
	for (size_t i = 0; i < json_array_size(array); i++) {
		text_add_string(text, i ? ", " : "");
		plain(text, json_array_get(array, i));
	}
}

static void plain(struct text *text, const json_t *value) {
	if (json_is_string(value))
		report_text(text, json_string_value(value));
	else if (json_is_integer(value))
		text_format(text, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		text_format(text, "%g", json_real_value(value));
	else if (json_is_boolean(value))
		text_add_string(text, json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		list(text, value);
	else
		text_add_string(text, "not known");
}

static void as_time(struct text *text, const json_t *ns) {
	report_time(text, json_number_value(ns));
}

static void as_rate(struct text *text, const json_t *hz) {
	text_format(text, "%.4f MHz", json_number_value(hz) / 1e6);
}

static void as_bytes(struct text *text, const json_t *bytes) {
	double value = json_number_value(bytes);
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;
	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	text_format(text, "%.*f %s", value == (double)(long long)value ? 0 : 1, value, units[unit]);
}

static void as_page_sizes(struct text *text, const json_t *sizes) {
	for (size_t i = 0; i < json_array_size(sizes); i++) {
		text_add_string(text, i ? ", " : "");
		as_bytes(text, json_array_get(sizes, i));
	}
}

static void as_share(struct text *text, const json_t *share) {
	text_format(text, "%.4f %%", json_number_value(share) * 100);
}

struct fact {
	const char *label;
	const char *path;
	void (*show)(struct text *text, const json_t *value);
};

static bool known_anywhere(const struct report *report, const char *path) {
	for (size_t file = 0; file < report->file_count; file++) {
		const json_t *value = report_context(report->files[file], path);
		if (value && !json_is_null(value))
			return true;
	}
	return false;
}

static void open_table(struct text *text, const struct report *report) {
	text_add_string(text, "<div class=\"scroll\"><table class=\"facts\">");
	if (report->file_count > 1) {
		text_add_string(text, "<thead><tr><th></th>");
		for (size_t file = 0; file < report->file_count; file++) {
			text_add_string(text, "<th>");
			report_mark(text, report, file);
			text_add_string(text, "</th>");
		}
		text_add_string(text, "</tr></thead>");
	}
	text_add_string(text, "<tbody>\n");
}

static void fact_row(struct text *text, const struct report *report, const struct fact *fact) {
	if (!known_anywhere(report, fact->path))
		return;
	text_format(text, "<tr><th scope=\"row\">%s</th>", fact->label);
	for (size_t file = 0; file < report->file_count; file++) {
		const json_t *value = report_context(report->files[file], fact->path);
		text_format(text, "<td data-path=\"%s\">", fact->path);
		if (value && !json_is_null(value))
			fact->show(text, value);
		else
			text_add_string(text, "<span class=\"none\">not known</span>");
		text_add_string(text, "</td>");
	}
	text_add_string(text, "</tr>\n");
}

static void facts(struct text *text, const struct report *report, const struct fact *facts, size_t count) {
	open_table(text, report);
	for (size_t i = 0; i < count; i++)
		fact_row(text, report, &facts[i]);
	text_add_string(text, "</tbody></table></div>\n");
}

/* Derived from several members: shares of the span, gaps a second, ticks as time. */
static void derived_row(struct text *text, const struct report *report, const char *label, const char *part,
			const char *whole, double factor, int places, const char *unit) {
	if (!known_anywhere(report, part) || !known_anywhere(report, whole))
		return;
	text_format(text, "<tr><th scope=\"row\">%s</th>", label);
	for (size_t file = 0; file < report->file_count; file++) {
		double below = json_number_value(report_context(report->files[file], whole));
		double above = json_number_value(report_context(report->files[file], part));
		text_add_string(text, "<td>");
		if (below > 0)
			text_format(text, "%.*f%s", places, above / below * factor, unit);
		text_add_string(text, "</td>");
	}
	text_add_string(text, "</tr>\n");
}

void report_room(struct text *text, const struct report *report) {
	static const struct fact clocks[] = {
		{"Interrupts taken", "interrupts", plain},
		{"Context switches", "context_switches", plain},
		{"Faults contained", "faults_contained", plain},
		{"Clock", "clock/counter", plain},
		{"Clock rate", "clock/hz", as_rate},
		{"Rate from", "clock/source", plain},
		{"Second source", "clock/source_second", plain},
		{"The two sources differ by", "clock/difference", as_share},
		{"Rate is", "clock/rate", plain},
		{"Calibrated across the whole run", "clock_across_run", plain},
		{"Overhead subtracted", "runner/subtracted", plain},
		{"Core cycles missing because", "core_cycles_missing", plain},
		{"Began", "start_utc", plain},
		{"Ended", "end_utc", plain},
		{"Date from", "utc_source", plain},
		{"Whole run", "elapsed_ns", as_time},
	};
	text_add_string(text, "<section id=\"room\"><h2>The room</h2><p class=\"note\">What the machine added of its "
			      "own while nothing was "
			      "asked of it, and what measuring itself costs.</p>\n");
	open_table(text, report);
	derived_row(text, report, "Gaps over 1 µs, each second", "noise/gaps_over_1us", "noise/span_ns", NS_PER_SECOND,
		    0, "");
	derived_row(text, report, "Time lost in them", "noise/gaps_ns", "noise/span_ns", 100, 3, " %");
	fact_row(text, report, &(struct fact){"Longest gap", "noise/longest_ns", as_time});
	derived_row(text, report, "An empty sample", "runner/sample_ticks", "clock/hz", NS_PER_SECOND, 2, " ns");
	derived_row(text, report, "The clock's step", "runner/clock_step_ticks", "clock/hz", NS_PER_SECOND, 2, " ns");
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		fact_row(text, report, &clocks[i]);
	text_add_string(text, "</tbody></table></div></section>\n");
}

/* ---- everything recorded ----------------------------------------------------------------------------------------- */

static void flat(struct text *text, const json_t *object, const char *before, int depth) {
	const char *name;
	const json_t *value;
	/* jansson iterates over what it may not change only through a cast of its own macro's;
	 * the tree is read here. */
	for (void *at = json_object_iter((json_t *)(uintptr_t)object); at;
	     at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
		name = json_object_iter_key(at);
		value = json_object_iter_value(at);
		struct text path = {0};
		text_add_string(&path, before);
		text_add_string(&path, before[0] ? "/" : "");
		text_add_string(&path, name);
		text_add(&path, "", 1);
		bool drawn = depth == 0 && strcmp(name, "machine") == 0 && json_is_object(value);
		if (drawn) {
			text_free(&path);
			continue;
		}
		if (json_is_object(value) && depth < 8 && !path.failed) {
			flat(text, value, path.bytes, depth + 1);
		} else if (!path.failed) {
			text_add_string(text, "<tr><th scope=\"row\">");
			report_text(text, path.bytes);
			text_add_string(text, "</th><td>");
			plain(text, value);
			text_add_string(text, "</td></tr>\n");
		}
		text_free(&path);
	}
}

void report_machine(struct text *text, const struct report *report) {
	static const struct fact platform[] = {
		{"Processor", "platform/cpu", plain},
		{"Architecture", "platform/architecture", plain},
		{"Cores", "platform/cores", plain},
		{"Way in", "platform/way", plain},
		{"Held as", "platform/hold", plain},
		{"Privilege", "platform/entry_level", plain},
		{"Firmware or kernel", "platform/firmware", plain},
		{"Hypervisor", "platform/hypervisor", plain},
		{"Emulated", "emulated", plain},
		{"Figures", "figures", plain},
		{"Memory", "memory_bytes", as_bytes},
		{"Page sizes", "page_sizes", as_page_sizes},
		{"Caches", "caches", plain},
		{"Pinning", "pinning", plain},
		{"Other core", "other_core", plain},
		{"Left off", "left_off", plain},
		{"Governor", "governor", plain},
		{"Transparent huge pages", "transparent_huge_pages", plain},
		{"Microcode", "microcode", plain},
		{"Mitigations", "mitigations", plain},
		{"Features", "features", plain},
		{"Version", "version", plain},
		{"Commit", "commit", plain},
		{"Compiler", "build/compiler", plain},
		{"Flags", "build/flags", plain},
		{"Samples a benchmark", "options/sample_size", plain},
		{"Warm-up", "options/warm_up_ns", as_time},
		{"Measurement", "options/measurement_ns", as_time},
		{"Resamples", "options/nresamples", plain},
		{"Seed", "options/seed", plain},
	};
	text_add_string(text, "<section id=\"machine\"><h2>The machine</h2>\n");
	for (size_t file = 0; file < report->file_count; file++)
		report_caps(text, report, file);
	text_add_string(text, "<h3>As the run had it</h3>\n");
	facts(text, report, platform, sizeof(platform) / sizeof(platform[0]));
	for (size_t file = 0; file < report->file_count; file++) {
		text_add_string(text, "<details><summary>Everything that ");
		report_mark(text, report, file);
		report_text(text, report->files[file]->file);
		text_add_string(text,
				" recorded of its run</summary><div class=\"scroll\"><table class=\"facts\"><tbody>\n");
		flat(text, report->files[file]->context, "", 0);
		text_add_string(text, "</tbody></table></div></details>\n");
	}
	text_add_string(text, "</section>\n");
}
