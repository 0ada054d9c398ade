/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/baseline_store.h"

#include "bench/plain.h"
#include "hosted/cli/output.h"
#include "hosted/results/files.h"
#include "hosted/verdict/comparable.h"
#include "lib/crc32.h"
#include "platform.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Machines that are named where this one has none. */
enum { SHOWN_MOST = 10 };

static bool is_plain(char letter) {
	return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
	       (letter >= '0' && letter <= '9') || letter == '_';
}

/* Readable, and by the checksum of all of it no other machine's. */
static void key_of(const struct results *results, char *key, size_t capacity) {
	char signature[512];
	size_t length = 0;
	comparable_signature(results, signature, sizeof(signature));
	for (const char *at = signature; *at && length + 1 + 1 + CRC32C_DIGITS < capacity; at++) {
		bool plain = is_plain(*at);
		if (plain || (length > 0 && key[length - 1] != '-'))
			key[length++] = plain ? *at : '-';
	}
	snprintf(key + length, capacity - length, "%s%08x", length > 0 && key[length - 1] != '-' ? "-" : "",
		 (unsigned)crc32c(0, signature, strlen(signature)));
}

static void place_of(const struct results *results, const char *name, char place[BASELINE_PLACE_BYTES]) {
	char key[100];
	key_of(results, key, sizeof(key));
	snprintf(place, BASELINE_PLACE_BYTES, "%s/%.140s.json", key, name);
}

void baseline_store_place(const struct launches *launches, const char *name, char place[BASELINE_PLACE_BYTES]) {
	place_of(&launches->all[0], name, place);
}

static bool path_of(const char *folder, const char *place, char path[PATH_MAX]) {
	if (snprintf(path, PATH_MAX, "%s/%s", folder, place) < PATH_MAX)
		return true;
	output_say(stderr, "%s: the folder's name is too long\n", folder);
	return false;
}

static bool is_kind(const char *path, mode_t kind) {
	struct stat status;
	return lstat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

/* A store may be many people's: by a link in it another file would be read, or written with the rights of whoever
 * publishes. Says so. */
static bool leads_elsewhere(const char *path) {
	char folder[PATH_MAX];
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	const char *link = is_kind(folder, S_IFLNK) ? folder : is_kind(path, S_IFLNK) ? path : NULL;
	if (link)
		output_say(stderr, "%s: it is a link, and a store has folders and plain files alone\n", link);
	return link != NULL;
}

int baseline_store_put(const char *folder, const char *name, const struct launches *launches) {
	char place[BASELINE_PLACE_BYTES], path[PATH_MAX];
	struct text content = {0}, complaint = {0};
	baseline_store_place(launches, name, place);
	if (!path_of(folder, place, path) || leads_elsewhere(path))
		return 2;
	if (!files_make_folders(path)) {
		perror(path);
		return 2;
	}
	if (!launches_write(launches, &content))
		text_add_string(&complaint, "out of memory\n");
	else
		files_put(path, &content, &complaint);
	text_free(&content);
	return output_complain(&complaint) ? 2 : 0;
}

/* As a run here would say it; the caller's to free as results_free does. */
static struct results this_machine(void) {
	const struct platform_info *info = platform_describe();
	json_t *context = json_pack("{s:{s:s, s:s, s:s, s:s}, s:s}", "platform", "architecture", info->architecture,
				    "way", info->way, "cpu", info->cpu_model, "hypervisor", info->hypervisor, "figures",
				    info->emulated[0] ? "functional only" : "hardware");
	return (struct results){.root = context, .context = context};
}

/* Whatever else is called may be anything, and no key: it is not shown. */
static int is_key(const struct dirent *entry) {
	size_t length = 0;
	while (is_plain(entry->d_name[length]) || entry->d_name[length] == '-')
		length++;
	return length > 0 && entry->d_name[length] == '\0';
}

/* "  KEY: different CPUs: 'ours' and 'theirs'"; false: it has no baseline of this name. */
static bool add_other(const char *folder, const char *key, const char *name, const struct results *own,
		      struct text *text) {
	char place[BASELINE_PLACE_BYTES + NAME_MAX], path[PATH_MAX];
	struct launches theirs;
	struct text complaint = {0};
	snprintf(place, sizeof(place), "%.*s/%.140s.json", NAME_MAX, key, name);
	if (!path_of(folder, place, path) || !is_kind(path, S_IFREG))
		return false;
	bool read = launches_read(path, &theirs, &complaint) == 0;
	const char *why = read ? comparable_signature_mismatch(own, &theirs.all[0]) : "it cannot be read";
	plain_format(text, "  %s: %s\n", key, why ? why : "it does not lie where its machine's do");
	if (read)
		launches_free(&theirs);
	text_free(&complaint);
	return true;
}

static void say_what_others_have(const char *folder, const char *name, const struct results *own) {
	struct dirent **entries = NULL;
	struct text text = {0};
	int shown = 0, count = scandir(folder, &entries, is_key, alphasort);
	for (int i = 0; i < count; i++) {
		if (shown < SHOWN_MOST)
			shown += add_other(folder, entries[i]->d_name, name, own, &text);
		free(entries[i]);
	}
	free(entries);
	output_say(stderr, "no baseline '%s' of this machine there%s\n", name, shown ? "; of others:" : "");
	if (text.length)
		fwrite(text.bytes, 1, text.length, stderr);
	text_free(&text);
}

static int read_own(const char *path, const struct results *own, struct text *content) {
	struct launches launches;
	struct text complaint = {0};
	int status = launches_read(path, &launches, &complaint) == 0 ? 0 : 2;
	if (status == 0) {
		const char *why = comparable_signature_mismatch(own, &launches.all[0]);
		if (why)
			output_say(stderr, "%s is of another machine than its place says: %s\n", path, why);
		status = why || !launches_write(&launches, content) ? 2 : 0;
		launches_free(&launches);
	}
	output_complain(&complaint);
	return status;
}

int baseline_store_get(const char *folder, const char *name, struct text *content) {
	char place[BASELINE_PLACE_BYTES], path[PATH_MAX];
	struct results own = this_machine();
	int status = 2;
	place_of(&own, name, place);
	bool named = path_of(folder, place, path);
	if (named && is_kind(path, S_IFREG) && !leads_elsewhere(path))
		status = read_own(path, &own, content);
	else if (named && !leads_elsewhere(path))
		say_what_others_have(folder, name, &own);
	results_free(&own);
	return status;
}
