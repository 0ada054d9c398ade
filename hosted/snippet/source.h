/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody wrote as a snippet, before an assembler sees it. An assembler reads files, repeats, defines and
 * conditions; nothing of that is a snippet's: what is not known here to be an instruction, a label or data is refused.
 * Pure.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { SOURCE_BYTES_MOST = 4096, SOURCE_COPIES_MOST = 16 };

enum source_arch { SOURCE_X86_64, SOURCE_AARCH64, SOURCE_ARCHES };

/* false: `name` is no architecture's. */
bool source_arch_of(const char *name, enum source_arch *arch);
const char *source_arch_name(enum source_arch arch);

/* Statements, which ';' or the end of a line ends, each on a line of its own: appended to `lines`, which is not
 * terminated. Where there are alternatives, "(rax|rcx|rdx)", all statements once for each of them, the n-th copy with
 * the n-th of each: *copies. false, with a line in `complaint`. Any bytes may be given, terminated. */
bool source_read(const char *written, enum source_arch arch, struct text *lines, uint32_t *copies,
		 struct text *complaint);
