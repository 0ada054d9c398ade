/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of other kinds than results: which there are, and what is alike of all.
 */
#include "bench/json.h"
#include "hosted/report/report.h"
#include "hosted/results/files.h"
#include "hosted/results/parse.h"

#include <stdlib.h>
#include <string.h>

/* As they stand on the page. */
static const struct report_kind *const kinds[] = {&report_profile_kind, &report_record_kind, &report_noise_kind,
						  &report_watch_kind,   &report_doctor_kind, &report_snippet_kind};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static size_t place_of(const struct report_kind *kind) {
	size_t place = 0;
	while (kinds[place] != kind)
		place++;
	return place;
}

/* Behind those of its kind. */
static void keep(struct report *report, const struct report_part *part) {
	size_t at = report->part_count++;
	for (; at > 0 && place_of(report->parts[at - 1].kind) > place_of(part->kind); at--)
		report->parts[at] = report->parts[at - 1];
	report->parts[at] = *part;
}

static void free_part(struct report_part *part) {
	json_decref(part->root);
	free(part->record);
	free(part->advice);
	text_free(&part->section);
}

static size_t count_of(const struct report *report, const struct report_kind *kind) {
	size_t count = 0;
	for (size_t i = 0; i < report->part_count; i++)
		count += report->parts[i].kind == kind;
	return count;
}

static int take(struct report *report, const struct report_kind *kind, const char *name, const struct text *bytes,
		struct text *complaint) {
	struct report_part part = {.kind = kind, .file = name, .number = count_of(report, kind)};
	bool good = kind->read(&part, bytes, complaint);
	if (good)
		keep(report, &part);
	else
		free_part(&part);
	return good ? 1 : -1;
}

static int take_json(struct report *report, const char *name, const struct text *bytes, struct text *complaint) {
	struct json_span root = {bytes->bytes, bytes->length};
	char schema[64];
	if (bytes->length == 0 || json_value_length(root) == 0 ||
	    !json_member_string(root, "schema", schema, sizeof(schema)))
		return 0;
	for (size_t i = 0; i < KINDS; i++) {
		if (!kinds[i]->schema)
			continue;
		if (strcmp(schema, kinds[i]->schema) == 0)
			return take(report, kinds[i], name, bytes, complaint);
		if (parse_is_later(schema, kinds[i]->schema, name, complaint))
			return -1;
	}
	return 0;
}

int report_part_read(struct report *report, const char *name, struct text *bytes, struct text *complaint) {
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i]->is && kinds[i]->is(name))
			return take(report, kinds[i], name, bytes, complaint);
	if (files_read_named(name, FILES_SAMPLES_BYTES_MOST, bytes, complaint) != 0)
		return -1;
	return take_json(report, files_named(name), bytes, complaint);
}

void report_parts_free(struct report *report) {
	for (size_t i = 0; i < report->part_count; i++)
		free_part(&report->parts[i]);
}

/* ---- showing ----------------------------------------------------------------------------------------------------- */

void report_parts(struct text *text, const struct report *report, bool leading) {
	for (size_t i = 0; i < report->part_count; i++) {
		const struct report_part *part = &report->parts[i];
		if (part->kind->leads != leading)
			continue;
		if (part->kind->show)
			part->kind->show(text, part);
		text_add(text, part->section.bytes, part->section.length);
		text->failed |= part->section.failed;
	}
}

void report_part_links(struct text *text, const struct report *report, bool leading) {
	for (size_t i = 0; i < report->part_count; i++) {
		const struct report_part *part = &report->parts[i];
		if (part->kind->leads == leading && part->number == 0)
			text_format(text, "<a href=\"#%s\">%s</a>", part->kind->anchor, part->kind->link);
	}
}

const char *report_parts_machine(const struct report *report) {
	for (size_t i = 0; i < report->part_count; i++) {
		const struct report_part *part = &report->parts[i];
		const char *machine = part->kind->machine ? part->kind->machine(part) : part->machine;
		if (machine[0])
			return machine;
	}
	return NULL;
}
