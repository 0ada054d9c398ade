/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/os_tax_table.h"

#include "bench/plain.h"
#include "bench/rooms.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/output.h"
#include "lib/units.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80, NAME_COLUMNS = 30, TIME_COLUMNS = 10, WHY_INDENT = 4 };

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* Up to `column`; a stranger's file may have a line's end in a name. */
static void add_name(struct text *text, const char *name, size_t columns) {
	size_t length = strlen(name);
	plain_add(text, name, length);
	if (columns == 0)
		return;
	if (length > columns)
		text_format(text, "\n%*s", (int)columns, "");
	else
		text_format(text, "%*s", (int)(columns - length), "");
}

/* Four digits that count. */
static void add_number(struct text *text, double value, int columns) {
	if (value < 0.1)
		text_format(text, "%*.3g", columns, value);
	else
		text_format(text, "%*.*f", columns, value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0, value);
}

static void add_time(struct text *text, double ns) {
	static const struct {
		double ns;
		const char *name;
	} units[] = {{NS_PER_SECOND, "s "}, {NS_PER_MS, "ms"}, {NS_PER_US, "us"}, {0, "ns"}};
	size_t unit = 0;
	while (ns < units[unit].ns)
		unit++;
	add_number(text, ns / (units[unit].ns > 0 ? units[unit].ns : 1), TIME_COLUMNS - 3);
	text_format(text, " %s", units[unit].name);
}

static void add_row(struct text *text, const struct os_tax_row *row) {
	add_name(text, row->name, NAME_COLUMNS);
	add_time(text, row->hosted_ns);
	add_time(text, row->image_ns);
	add_number(text, row->ratio, 9);
	text_add_string(text, " [");
	add_number(text, row->lower, 0);
	text_add_string(text, " ");
	add_number(text, row->upper, 0);
	text_add_string(text, "]\n");
}

static void add_why(struct text *text, const char *why) {
	text_format(text, "%*s%s\n", WHY_INDENT, "", why);
}

/* One sentence behind the rows that it is of. */
static void add_part(struct text *text, const struct os_tax *tax, enum os_tax_part part) {
	const struct os_tax_row *before = NULL;
	struct room_tally tally = {0};
	double mean = os_tax_mean(tax, part);
	if (!(mean > 0))
		return;
	text_format(text, "\n%-*s%*s%*s%9s %s\n", NAME_COLUMNS, os_tax_part_title(part), TIME_COLUMNS, "Linux",
		    TIME_COLUMNS, "image", "ratio", "interval");
	for (size_t i = 0; i < tax->count; i++) {
		const struct os_tax_row *row = &tax->rows[i];
		if (row->part != part)
			continue;
		if (before && *before->why && before->why != row->why)
			add_why(text, before->why);
		add_row(text, row);
		tally.words[row->room]++;
		before = row;
	}
	if (before && *before->why)
		add_why(text, before->why);
	text_add_string(text, "geometric mean of the ratios: ");
	add_number(text, mean, 0);
	text_add_string(text, "\n");
	if (rooms_show_tally(&tally, "room of the rows: ", text))
		text_add_string(text, "\n");
}

static void add_gaps(struct text *text, const struct os_tax *tax) {
	if (tax->gap_count)
		text_add_string(text, "\nwithout a ratio\n");
	for (size_t i = 0; i < tax->gap_count; i++) {
		const struct gap *gap = &tax->gaps[i];
		text_add_string(text, "  ");
		add_name(text, gap->name, NAME_COLUMNS - 2);
		text_format(text, " %s\n", os_tax_gap_text(gap));
		if (*gap->reason)
			add_why(text, gap->reason);
	}
}

static void add_losses(struct text *text, const struct os_tax *tax) {
	if (tax->loss_count)
		text_add_string(text, "\ntime that a core does not get    lost    the longest at once\n");
	for (size_t i = 0; i < tax->loss_count; i++) {
		const struct os_tax_loss *loss = &tax->losses[i];
		text_format(text, "  %s, core %-*u%10.6f %%  ", loss->hosted ? "Linux" : "image", 14, loss->core,
			    loss->lost * 100);
		add_time(text, loss->longest_ns);
		text_add_string(text, "\n");
	}
}

