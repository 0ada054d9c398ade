/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads CPUID and XCR0. Intel SDM volume 2A, CPUID; volume 2D, XGETBV.
 */
#include "simd/features.h"
#include "simd/profile.h"

#define LEAF1_ECX_OSXSAVE (UINT32_C(1) << 27)

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static struct cpuid cpuid(uint32_t leaf, uint32_t subleaf) {
	struct cpuid r;
	__asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
	return r;
}

static uint64_t xgetbv(uint32_t index) {
	uint32_t low, high;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(index));
	return (uint64_t)high << 32 | low;
}

simd_features simd_features_detect(void) {
	struct simd_registers_x86_64 registers = {0};
	uint32_t last_leaf = cpuid(0, 0).eax;
	struct cpuid leaf1 = cpuid(1, 0);
	registers.leaf1_ecx = leaf1.ecx;
	registers.leaf1_edx = leaf1.edx;
	if (last_leaf >= 7) {
		struct cpuid leaf7 = cpuid(7, 0);
		registers.leaf7_ebx = leaf7.ebx;
		registers.leaf7_ecx = leaf7.ecx;
		registers.leaf7_edx = leaf7.edx;
	}
	if (cpuid(0x80000000u, 0).eax >= 0x80000008u)
		registers.leaf80000008_ebx = cpuid(0x80000008u, 0).ebx;
	if ((leaf1.ecx & LEAF1_ECX_OSXSAVE) != 0)
		registers.xcr0 = xgetbv(0);
	return simd_features_decode_x86_64(&registers);
}

struct simd_cpu simd_cpu_detect(void) {
	return simd_cpu_decode_x86_64(cpuid(0, 0).ebx, cpuid(1, 0).eax);
}
