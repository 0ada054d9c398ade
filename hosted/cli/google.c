/* SPDX-License-Identifier: Apache-2.0
 *
 * Google Benchmark's own options, for scripts that know them and for its compare.py, which runs a program with them:
 * results.json of the run is kept back and becomes Google Benchmark's JSON at the end.
 */
#include "hosted/cli/google.h"

#include "hosted/cli/output.h"
#include "hosted/export/export.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <stdio.h>
#include <string.h>

static struct {
	const char *out; /* NULL: no file */
	bool show;       /* on standard output, in the table's place */
	struct text results;
} google;

int google_set_out(const char *value) {
	if (output_refuses(value, NULL, 0, false))
		return PLATFORM_EINVAL;
	google.out = value;
	return 0;
}

int google_set_format(const char *value) {
	google.show = strcmp(value, "json") == 0;
	if (google.show)
		streams_mute_text();
	if (google.show || strcmp(value, "console") == 0)
		return 0;
	output_say(stderr, "--benchmark_format '%s': not a valid value, console or json\n", value);
	return PLATFORM_EINVAL;
}

int google_set_out_format(const char *value) {
	if (strcmp(value, "json") == 0)
		return 0;
	output_say(stderr, "--benchmark_out_format '%s': not a valid value, json is the only one\n", value);
	return PLATFORM_EINVAL;
}

static int take(enum platform_stream stream, const void *bytes, size_t length) {
	if (stream != PLATFORM_STREAM_RESULTS || (!google.show && !google.out))
		return PLATFORM_EUNSUPPORTED;
	text_add(&google.results, bytes, length);
	return 0;
}

static int finish(int status) {
	struct results results;
	struct text content = {0}, complaint = {0};
	if (google.results.length == 0)
		return status;
	int saved = results_parse("this run", google.results.bytes, google.results.length, &results, &complaint);
	if (saved == 0) {
		export_google(&results, &content);
		if (google.show)
			saved = files_save("-", &content, &complaint);
		bool partial = output_is_partial(google.results.bytes, google.results.length);
		if (google.out && saved == 0 && partial && files_holds_something(google.out))
			output_say(stderr, "%s stays as it is: the run did not come to its end\n", google.out);
		else if (google.out && saved == 0)
			saved = files_save(google.out, &content, &complaint);
		results_free(&results);
	}
	output_complain(&complaint);
	text_free(&google.results);
	text_free(&content);
	return status || saved == 0 ? status : 2;
}

const struct stream_listener google_listener = {take, finish};
