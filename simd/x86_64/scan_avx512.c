/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans in 512-bit vectors, ZMM registers; assumes AVX-512 F and BW, BMI1 and BMI2. Strategy: simd/vector_scan.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__BMI__) || !defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512bw -mbmi -mbmi2"
#endif

#define VECTOR_BYTES   64
#define SCAN_MASK_BITS 1

typedef uint8_t scan_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));

/* VPMOVB2M: the top bits, as VPMOVMSKB gives them of narrower vectors. */
static inline uint64_t scan_set(scan_vector bytes) {
	uint64_t mask;
	__asm__("vpmovb2m %1, %%k1\n\tkmovq %%k1, %0" : "=r"(mask) : "v"(bytes) : "k1");
	return mask;
}

static inline bool scan_any(scan_vector bits) {
	uint64_t mask;
	__asm__("vptestmb %1, %1, %%k1\n\tkmovq %%k1, %0" : "=r"(mask) : "v"(bits) : "k1");
	return mask != 0;
}

#include "simd/vector_scan.h"

SCANS_TABLE(avx512);
