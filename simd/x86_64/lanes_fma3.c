/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic, one lane a step, with FMA3's fused multiply-add: what vectors are compared with. Assumes FMA3.
 */
#include "simd/x86_64/isa.h"

#if !defined(__FMA__)
#error "compile this file with -mfma"
#endif

#include "simd/scalar_lanes.h"
#include "simd/x86_64/fma3.h"

LANES_EACH_FLOAT(SCALAR_FMA)

LANES_TABLE(fma3);
