/* SPDX-License-Identifier: Apache-2.0
 *
 * Profiles (profile.json) on the page: what was chosen, what a width costs its neighbours, what glibc's thresholds
 * should be; and, for the script, the curves behind the choice. profile_read says what is a profile; all that it does
 * not look at is taken where it is as it should be, and left out else.
 */
#include "bench/plain.h"
#include "bench/tune/profile_json.h"
#include "bench/tune/profile_read.h"
#include "bench/tune/words.h"
#include "hosted/report/report.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool refuse(struct text *complaint, const char *name, const char *why) {
	plain_format(complaint, "%s: %s\n", name, why);
	return false;
}

/* Whether this CPU has a method is no matter: the profile is of any machine. */
static bool read(struct report_part *part, const struct text *bytes, struct text *complaint) {
	const simd_features all = {.present = SIMD_FEATURE_BIT(SIMD_FEATURE_COUNT) - 1, .sve_bits = 256};
	struct profile_file file;
	struct text why = {0};
	bool good = profile_read(bytes->bytes, bytes->length, all, &file, &why);
	text_add(&why, "", 1);
	if (!good)
		refuse(complaint, part->file, why.failed ? "out of memory" : why.bytes);
	text_free(&why);
	return good && report_part_parse(part, bytes, NULL, complaint);
}

/* ---- parts of JSON ----------------------------------------------------------------------------------------------- */

static const json_t *at(const json_t *root, const char *name, const char *member) {
	return json_object_get(json_object_get(root, name), member);
}

static bool is_true(const json_t *object, const char *name) {
	return json_is_true(json_object_get(object, name));
}

