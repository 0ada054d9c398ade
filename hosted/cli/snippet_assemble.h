/* SPDX-License-Identifier: Apache-2.0
 *
 * From a snippet's statements to bytes, by binutils' as, objdump and objcopy, in a folder of its own.
 */
#pragma once

#include "bench/snippet/snippet.h"
#include "hosted/snippet/source.h"

enum { ASSEMBLED_TEXT_BYTES = 96 };

struct assembled {
	uint8_t bytes[SNIPPET_BYTES_MOST];
	uint32_t byte_count;
	uint32_t copies;
	uint32_t instructions; /* data counts as what it is disassembled to */
	struct {
		uint32_t offset;
		char text[ASSEMBLED_TEXT_BYTES]; /* as objdump has it, cut off; terminated */
	} listing[SNIPPET_BYTES_MOST];
};

/* `what`: how a complaint begins. 0, or 2 with a line in `complaint`; or 128 and a signal's number: somebody wanted the
 * programme to end. After launch_start. */
int snippet_assemble(const char *what, const char *written, enum source_arch arch, struct assembled *assembled,
		     struct text *complaint);

/* The instruction at that offset, or that it lies within; "" where there is none. With `begin` the offset becomes that
 * of its first byte. */
const char *assembled_at(const struct assembled *assembled, size_t *offset, bool begin);
