/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/walk.h"

#include "bench/plain.h"
#include "platform.h"

#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int by_name(const void *a, const void *b) {
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *ending) {
	size_t length = strlen(name), end = strlen(ending);
	return length > end && strcasecmp(name + length - end, ending) == 0;
}

static bool add(struct walk *walk, const char *name) {
	enum { STEP = 256 };
	if (walk->count % STEP == 0) {
		char **more = realloc(walk->names, (walk->count + STEP) * sizeof(*more));
		if (!more)
			return false;
		walk->names = more;
	}
	walk->names[walk->count] = strdup(name);
	return walk->names[walk->count] && ++walk->count;
}

static int complain(struct text *complaint, const char *name, const char *what) {
	plain_format(complaint, "%s: %s\n", name, what);
	return PLATFORM_EIO;
}

static int take(FTS *tree, FTSENT *entry, const char *ending, struct walk *walk, struct text *complaint) {
	switch (entry->fts_info) {
	case FTS_D:
		if (entry->fts_level <= WALK_DEPTH_MOST)
			return 0;
		fts_set(tree, entry, FTS_SKIP);
		return complain(complaint, entry->fts_path, "lies too deep, and is left out");
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return complain(complaint, entry->fts_path, strerror(entry->fts_errno));
	case FTS_F:
		if (!ends_in(entry->fts_name, ending))
			return 0;
		if (walk->count == WALK_FILES_MOST)
			return complain(complaint, entry->fts_path, "one file too many: it is left out");
		return add(walk, entry->fts_path) ? 0 : PLATFORM_ENOMEM;
	default:
		return 0;
	}
}

int walk_folder(const char *folder, const char *ending, struct walk *walk, struct text *complaint) {
	char *root = strdup(folder), *roots[] = {root, NULL};
	*walk = (struct walk){0};
	FTS *tree = root ? fts_open(roots, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
	int status = tree ? 0 : PLATFORM_ENOMEM, taken;
	for (FTSENT *entry; status != PLATFORM_ENOMEM && (errno = 0, entry = fts_read(tree)) != NULL;)
		if ((taken = take(tree, entry, ending, walk, complaint)) != 0)
			status = taken;
	if (status != PLATFORM_ENOMEM && errno)
		status = complain(complaint, folder, strerror(errno));
	if (status == PLATFORM_ENOMEM)
		complain(complaint, folder, "does not fit into memory");
	if (tree)
		fts_close(tree);
	free(root);
	if (walk->count)
		qsort(walk->names, walk->count, sizeof(*walk->names), by_name);
	return status;
}

void walk_free(struct walk *walk) {
	for (size_t i = 0; i < walk->count; i++)
		free(walk->names[i]);
	free(walk->names);
	*walk = (struct walk){0};
}
