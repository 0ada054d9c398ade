/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic export FORMAT results.json -o FILE`; of simd-profile, profile.json.
 */
#include "hosted/export/export.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/profile/profile_header.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct format {
	const char *name;
	void (*write)(const struct results *results, struct text *text);
	/* Where the user has a say in labels. Without either: a tree. */
	void (*write_labelled)(const struct results *results, const struct export_labels *labels, struct text *text);
	bool of_profile; /* what is exported is profile.json */
} formats[] = {
	{"google-benchmark", .write = export_google},
	{"bencher", .write = export_bencher},
	{"github", .write = export_github},
	{"prometheus", .write_labelled = export_prometheus},
	{"csv", .write = export_csv},
	{"criterion", .write = NULL},
	{"simd-profile", .of_profile = true},
};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

static const struct format *find_format(const char *name) {
	for (int i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	output_say(stderr, "no export format '%s', but", name);
	for (int i = 0; i < FORMATS; i++)
		output_say(stderr, "%s %s", i ? "," : "", formats[i].name);
	fprintf(stderr, "\n");
	return NULL;
}

/* ---- neighbours -------------------------------------------------------------------------------------------------- */

static int is_textfile(const struct dirent *entry) {
	size_t length = strlen(entry->d_name);
	return length > 5 && strcmp(entry->d_name + length - 5, ".prom") == 0;
}

static void say_if_shared(const char *name, const struct text *content) {
	struct text other = {0}, complaint = {0};
	struct json_span series;
	if (files_read(name, FILES_BYTES_MOST, &other, &complaint) == 0 &&
	    export_series_in_both((struct json_span){content->bytes, content->length},
				  (struct json_span){other.bytes, other.length}, &series))
		output_say(stderr,
			   "%s has the same series: in one folder node_exporter keeps one of the two. --machine NAME "
			   "tells machines apart, --per-commit commits. The first is %.*s\n",
			   name, (int)series.length - 1, series.bytes);
	text_free(&other);
	text_free(&complaint);
}

/* The folder in which `out` lies is read by the collector as one file. */
static void check_neighbours(const char *out, const struct text *content) {
	const char *slash = strrchr(out, '/'), *base = slash ? slash + 1 : out;
	size_t length = slash ? (size_t)(base - out) : 0;
	struct text folder = {0};
	struct dirent **entries;
	text_add(&folder, length ? out : "./", length ? length : 2);
	text_add(&folder, "", 1);
	int found = folder.failed ? -1 : scandir(folder.bytes, &entries, is_textfile, alphasort);
	for (int i = 0; i < found; i++) {
		struct text name = {0};
		text_add(&name, out, length);
		text_add(&name, entries[i]->d_name, strlen(entries[i]->d_name) + 1);
		if (!name.failed && strcmp(entries[i]->d_name, base) != 0)
			say_if_shared(name.bytes, content);
		text_free(&name);
		free(entries[i]);
	}
	if (found >= 0)
		free(entries);
	text_free(&folder);
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

struct request {
	const struct format *format;
	const char *in, *out;
	struct export_labels labels;
};

static int write_format(const struct request *request, const struct results *results, struct text *complaint) {
	const struct format *format = request->format;
	struct text content = {0};
	if (format->write)
		format->write(results, &content);
	else if (format->write_labelled)
		format->write_labelled(results, &request->labels, &content);
	else
		return export_criterion(results, request->out, complaint);
	int status = PLATFORM_ENOMEM;
	if (content.failed)
		text_add_string(complaint, "out of memory\n");
	else
		status = files_save(request->out, &content, complaint);
	if (status == 0 && format->write_labelled && strcmp(request->out, "-") != 0)
		check_neighbours(request->out, &content);
	text_free(&content);
	return status;
}

static int export_file(const struct request *request) {
	struct results results;
	struct text complaint = {0};
	int status = results_read(request->in, &results, &complaint);
	if (status == 0) {
		if (results_functional_only(&results))
			output_say(stderr, "%s: functional only: the figures are not the hardware's\n", request->in);
		status = write_format(request, &results, &complaint);
		results_free(&results);
	}
	output_complain(&complaint);
	return status == 0 ? 0 : 2;
}

static int export_profile(const struct request *request) {
	struct text header = {0}, complaint = {0};
	int status = profile_header_write(request->in, platform_describe()->architecture, &header, &complaint);
	if (status == 0 && header.failed)
		text_add_string(&complaint, "out of memory\n");
	else if (status == 0)
		status = files_save(request->out, &header, &complaint);
	bool failed = status != 0 || header.failed;
	output_complain(&complaint);
	text_free(&header);
	return failed ? 2 : 0;
}

/* An option at argv[*i], its value with it; false: it is none. */
static bool take_option(struct request *request, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i)))
		request->out = value;
	else if ((value = words_value(argc, argv, i, "--machine")))
		request->labels.machine = value;
	else if (strcmp(argv[*i], "--per-commit") == 0)
		request->labels.per_commit = true;
	else
		return false;
	return true;
}

int command_export(int argc, char **argv) {
	struct request request = {.out = NULL};
	const char *words[2] = {NULL, NULL};
	int count = 0;
	bool ended = false;
	for (int i = 1; i < argc; i++) {
		if (words_end_options(argv[i], &ended) || (!ended && take_option(&request, argc, argv, &i)))
			continue;
		if ((!ended && argv[i][0] == '-' && argv[i][1]) || count == 2)
			return help_refuse("export", argv[i]);
		words[count++] = argv[i];
	}
	if (count < 2)
		return help_usage("export");
	const struct format *format = find_format(words[0]);
	if (!format)
		return 2;
	if (!format->write_labelled && (request.labels.machine || request.labels.per_commit)) {
		output_say(stderr, "export %s has no labels: --machine and --per-commit are prometheus'\n",
			   format->name);
		return 2;
	}
	bool tree = !format->write && !format->write_labelled && !format->of_profile;
	if (tree && (!request.out || strcmp(request.out, "-") == 0)) {
		output_say(stderr, "export %s makes a tree of files: -o DIRECTORY\n", format->name);
		return 2;
	}
	request.format = format;
	request.in = words[1];
	request.out = request.out ? request.out : "-";
	if (output_refuses(request.out, &request.in, 1, false))
		return 2;
	return format->of_profile ? export_profile(&request) : export_file(&request);
}