static const char *cpu_of(const struct report_part *profile) {
	const json_t *machine = at(profile->root, "made", "machine");
	const char *model = report_word_of(machine, "model");
	return model[0] ? model : report_word_of(machine, "cpu");
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

/* Not a number: to the end. */
static size_t size_of(double bytes) {
	return bytes >= 0 && bytes < 1e15 ? (size_t)bytes : SIZE_MAX;
}

static enum tune_basis basis_of(const char *name) {
	int basis = TUNE_KEPT_IN_COMPANY;
	while (basis > TUNE_NOT_MEASURED && strcmp(profile_basis_name((enum tune_basis)basis), name) != 0)
		basis--;
	return (enum tune_basis)basis;
}

/* Of a ratio, as a change of time. */
static void ratio_cell(struct text *text, const char *label, const json_t *ratio) {
	double point = report_number_of(ratio, "point"), lower = report_number_of(ratio, "lower"),
	       upper = report_number_of(ratio, "upper");
	if (!isfinite(point) || !isfinite(lower) || !isfinite(upper)) {
		text_add_string(text, "<td class=\"none\">–</td>");
		return;
	}
	text_format(text, "<td data-l=\"%s\" class=\"number%s\">", label,
		    upper < 1   ? " good"
		    : lower > 1 ? " bad"
				: "");
	report_percent(text, point - 1);
	text_add_string(text, " <small>");
	report_percent(text, lower - 1);
	text_add_string(text, " to ");
	report_percent(text, upper - 1);
	text_add_string(text, "</small></td>");
}

static void band_row(struct text *text, const json_t *operation, const json_t *band, bool first) {
	enum tune_basis basis = basis_of(report_word_of(band, "basis"));
	bool gains = basis == TUNE_CHOSEN;
	text_add_string(text, "<tr><th scope=\"row\">");
	if (first)
		report_text(text, report_word_of(operation, "name"));
	text_add_string(text, "</th><td>");
	tune_words_sizes(text, size_of(report_number_of(band, "from")), size_of(report_number_of(band, "below")));
	text_add_string(text, "</td><td><code>");
	report_text(text, report_word_of(band, "method"));
	text_add_string(text, "</code></td>");
	ratio_cell(text, "in L1", gains ? json_object_get(band, "gain") : NULL);
	ratio_cell(text, "cold", gains ? json_object_get(band, "cold") : NULL);
	ratio_cell(text, "in company", json_object_get(band, "company"));
	if (gains) {
		text_add_string(text, "<td data-l=\"instead of\"><code>");
		report_text(text, report_word_of(operation, "built_in"));
		text_add_string(text, "</code></td>");
	} else {
		text_add_string(text, "<td></td>");
	}
	text_format(text, "<td>%s</td></tr>\n", tune_words_basis(basis));
}

static void choices_table(struct text *text, const json_t *root, const char *what_for) {
	size_t i, b;
	json_t *operation, *band;
	text_add_string(text,
			"<div class=\"scroll\"><table class=\"plain bands\"><thead><tr><th>Operation</th><th>Sizes</th>"
			"<th>Method</th><th class=\"number\">in L1</th><th class=\"number\">cold</th>"
			"<th class=\"number\">in company</th><th>instead of</th><th>Why</th></tr></thead>"
			"<tbody>\n");
	json_array_foreach(json_object_get(root, "operations"), i, operation)
		json_array_foreach(json_object_get(at(operation, "choices", what_for), "bands"), b, band)
			band_row(text, operation, band, b == 0);
	text_add_string(text, "</tbody></table></div>\n");
}

/* Below `bound`: not seen. Profiles of earlier versions have none, and what rounding left. */
static void seen_cell(struct text *text, const char *label, double ns, double bound) {
	text_format(text, "<td data-l=\"%s\" class=\"number\">", label);
	if (ns > (isfinite(bound) ? bound : 1))
		report_time(text, ns);
	else
		text_add_string(text, "not seen");
	text_add_string(text, "</td>");
}

/* A row for each cell: widths are at most three. */
static void price_rows(struct text *text, const json_t *arm, double stall_bound_ns) {
	size_t i;
	json_t *cell;
	json_array_foreach(json_object_get(arm, "cells"), i, cell) {
		text_add_string(text, "<tr><th scope=\"row\">");
		report_text(text, report_word_of(arm, "width"));
		text_format(
			text, " bit</th><td data-l=\"burst\">%s</td><td data-l=\"duty\" class=\"number\">%.0f %%</td>",
			tune_words_burst(report_number_of(cell, "burst_ns")), report_number_of(cell, "duty_percent"));
		ratio_cell(text, "time of an addition", json_object_get(cell, "during"));
		seen_cell(text, "slow behind a burst", report_number_of(cell, "settle_ns"), NAN);
		seen_cell(text, "still at the first one", report_number_of(cell, "stall_ns"), stall_bound_ns);
		text_add_string(text, "</tr>\n");
	}
}

static void price(struct text *text, const json_t *root) {
	const json_t *found = json_object_get(root, "price");
	double stall_bound_ns = report_number_of(found, "stall_bound_ns");
	size_t i;
	json_t *arm;
	text_add_string(text, "<h3>What vectors cost the code around them</h3>\n");
	if (!is_true(found, "measured")) {
		text_add_string(text, "<p class=\"note\">Not measured.</p>\n");
		return;
	}
	text_add_string(text, "<p class=\"note\">What copies of a width do to additions between them: ");
	tune_words_price(text, is_true(found, "none"), report_number_of(found, "bound"));
	text_add_string(text, ".");
	if (isfinite(stall_bound_ns))
		text_format(text, " A stand-still of less than %.0f ns is not seen.", ceil(stall_bound_ns));
	text_add_string(text, "</p>\n<details><summary>every width, burst and duty</summary>"
			      "<div class=\"scroll\"><table class=\"plain\"><thead><tr><th>Width</th><th>Burst</th>"
			      "<th class=\"number\">Duty</th><th class=\"number\">Time of an addition</th>"
			      "<th class=\"number\">slow behind a burst</th>"
			      "<th class=\"number\">still at the first one</th></tr></thead><tbody>\n");
	json_array_foreach(json_object_get(found, "arms"), i, arm) if (strcmp(report_word_of(arm, "width"), "none") !=
								       0) price_rows(text, arm, stall_bound_ns);
	text_add_string(text, "</tbody></table></div></details>\n");
}

static void gain(struct text *text, const char *function, const json_t *ratio) {
	text_format(text, "<code>%s</code> ", function);
	if (!json_is_object(ratio)) {
		text_add_string(text, "no gain");
		return;
	}
	report_percent(text, report_number_of(ratio, "point") - 1);
	text_add_string(text, " (");
	report_percent(text, report_number_of(ratio, "lower") - 1);
	text_add_string(text, " to ");
	report_percent(text, report_number_of(ratio, "upper") - 1);
	text_add_string(text, ")");
}

static void glibc(struct text *text, const json_t *root) {
	const json_t *found = at(root, "end", "glibc");
	if (!json_is_object(found))
		return;
	text_add_string(text, "<h3>Thresholds of ");
	report_text(text, report_word_of(found, "library"));
	text_add_string(text, "</h3>\n<p class=\"note\">");
	if (json_is_string(json_object_get(found, "tunables"))) {
		text_add_string(text, "1 KiB to 64 MiB: change of time by the line below, where it differs: ");
		gain(text, "memcpy", json_object_get(found, "memcpy"));
		text_add_string(text, ", ");
		gain(text, "memset", json_object_get(found, "memset"));
		text_add_string(text, ".</p>\n<p><code>");
		report_text(text, report_word_of(found, "tunables"));
		text_add_string(text, "</code></p>\n");
	} else {
		text_add_string(text, "1 KiB to 64 MiB: no gain by other thresholds than its own.</p>\n");
	}
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

static void about(struct text *text, const struct report_part *profile, const char *what_for) {
	const json_t *made = json_object_get(profile->root, "made"), *end = json_object_get(profile->root, "end");
	const char *core_type = report_word_of(json_object_get(made, "machine"), "core_type");
	text_add_string(text, "<p class=\"note\">");
	report_text(text, cpu_of(profile));
	if (core_type[0]) {
		text_add_string(text, ", cores of type ");
		report_text(text, core_type);
	}
	text_add_string(text, is_true(made, "virtual") ? ", in a virtual machine; " : "; ");
	report_text(text, report_word_of(made, "date"));
	text_add_string(text, ", <code>");
	report_text(text, report_word_of(made, "command"));
	text_format(text, "</code>, for %s use. Kernels <code>", what_for);
	report_text(text, report_word_of(made, "kernels"));
	text_add_string(text, "</code>.");
	if (is_true(end, "cut"))
		text_add_string(text, " <span class=\"badge\">cut off</span>");
	if (is_true(end, "loud"))
		text_add_string(text, " <span class=\"badge\">too loud to choose on, in part</span>");
	text_add_string(text, "</p>\n");
}

static void show(struct text *text, const struct report_part *profile) {
	const char *what_for = report_word_of(json_object_get(profile->root, "made"), "for");
	bool bulk = strcmp(what_for, "bulk") == 0;
	text_format(text, "<section class=\"profile\"%s><h2>Methods <small class=\"file\">",
		    profile->number == 0 ? " id=\"methods\"" : "");
	report_text(text, profile->file);
	text_add_string(text, "</small></h2>\n");
	about(text, profile, bulk ? "bulk" : "mixed");
	text_add_string(text, "<p class=\"note\">Change of time to the built-in method's, of what is chosen: in the "
			      "first-level cache, beyond it (cold), and of a call with the code around it (in "
			      "company).</p>\n");
	choices_table(text, profile->root, bulk ? "bulk" : "mixed");
	text_format(text, "<details><summary>for %s use</summary>\n", bulk ? "mixed" : "bulk");
	choices_table(text, profile->root, bulk ? "mixed" : "bulk");
	text_format(text,
		    "</details>\n<div class=\"over-size\" data-profile=\"%zu\" hidden><h3>Every method over size</h3>"
		    "<p class=\"note\">Operands in the first-level cache, aligned; thin: beyond the second-level one. "
		    "Shaded: what is chosen there. Below, time against the built-in method with its interval; beside "
		    "it, what copies of a width cost additions around them at the worst.</p></div>\n",
		    profile->number);
	price(text, profile->root);
	glibc(text, profile->root);
	text_add_string(text, "</section>\n");
}

const struct report_kind report_profile_kind = {.schema = PROFILE_SCHEMA,
						.anchor = "methods",
						.link = "Methods",
						.leads = true,
						.read = read,
						.show = show,
						.machine = cpu_of};

/* ---- for the script ---------------------------------------------------------------------------------------------- */

/* What is JSON stays JSON when what could end the element is escaped: it stands in strings only. */
static void add_json(struct text *text, const json_t *value) {
	char *json = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	for (const char *byte = json; byte && *byte; byte++) {
		if (strchr("<>&", *byte))
			text_format(text, "\\u%04x", (unsigned char)*byte);
		else
			text_add(text, byte, 1);
	}
	if (!json)
		text_add_string(text, "null");
	free(json);
}

void report_profiles_data(struct text *text, const struct report *report) {
	size_t count = 0;
	for (size_t i = 0; i < report->part_count; i++) {
		const json_t *root = report->parts[i].root;
		if (report->parts[i].kind != &report_profile_kind)
			continue;
		text_add_string(text, count++ ? ",\n{\"for\":"
					      : "<script type=\"application/json\" id=\"profiles\">[\n{\"for\":");
		report_json_string(text, report_word_of(json_object_get(root, "made"), "for"));
		text_add_string(text, ",\"operations\":");
		add_json(text, json_object_get(root, "operations"));
		text_add_string(text, ",\"price\":");
		add_json(text, json_object_get(root, "price"));
		text_add_string(text, "}");
	}
	if (count)
		text_add_string(text, "]</script>\n");
}
