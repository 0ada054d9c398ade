/* SPDX-License-Identifier: Apache-2.0 */
/* Methods of simd/ by size for mixed use, as they were measured on
 * 2026-11-27T09:14:34Z by `anechoic tune --in-caches`.
 *
 * CPU         AuthenticAMD 26.2.1
 *             AMD EPYC
 * hypervisor  KVM
 * kernels     961c678bdbd2b5d3
 *
 * Elsewhere it costs speed, never a fault: a method that is not there leaves
 * the built-in choice. */
#pragma once

#include "simd/profile.h"

#include <stddef.h>
#include <stdint.h>

static const struct simd_profile simd_profile_zen5 = {
	0, /* copy_stream_bytes */
	0, /* zero_stream_bytes */
	{
		{{"avx512", "erms", "evex", NULL, NULL, NULL, NULL, NULL}, {24576, 262145, 0, 0, 0, 0, 0}}, /* copy */
		{{"avx2", "sse2", "avx512", "avx2", NULL, NULL, NULL, NULL}, {16, 38, 51200, 0, 0, 0, 0}},  /* fill */
		{{"avx2", "sse2", "avx2", "avx512", "avx2", NULL, NULL, NULL}, {2, 4, 35, 51200, 0, 0, 0}}, /* zero */
		{{"sse2", "avx512", "avx2", "avx2", "avx512", "avx2", "avx512", "avx2"},
		 {32, 112, 288, 1448, 27504, 163840, 262145}}, /* compare */
		{{"avx512", "sse2", "avx2", "avx512", "avx2", "avx512", "avx2", NULL},
		 {16, 31, 76, 134, 784, 52128, 0}}, /* find_byte */
		{{"scalar", "avx512", "avx2", NULL, NULL, NULL, NULL, NULL}, {123, 52128, 0, 0, 0, 0, 0}}, /* sum */
		{{"vpopcntdq", "avx512", "vpopcntdq", NULL, NULL, NULL, NULL, NULL},
		 {24576, 49152, 0, 0, 0, 0, 0}}, /* popcount */
		{{"vpclmulqdq", "evex", "avx2", "gfni", "vpclmulqdq", "gfni", "gfni", NULL},
		 {55, 154, 215, 245, 512, 7584, 0}},                                           /* crc32c */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* copy_page */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* zero_page */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* is_zero_page */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* page_hash */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/add */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/mul8 */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/mul16 */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/mul32 */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/mul64 */
		{{"vbmi", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/shift8 */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/shift16 */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/shift32 */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/shift64 */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* lanes/fma */
	},
};
