/* SPDX-License-Identifier: Apache-2.0
 *
 * Zero with CLZERO, a cache line an instruction, which goes past the caches; assumes CLZERO and lines of 64 bytes, as
 * every CPU that has it. AMD APM volume 3, CLZERO. The ends by zero of SSE2.
 */
#include "simd/x86_64/isa.h"

enum { LINE = 64 };

void simd_zero_clzero(void *memory, size_t bytes) {
	uint8_t *at = memory, *end = at + bytes;
	size_t skip = -(uintptr_t)at & (LINE - 1);
	if (bytes < skip + LINE) {
		simd_fills_sse2.zero(memory, bytes);
		return;
	}
	simd_fills_sse2.zero(at, skip);
	for (at += skip; (size_t)(end - at) >= LINE; at += LINE)
		__asm__ volatile("clzero" : : "a"(at) : "memory");
	__asm__ volatile("sfence" ::: "memory");
	simd_fills_sse2.zero(at, (size_t)(end - at));
}
