/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/fold.h"

#include "bench/plain.h"
#include "hosted/platform/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HANG = 2 };

static bool is_number(const char *word, size_t length) {
	return length > 0 && strspn(word, "+-0123456789.[") >= length && strcspn(word, "0123456789") < length;
}

static bool is_unit(const char *word, size_t length) {
	static const char *const units[] = {"ns", "us", "ms", "s", "%", "MHz", "GiB/s", "M/s"};
	while (length > 0 && strchr(",;:).", word[length - 1]))
		length--;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i]) == length && memcmp(units[i], word, length) == 0)
			return true;
	return false;
}

/* What stays in one piece from `at` on, a unit or the rest of an interval included. */
static size_t piece_length(const char *at, const char *end, size_t most) {
	size_t length = 0;
	while (at + length < end && at[length] != ' ')
		length++;
	const char *close = at[0] == '[' ? memchr(at, ']', (size_t)(end - at)) : NULL;
	if (close && (size_t)(close + 1 - at) <= most)
		for (length = (size_t)(close + 1 - at); at + length < end && at[length] != ' ';)
			length++;
	size_t unit = length;
	while (at + unit < end && at[unit] == ' ')
		unit++;
	size_t stop = unit;
	while (at + stop < end && at[stop] != ' ')
		stop++;
	return is_number(at, length) && is_unit(at + unit, stop - unit) && stop <= most ? stop : length;
}

static void fold_line(struct text *text, const char *at, const char *end, size_t columns) {
	size_t indent = 0, used = 0;
	if ((size_t)(end - at) <= columns) {
		text_add(text, at, (size_t)(end - at));
		return;
	}
	while (at + indent < end && at[indent] == ' ')
		indent++;
	indent = indent > columns / 4 ? columns / 4 : indent;
	for (bool first = true; at < end; first = false) {
		while (at < end && *at == ' ')
			at++;
		if (at == end)
			break;
		size_t length = piece_length(at, end, columns - indent - HANG);
		if (first) {
			text_format(text, "%*s", (int)indent, "");
			used = indent;
		} else if (used + 1 + length > columns) {
			text_format(text, "\n%*s", (int)(indent + HANG), "");
			used = indent + HANG;
		} else {
			text_add_string(text, " ");
			used++;
		}
		text_add(text, at, length);
		used += length;
		at += length;
	}
}

static void fold_lines(struct text *text, const char *bytes, size_t length, size_t columns) {
	const char *end = bytes + length;
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		fold_line(text, bytes, stop ? stop : end, columns);
		if (stop)
			text_add_string(text, "\n");
		bytes = stop ? stop + 1 : end;
	}
}

void fold_add(struct text *text, const char *bytes, size_t length, size_t columns) {
	size_t begin = text->length;
	if (columns == 0)
		text_add(text, bytes, length);
	else
		fold_lines(text, bytes, length, columns);
	if (!text->failed)
		plain_bytes(text->bytes + begin, text->length - begin, "\n\t");
}

/* The C library's stream in the place of stdout, since those who print say stdout. */
static struct {
	FILE *standard;
	char *bytes;
	size_t length;
} held;

void fold_begin(void) {
	FILE *memory = columns_of_output() > 0 ? open_memstream(&held.bytes, &held.length) : NULL;
	if (!memory)
		return;
	held.standard = stdout;
	stdout = memory;
}

void fold_end(void) {
	struct text text = {0};
	if (!held.standard)
		return;
	fclose(stdout);
	stdout = held.standard;
	held.standard = NULL;
	fold_add(&text, held.bytes, held.length, columns_of_output());
	fwrite(text.bytes, 1, text.length, stdout);
	text_free(&text);
	free(held.bytes);
	held.bytes = NULL;
}

/* ---- the programme's streams ------------------------------------------------------------------------------------- */

static size_t stream_columns;

static int take(enum platform_stream stream, const void *bytes, size_t length) {
	struct text text = {0};
	if (stream != PLATFORM_STREAM_TEXT || stream_columns == 0)
		return PLATFORM_EUNSUPPORTED;
	fold_add(&text, bytes, length, stream_columns);
	bool good = !text.failed && fwrite(text.bytes, 1, text.length, stdout) == text.length && fflush(stdout) == 0;
	text_free(&text);
	return good ? 0 : PLATFORM_EIO;
}

const struct stream_listener fold_listener = {take, NULL};

void fold_streams(int argc, char **argv) {
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--format", strlen("--format")) == 0 ||
		    strncmp(argv[i], "--benchmark_format", strlen("--benchmark_format")) == 0)
			return;
	stream_columns = columns_of_output();
	if (stream_columns > 0)
		streams_mute_text();
}
