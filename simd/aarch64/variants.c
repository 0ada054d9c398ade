/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64's variants. SVE code knows no width: it is the 256-bit variant on a CPU whose vectors are 256 bits long, and
 * so on.
 */
#include "simd/aarch64/isa.h"

#define BIT(feature) SIMD_FEATURE_BIT(SIMD_ARM_##feature)
#define NEEDS_ALL(all) \
	{ all, all, all, all, all, all, all, all, all }
/* Sums and hashes are NEON's. */
#define NEEDS_SVE                                                                                          \
	{                                                                                                  \
		[SIMD_FAMILY_COPIES] = BIT(SVE) | BIT(ASIMD), [SIMD_FAMILY_FILLS] = BIT(SVE) | BIT(ASIMD), \
		[SIMD_FAMILY_SCANS] = BIT(SVE) | BIT(ASIMD), [SIMD_FAMILY_SUMS] = BIT(ASIMD),              \
		[SIMD_FAMILY_POPCOUNT] = BIT(ASIMD), [SIMD_FAMILY_CRC32C] = BIT(ASIMD),                    \
		[SIMD_FAMILY_PAGE_HASH] = BIT(ASIMD), [SIMD_FAMILY_LANES] = BIT(SVE) | BIT(ASIMD),         \
		[SIMD_FAMILY_FMA] = BIT(SVE) | BIT(ASIMD),                                                 \
	}
#define TABLES_SVE \
	&simd_copies_sve, &simd_fills_sve, &simd_scans_sve, &simd_sums_neon, &simd_hashes_neon, &simd_lanes_sve

const struct simd_variant simd_variants[] = {
	{"scalar", SIMD_WIDTH_SCALAR, true, 0, NEEDS_ALL(0), SIMD_TABLES(scalar)},
	{"fmadd", SIMD_WIDTH_SCALAR, true, 0, NEEDS_ALL(0), &simd_copies_scalar, &simd_fills_scalar, &simd_scans_scalar,
	 &simd_sums_scalar, &simd_hashes_scalar, &simd_lanes_fmadd},
	{"neon", SIMD_WIDTH_128, true, 0, NEEDS_ALL(BIT(ASIMD)), SIMD_TABLES(neon)},
	{"sve", SIMD_WIDTH_128, true, 128, NEEDS_SVE, TABLES_SVE},
	{"sve", SIMD_WIDTH_256, true, 256, NEEDS_SVE, TABLES_SVE},
	{"sve", SIMD_WIDTH_512, true, 512, NEEDS_SVE, TABLES_SVE},
};

const size_t simd_variant_count = sizeof simd_variants / sizeof simd_variants[0];

/* No streams: what there is of them is a hint that no core of note takes to be more than a store. */
const struct simd_profile simd_profile_default = {
	.copy_stream_bytes = SIZE_MAX,
	.zero_stream_bytes = SIZE_MAX,
};

static void crc32c_pmull(struct simd_kernels *kernels) {
	kernels->hashes.crc32c = simd_crc32c_pmull;
}

const struct simd_extension simd_extensions[] = {
	{"crc32c, PMULL", "pmull", SIMD_WIDTH_128, true, BIT(CRC32) | BIT(PMULL) | BIT(ASIMD), 0, crc32c_pmull},
};

const size_t simd_extension_count = sizeof simd_extensions / sizeof simd_extensions[0];
