/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64's kernels by name: internal, as simd/kernels.h. Sums and hashes need a fixed number of lanes:
 * SVE takes those of NEON.
 */
#pragma once

#include "simd/kernels.h"

SIMD_FAMILIES(neon);

extern const struct simd_copies simd_copies_sve;
extern const struct simd_fills simd_fills_sve;
extern const struct simd_scans simd_scans_sve;
extern const struct simd_lanes simd_lanes_sve;
extern const struct simd_lanes simd_lanes_fmadd;

/* Of instructions that no variant asks for: simd_extensions. */
simd_crc32c_function simd_crc32c_pmull;
