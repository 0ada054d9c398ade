/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that the kernel, the loader, the programme and its twin on Linux mean alike. mem/ and simd/ depend on nothing
 * and say their own.
 */
#pragma once

#include <stdint.h>

/* Exact in a double, too. */
#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_MS     UINT64_C(1000000)
#define NS_PER_US     UINT64_C(1000)

/* What an entry of the last level maps, and one of the level above: on x86_64, and on aarch64 with its granule of 4 KiB
 * (Intel SDM 3A, 4.5; Arm ARM D8.2). */
#define PAGE_SHIFT       12
#define PAGE_BYTES       (UINT64_C(1) << PAGE_SHIFT)
#define LARGE_PAGE_BYTES (512 * PAGE_BYTES)
