/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2. Strategy: simd/vector_scan.h.
 */
#include "simd/x86_64/isa.h"

#define VECTOR_BYTES   16
#define SCAN_MASK_BITS 1
#define SCAN_MASK_ALL  0xffff

typedef uint8_t scan_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef char scan_chars __attribute__((vector_size(VECTOR_BYTES)));

static inline uint64_t scan_alike(scan_vector x, scan_vector y) {
	return (uint32_t)__builtin_ia32_pmovmskb128((scan_chars)(x == y));
}

/* Without SSE4.1's PTEST: all bytes alike to zero. */
static inline bool scan_any(scan_vector bits) {
	return scan_alike(bits, (scan_vector){0}) != SCAN_MASK_ALL;
}

/* x in a register, which the instruction of two operands may overwrite; else it would be a copy of y. */
static inline scan_vector scan_find(scan_vector x, scan_vector y) {
	__asm__("" : "+x"(x));
	return (scan_vector)(x == y);
}

static inline scan_vector scan_either(scan_vector f, scan_vector g) {
	return f | g;
}

static inline bool scan_found(scan_vector found) {
	return __builtin_ia32_pmovmskb128((scan_chars)found) != 0;
}

#define compare_below_vector compare_words
#define find_below_vector    find_words
#include "simd/vector_scan.h"

SCANS_TABLE(sse2);
