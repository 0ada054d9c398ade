/* SPDX-License-Identifier: Apache-2.0
 *
 * By kind of CPU what was measured there. A programme wrote each file, and its head says when and on what: nothing
 * in them is from beyond the core's own caches, as a guest shares that with others.
 * Models: LLVM, TargetParser's Host.cpp, getAMDProcessorTypeAndSubtype.
 */
#include "simd/kernels.h"
#include "simd/x86_64/profile_zen5.h"

#define VENDOR_AMD UINT32_C(0x68747541) /* "Auth" */

const struct simd_cpu_profile simd_cpu_profiles[] = {
	/* Those with units of 512 bits: servers, and desktops. */
	{"Zen 5", VENDOR_AMD, 26, 0x00, 0x1f, &simd_profile_zen5},
	{"Zen 5", VENDOR_AMD, 26, 0x40, 0x4f, &simd_profile_zen5},
	{.profile = NULL},
};
