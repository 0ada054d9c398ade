/* SPDX-License-Identifier: Apache-2.0
 *
 * Which CPU this is, and what was measured on its kind. Pure.
 */
#include "simd/kernels.h"

/* CPUID leaf 1 EAX (Intel SDM volume 2A, CPUID, figure 3-6; AMD APM volume 3, E.3.2). */
struct simd_cpu simd_cpu_decode_x86_64(uint32_t leaf0_ebx, uint32_t leaf1_eax) {
	uint32_t family = leaf1_eax >> 8 & 0xf, model = leaf1_eax >> 4 & 0xf;
	if (family == 6 || family == 0xf)
		model |= (leaf1_eax >> 16 & 0xf) << 4;
	if (family == 0xf)
		family += leaf1_eax >> 20 & 0xff;
	return (struct simd_cpu){leaf0_ebx, family, model};
}

/* Arm ARM (DDI 0487), D19.2, MIDR_EL1: Implementer, PartNum. */
struct simd_cpu simd_cpu_decode_aarch64(uint64_t midr_el1) {
	return (struct simd_cpu){(uint32_t)(midr_el1 >> 24 & 0xff), 0, (uint32_t)(midr_el1 >> 4 & 0xfff)};
}

static const struct simd_cpu_profile *find(struct simd_cpu cpu) {
	for (const struct simd_cpu_profile *row = simd_cpu_profiles; row->profile != NULL; row++)
		if (row->vendor == cpu.vendor && row->family == cpu.family && row->first_model <= cpu.model &&
		    cpu.model <= row->last_model)
			return row;
	return NULL;
}

const struct simd_profile *simd_profile_for(struct simd_cpu cpu) {
	const struct simd_cpu_profile *row = find(cpu);
	return row != NULL ? row->profile : &simd_profile_default;
}

const char *simd_profile_name_for(struct simd_cpu cpu) {
	const struct simd_cpu_profile *row = find(cpu);
	return row != NULL ? row->name : "default";
}
