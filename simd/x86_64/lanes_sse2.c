/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2. Strategy: simd/vector_lanes.h. SSE2
 * shifts all lanes by one count only, and has no fused multiply-add.
 */
#include "simd/x86_64/isa.h"

#define VECTOR_BYTES      16
#define VECTOR_SHIFT_BITS 128
#define VECTOR_SRA64      0
#include "simd/vector_lanes.h"

#define lanes_fma_f32 simd_fma_f32_soft
#define lanes_fma_f64 simd_fma_f64_soft

LANES_TABLE(sse2);
