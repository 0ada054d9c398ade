/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_fill.h.
 */
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES 16
#include "simd/aarch64/stream.h"

#include "simd/vector_fill.h"

FILLS_TABLE(neon);
