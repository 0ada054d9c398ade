/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodings: Arm ARM (DDI 0487), C6.2: ADD (shifted register), SUB (immediate), CBNZ, LDR (literal), BR, NOP. What a
 * program does after it wrote code: B2.4 (caches and coherency).
 */
#include "bench/snippet/machine.h"

#include <string.h>

enum {
	SUB_X28_1 = 0xd100079c,
	CBNZ_X28 = 0xb500001c,
	LDR_X30_8 = 0x5800005e, /* from 8 bytes on */
	BR_X30 = 0xd61f03c0,
	NOP = 0xd503201f,
	WORDS_MASK = 0x7ffff, /* of CBNZ: a distance in words */
};

const uint8_t snippet_add[SNIPPET_ADD_BYTES_MOST] = {0x42, 0x00, 0x03, 0x8b}; /* add x2, x2, x3 */
const size_t snippet_add_bytes = 4;

static uint8_t *write(uint8_t *at, uint32_t word) {
	memcpy(at, &word, sizeof(word));
	return at + sizeof(word);
}

void snippet_write_nothing(uint8_t *at, const uint8_t *end) {
	while (at < end)
		at = write(at, NOP);
}

size_t snippet_write_end(uint8_t *at, const uint8_t *begin) {
	uint64_t leave = (uintptr_t)snippet_leave;
	uint8_t *next = write(at, SUB_X28_1);
	next = write(next, CBNZ_X28 | ((uint32_t)((begin - next) / 4) & WORDS_MASK) << 5);
	if (((uintptr_t)next & 7) != 0)
		next = write(next, NOP); /* the address below lies aligned */
	next = write(next, LDR_X30_8);
	next = write(next, BR_X30);
	memcpy(next, &leave, sizeof(leave));
	return (size_t)(next + sizeof(leave) - at);
}

/* CTR_EL0: DminLine in bits 19:16, IminLine in 3:0, as powers of two of words. */
enum { CTR_DMINLINE_SHIFT = 16, CTR_LINE_MASK = 0xf, WORD_BYTES = 4 };

void snippet_publish_code(void *code, size_t bytes) {
	uint64_t ctr;
	__asm__("mrs %0, ctr_el0" : "=r"(ctr));
	uintptr_t begin = (uintptr_t)code, end = begin + bytes;
	uintptr_t data = (uintptr_t)WORD_BYTES << (ctr >> CTR_DMINLINE_SHIFT & CTR_LINE_MASK);
	uintptr_t instructions = (uintptr_t)WORD_BYTES << (ctr & CTR_LINE_MASK);
	for (uintptr_t at = begin & -data; at < end; at += data)
		__asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish" : : : "memory"); /* written back before it is fetched anew */
	for (uintptr_t at = begin & -instructions; at < end; at += instructions)
		__asm__ volatile("ic ivau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish\n\tisb" : : : "memory"); /* and by this core from here on */
}
