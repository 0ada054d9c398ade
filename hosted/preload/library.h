/* SPDX-License-Identifier: Apache-2.0
 *
 * The libraries that this programme preloads into others (preload/), which it has within itself, as files.
 *
 * LD_PRELOAD has names with blanks or colons between them, and no way to write one in a name; and a library is mapped
 * to be executed. So not every folder will do.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum library_name { LIBRARY_RECORD, LIBRARY_KERNELS, LIBRARY_POOLS, LIBRARIES };

enum { LIBRARY_PATH_BYTES = 1024 };

/* Whether a file with a name of up to 64 bytes in this folder can be preloaded. */
bool library_may_lie_in(const char *folder);

/* "anechoic-record.so"; static text. */
const char *library_file(enum library_name library);

/* Tells its build from others. */
uint32_t library_hash(enum library_name library);

/* Writes it, new, with that name into a folder that is the user's alone. false: it could not be; errno says why. */
bool library_write(enum library_name library, const char *folder);

/* Removes it from there. */
void library_remove(enum library_name library, const char *folder);

/* Its file in the folder for data (hosted/results/files.h), which stays: programs that it is in may start others at
 * any time. Each build has files of its own there; where one is added, those before the last few go that nobody has
 * open. `make`: where it is not there, it is written; else `path` is where it would be. 0, or PLATFORM_EIO with a
 * line in `complaint`. */
int library_keep(enum library_name library, bool make, char path[LIBRARY_PATH_BYTES], struct text *complaint);

/* Puts it, which lies at `path`, before what LD_PRELOAD has, and in the place of another of that name, as both would
 * count or serve each call. false: no memory. */
bool library_preload(enum library_name library, const char *path);
