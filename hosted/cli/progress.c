/* SPDX-License-Identifier: Apache-2.0
 *
 * One line on standard error that says which benchmark runs, made from the records as they pass, where standard
 * error is a terminal that can take it back (TERM is set and not "dumb"). There are no colours anywhere, which is
 * all that NO_COLOR asks for.
 */
#include "hosted/cli/progress.h"

#include "bench/json.h"
#include "bench/record.h"
#include "hosted/cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct {
	bool known, wanted, drawn;
	uint64_t planned;
} progress;

static bool is_wanted(void) {
	if (!progress.known) {
		const char *terminal = getenv("TERM");
		progress.known = true;
		progress.wanted = isatty(STDERR_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
	}
	return progress.wanted;
}

static void clear(void) {
	/* Back to the first column, and erase to the line's end: ECMA-48, CR and EL. */
	if (progress.drawn)
		fputs("\r\033[K", stderr);
	progress.drawn = false;
}

static size_t columns(void) {
	enum { COLUMNS_UNKNOWN = 80 };
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : COLUMNS_UNKNOWN;
}

static void show_record(const char *bytes, size_t length) {
	struct json_span text = {bytes, length}, context;
	struct record record;
	char name[96];
	uint64_t index;
	if (!is_wanted() || !record_next(&text, &record))
		return;
	clear();
	if (strcmp(record.tag, "RUN") == 0 && json_member(record.json, "context", &context))
		json_member_u64(context, "planned", &progress.planned);
	if (strcmp(record.tag, "START") != 0 || !json_member_string(record.json, "name", name, sizeof(name)) ||
	    !json_member_u64(record.json, "index", &index))
		return;
	char line[160];
	snprintf(line, sizeof(line), "measuring %llu of %llu: %.60s", (unsigned long long)index + 1,
		 (unsigned long long)progress.planned, name);
	/* A line that wraps is not taken back; nor is the cursor behind the last column. */
	output_say(stderr, "%.*s", (int)columns() - 1, line);
	progress.drawn = true;
}

static int take(enum platform_stream stream, const void *bytes, size_t length) {
	if (stream == PLATFORM_STREAM_RECORD)
		show_record(bytes, length);
	else
		clear();
	return PLATFORM_EUNSUPPORTED;
}

const struct stream_listener progress_listener = {take, NULL};
