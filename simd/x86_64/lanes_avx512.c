/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic in 512-bit vectors, ZMM registers; assumes AVX-512 F, BW and DQ, BMI2, the multiply-add FMA3 too.
 * Strategy: simd/vector_lanes.h. Shifts all lanes by another vector but those of 8 bits.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512DQ__) || !defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512bw -mavx512dq -mbmi2"
#endif

#define VECTOR_BYTES      64
#define VECTOR_SHIFT_BITS 32
#define VECTOR_SRA64      1
#define VECTOR_MUL64      1
#include "simd/x86_64/fma3.h"
#include "simd/x86_64/vector_lanes_bw.h"

#include "simd/vector_lanes.h"

LANES_EACH_FLOAT(LANES_FMA)

LANES_TABLE(avx512);
