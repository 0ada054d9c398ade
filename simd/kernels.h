/* SPDX-License-Identifier: Apache-2.0
 *
 * The families of kernels by name, for the tables of variants: internal. What each does is said once, in simd.h.
 */
#pragma once

#include "simd/simd.h"

/* All families of one instruction set. */
#define SIMD_FAMILIES(isa)                                 \
	extern const struct simd_copies simd_copies_##isa; \
	extern const struct simd_fills simd_fills_##isa;   \
	extern const struct simd_scans simd_scans_##isa;   \
	extern const struct simd_sums simd_sums_##isa;     \
	extern const struct simd_hashes simd_hashes_##isa; \
	extern const struct simd_lanes simd_lanes_##isa

#define SIMD_TABLES(isa)                                                                                \
	&simd_copies_##isa, &simd_fills_##isa, &simd_scans_##isa, &simd_sums_##isa, &simd_hashes_##isa, \
		&simd_lanes_##isa

SIMD_FAMILIES(scalar);

/* Fused multiply-add in integers: for instruction sets that have none. */
simd_fma_function simd_fma_f32_soft;
simd_fma_function simd_fma_f64_soft;

/* Kernels that need more than their variant asks for: the architecture's, called by simd_select at its end. */
void simd_select_extensions(simd_features features, struct simd_kernels *kernels);
