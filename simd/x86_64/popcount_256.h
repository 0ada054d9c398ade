/* SPDX-License-Identifier: Apache-2.0
 *
 * What vector_popcount.h counts by in 256-bit vectors: internal; assumes AVX2.
 */
#pragma once

#include <stdint.h>

typedef uint64_t popcount_vector __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint8_t popcount_bytes __attribute__((vector_size(32)));
typedef char popcount_chars __attribute__((vector_size(32)));

/* Half a byte each, looked up among 16; and VPSADBW's sum of eight bytes. */
static inline popcount_vector popcount_sum(popcount_vector x) {
	const popcount_vector table = {UINT64_C(0x0302020102010100), UINT64_C(0x0403030203020201),
				       UINT64_C(0x0302020102010100), UINT64_C(0x0403030203020201)};
	const popcount_vector low = {UINT64_C(0x0f0f0f0f0f0f0f0f), UINT64_C(0x0f0f0f0f0f0f0f0f),
				     UINT64_C(0x0f0f0f0f0f0f0f0f), UINT64_C(0x0f0f0f0f0f0f0f0f)};
	popcount_bytes a = (popcount_bytes)__builtin_ia32_pshufb256((popcount_chars)table, (popcount_chars)(x & low));
	popcount_bytes b =
		(popcount_bytes)__builtin_ia32_pshufb256((popcount_chars)table, (popcount_chars)(x >> 4 & low));
	return (popcount_vector)__builtin_ia32_psadbw256((popcount_chars)(a + b), (popcount_chars){0});
}
