/* SPDX-License-Identifier: Apache-2.0 */
/* Methods of simd/ by size for mixed use, as they were measured on 2026-11-27T13:19:09Z by `anechoic tune --in-caches`.
 *
 * CPU         AuthenticAMD 26.2.1
 *             AMD EPYC
 * hypervisor  KVM
 * kernels     bb9b5e90ae6cfc0c
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
		{{"avx512", "erms", "evex", NULL, NULL, NULL, NULL, NULL}, {25328, 262145, 0, 0, 0, 0, 0}}, /* copy */
		{{"avx2", "sse2", "avx2", "avx512", "avx2", "avx512", "avx2", NULL},
		 {4, 33, 256, 864, 34752, 57920, 0}}, /* fill */
		{{"avx2", "scalar", "avx2", "avx512", "avx2", NULL, NULL, NULL},
		 {2, 4, 24608, 262145, 0, 0, 0}}, /* zero */
		{{"sse2", "avx2", "avx512", "avx2", "avx512", "avx2", "avx512", "avx2"},
		 {8, 35, 118, 672, 57344, 172032, 262145}}, /* compare */
		{{"avx512", "sse2", "avx2", "avx512", "avx2", "avx512", "avx2", NULL},
		 {16, 32, 152, 235, 720, 57344, 0}}, /* find_byte */
		{{"scalar", "avx512", "avx2", NULL, NULL, NULL, NULL, NULL}, {127, 64512, 0, 0, 0, 0, 0}}, /* sum */
		{{"vpopcntdq", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* popcount */
		{{"vpclmulqdq", "evex", "avx2", "vpclmulqdq", "gfni", NULL, NULL, NULL},
		 {55, 158, 272, 7584, 0, 0, 0}},                                               /* crc32c */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* copy_page */
		{{"avx2", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}},   /* zero_page */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* is_zero_page */
		{{"avx512", NULL, NULL, NULL, NULL, NULL, NULL, NULL}, {0, 0, 0, 0, 0, 0, 0}}, /* page_hash */
		{{"sse2", "avx2", "avx512", "avx2", NULL, NULL, NULL, NULL},
		 {32, 352, 40960, 0, 0, 0, 0}}, /* lanes/add */
		{{"evex", "avx512", "evex", "avx512", "avx2", "evex", NULL, NULL},
		 {272, 2048, 2064, 19840, 65537, 0, 0}}, /* lanes/mul8 */
		{{"sse2", "avx2", "avx512", "avx2", "avx512", "avx2", NULL, NULL},
		 {32, 272, 2048, 2064, 65537, 0, 0}}, /* lanes/mul16 */
		{{"sse2", "avx2", "avx512", "avx2", NULL, NULL, NULL, NULL},
		 {32, 1024, 65537, 0, 0, 0, 0}}, /* lanes/mul32 */
		{{"evex", "avx512", "evex", NULL, NULL, NULL, NULL, NULL},
		 {272, 49152, 0, 0, 0, 0, 0}}, /* lanes/mul64 */
		{{"vbmi", "avx512", "vbmi", NULL, NULL, NULL, NULL, NULL},
		 {608, 65537, 0, 0, 0, 0, 0}}, /* lanes/shift8 */
		{{"evex", "avx512", "evex", NULL, NULL, NULL, NULL, NULL},
		 {1024, 19456, 0, 0, 0, 0, 0}}, /* lanes/shift16 */
		{{"avx2", "avx512", "avx2", "avx512", "avx2", NULL, NULL, NULL},
		 {64, 128, 272, 36864, 0, 0, 0}}, /* lanes/shift32 */
		{{"evex", "avx512", "evex", NULL, NULL, NULL, NULL, NULL},
		 {272, 21760, 0, 0, 0, 0, 0}}, /* lanes/shift64 */
		{{"avx2", "avx512", "avx2", NULL, NULL, NULL, NULL, NULL}, {704, 65537, 0, 0, 0, 0, 0}}, /* lanes/fma */
	},
};
