/* SPDX-License-Identifier: Apache-2.0
 *
 * The fused multiply-add of one lane: internal. z += x * y, rounded once. Arm ARM C7.2, FMADD.
 */
#pragma once

#define FMADD_f32            "fmadd %s0, %s1, %s2, %s0"
#define FMADD_f64            "fmadd %d0, %d1, %d2, %d0"
#define LANE_FMA(t, x, y, z) __asm__(FMADD_##t : "+w"(z) : "w"(x), "w"(y))
