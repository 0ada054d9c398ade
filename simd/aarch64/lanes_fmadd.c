/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic, one lane a step, with the CPU's fused multiply-add: what vectors are compared with.
 */
#include "simd/aarch64/fmadd.h"
#include "simd/aarch64/isa.h"
#include "simd/scalar_lanes.h"

LANES_EACH_FLOAT(SCALAR_FMA)

LANES_TABLE(fmadd);
