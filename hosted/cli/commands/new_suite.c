/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic new-suite DIR`: a suite of somebody's own that is linked and runs as it is (docs/suites.md): the files of
 * examples/suites/new/, with the folder's name in the place of @NAME@.
 */
#include "bench/suites.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PLACEHOLDER "@NAME@"

enum { NAME_MOST = 24 };

/* suite_files.S */
extern const char suite_source[], suite_readme[], suite_test[];
extern const uint64_t suite_source_bytes, suite_readme_bytes, suite_test_bytes;

struct suite_file {
	const char *name;
	const char *bytes;
	const uint64_t *length;
};

static const struct suite_file files[] = {
	{"suite.c", suite_source, &suite_source_bytes},
	{"README.md", suite_readme, &suite_readme_bytes},
	{"test.sh", suite_test, &suite_test_bytes},
};

/* The last part of a path; slashes behind it are none of it. */
static void find_name(const char *path, char *name, size_t capacity) {
	size_t end = strlen(path);
	while (end > 1 && path[end - 1] == '/')
		end--;
	size_t begin = end;
	while (begin > 0 && path[begin - 1] != '/')
		begin--;
	snprintf(name, capacity, "%.*s", (int)(end - begin), path + begin);
}

/* The rule of tools/suite.sh. */
static bool is_name(const char *name) {
	size_t length = strlen(name);
	if (length == 0 || length > NAME_MOST || !isalpha((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '-')
			return false;
	return true;
}

/* Whether rows of ours begin so. */
static bool is_ours(const char *name) {
	size_t length = strlen(name);
	struct bench_row made;
	if (strcmp(name, suite_inject.name) == 0)
		return true;
	for (size_t i = 0; bench_suites[i] != NULL; i++) {
		const char *row = bench_suite_row(bench_suites[i], 0, &made)->name;
		if (strncmp(row, name, length) == 0 && row[length] == '/')
			return true;
	}
	return false;
}

static int write_file(const char *folder, const char *name, const struct suite_file *file) {
	struct text path = {0}, content = {0};
	const char *at = file->bytes, *end = file->bytes + *file->length, *mark;
	while ((mark = memmem(at, (size_t)(end - at), PLACEHOLDER, strlen(PLACEHOLDER))) != NULL) {
		text_add(&content, at, (size_t)(mark - at));
		text_add_string(&content, name);
		at = mark + strlen(PLACEHOLDER);
	}
	text_add(&content, at, (size_t)(end - at));
	text_format(&path, "%s/%s", folder, file->name);
	text_add(&path, "", 1);
	content.failed |= path.failed;
	int status = output_save(path.failed ? "" : path.bytes, &content);
	text_free(&path);
	return status;
}

static int refuse(const char *folder, const char *why) {
	fprintf(stderr, "new-suite: %s: %s\n", folder, why);
	return 2;
}

int command_new_suite(int argc, char **argv) {
	char name[NAME_MOST + 2];
	if (argc != 2 || argv[1][0] == '-')
		return help_usage("new-suite");
	const char *folder = argv[1];
	find_name(folder, name, sizeof(name));
	if (!is_name(name))
		return refuse(folder,
			      "a suite is called what its folder is: a letter, then letters, digits, _ and -, 24 "
			      "at the most");
	if (is_ours(name))
		return refuse(folder, "rows that begin so are ours: call the folder something else");
	if (mkdir(folder, 0777) != 0)
		return refuse(folder,
			      errno == EEXIST ? "is there already: name a folder that is not" : strerror(errno));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (write_file(folder, name, &files[i]) != 0)
			return 2;
	printf("%s: suite.c, README.md, test.sh\nnext: make hosted SUITES=%s, in the folder of Anechoic's source, or\n"
	       "make -f $(pkg-config --variable=folder anechoic)/anechoic.mk hosted SUITES=%s\n",
	       folder, folder, folder);
	return 0;
}
