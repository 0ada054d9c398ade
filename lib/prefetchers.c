/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/prefetchers.h"

#include <stdbool.h>
#include <stddef.h>

#define BIT(n) (UINT32_C(1) << (n))
enum { LEAF_STRUCTURED = 7, LEAF_HYBRID = 0x1a, CORE_TYPE_ATOM = 0x20 };
static const uint32_t LEAF_EXTENDED = UINT32_C(0x80000000);
static const uint32_t LEAF_EXTENDED_FEATURES_2 = UINT32_C(0x80000021);
static const uint32_t CPUID_1_ECX_HYPERVISOR = BIT(31);
static const uint32_t CPUID_7_EDX_HYBRID = BIT(15);
static const uint32_t CPUID_80000021_EAX_PREFETCH_CTL_MSR = BIT(13);

/* The manuals' names: MISC_FEATURE_CONTROL, later PREFETCH_CONTROL; the Atom cores' own; PrefetchControl. */
enum { MSR_MISC_FEATURE_CONTROL = 0x1a4, MSR_ATOM_L2_PREFETCH_0 = 0x1320, MSR_ATOM_L2_PREFETCH_1 = 0x1321 };
#define MSR_AMD_PREFETCH_CONTROL UINT32_C(0xc0000108)

static const struct prefetch_switch intel_core[] = {
	{"l2_stream", MSR_MISC_FEATURE_CONTROL, 0},
	{"l2_adjacent", MSR_MISC_FEATURE_CONTROL, 1},
	{"l1_next_line", MSR_MISC_FEATURE_CONTROL, 2},
	{"l1_ip", MSR_MISC_FEATURE_CONTROL, 3},
	{NULL, 0, 0},
};
static const struct prefetch_switch intel_core_amp[] = {
	{"l2_stream", MSR_MISC_FEATURE_CONTROL, 0},    {"l2_adjacent", MSR_MISC_FEATURE_CONTROL, 1},
	{"l1_next_line", MSR_MISC_FEATURE_CONTROL, 2}, {"l1_ip", MSR_MISC_FEATURE_CONTROL, 3},
	{"l2_amp", MSR_MISC_FEATURE_CONTROL, 5},       {NULL, 0, 0},
};
static const struct prefetch_switch intel_atom_old[] = {
	{"l2_stream", MSR_MISC_FEATURE_CONTROL, 0},
	{"l1_next_line", MSR_MISC_FEATURE_CONTROL, 2},
	{NULL, 0, 0},
};
static const struct prefetch_switch intel_atom[] = {
	{"l2_stream", MSR_MISC_FEATURE_CONTROL, 0},   {"l1_next_line", MSR_MISC_FEATURE_CONTROL, 2},
	{"l1_ip", MSR_MISC_FEATURE_CONTROL, 3},       {"l1_next_page", MSR_MISC_FEATURE_CONTROL, 4},
	{"l2_amp", MSR_MISC_FEATURE_CONTROL, 5},      {"llc_stream", MSR_ATOM_L2_PREFETCH_0, 43},
	{"l2_next_line", MSR_ATOM_L2_PREFETCH_1, 40}, {NULL, 0, 0},
};
static const struct prefetch_switch intel_phi[] = {
	{"l1_next_line", MSR_MISC_FEATURE_CONTROL, 0},
	{"l2_stream", MSR_MISC_FEATURE_CONTROL, 1},
	{NULL, 0, 0},
};
static const struct prefetch_switch amd[] = {
	{"l1_stream", MSR_AMD_PREFETCH_CONTROL, 0},  {"l1_stride", MSR_AMD_PREFETCH_CONTROL, 1},
	{"l1_region", MSR_AMD_PREFETCH_CONTROL, 2},  {"l2_stream", MSR_AMD_PREFETCH_CONTROL, 3},
	{"l2_up_down", MSR_AMD_PREFETCH_CONTROL, 5}, {NULL, 0, 0},
};

/* GenuineIntel, family 6, by model. A model of both kinds of core has the second table for its Atom cores; elsewhere
 * NULL. */
