/* SPDX-License-Identifier: Apache-2.0
 *
 * The C library's variable GLIBC_TUNABLES, "name=value:name=value" (The GNU C Library manual, "Tunables"), where what
 * somebody has in it is to stay.
 */
#pragma once

#include "bench/text.h"
#include "lib/crc32.h"

#define TUNABLES_VARIABLE "GLIBC_TUNABLES"

/* Appends `old` (NULL: nothing) with `more` behind it, both as the variable's values. Of several words for the same
 * tunable the last one counts, and alone is kept; empty words go. Pure. */
void tunables_join(const char *old, const char *more, struct text *joined);

/* What tells apart what this process' environment has of them: the CRC-32C of the words that count; "": there are none.
 */
void tunables_key(char key[CRC32C_DIGITS + 1]);
