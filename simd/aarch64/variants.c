/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64's variants. SVE code knows no width: it is the 256-bit variant on a CPU whose vectors are 256 bits long, and
 * so on.
 */
#include "simd/aarch64/isa.h"

#define BIT(feature) SIMD_FEATURE_BIT(SIMD_ARM_##feature)
#define NEEDS_SVE    (BIT(SVE) | BIT(ASIMD))
#define TABLES_SVE \
	&simd_copies_sve, &simd_fills_sve, &simd_scans_sve, &simd_sums_neon, &simd_hashes_neon, &simd_lanes_sve

const struct simd_variant simd_variants[] = {
	{"scalar", SIMD_WIDTH_SCALAR, true, 0, 0, "", SIMD_TABLES(scalar)},
	{"fmadd", SIMD_WIDTH_SCALAR, true, 0, 0, "", &simd_copies_scalar, &simd_fills_scalar, &simd_scans_scalar,
	 &simd_sums_scalar, &simd_hashes_scalar, &simd_lanes_fmadd},
	{"neon", SIMD_WIDTH_128, true, 0, BIT(ASIMD), "no Advanced SIMD", SIMD_TABLES(neon)},
	{"sve", SIMD_WIDTH_128, true, 128, NEEDS_SVE, "no SVE with vectors of 128 bits", TABLES_SVE},
	{"sve", SIMD_WIDTH_256, true, 256, NEEDS_SVE, "no SVE with vectors of 256 bits", TABLES_SVE},
	{"sve", SIMD_WIDTH_512, true, 512, NEEDS_SVE, "no SVE with vectors of 512 bits", TABLES_SVE},
};

const size_t simd_variant_count = sizeof simd_variants / sizeof simd_variants[0];

/* No streams: what there is of them is a hint that no core of note takes to be more than a store. */
const struct simd_profile simd_profile_default = {
	.copy_stream_bytes = SIZE_MAX,
	.zero_stream_bytes = SIZE_MAX,
};

void simd_select_extensions(simd_features features, struct simd_kernels *kernels) {
	const uint64_t needs = BIT(CRC32) | BIT(PMULL) | BIT(ASIMD);
	if ((features.present & needs) == needs)
		kernels->hashes.crc32c = simd_crc32c_pmull;
}
