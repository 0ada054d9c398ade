/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2. Strategy: simd/vector_scan.h.
 */
#include "simd/x86_64/isa.h"

#define VECTOR_BYTES   16
#define SCAN_MASK_BITS 1

typedef uint8_t scan_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef char scan_chars __attribute__((vector_size(VECTOR_BYTES)));

static inline uint64_t scan_set(scan_vector bytes) {
	return (uint32_t)__builtin_ia32_pmovmskb128((scan_chars)bytes);
}

/* Without SSE4.1's PTEST: all bytes alike to zero. */
static inline bool scan_any(scan_vector bits) {
	return scan_set((scan_vector)(bits == 0)) != 0xffff;
}

#include "simd/vector_scan.h"

SCANS_TABLE(sse2);
