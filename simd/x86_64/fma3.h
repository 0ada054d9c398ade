/* SPDX-License-Identifier: Apache-2.0
 *
 * The fused multiply-add of FMA3: internal. As an instruction, since neither C nor the vector types have a name for it
 * that needs no library. Intel SDM volume 2C, VFMADD231PS and its kin: destination = second * third + destination.
 */
#pragma once

#define FMA3_f32(kind)         "vfmadd231" kind "s %2, %1, %0"
#define FMA3_f64(kind)         "vfmadd231" kind "d %2, %1, %0"
#define VECTOR_FMA(t, x, y, z) __asm__(FMA3_##t("p") : "+v"(z) : "v"(x), "v"(y))
#define LANE_FMA(t, x, y, z)   __asm__(FMA3_##t("s") : "+v"(z) : "v"(x), "v"(y))
