/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/output.h"

#include "bench/json.h"
#include "bench/plain.h"
#include "bench/record.h"
#include "hosted/results/files.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES "\n\t" /* what is in them of a control's */

enum { SAID_BYTES = 1024 };

bool output_complain(struct text *complaint) {
	bool any = complaint->length > 0;
	if (any) {
		plain_bytes(complaint->bytes, complaint->length, LINES);
		fwrite(complaint->bytes, 1, complaint->length, stderr);
	}
	text_free(complaint);
	return any;
}

void output_say(FILE *stream, const char *format, ...) {
	struct text line = {0};
	char cut[SAID_BYTES]; /* where memory is what is wanting */
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	plain_format_list(&line, format, arguments);
	if (line.failed)
		fwrite(cut, 1, plain_line(cut, sizeof(cut), format, again), stream);
	else
		fwrite(line.bytes, 1, line.length, stream);
	va_end(again);
	va_end(arguments);
	text_free(&line);
}

int output_save(const char *name, struct text *content) {
	struct text complaint = {0};
	int status = 2;
	if (content->failed)
		fprintf(stderr, "out of memory\n");
	else if (files_save(name, content, &complaint) == 0)
		status = 0;
	text_free(content);
	output_complain(&complaint);
	return status;
}

bool output_is_partial(const char *bytes, size_t length) {
	struct json_span context, value;
	bool complete = true;
	return json_member((struct json_span){bytes, length}, "context", &context) &&
	       json_member(context, "complete", &value) && json_to_bool(value, &complete) && !complete;
}

/* What a file holds; false: nothing that could be read. */
static bool look(const char *name, struct text *bytes) {
	struct text complaint = {0};
	bool good = files_holds_something(name) && files_read(name, FILES_SAMPLES_BYTES_MOST, bytes, &complaint) == 0;
	text_free(&complaint);
	return good;
}

int output_save_results(const char *name, const struct text *results) {
	struct text there = {0}, complaint = {0}, beside = {0};
	bool partial = output_is_partial(results->bytes, results->length);
	bool kept = partial && look(name, &there) && !output_is_partial(there.bytes, there.length);
	text_free(&there);
	if (kept) {
		text_add_string(&beside, name);
		text_add(&beside, ".partial", sizeof(".partial"));
		name = beside.bytes;
	}
	int status = beside.failed ? 2 : files_save(name, results, &complaint) == 0 ? 0 : 2;
	if (kept && status == 0)
		output_say(stderr, "%.*s stays as it is: what was measured is in %s\n",
			   (int)(strlen(name) - strlen(".partial")), name, name);
	text_free(&beside);
	output_complain(&complaint);
	return status;
}

json_t *output_name_json(const char *name) {
	json_t *json = json_string(name);
	char *ascii = json || !name ? NULL : strdup(name);
	for (char *at = ascii; at && *at; at++)
		if ((signed char)*at < 0)
			*at = '?';
	if (ascii)
		json = json_string(ascii);
	free(ascii);
	return json;
}

static bool holds_results(const char *name) {
	struct text there = {0};
	bool good = look(name, &there) &&
		    json_member_is((struct json_span){there.bytes, there.length}, "schema", RECORD_SCHEMA);
	text_free(&there);
	return good;
}

bool output_refuses(const char *name, const char *const *inputs, size_t count, bool are_results) {
	if (!name || strcmp(name, "-") == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (inputs[i] && files_are_same(name, inputs[i])) {
			output_say(stderr, "%s: it is read, and is not written over\n", name);
			return true;
		}
	if (are_results || !holds_results(name))
		return false;
	output_say(stderr, "%s holds results of a run, and is not written over\n", name);
	return true;
}

bool output_may_write(const char *name) {
	struct text complaint = {0};
	if (name == NULL || strcmp(name, "-") == 0)
		return true;
	if (output_refuses(name, NULL, 0, false))
		return false;
	(void)files_may_write(name, &complaint);
	return !output_complain(&complaint);
}
