/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the x86_64 decoder share. Internal to caps/.
 * Source: Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.
 */
#pragma once

#include "caps/build.h"

/* ---- leaves (leaf.c) --------------------------------------------------------------------------------------------- */

/* NULL: not read, beyond the last that the processor names in its range, or all of it 0. */
const struct caps_leaf *cpuid_leaf(const struct caps_cpu_raw *cpu, uint32_t leaf, uint32_t subleaf);

enum cpuid_register { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };
static inline uint32_t cpuid_of(const struct caps_leaf *leaf, enum cpuid_register which) {
	const uint32_t values[] = {leaf->eax, leaf->ebx, leaf->ecx, leaf->edx};
	return values[which];
}

/* Bits first + count - 1 to first. */
static inline uint32_t cpuid_bits(uint32_t value, unsigned first, unsigned count) {
	return value >> first & ((count < 32 ? UINT32_C(1) << count : 0) - 1);
}

static inline struct caps_source cpuid_from(const struct caps_leaf *leaf, const struct caps_cpu_raw *cpu) {
	return (struct caps_source){
		.from = CAPS_FROM_LEAF, .detail = leaf->leaf, .subleaf = leaf->subleaf, .cpu = cpu->number};
}

/* The least n with 1 << n >= count: how many bits of an id tell so many apart. */
unsigned cpuid_width(uint32_t count);

/* ---- who it is (identity.c, models.c) ---------------------------------------------------------------------------- */

enum cpuid_core_type { CPUID_CORE_TYPE_NONE = 0, CPUID_CORE_TYPE_ATOM = 0x20, CPUID_CORE_TYPE_CORE = 0x40 };

struct cpuid_identity {
	char vendor[13];
	uint32_t family, model, stepping;
	uint32_t core_type; /* enum cpuid_core_type, AMD's as if they were Intel's; 0 where it is no hybrid */
};
void cpuid_identity_read(const struct caps_cpu_raw *cpu, struct cpuid_identity *identity);
bool cpuid_is_amd(const struct caps_cpu_raw *cpu); /* or Hygon, whose leaves are the same */

/* NULL where the list does not have it. */
const char *cpuid_microarchitecture(const struct cpuid_identity *identity);

/* The brand string; left as it is where there is none. */
void cpuid_brand(struct caps_text *text, const struct caps_cpu_raw *cpu);

/* Vendor, brand, hypervisor. */
void cpuid_identity_describe(struct caps_build *build);

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

/* Ids, places and their counts (topology.c); `ids`: each CPU's APIC id, as far as its leaves have it. */
bool cpuid_topology_describe(struct caps_build *build, uint32_t *ids);

/* Of all CPUs (caches.c); of the kinds, from their first CPU (tlbs.c). false: no memory. */
bool cpuid_caches_describe(struct caps_build *build, const uint32_t *ids);
bool cpuid_tlbs_describe(struct caps_build *build);

/* kinds.c */
bool cpuid_kinds_describe(struct caps_build *build);

struct cpuid_feature {
	const char *name; /* as Linux's /proc/cpuinfo spells it */
	uint32_t leaf, subleaf;
	enum cpuid_register in;
	uint8_t bit;
	enum caps_feature_group group;
};

/* The one of this index as caps_feature_name counts; NULL beyond the last (features.c). */
const struct cpuid_feature *cpuid_feature(size_t index);
void cpuid_features_read(const struct caps_cpu_raw *cpu, uint64_t features[CAPS_FEATURES_MAX / 64]);
