/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans in 256-bit vectors, YMM registers; assumes AVX2, BMI1 and BMI2. Strategy: simd/vector_scan.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__) || !defined(__BMI__) || !defined(__BMI2__)
#error "compile this file with -mavx2 -mbmi -mbmi2"
#endif

#define VECTOR_BYTES   32
#define SCAN_MASK_BITS 1

typedef uint8_t scan_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef char scan_chars __attribute__((vector_size(VECTOR_BYTES)));
typedef long long scan_quads __attribute__((vector_size(VECTOR_BYTES)));

static inline uint64_t scan_set(scan_vector bytes) {
	return (uint32_t)__builtin_ia32_pmovmskb256((scan_chars)bytes);
}

static inline bool scan_any(scan_vector bits) {
	return !__builtin_ia32_ptestz256((scan_quads)bits, (scan_quads)bits);
}

#include "simd/vector_scan.h"

SCANS_TABLE(avx2);
