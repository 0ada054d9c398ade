/* SPDX-License-Identifier: Apache-2.0
 *
 * x86_64's kernels by name: internal, as simd/kernels.h.
 */
#pragma once

#include "simd/kernels.h"

SIMD_FAMILIES(sse2);
SIMD_FAMILIES(avx2);
SIMD_FAMILIES(avx512);

extern const struct simd_lanes simd_lanes_fma3;

/* Of instructions that no variant asks for: simd_select_extensions. */
simd_copy_function simd_copy_evex;
simd_zero_function simd_zero_clzero;
simd_crc32c_function simd_crc32c_vpclmulqdq, simd_crc32c_gfni;
simd_page_hash_function simd_page_hash_evex;
simd_popcount_function simd_popcount_vpopcntdq;
void simd_lanes_extend_evex(struct simd_lanes *lanes); /* puts what it has in the place of others' */
