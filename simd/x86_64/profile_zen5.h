/* SPDX-License-Identifier: Apache-2.0 */
/* Methods of simd/ by size for mixed use, as they were measured on 2026-11-27T10:09:58Z by `anechoic tune --in-caches`.
 *
 * CPU         AuthenticAMD 26.2.1
 *             AMD EPYC
 * hypervisor  KVM
 * kernels     c24969a07448b8d1
 *
 * Elsewhere it costs speed, never a fault: a method that is not there leaves the built-in choice. */
#pragma once

#include "simd/profile.h"

#include <stddef.h>
#include <stdint.h>

static const struct simd_profile simd_profile_zen5 = {
	0, /* copy_stream_bytes */
	0, /* zero_stream_bytes */
	{
		{{"avx512", "erms", "evex", NULL, NULL, NULL, NULL, NULL}, {24608, 262145, 0, 0, 0, 0, 0}}, /* copy */
		{{"sse2", "avx2", "avx2", "avx512", "avx2", NULL, NULL, NULL}, {15, 45, 76, 624, 0, 0, 0}}, /* fill */
		{{"sse2", "avx2", "avx512", "avx2", NULL, NULL, NULL, NULL}, {32, 152, 944, 0, 0, 0, 0}},   /* zero */
		{{"sse2", "avx2", "avx2", "avx512", "avx2", "avx512", "avx2", "avx2"},
		 {11, 32, 64, 123, 2896, 32768, 34752}}, /* compare */
		{{"avx512", "sse2", "avx2", "avx512", "avx2", "avx512", "avx2", NULL},
		 {19, 31, 76, 256, 896, 51200, 0}}, /* find_byte */
		{{"scalar", "avx512", "avx2", "avx2", "avx2", "avx2", NULL, NULL},
		 {123, 65536, 98304, 194944, 262145, 0, 0}},                                      /* sum */
		{{"vpopcntdq", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* popcount */
		{{"gfni", "avx2", "evex", "gfni", "avx2", "vpclmulqdq", "gfni", NULL},
		 {16, 39, 154, 215, 245, 7584, 0}},                                            /* crc32c */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* copy_page */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* zero_page */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* is_zero_page */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* page_hash */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/add */
		{{"evex", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/mul8 */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/mul16 */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/mul32 */
		{{"evex", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/mul64 */
		{{"vbmi", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/shift8 */
		{{"evex", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/shift16 */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/shift32 */
		{{"evex", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/shift64 */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* lanes/fma */
	},
};
