/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a program can be served by a library of ours: it is preloaded into it (glibc's dynamic linker, no privileges
 * that drop LD_PRELOAD), and its heap is the C library's. And how such a program is started.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_PATH_BYTES = 4096 };
enum { PROGRAM_CANNOT_START = 126, PROGRAM_NOT_FOUND = 127 }; /* exit statuses, as shells have them */

/* As execvp looks for it. 0, PROGRAM_CANNOT_START: it is there and cannot be executed, or PROGRAM_NOT_FOUND; with a
 * line in `complaint`. */
int program_find(const char *name, char path[PROGRAM_PATH_BYTES], struct text *complaint);

/* Follows scripts to what interprets them, and looks at what LD_PRELOAD has already. false, with a line in `complaint`
 * that names what is in the way. A file that is no ELF file is the kernel's to refuse. */
bool program_may_be_preloaded(const char *path, struct text *complaint);

/* Why nothing can be preloaded into an ELF file, without a line end; false: it can. Any bytes may be given. Pure. */
bool program_refuse(const uint8_t *file, size_t length, struct text *why);

/* Becomes the program, as execvp does. Returns PROGRAM_CANNOT_START, and has said why, where that fails. */
int program_become(const char *path, char *const *words);
