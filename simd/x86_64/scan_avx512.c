/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans in 512-bit vectors, ZMM registers; assumes AVX-512 F and BW, BMI1 and BMI2. Strategy: simd/vector_scan.h.
 */
#include "simd/scan_words.h"
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__BMI__) || !defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512bw -mbmi -mbmi2"
#endif

#define VECTOR_BYTES   64
#define SCAN_MASK_BITS 1
#define SCAN_MASK_ALL  UINT64_MAX

typedef uint8_t scan_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));

/* As an instruction: compilers make a vector of a comparison, and a mask of that. */
static inline uint64_t scan_alike(scan_vector x, scan_vector y) {
	uint64_t alike;
	__asm__("vpcmpeqb %2, %1, %0" : "=k"(alike) : "v"(y), "vm"(x));
	return alike;
}

static inline bool scan_any(scan_vector bits) {
	bool none;
	__asm__("vptestmb %1, %1, %%k1\n\tkortestq %%k1, %%k1" : "=@ccz"(none) : "v"(bits) : "k1");
	return !none;
}

/* 0 where bytes are alike, and 0 is the least. In vectors, since fewer units compare into masks and join those. */
static inline scan_vector scan_find(scan_vector x, scan_vector y) {
	return x ^ y;
}

static inline scan_vector scan_either(scan_vector f, scan_vector g) {
	scan_vector least;
	__asm__("vpminub %2, %1, %0" : "=v"(least) : "v"(f), "v"(g));
	return least;
}

static inline bool scan_found(scan_vector found) {
	bool none;
	__asm__("vptestnmb %1, %1, %%k1\n\tkortestq %%k1, %%k1" : "=@ccz"(none) : "v"(found) : "k1");
	return !none;
}

/* Bytes behind the mask are not touched: Intel SDM volume 1, 15.6.4. Where they would fault, that takes the CPU
 * hundreds of cycles. */
static inline scan_vector scan_load_some(const uint8_t *at, uint64_t mask) {
	scan_vector some;
	__asm__("vmovdqu8 (%1), %0%{%2%}%{z%}" : "=v"(some) : "r"(at), "Yk"(mask) : "memory");
	return some;
}

/* Whether a vector from there on reaches into another page. */
static inline bool scan_leaves_page(const uint8_t *at) {
	return ((uintptr_t)at & (SIMD_PAGE_BYTES - 1)) > SIMD_PAGE_BYTES - VECTOR_BYTES;
}

static int compare_below_vector(const uint8_t *a, const uint8_t *b, size_t bytes) {
	if (bytes == 0 || scan_leaves_page(a) || scan_leaves_page(b))
		return compare_words(a, b, bytes);
	uint64_t mask = (UINT64_C(1) << bytes) - 1;
	uint64_t alike = scan_alike(scan_load_some(a, mask), scan_load_some(b, mask));
	if (alike == SCAN_MASK_ALL)
		return 0;
	size_t first = (size_t)__builtin_ctzll(~alike);
	return a[first] < b[first] ? -1 : 1;
}

static size_t find_below_vector(const uint8_t *memory, uint8_t value, size_t bytes) {
	if (bytes == 0 || scan_leaves_page(memory))
		return find_words(memory, value, bytes);
	uint64_t end = UINT64_C(1) << bytes;
	uint64_t found = scan_alike(scan_load_some(memory, end - 1), (scan_vector){0} + value);
	return (size_t)__builtin_ctzll(found | end);
}

#include "simd/vector_scan.h"

SCANS_TABLE(avx512);
