/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/cpuid/cpuid.h"

static const struct caps_leaf *find(const struct caps_cpu_raw *cpu, uint32_t leaf, uint32_t subleaf) {
	for (size_t i = 0; i < cpu->leaf_count; i++)
		if (cpu->leaves[i].leaf == leaf && cpu->leaves[i].subleaf == subleaf)
			return &cpu->leaves[i];
	return NULL;
}

const struct caps_leaf *cpuid_leaf(const struct caps_cpu_raw *cpu, uint32_t leaf, uint32_t subleaf) {
	const uint32_t range = leaf & UINT32_C(0xf0000000);
	const struct caps_leaf *found = find(cpu, leaf, subleaf), *head = find(cpu, range, 0);
	if (!found || (found->eax | found->ebx | found->ecx | found->edx) == 0)
		return NULL;
	/* What a processor answers beyond its last leaf is another leaf's. */
	bool beyond = head && head->eax >= range && head->eax - range < UINT32_C(0x10000000) && leaf > head->eax;
	return beyond ? NULL : found;
}

unsigned cpuid_width(uint32_t count) {
	unsigned width = 0;
	while (width < 32 && UINT64_C(1) << width < count)
		width++;
	return width;
}
