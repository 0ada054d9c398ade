/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/files.h"

#include "platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int files_save(const char *name, const struct text *content, struct text *complaint) {
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

int files_read(const char *name, struct text *bytes, struct text *complaint) {
	char part[65536];
	size_t length;
	FILE *file = fopen(name, "rbe");
	if (!file)
		return complain(complaint, name);
	while ((length = fread(part, 1, sizeof(part), file)) > 0)
		text_add(bytes, part, length);
	bool good = !ferror(file) && !bytes->failed;
	fclose(file);
	if (good)
		return 0;
	text_add_string(complaint, name);
	text_add_string(complaint, ": cannot be read\n");
	return PLATFORM_EIO;
}

bool files_make_folders(char *path) {
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	return true;
}

bool files_data_path(const char *file, bool make, char *path, size_t capacity) {
	const char *own = getenv("ANECHOIC_HOME"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int length;
	if (own && *own)
		length = snprintf(path, capacity, "%s/%s", own, file);
	else if (data && *data)
		length = snprintf(path, capacity, "%s/anechoic/%s", data, file);
	else
		length = snprintf(path, capacity, "%s/.local/share/anechoic/%s", home && *home ? home : ".", file);
	if (length < 0 || (size_t)length >= capacity)
		return false;
	return !make || files_make_folders(path);
}
