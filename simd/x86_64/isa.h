/* SPDX-License-Identifier: Apache-2.0
 *
 * x86_64's kernels by name: internal, as simd/kernels.h.
 */
#pragma once

#include "simd/kernels.h"

simd_copy_function simd_copy_sse2;
simd_copy_function simd_copy_avx2;
simd_copy_function simd_copy_avx512;

simd_add32_function simd_add32_sse2;
simd_add32_function simd_add32_avx2;
simd_add32_function simd_add32_avx512;
