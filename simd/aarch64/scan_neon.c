/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_scan.h. There is no MOVMSK: SHRN
 * by four makes 64 bits of 16 bytes, four a byte.
 */
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES   16
#define SCAN_MASK_BITS 4
#define SCAN_MASK_ALL  UINT64_MAX

typedef uint8_t scan_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef uint64_t scan_half __attribute__((vector_size(8)));

static inline uint64_t scan_alike(scan_vector x, scan_vector y) {
	scan_half nibbles;
	__asm__("shrn %0.8b, %1.8h, #4" : "=w"(nibbles) : "w"(x == y));
	return nibbles[0];
}

/* UMAXP folds the vector in half. */
static inline bool scan_any(scan_vector bits) {
	scan_half half;
	__asm__("umaxp %0.16b, %1.16b, %1.16b" : "=w"(half) : "w"(bits));
	return half[0] != 0;
}

static inline scan_vector scan_find(scan_vector x, scan_vector y) {
	return (scan_vector)(x == y);
}

static inline scan_vector scan_either(scan_vector f, scan_vector g) {
	return f | g;
}

static inline bool scan_found(scan_vector found) {
	return scan_any(found);
}

#define compare_below_vector compare_words
#define find_below_vector    find_words
#include "simd/vector_scan.h"

SCANS_TABLE(neon);
