/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_fill.h. Of stores that go past
 * the caches there are only pairs (STNP), as a hint: a single vector is stored as ever.
 */
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES                   16
#define VECTOR_STREAM(pointer, vector) (*(pointer) = (vector))
#define VECTOR_STREAM_END()            ((void)0)
#include "simd/vector_fill.h"

FILLS_TABLE(neon);
