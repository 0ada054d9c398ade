/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_lanes.h.
 */
#include "simd/aarch64/fmadd.h"
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES      16
#define VECTOR_SHIFT_BITS 8
#define VECTOR_SRA64      1
#define VECTOR_MUL64      1
#include "simd/vector_lanes.h"

/* destination += second * third, rounded once. Arm ARM C7.2, FMLA (vector). */
#define FMLA_f32               "fmla %0.4s, %1.4s, %2.4s"
#define FMLA_f64               "fmla %0.2d, %1.2d, %2.2d"
#define VECTOR_FMA(t, x, y, z) __asm__(FMLA_##t : "+w"(z) : "w"(x), "w"(y))

LANES_EACH_FLOAT(LANES_FMA)

LANES_TABLE(neon);
