/* SPDX-License-Identifier: Apache-2.0
 *
 * x86_64's kernels by name: internal, as simd/kernels.h.
 */
#pragma once

#include "simd/kernels.h"

SIMD_FAMILIES(sse2);
extern const struct simd_fills simd_fills_avx2;
extern const struct simd_scans simd_scans_avx2;
extern const struct simd_sums simd_sums_avx2;
extern const struct simd_hashes simd_hashes_avx2;
extern const struct simd_lanes simd_lanes_avx2;
SIMD_FAMILIES(avx512);

extern const struct simd_copies simd_copies_avx;
extern const struct simd_lanes simd_lanes_fma3;

/* What AVX2's and AVX-512's tables have from files of their own; the first two are not of their width. */
simd_crc32c_function simd_crc32c_pclmul;
simd_popcount_function simd_popcount_popcnt, simd_popcount_avx512;
simd_copy_function simd_copy_evex512; /* not on Windows */

/* Of instructions that no variant asks for: simd_extensions. */
simd_copy_function simd_copy_evex, simd_copy_erms;
simd_zero_function simd_zero_clzero;
simd_crc32c_function simd_crc32c_avx, simd_crc32c_evex, simd_crc32c_vpclmulqdq, simd_crc32c_gfni;
simd_page_hash_function simd_page_hash_evex;
simd_popcount_function simd_popcount_csa, simd_popcount_evex, simd_popcount_vpopcntdq;
void simd_lanes_extend_evex(struct simd_lanes *lanes); /* puts what it has in the place of others' */
void simd_lanes_extend_vbmi(struct simd_lanes *lanes);
