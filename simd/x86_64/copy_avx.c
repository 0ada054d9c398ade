/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies in 256-bit vectors, YMM registers; assumes AVX. Strategy: simd/vector_copy.h. And by REP MOVSB, which only a
 * profile chooses: for copies that no first-level cache holds it is the quickest on some CPUs, which do not fetch the
 * lines that it overwrites, and by no means on all. Only CPUs with ERMS move by it what is not short a line at a time
 * (Intel optimization manual, 3.7.6).
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX__)
#error "compile this file with -mavx"
#endif

#define VECTOR_BYTES 32
#include "simd/x86_64/stream.h"

#include "simd/vector_copy.h"

enum { REP_LEAST = 2048 }; /* below, starting is what takes the time: ibidem */

/* In vectors where areas overlap, which goes byte by byte, or where the destination is past the source by less than a
 * line modulo 4 KiB, which Zen 3 takes thirty times as long for. */
void simd_copy_erms(void *destination, const void *source, size_t bytes) {
	uintptr_t past = (uintptr_t)destination - (uintptr_t)source;
	bool overlap = past < bytes || -past < bytes;
	if (bytes < REP_LEAST || overlap || (past & (COPY_ALIAS_BYTES - 1)) - 1 < COPY_CACHE_LINE - 1) {
		copy_move(destination, source, bytes);
		return;
	}
	uint8_t *to = destination;
	const uint8_t *from = source;
	size_t skip = -(uintptr_t)to & (COPY_CACHE_LINE - 1);
	((copy_vector *)to)[0] = ((const copy_vector *)from)[0];
	((copy_vector *)to)[1] = ((const copy_vector *)from)[1];
	to += skip;
	from += skip;
	bytes -= skip;
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

COPIES_TABLE(avx, copy_move);
