/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/sqlite.h"

#include <dlfcn.h>
#include <stddef.h>

struct sqlite sqlite;

static bool find_all(void *library) {
	struct sqlite found;
	bool has_all = library != NULL;
#define FIND(name)                                                                              \
	found.name = has_all ? (__typeof__(found.name))dlsym(library, "sqlite3_" #name) : NULL; \
	has_all = found.name != NULL;
	SQLITE_CALLS(FIND)
#undef FIND
	if (has_all)
		sqlite = found;
	return has_all;
}

/* A programme that is built for another machine has it linked in. */
bool sqlite_load(void) {
	return sqlite.step || find_all(dlopen(NULL, RTLD_NOW)) || find_all(dlopen(SQLITE_LIBRARY, RTLD_NOW));
}
