/* SPDX-License-Identifier: Apache-2.0
 *
 * What compilers call for, beside kernel/compare.c: memory as blocks, without floating-point or vector registers. Words
 * where both sides are aligned alike; the kernel is built with -mstrict-align, so anything else goes byte by byte.
 * Nothing that is timed copies with these.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WORD_BYTES = 8 };

/* May alias whatever is copied. */
typedef uint64_t __attribute__((may_alias)) word_t;

static size_t word_offset(const void *pointer) {
	return (uintptr_t)pointer % WORD_BYTES;
}

/* The barriers keep compilers from seeing memcpy and memset in the loops and calling themselves. */
static inline void opaque(void) {
	__asm__ volatile("");
}

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
	uint8_t *t = to;
	const uint8_t *f = from;
	if (word_offset(t) == word_offset(f)) {
		for (; length > 0 && word_offset(t) != 0; length--, opaque())
			*t++ = *f++;
		for (; length >= WORD_BYTES; length -= WORD_BYTES, t += WORD_BYTES, f += WORD_BYTES, opaque())
			*(word_t *)(void *)t = *(const word_t *)(const void *)f;
	}
	for (; length > 0; length--, opaque())
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t length) {
	if ((uintptr_t)to - (uintptr_t)from >= length)
		return memcpy(to, from, length);
	uint8_t *t = to;
	const uint8_t *f = from;
	for (; length > 0; length--, opaque())
		t[length - 1] = f[length - 1];
	return to;
}

void *memset(void *to, int value, size_t length) {
	uint8_t *t = to;
	word_t word = (uint8_t)value * UINT64_C(0x0101010101010101);
	for (; length > 0 && word_offset(t) != 0; length--, opaque())
		*t++ = (uint8_t)value;
	for (; length >= WORD_BYTES; length -= WORD_BYTES, t += WORD_BYTES, opaque())
		*(word_t *)(void *)t = word;
	for (; length > 0; length--, opaque())
		*t++ = (uint8_t)value;
	return to;
}
