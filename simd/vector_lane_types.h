/* SPDX-License-Identifier: Apache-2.0
 *
 * Vectors of lanes, whatever their width: internal, included by what defines VECTOR_BYTES of its registers first.
 *
 * The compiler's own vector types rather than <immintrin.h>: one text for all widths, and no header of a C library
 * behind it. They promise no alignment beyond their lane's own.
 */
#pragma once

#include "simd/lanes.h"

#if !defined(VECTOR_BYTES)
#error "define VECTOR_BYTES before this header"
#endif

#define VECTOR_OF(lane, bytes) __attribute__((vector_size(VECTOR_BYTES), aligned(bytes), may_alias))
typedef uint8_t vector_u8 VECTOR_OF(uint8_t, 1);
typedef uint16_t vector_u16 VECTOR_OF(uint16_t, 2);
typedef uint32_t vector_u32 VECTOR_OF(uint32_t, 4);
typedef uint64_t vector_u64 VECTOR_OF(uint64_t, 8);
typedef int8_t vector_s8 VECTOR_OF(int8_t, 1);
typedef int16_t vector_s16 VECTOR_OF(int16_t, 2);
typedef int32_t vector_s32 VECTOR_OF(int32_t, 4);
typedef int64_t vector_s64 VECTOR_OF(int64_t, 8);
typedef float vector_f32 VECTOR_OF(float, 4);
typedef double vector_f64 VECTOR_OF(double, 8);
