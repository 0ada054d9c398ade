/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2. Strategy: simd/vector_copy.h.
 */
#include "simd/x86_64/isa.h"

#define VECTOR_BYTES 16
#include "simd/x86_64/stream.h"

#include "simd/vector_copy.h"

COPIES_TABLE(sse2, copy_move);
