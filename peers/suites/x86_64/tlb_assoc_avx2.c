/* SPDX-License-Identifier: Apache-2.0
 *
 * The set-associative design: a set's four tags are one register of AVX2.
 */
#include "peers/suites/tlb_arena.h"

#include <immintrin.h>

static inline uint64_t assoc_translate(struct assoc *tlb, uint64_t address, unsigned kind) {
	uint64_t set = address >> DESIGN_PAGE_SHIFT & (ASSOC_SETS - 1), page = (address & DESIGN_PAGE_MASK) + 1;
	__m256i equal = _mm256_cmpeq_epi64((__m256i)tlb->sets[set].tag, _mm256_set1_epi64x((long long)page));
	unsigned ways = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(equal));
	if (__builtin_expect(ways == 0, 0))
		return assoc_miss(tlb, address, kind);
	return address + ((const uint64_t *)&tlb->sets[set].addend)[__builtin_ctz(ways)];
}

LOOPS(, assoc, assoc)

const char *assoc_absent(simd_features features) {
	return simd_has(features, SIMD_X86_AVX2) ? NULL : "this CPU has no AVX2";
}
