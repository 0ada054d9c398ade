/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/witness.h"

#include <stddef.h>

static const uint32_t CPUID_1_ECX_HYPERVISOR = UINT32_C(1) << 31;
static const uint32_t KVM_FEATURE_STEAL_TIME = UINT32_C(1) << 5;

/* ---- system-management interrupts -------------------------------------------------------------------------------- */

/* EBX, EDX and ECX of leaf 0: "GenuineIntel". */
static bool is_intel(const struct cpuid *leaf) {
	return leaf->ebx == 0x756e6547 && leaf->edx == 0x49656e69 && leaf->ecx == 0x6c65746e;
}

/* Of family 6, those above Nehalem's first model that are Core 2 or the first Atoms, which have no such register. */
static bool came_before(uint32_t model) {
	static const uint8_t others[] = {0x1c, 0x1d, 0x26, 0x27, 0x35, 0x36};
	for (size_t i = 0; i < sizeof(others); i++)
		if (model == others[i])
			return true;
	return model < 0x1a;
}

const char *smi_count_refused(const struct cpuid_leaves *leaves) {
	uint32_t version = leaves->version.eax, family = version >> 8 & 0xf;
	uint32_t model = (version >> 12 & 0xf0) | (version >> 4 & 0xf);
	if (!is_intel(&leaves->basic))
		return "this vendor has no register for them";
	if (family != 6 || came_before(model))
		return "the manual names no register for this family and model";
	return NULL;
}

bool smi_count_is_guests(const struct cpuid_leaves *leaves) {
	return leaves->version.ecx & CPUID_1_ECX_HYPERVISOR;
}

/* ---- what the host took ------------------------------------------------------------------------------------------ */

bool cpuid_has_steal_time(const struct cpuid_leaves *leaves) {
	return cpuid_hypervisor_is(leaves, "KVMKVMKVM") && leaves->hypervisor_features.eax & KVM_FEATURE_STEAL_TIME;
}

bool kvm_steal_read(const volatile struct kvm_steal_time *record, uint64_t *ns) {
	enum { TRIES = 1000 };
	for (unsigned i = 0; i < TRIES; i++) {
		/* Acquire, and a fence before the second look: what is between is of one version. */
		uint32_t before = __atomic_load_n(&record->version, __ATOMIC_ACQUIRE);
		*ns = record->steal;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if ((before & 1) == 0 && record->version == before)
			return true;
	}
	return false;
}

bool pv_stolen_read(const volatile struct pv_stolen_time *record, uint64_t *ns) {
	if (record->revision != 0 || record->attributes != 0)
		return false;
	*ns = record->stolen;
	return true;
}
