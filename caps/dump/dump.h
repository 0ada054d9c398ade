/* SPDX-License-Identifier: Apache-2.0
 *
 * Dumps of CPUID that people exchange, read into what the decoders take: `cpuid -r` (Todd Allen's), AIDA64 and
 * InstLatx64, libcpuid's raw. Which one it is, the text says. Untrusted.
 */
#pragma once

#include "caps/raw.h"

#include <stdbool.h>

struct caps_arena;

/* `text` need not be terminated. CPUs are numbered as the dump does, else in its order. The leaves lie in the arena. 0,
 * or an enum caps_error with a line in `complaint` that names what is wrong and where. */
int caps_dump_read(const char *text, size_t length, struct caps_arena *arena, struct caps_raw *raw, char *complaint,
		   size_t capacity);

/* An arena of how many bytes is enough for a dump of this length. */
size_t caps_dump_bytes(size_t length);