static void add_side(struct text *text, const char *title, const struct launches *launches) {
	static const char *const paths[] = {"platform/cpu", "platform/architecture", "platform/way",
					    "platform/hypervisor", "platform/firmware"};
	const struct results *first = &launches->all[0];
	text_format(text, "%s: ", title);
	add_name(text, launches->name, 0);
	text_format(text, ", %zu launch%s", launches->count, launches->count == 1 ? "" : "es");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *value = results_context(first, paths[i]);
		text_add_string(text, *value ? ", " : "");
		add_name(text, value, 0);
	}
	text_add_string(text, "\n");
}

static void add_emulated(struct text *text, const struct os_tax *tax) {
	if (!(tax->call_ns > 0))
		return;
	text_add_string(text, "\nThis host emulates the image's kernel: a call into it takes");
	add_time(text, tax->call_ns);
	text_add_string(text, ". What the image asks its kernel for costs that here, and a fraction of it where "
			      "hardware runs it.\n");
}

void os_tax_table_add(struct text *text, const struct os_tax *tax) {
	struct text wide = {0};
	add_side(&wide, "Linux", tax->hosted);
	add_side(&wide, "image", tax->image);
	text_add_string(&wide, "A ratio is Linux's time over the image's: above 1, Linux takes longer.\n");
	text_format(&wide, "%s\n", os_tax_intervals_text(tax));
	add_emulated(&wide, tax);
	for (unsigned part = 0; part < OS_TAX_PARTS; part++)
		add_part(&wide, tax, (enum os_tax_part)part);
	add_gaps(&wide, tax);
	add_losses(&wide, tax);
	fold_add(text, wide.bytes, wide.length, COLUMNS);
	text->failed |= wide.failed;
	text_free(&wide);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *side_json(const struct launches *launches) {
	const struct results *first = &launches->all[0];
	return json_pack("{s:o, s:I, s:s, s:s, s:s, s:s}", "name", output_name_json(launches->name), "launches",
			 (json_int_t)launches->count, "cpu", results_context(first, "platform/cpu"), "architecture",
			 results_context(first, "platform/architecture"), "way", results_context(first, "platform/way"),
			 "firmware", results_context(first, "platform/firmware"));
}

static json_t *rows_json(const struct os_tax *tax) {
	static const char *const parts[OS_TAX_PARTS] = {[OS_TAX_SYSTEM] = "system", [OS_TAX_CODE] = "code"};
	json_t *list = json_array();
	for (size_t i = 0; i < tax->count; i++) {
		const struct os_tax_row *row = &tax->rows[i];
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:o, s:I, s:s, s:s}", "name", row->name,
					"part", parts[row->part], "linux_ns", row->hosted_ns, "image_ns", row->image_ns,
					"ratio", row->ratio, "lower", row->lower, "upper", row->upper, "confidence",
					row->pairs > 1 ? json_real(row->confidence) : json_null(), "pairs",
					(json_int_t)row->pairs, "room", room_word_name(row->room), "why", row->why));
	}
	return list;
}

static json_t *gaps_json(const struct os_tax *tax) {
	json_t *list = json_array();
	for (size_t i = 0; i < tax->gap_count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", tax->gaps[i].name, "what",
						      os_tax_gap_text(&tax->gaps[i]), "reason", tax->gaps[i].reason));
	return list;
}

static json_t *losses_json(const struct os_tax *tax) {
	json_t *list = json_array();
	for (size_t i = 0; i < tax->loss_count; i++) {
		const struct os_tax_loss *loss = &tax->losses[i];
		json_array_append_new(list, json_pack("{s:s, s:I, s:f, s:f}", "side", loss->hosted ? "linux" : "image",
						      "core", (json_int_t)loss->core, "lost", loss->lost, "longest_ns",
						      loss->longest_ns));
	}
	return list;
}

void os_tax_json_add(struct text *text, const struct os_tax *tax) {
	json_t *root = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", "anechoic-os-tax/1", "linux",
				 side_json(tax->hosted), "image", side_json(tax->image), "emulated_call_ns",
				 tax->call_ns > 0 ? json_real(tax->call_ns) : json_null(), "rows", rows_json(tax),
				 "without_a_ratio", gaps_json(tax), "noise", losses_json(tax));
	char *bytes = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
	if (bytes)
		text_add_string(text, bytes);
	else
		text->failed = true;
	text_add_string(text, "\n");
	free(bytes);
	json_decref(root);
}
