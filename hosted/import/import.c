/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/import/import.h"

#include "bench/json.h"
#include "hosted/import/tools.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <sys/stat.h>

struct tool {
	const char *name;
	const char *members[2]; /* that it has; the last is the list of benchmarks */
	bool (*read)(struct import *import, const json_t *root);
};

static const struct tool tools[] = {
	{"Google Benchmark", {"context", "benchmarks"}, import_google},
	{"hyperfine", {"results", "results"}, import_hyperfine},
};

static int finish(struct import *import, bool read, struct text *results) {
	bool good = read && import_write(import, results);
	json_decref(import->rows);
	return good ? 1 : PLATFORM_EINVAL;
}

/* What names a schema is ours. */
static const struct tool *tool_of(const json_t *root) {
	for (size_t i = 0; !json_object_get(root, "schema") && i < sizeof(tools) / sizeof(tools[0]); i++)
		if (json_is_array(json_object_get(root, tools[i].members[1])) &&
		    json_object_get(root, tools[i].members[0]))
			return &tools[i];
	return NULL;
}

int import_parse(const char *file, const char *bytes, size_t length, struct text *results, struct text *complaint) {
	struct json_span schema;
	/* Ours, as a rule, is not parsed twice. */
	if (json_member((struct json_span){bytes, length}, "schema", &schema))
		return 0;
	json_t *root = json_loadb(bytes, length, 0, NULL);
	const struct tool *tool = tool_of(root);
	int status = 0;
	if (tool) {
		struct import import = {
			.tool = tool->name, .file = file, .complaint = complaint, .rows = json_object()};
		status = finish(&import, tool->read(&import, root), results);
	}
	json_decref(root);
	return status;
}

int import_results(const char *path, struct text *results, struct text *complaint) {
	struct stat info;
	struct text bytes = {0};
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
		struct import import = {
			.tool = "Criterion.rs", .file = path, .complaint = complaint, .rows = json_object()};
		return finish(&import, import_criterion(&import, path), results);
	}
	int status = files_read(path, FILES_SAMPLES_BYTES_MOST, &bytes, complaint);
	if (status == 0 && bytes.length > 0)
		status = import_parse(path, bytes.bytes, bytes.length, results, complaint);
	text_free(&bytes);
	return status;
}

const char *import_tool(const struct results *results) {
	return results_context(results, "imported_from");
}
