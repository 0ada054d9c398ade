/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic in 256-bit vectors, YMM registers; assumes AVX2 and BMI2, the multiply-add FMA3 too. Strategy:
 * simd/vector_lanes.h. AVX2 shifts 32 and 64 bits by another vector, not 8 and 16, and 64 bits not arithmetically.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__) || !defined(__BMI2__)
#error "compile this file with -mavx2 -mbmi2"
#endif

#define VECTOR_BYTES      32
#define VECTOR_SHIFT_BITS 32
#define VECTOR_SRA64      0
#include "simd/vector_lanes.h"
#include "simd/x86_64/fma3.h"

LANES_EACH_FLOAT(LANES_FMA)

LANES_TABLE(avx2);
