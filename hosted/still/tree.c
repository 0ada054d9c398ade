/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/still/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MOST = 65536, DIGITS_MOST = 18 };

static bool make_path(const struct tree *tree, char path[TREE_PATH], const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

static bool make_path(const struct tree *tree, char path[TREE_PATH], const char *format, va_list arguments) {
	char rest[TREE_PATH];
	int length = vsnprintf(rest, sizeof(rest), format, arguments);
	if (length < 0 || length >= TREE_PATH || strstr(rest, ".."))
		return false;
	length = snprintf(path, TREE_PATH, "%s/%s", tree->root, rest);
	return length > 0 && length < TREE_PATH;
}

bool tree_path(const struct tree *tree, char path[TREE_PATH], const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	bool good = make_path(tree, path, format, arguments);
	va_end(arguments);
	return good;
}

static size_t read_bytes(const char *path, char *bytes, size_t capacity) {
	struct stat status;
	size_t length = 0;
	/* Opening what is a pipe must not wait for its writer. */
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file < 0)
		return 0;
	if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
		ssize_t got = 1;
		while (got > 0 && length < capacity) {
			got = read(file, bytes + length, capacity - length);
			length += got > 0 ? (size_t)got : 0;
		}
	}
	close(file);
	return length;
}

static bool read_path(const char *path, char *text, size_t capacity) {
	size_t length = read_bytes(path, text, capacity - 1);
	text[length] = '\0';
	for (size_t i = 0; i < length; i++)
		if ((text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] > '~')
			text[i] = '?';
	return length != 0;
}

bool tree_read(const struct tree *tree, char *text, size_t capacity, const char *format, ...) {
	char path[TREE_PATH];
	va_list arguments;
	va_start(arguments, format);
	bool good = make_path(tree, path, format, arguments);
	va_end(arguments);
	text[0] = '\0';
	return good && read_path(path, text, capacity);
}

size_t tree_bytes(const struct tree *tree, void *bytes, size_t capacity, const char *format, ...) {
	char path[TREE_PATH];
	va_list arguments;
	va_start(arguments, format);
	bool good = make_path(tree, path, format, arguments);
	va_end(arguments);
	return good ? read_bytes(path, bytes, capacity) : 0;
}

bool tree_link(const struct tree *tree, char target[TREE_PATH], const char *format, ...) {
	char path[TREE_PATH];
	va_list arguments;
	va_start(arguments, format);
	bool good = make_path(tree, path, format, arguments);
	va_end(arguments);
	ssize_t length = good ? readlink(path, target, TREE_PATH - 1) : -1;
	target[length > 0 ? length : 0] = '\0';
	return length > 0;
}

bool tree_has(const struct tree *tree, const char *name) {
	char path[TREE_PATH];
	return tree_path(tree, path, "%s", name) && access(path, F_OK) == 0;
}

static void cut_to_line(char *text) {
	size_t blanks = strspn(text, " \t"), length = strcspn(text, "\n");
	text[length] = '\0';
	if (blanks != 0 && blanks <= length)
		memmove(text, text + blanks, length - blanks + 1);
	length = strlen(text);
	while (length != 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		text[--length] = '\0';
}

static bool read_line(const struct tree *tree, char *line, size_t capacity, const char *format, va_list arguments)
	__attribute__((format(printf, 4, 0)));

static bool read_line(const struct tree *tree, char *line, size_t capacity, const char *format, va_list arguments) {
	char path[TREE_PATH];
	line[0] = '\0';
	if (!make_path(tree, path, format, arguments) || !read_path(path, line, capacity))
		return false;
	cut_to_line(line);
	return line[0] != '\0';
}

bool tree_line(const struct tree *tree, char *line, size_t capacity, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	bool good = read_line(tree, line, capacity, format, arguments);
	va_end(arguments);
	return good;
}

bool tree_word(const struct tree *tree, char *word, size_t capacity, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	bool good = read_line(tree, word, capacity, format, arguments);
	va_end(arguments);
	if (!good)
		return false;
	if (word[0] < 'a' || word[0] > 'z' || word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-")] != '\0')
		word[0] = '\0';
	return word[0] != '\0';
}

bool tree_number(const struct tree *tree, uint64_t *number, const char *format, ...) {
	char line[64], *end;
	va_list arguments;
	va_start(arguments, format);
	bool good = read_line(tree, line, sizeof(line), format, arguments);
	va_end(arguments);
	if (!good)
		return false;
	size_t digits = strspn(line, "0123456789");
	if (digits == 0 || digits > DIGITS_MOST)
		return false;
	*number = strtoull(line, &end, 10);
	return *end == '\0' || *end == ' ' || *end == '\t';
}

bool tree_list(const struct tree *tree, const char *folder, void (*each)(void *argument, const char *name),
	       void *argument) {
	char path[TREE_PATH];
	if (!tree_path(tree, path, "%s", folder))
		return false;
	DIR *stream = opendir(path);
	if (!stream)
		return false;
	const struct dirent *entry;
	for (int count = 0; count < NAMES_MOST && (entry = readdir(stream)) != NULL; count++)
		if (entry->d_name[0] != '.')
			each(argument, entry->d_name);
	closedir(stream);
	return true;
}
