/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/record_log.h"

#include "bench/compact/compact.h"
#include "bench/compact/stream.h"
#include "bench/record.h"
#include "hosted/cli/out.h"
#include "hosted/cli/output.h"
#include "hosted/results/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	const char *name;    /* NULL: not asked for */
	const char *resumed; /* NULL: none */
	char fresh[4096];    /* FILE.new; "": it is written under its name */
	bool continues;      /* it is the one that is resumed */
	bool failed;
	bool finished_any; /* a benchmark has its END in it */
	bool done;
	bool is_compact;
	struct compact_writer writer;
	int file;
} record_log = {.file = -1};

int record_log_set_resume(const char *value) {
	struct text complaint = {0};
	const char *why;
	if (out_takes(value))
		return PLATFORM_EINVAL;
	FILE *file = files_open(value, &complaint);
	if (output_complain(&complaint))
		return PLATFORM_EIO;
	fclose(file);
	record_log.resumed = value;
	int status = streams_resume(value, &why);
	if (status != 0)
		output_say(stderr, "%s: %s\n", value, why);
	return status;
}

int record_log_set(const char *value) {
	struct text complaint = {0};
	if (out_takes(value) || output_refuses(value, NULL, 0, false))
		return PLATFORM_EINVAL;
	record_log.name = value;
	record_log.continues = record_log.resumed && files_are_same(value, record_log.resumed);
	int status = files_may_write(value, &complaint);
	if (status == 0 && !record_log.continues && files_holds_something(value)) {
		size_t length = (size_t)snprintf(record_log.fresh, sizeof(record_log.fresh), "%s.new", value);
		if (length >= sizeof(record_log.fresh)) {
			output_say(stderr, "%s: %s\n", value, strerror(ENAMETOOLONG));
			status = PLATFORM_EINVAL;
		}
	}
	bool goes_on = record_log.resumed && files_are_same(record_log.fresh, record_log.resumed);
	if (status == 0 && record_log.fresh[0] && !goes_on && files_holds_something(record_log.fresh)) {
		output_say(stderr, "%s holds a run that was cut off: go on with --resume %s, or remove it\n",
			   record_log.fresh, record_log.fresh);
		status = PLATFORM_EINVAL;
	}
	record_log.continues |= status == 0 && goes_on;
	output_complain(&complaint);
	return status;
}

int record_log_set_form(const char *value) {
	if (!record_form_of(value, &record_log.is_compact)) {
		output_say(stderr, "--records '%s': not a valid value, " RECORD_FORM_ALLOWED "\n", value);
		return PLATFORM_EINVAL;
	}
	if (record_log.name != NULL)
		return 0;
	output_say(stderr, "--records %s: it says how --log FILE is written, and there is none\n", value);
	return PLATFORM_EINVAL;
}

static bool write_whole(const void *bytes, size_t length) {
	return streams_write_all(record_log.file, bytes, length) == 0;
}

static bool write_record(const void *bytes, size_t length) {
	struct text lines = {0};
	if (!record_log.is_compact)
		return write_whole(bytes, length);
	compact_write(&record_log.writer, bytes, length, &lines);
	bool written = !lines.failed && write_whole(lines.bytes, lines.length);
	text_free(&lines);
	return written;
}

/* A line that was cut off ends where the next record begins. */
static bool end_line(struct platform_text earlier) {
	return earlier.length == 0 || earlier.bytes[earlier.length - 1] == '\n' || write_whole("\n", 1);
}

static bool open_log(void) {
	struct platform_text earlier = platform_previous_log();
	const char *name = record_log.fresh[0] ? record_log.fresh : record_log.name;
	int how = record_log.continues ? O_APPEND : O_TRUNC;
	record_log.file = files_open_to_write(name, how);
	if (record_log.file < 0)
		return false;
	return (record_log.continues || write_whole(earlier.bytes, earlier.length)) && end_line(earlier);
}

static const char *name_now(void) {
	return record_log.fresh[0] ? record_log.fresh : record_log.name;
}

static void fail(void) {
	output_say(stderr, "%s: %s\n", name_now(), strerror(errno));
	record_log.failed = true;
}

/* Before a run begins there is nothing that a log is needed for. */
static int take(enum platform_stream stream, const void *bytes, size_t length) {
	struct json_span text = {bytes, length};
	struct record record;
	if (stream != PLATFORM_STREAM_RECORD || !record_log.name)
		return PLATFORM_EUNSUPPORTED;
	bool known = record_next(&text, &record);
	if (record_log.file < 0 && !record_log.failed) {
		if (!known || strcmp(record.tag, "RUN") != 0)
			return 0;
		if (!open_log())
			fail();
	}
	if (!record_log.failed && !write_record(bytes, length))
		fail();
	record_log.finished_any |= known && strcmp(record.tag, "END") == 0;
	record_log.done |= known && strcmp(record.tag, "DONE") == 0;
	return record_log.failed ? PLATFORM_EIO : 0;
}

static bool take_name(void) {
	return fsync(record_log.file) == 0 && rename(record_log.fresh, record_log.name) == 0;
}

static int finish(int status) {
	const char *name = name_now();
	compact_writer_free(&record_log.writer);
	if (record_log.failed && status == 0)
		status = 2;
	if (record_log.file < 0)
		return status;
	if (!record_log.done && record_log.finished_any)
		output_say(stderr, "%s has what was measured: --resume %s goes on with it\n", name, name);
	if (!record_log.fresh[0])
		return status;
	if (record_log.done && !record_log.failed && !take_name()) {
		output_say(stderr, "%s: %s\n", record_log.name, strerror(errno));
		return status ? status : 2;
	}
	/* What is torn and holds nothing helps nobody. */
	if ((!record_log.done || record_log.failed) && !record_log.finished_any)
		unlink(record_log.fresh);
	return status;
}

const struct stream_listener record_log_listener = {take, finish};
