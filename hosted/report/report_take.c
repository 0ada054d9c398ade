/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/json.h"
#include "hosted/report/report.h"
#include "hosted/results/files.h"

int report_file_read(const char *name, const char *schema, struct text *bytes, struct text *complaint) {
	if (files_read(name, FILES_SAMPLES_BYTES_MOST, bytes, complaint) != 0)
		return -1;
	struct json_span root = {bytes->bytes, bytes->length};
	return bytes->length && json_value_length(root) != 0 && json_member_is(root, "schema", schema);
}

int report_take_file(struct report *report, const char *name, const char *schema, report_take *take,
		     struct text *complaint) {
	struct text bytes = {0};
	int taken = report_file_read(name, schema, &bytes, complaint);
	if (taken > 0)
		taken = take(report, name, &bytes, complaint);
	text_free(&bytes);
	return taken;
}
