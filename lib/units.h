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
