/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodings: Intel SDM volume 2, ADD, DEC, Jcc, JMP.
 */
#include "bench/snippet/machine.h"

const uint8_t snippet_add[SNIPPET_ADD_BYTES_MOST] = {0x48, 0x01, 0xd8}; /* add rax, rbx */
const size_t snippet_add_bytes = 3;

void snippet_write_nothing(uint8_t *at, const uint8_t *end) {
	while (at != end)
		*at++ = 0x90; /* nop */
}

static uint8_t *write(uint8_t *at, uint64_t value, size_t bytes) {
	for (size_t i = 0; i < bytes; i++)
		*at++ = (uint8_t)(value >> 8 * i);
	return at;
}

size_t snippet_write_end(uint8_t *at, const uint8_t *begin) {
	uint8_t *next = write(at, 0xcfff49, 3); /* dec r15 */
	next = write(next, 0x850f, 2);          /* jnz begin */
	next = write(next, (uint64_t)(begin - (next + 4)), 4);
	next = write(next, 0x25ff, 2); /* jmp [rip+gap]: to the address that stands behind */
	uintptr_t gap = -(uintptr_t)(next + 4) & 7;
	next = write(next, gap, 4);
	snippet_write_nothing(next, next + gap); /* aligned, as the snippet may have set EFLAGS.AC */
	next = write(next + gap, (uintptr_t)snippet_leave, 8);
	return (size_t)(next - at);
}

void snippet_publish_code(void *code, size_t bytes) {
	(void)code; /* the processor sees to it: Intel SDM volume 3A, "Self-Modifying Code" */
	(void)bytes;
}
