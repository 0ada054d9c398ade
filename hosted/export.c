/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic export FORMAT results.json -o FILE`: the command, and files that appear whole.
 */
#include "hosted/export.h"

#include "hosted/hosted.h"
#include "platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct format {
	const char *name;
	void (*write)(const struct results *results, struct text *text); /* NULL: a tree */
} formats[] = {
	{"google-benchmark", export_google}, {"bencher", export_bencher}, {"github", export_github},
	{"prometheus", export_prometheus},   {"csv", export_csv},         {"criterion", NULL},
};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

void export_add_json(struct text *text, json_t *value) {
	/* 15 digits: as many as every decimal number keeps through a double. */
	char *bytes = value ? json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
	if (bytes) {
		text_add_string(text, bytes);
		text_add_string(text, "\n");
	} else {
		text->failed = true;
	}
	free(bytes);
	json_decref(value);
}

static int complain(struct text *complaint, const char *name) {
	text_add_string(complaint, name);
	text_format(complaint, ": %s\n", strerror(errno));
	return PLATFORM_EIO;
}

static bool write_stream(FILE *file, const struct text *content) {
	bool written = content->length == 0 || fwrite(content->bytes, 1, content->length, file) == content->length;
	return written && fflush(file) == 0;
}

/* mkstemp's files are their owner's alone; others are to read this one as any that is made. */
static FILE *open_beside(char *name) {
	int file = mkstemp(name);
	mode_t mask = umask(0);
	umask(mask);
	if (file >= 0)
		fchmod(file, 0666 & ~mask);
	return file >= 0 ? fdopen(file, "wb") : NULL;
}

int export_save(const char *name, const struct text *content, struct text *complaint) {
	struct stat status;
	if (strcmp(name, "-") == 0)
		return write_stream(stdout, content) ? 0 : complain(complaint, "standard output");
	bool plain = stat(name, &status) != 0 || S_ISREG(status.st_mode);
	size_t room = strlen(name) + sizeof(".XXXXXX");
	char *beside = malloc(room);
	if (!beside)
		return complain(complaint, name);
	snprintf(beside, room, "%s%s", name, plain ? ".XXXXXX" : "");
	FILE *file = plain ? open_beside(beside) : fopen(name, "wbe");
	bool good = file && write_stream(file, content) && (!plain || fsync(fileno(file)) == 0);
	if (file && fclose(file) != 0)
		good = false;
	if (good && plain)
		good = rename(beside, name) == 0;
	int result = good ? 0 : complain(complaint, name);
	if (!good && plain && file)
		unlink(beside);
	free(beside);
	return result;
}

static int usage(void) {
	fprintf(stderr, "usage: anechoic export FORMAT RESULTS [-o FILE]\nformats:");
	for (int i = 0; i < FORMATS; i++)
		fprintf(stderr, " %s", formats[i].name);
	fprintf(stderr, "\n");
	return 2;
}

static const struct format *find_format(const char *name) {
	for (int i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	fprintf(stderr, "no export format '%s'\n", name);
	return NULL;
}

static int write_format(const struct format *format, const struct results *results, const char *out,
			struct text *complaint) {
	struct text content = {0};
	if (!format->write)
		return export_criterion(results, out, complaint);
	format->write(results, &content);
	int status = PLATFORM_ENOMEM;
	if (content.failed)
		text_add_string(complaint, "out of memory\n");
	else
		status = export_save(out, &content, complaint);
	text_free(&content);
	return status;
}

static int export_file(const struct format *format, const char *in, const char *out) {
	struct results results;
	struct text complaint = {0};
	int status = results_read(in, &results, &complaint);
	if (status == 0) {
		if (results_functional_only(&results))
			fprintf(stderr, "%s: functional only: the figures are not the hardware's\n", in);
		status = write_format(format, &results, out, &complaint);
		results_free(&results);
	}
	if (complaint.length)
		fwrite(complaint.bytes, 1, complaint.length, stderr);
	text_free(&complaint);
	return status == 0 ? 0 : 2;
}

int hosted_export(int argc, char **argv) {
	const char *words[2] = {NULL, NULL}, *out = NULL;
	int count = 0;
	for (int i = 1; i < argc; i++) {
		if ((strcmp(argv[i], "-o") == 0 || strcmp(argv[i], "--out") == 0) && i + 1 < argc)
			out = argv[++i];
		else if ((argv[i][0] == '-' && argv[i][1]) || count == 2)
			return usage();
		else
			words[count++] = argv[i];
	}
	if (count < 2)
		return usage();
	const struct format *format = find_format(words[0]);
	if (!format)
		return usage();
	if (!format->write && (!out || strcmp(out, "-") == 0)) {
		fprintf(stderr, "export %s makes a tree of files: -o DIRECTORY\n", format->name);
		return 2;
	}
	return export_file(format, words[1], out ? out : "-");
}
