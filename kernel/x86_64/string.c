/* SPDX-License-Identifier: Apache-2.0
 *
 * What compilers call for, beside kernel/compare.c: memory as blocks, by the string instructions, eight bytes at
 * a time. They are the cheapest in instructions, which is what counts where a host emulates this ring
 * instruction by instruction.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
	void *at = to;
	size_t words = length / 8, bytes = length % 8;
	__asm__ volatile("rep movsq" : "+D"(at), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t length) {
	if ((uintptr_t)to - (uintptr_t)from >= length)
		return memcpy(to, from, length);
	void *to_last = (uint8_t *)to + length - 1;
	const void *from_last = (const uint8_t *)from + length - 1;
	__asm__ volatile("std; rep movsb; cld" : "+D"(to_last), "+S"(from_last), "+c"(length) : : "memory");
	return to;
}

void *memset(void *to, int value, size_t length) {
	void *at = to;
	uint64_t word = (uint8_t)value * UINT64_C(0x0101010101010101);
	size_t words = length / 8, bytes = length % 8;
	__asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(word) : "memory");
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(word) : "memory");
	return to;
}
