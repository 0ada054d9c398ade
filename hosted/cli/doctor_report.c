/* SPDX-License-Identifier: Apache-2.0
 *
 * Of a log only members that are named here: what else stands in it may name a machine.
 */
#include "hosted/cli/doctor_report.h"

#include "bench/collect.h"
#include "bench/plain.h"
#include "bench/results.h"
#include "hosted/cli/output.h"
#include "hosted/results/files.h"
#include "hosted/still/form.h"

#include <string.h>

enum { ANSWER_BYTES = 256 };

/* A member as it stands, strings without their quotes; "" without it. */
static void read_member(struct json_span object, const char *name, char answer[ANSWER_BYTES]) {
	struct json_span value;
	answer[0] = '\0';
	if (object.bytes == NULL || !json_member(object, name, &value) || json_to_string(value, answer, ANSWER_BYTES))
		return;
	size_t length = value.length < ANSWER_BYTES ? value.length : ANSWER_BYTES - 1;
	memcpy(answer, value.bytes, length);
	answer[length] = '\0';
}

static void list_member(struct text *list, struct json_span object, const char *name, const char *before) {
	char answer[ANSWER_BYTES];
	read_member(object, name, answer);
	if (answer[0])
		form_list_format(list, "%s%s", before, answer);
}

static void add_list(struct text *text, const char *label, struct text *list) {
	text_add(list, "", 1);
	form_add_row(text, label, list->failed ? "" : list->bytes);
	text_free(list);
	*list = (struct text){0};
}

static struct json_span member_of(struct json_span object, const char *name) {
	struct json_span member = {0};
	if (object.bytes != NULL && json_member(object, name, &member))
		return member;
	return (struct json_span){0};
}

static void count_benchmarks(struct json_span results, struct text *list) {
	static const char *const words[] = {"ok", "failed", "skipped", "hung"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct json_span cursor = member_of(results, "benchmarks"), benchmark;
		size_t count = 0;
		while (cursor.bytes != NULL && json_next(&cursor, &benchmark))
			count += json_member_is(benchmark, "status", words[i]);
		if (count)
			form_list_format(list, "%zu %s", count, words[i]);
	}
}

enum part { CONTEXT, PLATFORM, CLOCK, PARTS };

/* What makes up a row: members of the same label are one. */
static const struct member {
	const char *label;
	enum part of;
	const char *name, *before;
} members[] = {
	{"Image", CONTEXT, "version", "version "},
	{"Image", CONTEXT, "commit", "commit "},
	{"Image", PLATFORM, "architecture", ""},
	{"Way of boot", PLATFORM, "way", ""},
	{"Way of boot", PLATFORM, "hold", ""},
	{"Way of boot", PLATFORM, "entry_level", "entered at "},
	{"Firmware, as the image saw it", PLATFORM, "firmware", ""},
	{"Firmware, as the image saw it", PLATFORM, "hypervisor", "under "},
	{"Firmware, as the image saw it", CONTEXT, "emulated", ""},
	{"Console", CONTEXT, "console", ""},
	{"Timer", CLOCK, "counter", ""},
	{"Timer", CLOCK, "hz", "Hz "},
	{"Timer", CLOCK, "source", "by "},
	{"Timer", CLOCK, "source_second", "and "},
	{"Timer", CLOCK, "rate", ""},
	{"Timer", CONTEXT, "time_limits", "time limits: "},
	{"Cores, as the image saw them", PLATFORM, "cores", ""},
	{"Cores, as the image saw them", CONTEXT, "other_core", "the other one: "},
	{"Memory, as the image saw it", CONTEXT, "memory_bytes", "bytes "},
	{"Memory, as the image saw it", CONTEXT, "page_sizes", "pages of "},
	{"Left out", CONTEXT, "left_off", ""},
};
enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

static void add_image(struct text *text, struct json_span results) {
	struct json_span context = member_of(results, "context");
	/* They come in one record, which a run that stopped early has not. */
	bool is_told = member_of(context, "memory_bytes").bytes != NULL;
	const struct json_span parts[PARTS] = {context, member_of(context, "platform"), member_of(context, "clock")};
	struct text list = {0};
	form_add_head(text, "What the image found");
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct member *member = &members[i];
		list_member(&list, parts[member->of], member->name, member->before);
		if (i + 1 == MEMBERS && is_told)
			form_list(&list, list.length ? "" : "nothing");
		if (i + 1 == MEMBERS || strcmp(member->label, member[1].label) != 0)
			add_list(text, member->label, &list);
	}
	count_benchmarks(results, &list);
	list_member(&list, context, "complete", "complete: ");
	list_member(&list, context, "interrupts", "interrupts: ");
	add_list(text, "Benchmarks", &list);
}

/* Log or results, as results. false: it is none of the image's, with a line in `complaint`. */
static bool read_results(const char *name, struct text *results, struct text *complaint) {
	struct text bytes = {0};
	struct collector collector = {0};
	char way[ANSWER_BYTES] = "";
	if (files_read(name, FILES_BYTES_MOST, &bytes, complaint) != 0)
		return false;
	if (bytes.length && bytes.bytes[0] == '{') {
		text_add(results, bytes.bytes, bytes.length);
	} else {
		collect_bytes(&collector, bytes.bytes, bytes.length);
		collect_end(&collector);
		results_write(&collector, results);
	}
	struct json_span json = {results->bytes, results->length};
	json.length = results->failed ? 0 : json_value_length(json);
	if (json.length)
		read_member(member_of(member_of(json, "context"), "platform"), "way", way);
	if (!way[0])
		plain_format(complaint, "%s: no run's records or results in it\n", name);
	else if (strcmp(way, "hosted") == 0)
		plain_format(complaint, "%s: of a run on Linux; it takes a log or results of the image\n", name);
	collect_free(&collector);
	text_free(&bytes);
	return complaint->length == 0;
}

static void add_questions(struct text *text) {
	static const char *const rows[] = {"Booted from (stick, ISO, network, cloud)",
					   "Changed in the firmware's settings", "What came, and what was expected"};
	form_add_head(text, "To fill in");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		text_format(text, "| %s | |\n", rows[i]);
}

int doctor_report(const struct tree *tree, const char *log, const char *out) {
	struct text text = {0}, results = {0}, complaint = {0};
	if (log && !read_results(log, &results, &complaint)) {
		output_complain(&complaint);
		text_free(&results);
		return 2;
	}
	form_add_machine(&text, tree);
	text_add_string(&text, "\n");
	if (log) {
		add_image(&text,
			  (struct json_span){results.bytes,
					     json_value_length((struct json_span){results.bytes, results.length})});
		text_add_string(&text, "\n");
	}
	add_questions(&text);
	text_free(&results);
	return output_save(out, &text) != 0 ? 2 : 0;
}
