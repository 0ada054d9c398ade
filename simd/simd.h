/* SPDX-License-Identifier: Apache-2.0
 *
 * SIMD kernels: copy and lane arithmetic in scalar, 128, 256 and 512 bit variants, chosen at run time from features that the
 * caller passes. Freestanding C11, no globals but constant tables, no dependency: copy the folder into your tree.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t simd_features;
struct simd_kernels;

#ifdef __cplusplus
}
#endif
