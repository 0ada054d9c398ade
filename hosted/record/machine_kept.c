/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/record/machine_kept.h"

#include "hosted/record/machine_json.h"
#include "hosted/results/files.h"

#include <jansson.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096, KEPT_BYTES_MOST = 4096 };

#define BOOT_ID   "/proc/sys/kernel/random/boot_id"
#define PROGRAMME "/proc/self/exe"

/* Reads a small file without a word about what is in the way. */
static bool read_small(const char *path, struct text *bytes) {
	struct text complaint = {0};
	bool good = files_read(path, KEPT_BYTES_MOST, bytes, &complaint) == 0;
	text_free(&complaint);
	return good;
}

/* As text: which start of the machine this is, which build, and which cores the signature may be of. */
static bool add_here(struct text *here, const cpu_set_t *cores) {
	struct stat build;
	const unsigned char *set = (const unsigned char *)cores;
	if (!read_small(BOOT_ID, here) || here->length == 0 || stat(PROGRAMME, &build) != 0)
		return false;
	here->length--; /* the line's end */
	text_format(here, " %llu %llu %lld.%09ld", (unsigned long long)build.st_dev, (unsigned long long)build.st_ino,
		    (long long)build.st_mtim.tv_sec, build.st_mtim.tv_nsec);
	for (size_t i = 0; i < sizeof(*cores); i++)
		if (set[i])
			text_format(here, " %zx:%x", i, (unsigned)set[i]);
	text_add(here, "", 1);
	return !here->failed;
}

static bool path_of(bool make, char path[PATH_BYTES]) {
	return files_data_path("machine.json", make, path, PATH_BYTES);
}

static bool read_kept(const char *here, struct tune_signature *machine) {
	char path[PATH_BYTES];
	struct text bytes = {0};
	bool good = path_of(false, path) && read_small(path, &bytes);
	json_t *root = good ? json_loadb(bytes.bytes, bytes.length, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *kept = json_string_value(json_object_get(root, "kept"));
	good = kept && strcmp(kept, here) == 0 && machine_json_read(json_object_get(root, "machine"), machine);
	json_decref(root);
	text_free(&bytes);
	return good;
}

bool machine_kept_read(struct tune_signature *machine) {
	cpu_set_t cores;
	struct text here = {0};
	bool good = sched_getaffinity(0, sizeof(cores), &cores) == 0 && add_here(&here, &cores) &&
		    read_kept(here.bytes, machine);
	text_free(&here);
	return good;
}

/* Who cannot keep it reads it each time. */
static void keep(const struct tune_signature *machine, const cpu_set_t *cores) {
	char path[PATH_BYTES];
	struct text here = {0}, json = {0}, complaint = {0};
	if (add_here(&here, cores) && path_of(true, path)) {
		text_add_string(&json, "{");
		text_member_string(&json, "kept", here.bytes);
		machine_json_write(&json, machine);
		text_add_string(&json, "}\n");
		if (!json.failed)
			(void)files_put(path, &json, &complaint);
	}
	text_free(&here);
	text_free(&json);
	text_free(&complaint);
}

int machine_kept_make(struct tune_signature *machine) {
	cpu_set_t cores;
	bool is_known = sched_getaffinity(0, sizeof(cores), &cores) == 0;
	int error = tune_signature_read(machine);
	if (is_known)
		sched_setaffinity(0, sizeof(cores), &cores);
	if (is_known && error == 0)
		keep(machine, &cores);
	return error;
}
