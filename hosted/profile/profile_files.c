/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/profile/profile_files.h"

#include "bench/plain.h"
#include "bench/tune/profile_json.h"
#include "hosted/results/files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static bool path_of(const char *core_type, bool make, char *path) {
	char file[48];
	snprintf(file, sizeof(file), "profile%s%s.json", *core_type ? "-" : "", core_type);
	for (char *at = file; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '.')
			*at = '-';
	return files_data_path(file, make, path, PATH_BYTES);
}

/* Where it is to be kept, the folder made; PLATFORM_EIO: there is none. */
static int place_of(const struct tune_signature *signature, char *path, struct text *complaint) {
	if (path_of(signature->core_type, true, path))
		return 0;
	files_complain_of_data_path("the profile is not kept", complaint);
	return PLATFORM_EIO;
}

int profile_files_may_save(struct text *complaint) {
	struct tune_signature signature;
	char name[PATH_BYTES];
	int status = tune_signature_read(&signature);
	if (status != 0)
		text_add_string(complaint, "the profile is not kept: out of memory\n");
	else if (place_of(&signature, name, complaint) != 0 || files_may_write(name, complaint) != 0)
		status = PLATFORM_EIO;
	return status;
}

int profile_files_save(const struct tune_signature *signature, const struct text *json, struct text *path,
		       struct text *complaint) {
	char name[PATH_BYTES];
	if (place_of(signature, name, complaint) != 0)
		return PLATFORM_EIO;
	if (json->failed) {
		text_add_string(complaint, "the profile is not kept: out of memory\n");
		return PLATFORM_ENOMEM;
	}
	if (files_save(name, json, complaint) != 0)
		return PLATFORM_EIO;
	text_add_string(path, name);
	return 0;
}

/* profile.json, and those of types; to be given to globfree. */
static bool find_kept(glob_t *found) {
	char folder[PATH_BYTES], all[2 * PATH_BYTES + sizeof("profile*.json")];
	size_t length = 0;
	if (!files_data_path("", false, folder, sizeof(folder)))
		return false;
	/* What a pattern is made of stands for itself in a folder's name. */
	for (const char *at = folder; *at; at++) {
		if (strchr("*?[\\", *at))
			all[length++] = '\\';
		all[length++] = *at;
	}
	strcpy(all + length, "profile*.json");
	if (glob(all, 0, NULL, found) == 0)
		return true;
	globfree(found);
	return false;
}

static bool is_ours(const char *path) {
	const char *name = strrchr(path, '/') + 1;
	return strcmp(name, "profile.json") == 0 || strncmp(name, "profile-", strlen("profile-")) == 0;
}

int profile_files_reset(struct text *removed, struct text *complaint) {
	glob_t found;
	int status = 0;
	if (!find_kept(&found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		if (!is_ours(path))
			continue;
		struct text *text = unlink(path) == 0 ? removed : complaint;
		text_add_string(text, path);
		if (text == complaint) {
			text_format(text, ": %s", strerror(errno));
			status = PLATFORM_EIO;
		}
		text_add_string(text, "\n");
	}
	globfree(&found);
	return status;
}

/* 0, and not of this machine's one kind of core: which kind this is takes some ms to find out. */
static bool find_own(char *path) {
	struct tune_signature signature;
	glob_t found;
	if (!find_kept(&found))
		return false;
	bool typed = found.gl_pathc > 1 || !path_of("", false, path) || strcmp(found.gl_pathv[0], path) != 0;
	globfree(&found);
	if (!typed)
		return true;
	return tune_signature_read(&signature) == 0 && path_of(signature.core_type, false, path) &&
	       access(path, F_OK) == 0;
}

/* More than it may have is read as far as tells that. */
static int read_some(const char *name, struct text *bytes) {
	char part[65536];
	size_t length;
	struct text complaint = {0};
	FILE *file = files_open(name, &complaint);
	while (file && bytes->length <= PROFILE_BYTES_MAX && (length = fread(part, 1, sizeof(part), file)) > 0)
		text_add(bytes, part, length);
	if (file && (ferror(file) || bytes->failed))
		plain_format(&complaint, "%s: cannot be read\n", name);
	if (file)
		fclose(file);
	bool good = complaint.length == 0;
	fprintf(stderr, "%.*s", (int)complaint.length, good ? "" : complaint.bytes);
	text_free(&complaint);
	return good ? 0 : PLATFORM_EIO;
}

int profile_files_find(const char *name, struct platform_text *profile) {
	static struct text bytes; /* the programme keeps pointers into it */
	char own[PATH_BYTES];
	if (!name && !find_own(own))
		return PLATFORM_EUNSUPPORTED;
	text_free(&bytes);
	int status = read_some(name ? name : own, &bytes);
	*profile = (struct platform_text){bytes.bytes, bytes.length};
	return status;
}
