/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic new-suite DIR`: a suite of somebody's own that is linked and runs as it is (docs/suites.md): the files of
 * examples/suites/new/, new_cxx/ or new_asm/, with the folder's name in the place of @NAME@.
 */
#include "bench/suites.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/results/files.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MOST = 24, FILES_MOST = 5 };

/* suite_files.S */
#define ASSET(name)               \
	extern const char name[]; \
	extern const uint64_t name##_bytes
ASSET(suite_c);
ASSET(suite_cxx);
ASSET(suite_asm);
ASSET(suite_asm_x86_64);
ASSET(suite_asm_aarch64);
ASSET(suite_readme);
ASSET(suite_test);

struct suite_file {
	const char *name; /* a folder may stand before it */
	const char *bytes;
	const uint64_t *length;
};

#define FILE_OF(name, asset) \
	{ name, asset, &asset##_bytes }
#define FILES_OF_ALL FILE_OF("README.md", suite_readme), FILE_OF("test.sh", suite_test)

/* What it is written in; the first is what nobody has to ask for. */
static const struct suite_kind {
	const char *option;
	const char *sources; /* in the README's words */
	struct suite_file files[FILES_MOST];
} kinds[] = {
	{"", "`suite.c`", {FILE_OF("suite.c", suite_c), FILES_OF_ALL}},
	{"--cxx", "`suite.cc`", {FILE_OF("suite.cc", suite_cxx), FILES_OF_ALL}},
	{"--asm",
	 "`suite.c`, `x86_64/mix.S` and `aarch64/mix.S`",
	 {FILE_OF("suite.c", suite_asm), FILE_OF("x86_64/mix.S", suite_asm_x86_64),
	  FILE_OF("aarch64/mix.S", suite_asm_aarch64), FILES_OF_ALL}},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

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

/* The folder's name from / on, as it is taken from any other folder, in `path`, ended. false: nobody knows where
 * we are, or no memory. */
static bool make_absolute(const char *folder, struct text *path) {
	char *here = folder[0] == '/' ? NULL : getcwd(NULL, 0);
	if (folder[0] != '/' && here == NULL)
		return false;
	text_format(path, "%s%s%s", here ? here : "", here ? "/" : "", folder);
	text_add(path, "", 1);
	free(here);
	return !path->failed;
}

struct word {
	const char *mark, *text;
};

/* The file's bytes, each mark as its text. */
static void fill_in(const struct suite_file *file, const struct word *words, size_t count, struct text *content) {
	const char *at = file->bytes, *end = file->bytes + *file->length;
	while (at < end) {
		const struct word *word = words;
		while (word != words + count && strncmp(at, word->mark, strlen(word->mark)) != 0)
			word++;
		if (word != words + count)
			text_add_string(content, word->text);
		else
			text_add(content, at, 1);
		at += word != words + count ? strlen(word->mark) : 1;
	}
}

/* The path of `name` in the folder, ended, and a folder made that stands before the name. false: out of memory, or it
 * cannot be made. */
static bool make_path(const char *folder, const char *name, struct text *path) {
	text_format(path, "%s/%s", folder, name);
	text_add(path, "", 1);
	if (path->failed)
		return false;
	char *slash = strchr(name, '/') ? strrchr(path->bytes, '/') : NULL;
	if (!slash)
		return true;
	*slash = '\0';
	bool made = mkdir(path->bytes, 0777) == 0;
	if (!made)
		output_say(stderr, "new-suite: %s: %s\n", path->bytes, strerror(errno));
	*slash = '/';
	return made;
}

static int write_file(const char *folder, const char *name, const struct suite_kind *kind,
		      const struct suite_file *file) {
	const struct word words[] = {{"@NAME@", name}, {"@SOURCES@", kind->sources}};
	struct text path = {0}, content = {0};
	int status = 2;
	fill_in(file, words, sizeof(words) / sizeof(words[0]), &content);
	if (make_path(folder, file->name, &path))
		status = output_save(path.bytes, &content);
	text_free(&path);
	text_free(&content);
	return status;
}

static int refuse(const char *folder, const char *why) {
	output_say(stderr, "new-suite: %s: %s\n", folder, why);
	return 2;
}

/* false: wrong use, which was said. */
static bool read_words(int argc, char **argv, const struct suite_kind **kind, const char **folder) {
	*kind = NULL;
	*folder = NULL;
	for (int i = 1; i < argc; i++) {
		const struct suite_kind *asked = NULL;
		for (size_t k = 1; k < KINDS; k++)
			if (strcmp(argv[i], kinds[k].option) == 0)
				asked = &kinds[k];
		if (asked ? *kind != NULL : argv[i][0] == '-' || *folder != NULL)
			return help_refuse("new-suite", argv[i]) == 0;
		if (asked)
			*kind = asked;
		else
			*folder = argv[i];
	}
	*kind = *kind ? *kind : &kinds[0];
	return *folder != NULL || help_usage("new-suite") == 0;
}

/* `path`: the folder's, from / on; we made it, and what is in it. Where not all of it can be written nothing is left:
 * the next try would find the folder, and refuse it. */
static int write_files(const char *folder, const char *path, const char *name, const struct suite_kind *kind) {
	for (size_t i = 0; i < FILES_MOST && kind->files[i].name; i++)
		if (write_file(folder, name, kind, &kind->files[i]) != 0) {
			files_remove_tree(folder);
			return 2;
		}
	printf("%s:", folder);
	for (size_t i = 0; i < FILES_MOST && kind->files[i].name; i++)
		printf("%s %s", i ? "," : "", kind->files[i].name);
	printf("\nnext: make hosted SUITES=%s, in the folder of Anechoic's source, or\n"
	       "make -f $(pkg-config --variable=folder anechoic)/anechoic.mk hosted SUITES=%s\n",
	       path, path);
	return 0;
}

/* `name` can be a suite's. */
static int make_suite(const char *folder, const char *path, const char *name, const struct suite_kind *kind) {
	static const char strange[] = " \t\n'\"`\\#$%&*?:;=|<>(){}~![";
	size_t usual = strcspn(path, strange);
	if (path[usual] != '\0') {
		output_say(stderr,
			   "new-suite: %s: make and shells read '%c' in a folder's name as something else: name one "
			   "without\n",
			   path, path[usual]);
		return 2;
	}
	if (mkdir(folder, 0777) != 0)
		return refuse(folder,
			      errno == EEXIST ? "is there already: name a folder that is not" : strerror(errno));
	return write_files(folder, path, name, kind);
}

int command_new_suite(int argc, char **argv) {
	char name[NAME_MOST + 2];
	const struct suite_kind *kind;
	const char *folder;
	if (!read_words(argc, argv, &kind, &folder))
		return 2;
	find_name(folder, name, sizeof(name));
	if (!is_name(name))
		return refuse(folder,
			      "a suite is called what its folder is: a letter, then letters, digits, _ and -, 24 "
			      "at the most");
	if (is_ours(name))
		return refuse(folder, "rows that begin so are ours: call the folder something else");
	struct text path = {0};
	int status = make_absolute(folder, &path) ? make_suite(folder, path.bytes, name, kind)
						  : refuse(folder, strerror(errno));
	text_free(&path);
	return status;
}
