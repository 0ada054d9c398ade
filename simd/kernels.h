/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels by name, for the tables of variants: internal. What each does is said once, by its type in simd.h.
 */
#pragma once

#include "simd/simd.h"

simd_copy_function simd_copy_scalar;
simd_add32_function simd_add32_scalar;
