/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64's variants. SVE code knows no width: it is the 256-bit variant on a CPU whose vectors are 256 bits long, and
 * so on.
 */
#include "simd/aarch64/isa.h"

#define NEEDS_ASIMD SIMD_FEATURE_BIT(SIMD_ARM_ASIMD)
#define NEEDS_SVE   SIMD_FEATURE_BIT(SIMD_ARM_SVE)

const struct simd_variant simd_variants[] = {
	{"scalar", SIMD_WIDTH_SCALAR, true, 0, 0, "", simd_copy_scalar, simd_add32_scalar},
	{"neon", SIMD_WIDTH_128, true, 0, NEEDS_ASIMD, "no Advanced SIMD", simd_copy_neon, simd_add32_neon},
	{"sve", SIMD_WIDTH_128, true, 128, NEEDS_SVE, "no SVE with vectors of 128 bits", simd_copy_sve, simd_add32_sve},
	{"sve", SIMD_WIDTH_256, true, 256, NEEDS_SVE, "no SVE with vectors of 256 bits", simd_copy_sve, simd_add32_sve},
	{"sve", SIMD_WIDTH_512, true, 512, NEEDS_SVE, "no SVE with vectors of 512 bits", simd_copy_sve, simd_add32_sve},
};

const size_t simd_variant_count = sizeof simd_variants / sizeof simd_variants[0];
