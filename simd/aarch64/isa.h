/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64's kernels by name: internal, as simd/kernels.h.
 */
#pragma once

#include "simd/kernels.h"

simd_copy_function simd_copy_neon;
simd_copy_function simd_copy_sve;

simd_add32_function simd_add32_neon;
simd_add32_function simd_add32_sve;