static const struct range {
	uint8_t first, last;
	const struct prefetch_switch *switches, *atom;
} intel_models[] = {
	{0x1a, 0x1a, intel_core, NULL}, /* Nehalem, Westmere */
	{0x1e, 0x1f, intel_core, NULL},
	{0x25, 0x25, intel_core, NULL},
	{0x2c, 0x2c, intel_core, NULL},
	{0x2e, 0x2f, intel_core, NULL},
	{0x2a, 0x2a, intel_core, NULL}, /* Sandy Bridge, Ivy Bridge */
	{0x2d, 0x2d, intel_core, NULL},
	{0x3a, 0x3a, intel_core, NULL},
	{0x3e, 0x3e, intel_core, NULL},
	{0x3c, 0x3d, intel_core, NULL}, /* Haswell, Broadwell */
	{0x3f, 0x3f, intel_core, NULL},
	{0x45, 0x47, intel_core, NULL},
	{0x4f, 0x4f, intel_core, NULL},
	{0x56, 0x56, intel_core, NULL},
	{0x4e, 0x4e, intel_core, NULL}, /* Skylake to Rocket Lake */
	{0x55, 0x55, intel_core, NULL},
	{0x5e, 0x5e, intel_core, NULL},
	{0x66, 0x66, intel_core, NULL},
	{0x6a, 0x6a, intel_core, NULL},
	{0x6c, 0x6c, intel_core, NULL},
	{0x7d, 0x7e, intel_core, NULL},
	{0x8c, 0x8e, intel_core, NULL},
	{0x9e, 0x9e, intel_core, NULL},
	{0xa5, 0xa7, intel_core, NULL},
	{0x8a, 0x8a, intel_core, intel_atom_old}, /* Lakefield */
	{0x97, 0x97, intel_core_amp, intel_atom}, /* Alder Lake, Raptor Lake, Meteor Lake, Arrow Lake-U */
	{0x9a, 0x9a, intel_core_amp, intel_atom},
	{0xaa, 0xaa, intel_core_amp, intel_atom},
	{0xac, 0xac, intel_core_amp, intel_atom},
	{0xb5, 0xb5, intel_core_amp, intel_atom},
	{0xb7, 0xb7, intel_core_amp, intel_atom},
	{0xba, 0xba, intel_core_amp, intel_atom},
	{0xbf, 0xbf, intel_core_amp, intel_atom},
	{0x8f, 0x8f, intel_core_amp, NULL}, /* Sapphire, Emerald, Granite Rapids */
	{0xad, 0xae, intel_core_amp, NULL},
	{0xcf, 0xcf, intel_core_amp, NULL},
	{0x37, 0x37, intel_atom_old, NULL}, /* Silvermont to Tremont */
	{0x4a, 0x4a, intel_atom_old, NULL},
	{0x4c, 0x4d, intel_atom_old, NULL},
	{0x5a, 0x5a, intel_atom_old, NULL},
	{0x5c, 0x5d, intel_atom_old, NULL},
	{0x5f, 0x5f, intel_atom_old, NULL},
	{0x7a, 0x7a, intel_atom_old, NULL},
	{0x86, 0x86, intel_atom_old, NULL},
	{0x96, 0x96, intel_atom_old, NULL},
	{0x9c, 0x9c, intel_atom_old, NULL},
	{0xaf, 0xaf, intel_atom, NULL}, /* Gracemont and Crestmont alone */
	{0xb6, 0xb6, intel_atom, NULL},
	{0xbe, 0xbe, intel_atom, NULL},
	{0x57, 0x57, intel_phi, NULL}, /* Knights Landing, Knights Mill */
	{0x85, 0x85, intel_phi, NULL},
};

/* All 0 beyond the last of its range, where a processor may answer with another leaf. */
static struct cpuid leaf_of(cpuid_reader *read, uint32_t leaf) {
	uint32_t base = leaf & LEAF_EXTENDED, last = read(base, 0).eax;
	return last >= leaf && (last & LEAF_EXTENDED) == base ? read(leaf, 0) : (struct cpuid){0};
}

static const struct prefetch_switch *intel_switches(cpuid_reader *read, uint32_t version) {
	uint32_t family = version >> 8 & 0xf, model = (version >> 12 & 0xf0) | (version >> 4 & 0xf);
	if (family != 6)
		return NULL;
	bool hybrid = leaf_of(read, LEAF_STRUCTURED).edx & CPUID_7_EDX_HYBRID;
	bool atom = hybrid && leaf_of(read, LEAF_HYBRID).eax >> 24 == CORE_TYPE_ATOM;
	for (size_t i = 0; i < sizeof(intel_models) / sizeof(intel_models[0]); i++)
		if (model >= intel_models[i].first && model <= intel_models[i].last)
			return atom && intel_models[i].atom != NULL ? intel_models[i].atom : intel_models[i].switches;
	return NULL;
}

/* EBX, EDX, ECX of leaf 0. */
static bool vendor_is(const struct cpuid *leaf, uint32_t ebx, uint32_t edx, uint32_t ecx) {
	return leaf->ebx == ebx && leaf->edx == edx && leaf->ecx == ecx;
}

static const char *find(cpuid_reader *read, const struct prefetch_switch **switches) {
	struct cpuid vendor = read(0, 0), version = leaf_of(read, 1);
	if (version.ecx & CPUID_1_ECX_HYPERVISOR)
		return "under a hypervisor the registers of the prefetchers are the host's";
	if (vendor_is(&vendor, 0x756e6547, 0x49656e69, 0x6c65746e)) { /* GenuineIntel */
		*switches = intel_switches(read, version.eax);
		return *switches != NULL ? NULL : "no switches of prefetchers are known of this model";
	}
	if (!vendor_is(&vendor, 0x68747541, 0x69746e65, 0x444d4163)) /* AuthenticAMD */
		return "no switches of prefetchers are known of this vendor";
	if (!(leaf_of(read, LEAF_EXTENDED_FEATURES_2).eax & CPUID_80000021_EAX_PREFETCH_CTL_MSR))
		return "CPUID 80000021H does not claim PrefetchControl";
	*switches = amd;
	return NULL;
}

const char *prefetch_plan_make(cpuid_reader *read, struct prefetch_plan *plan) {
	*plan = (struct prefetch_plan){0};
	const char *reason = find(read, &plan->switches);
	while (reason == NULL && plan->switches[plan->count].name != NULL)
		plan->count++;
	return reason;
}
