/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/out.h"

#include "hosted/cli/output.h"
#include "hosted/results/files.h"

static struct {
	const char *name; /* NULL: not asked for */
	struct text results;
} out;

int out_set(const char *value) {
	struct text complaint = {0};
	out.name = value;
	int status = files_may_write(value, &complaint);
	output_complain(&complaint);
	return status;
}

static int take(enum platform_stream stream, const void *bytes, size_t length) {
	if (stream != PLATFORM_STREAM_RESULTS || !out.name)
		return PLATFORM_EUNSUPPORTED;
	text_add(&out.results, bytes, length);
	return out.results.failed ? PLATFORM_ENOMEM : 0;
}

static int finish(int status) {
	if (out.results.length > 0 && output_save(out.name, &out.results) != 0 && status == 0)
		return 2;
	return status;
}

const struct stream_listener out_listener = {take, finish};
