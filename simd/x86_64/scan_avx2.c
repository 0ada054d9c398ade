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
#define SCAN_MASK_ALL  UINT32_MAX

typedef uint8_t scan_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef char scan_chars __attribute__((vector_size(VECTOR_BYTES)));
typedef long long scan_quads __attribute__((vector_size(VECTOR_BYTES)));

static inline uint64_t scan_alike(scan_vector x, scan_vector y) {
	return (uint32_t)__builtin_ia32_pmovmskb256((scan_chars)(x == y));
}

static inline bool scan_any(scan_vector bits) {
	return !__builtin_ia32_ptestz256((scan_quads)bits, (scan_quads)bits);
}

static inline scan_vector scan_find(scan_vector x, scan_vector y) {
	return (scan_vector)(x == y);
}

static inline scan_vector scan_either(scan_vector f, scan_vector g) {
	return f | g;
}

/* VPTEST is two instructions to the CPU, VPMOVMSKB one. */
static inline bool scan_found(scan_vector found) {
	return __builtin_ia32_pmovmskb256((scan_chars)found) != 0;
}

#define compare_below_vector compare_words
#define find_below_vector    find_words
#include "simd/vector_scan.h"

SCANS_TABLE(avx2);
