/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_copy.h.
 */
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES 16
#include "simd/aarch64/stream.h"

#include "simd/vector_copy.h"

COPIES_TABLE(neon, copy_move);
