/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a program can be recorded: a library is preloaded into it (glibc's dynamic linker, no privileges that drop
 * LD_PRELOAD), and its heap is the C library's.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_PATH_BYTES = 4096 };

/* As execvp looks for it. 0, 126: it is there and cannot be executed, or 127: it is not; with a line in `complaint`. */
int program_find(const char *name, char path[PROGRAM_PATH_BYTES], struct text *complaint);

/* Follows scripts to what interprets them. false, with a line in `complaint` that names what is in the way. A file that
 * is no ELF file is the kernel's to refuse. */
bool program_may_be_recorded(const char *path, struct text *complaint);

/* Why an ELF file cannot be recorded, without a line end; false: it can. Any bytes may be given. Pure. */
bool program_refuse(const uint8_t *file, size_t length, struct text *why);
