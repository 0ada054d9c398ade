/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/out.h"

#include "hosted/cli/output.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *name; /* NULL: not asked for */
	int standard;     /* standard output as it was, where it is `-` */
	struct text results;
} out;

/* The results have it for themselves: all else that would go there goes to standard error. */
static int take_standard_output(void) {
	out.standard = dup(STDOUT_FILENO);
	if (out.standard >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		return 0;
	output_say(stderr, "standard output: %s\n", strerror(errno));
	return PLATFORM_EIO;
}

static int give_standard_output(void) {
	int status = out.results.failed ? PLATFORM_ENOMEM
					: streams_write_all(out.standard, out.results.bytes, out.results.length);
	if (status != 0)
		output_say(stderr, "standard output: %s\n",
			   status == PLATFORM_ENOMEM ? "out of memory" : strerror(errno));
	text_free(&out.results);
	return status;
}

int out_set(const char *value) {
	struct text complaint = {0};
	out.name = value;
	if (strcmp(value, "-") == 0)
		return take_standard_output();
	int status = files_may_write(value, &complaint);
	output_complain(&complaint);
	return status;
}

bool out_takes(const char *name) {
	if (!out.name || (strcmp(out.name, name) != 0 && !output_refuses(out.name, &name, 1, true)))
		return false;
	output_say(stderr, "--out and the log are one file, %s\n", name);
	return true;
}

static int take(enum platform_stream stream, const void *bytes, size_t length) {
	if (stream != PLATFORM_STREAM_RESULTS || !out.name)
		return PLATFORM_EUNSUPPORTED;
	text_add(&out.results, bytes, length);
	return out.results.failed ? PLATFORM_ENOMEM : 0;
}

static int finish(int status) {
	if (out.results.length == 0)
		return status;
	int saved = strcmp(out.name, "-") == 0 ? give_standard_output() : output_save_results(out.name, &out.results);
	return saved != 0 && status == 0 ? 2 : status;
}

const struct stream_listener out_listener = {take, finish};
