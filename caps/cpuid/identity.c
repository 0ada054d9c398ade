/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/cpuid/cpuid.h"

#include <stdio.h>
#include <string.h>

static void put_word(char *at, uint32_t word) {
	for (unsigned i = 0; i < sizeof(word); i++)
		at[i] = (char)(word >> 8 * i & 0xff);
}

static void read_vendor(const struct caps_cpu_raw *cpu, char vendor[13]) {
	const struct caps_leaf *leaf = cpuid_leaf(cpu, 0, 0);
	memset(vendor, 0, 13);
	if (!leaf)
		return;
	put_word(vendor, leaf->ebx);
	put_word(vendor + 4, leaf->edx);
	put_word(vendor + 8, leaf->ecx);
}

bool cpuid_is_amd(const struct caps_cpu_raw *cpu) {
	char vendor[13];
	read_vendor(cpu, vendor);
	return strcmp(vendor, "AuthenticAMD") == 0 || strcmp(vendor, "HygonGenuine") == 0;
}

void cpuid_identity_read(const struct caps_cpu_raw *cpu, struct cpuid_identity *identity) {
	const struct caps_leaf *version = cpuid_leaf(cpu, 1, 0), *structured = cpuid_leaf(cpu, 7, 0),
			       *type = cpuid_leaf(cpu, 0x1a, 0);
	*identity = (struct cpuid_identity){.family = 0};
	read_vendor(cpu, identity->vendor);
	if (version) {
		uint32_t family = cpuid_bits(version->eax, 8, 4), model = cpuid_bits(version->eax, 4, 4);
		if (family >= 0x6) /* Zhaoxin's family 7, too */
			model |= cpuid_bits(version->eax, 16, 4) << 4;
		if (family == 0xf)
			family += cpuid_bits(version->eax, 20, 8);
		identity->family = family;
		identity->model = model;
		identity->stepping = cpuid_bits(version->eax, 0, 4);
	}
	bool hybrid = structured && cpuid_bits(structured->edx, 15, 1);
	if (hybrid && type)
		identity->core_type = cpuid_bits(type->eax, 24, 8);
	const struct caps_leaf *level = cpuid_is_amd(cpu) ? cpuid_leaf(cpu, UINT32_C(0x80000026), 0) : NULL;
	if (level && cpuid_bits(level->eax, 30, 1))
		identity->core_type = cpuid_bits(level->ebx, 28, 4) ? CPUID_CORE_TYPE_ATOM : CPUID_CORE_TYPE_CORE;
}

static const struct caps_leaf *brand_leaf(const struct caps_cpu_raw *cpu, uint32_t part) {
	return cpuid_leaf(cpu, UINT32_C(0x80000002) + part, 0);
}

void cpuid_brand(struct caps_text *text, const struct caps_cpu_raw *cpu) {
	char brand[48] = "";
	size_t length = 0;
	const struct caps_leaf *first = brand_leaf(cpu, 0);
	for (uint32_t part = 0; part < 3; part++) {
		const struct caps_leaf *leaf = brand_leaf(cpu, part);
		for (unsigned i = 0; leaf && i < 4; i++, length += 4)
			put_word(brand + length, cpuid_of(leaf, (enum cpuid_register)i));
	}
	if (first)
		caps_text_set(text, brand, length, cpuid_from(first, cpu));
}

/* Leaf 40000000H: EBX, ECX, EDX. */
static void set_hypervisor(struct caps_text *text, const struct caps_cpu_raw *cpu) {
	static const struct {
		char signature[13];
		const char *name;
	} known[] = {{"KVMKVMKVM\0\0\0", "KVM"},     {"Linux KVM Hv", "KVM"},        {"TCGTCGTCGTCG", "TCG"},
		     {"Microsoft Hv", "Hyper-V"},    {"VMwareVMware", "VMware"},     {"XenVMMXenVMM", "Xen"},
		     {"VBoxVBoxVBox", "VirtualBox"}, {"bhyve bhyve ", "bhyve"},      {"prl hyperv  ", "Parallels"},
		     {" lrpepyh  vr", "Parallels"},  {"ACRNACRNACRN", "ACRN"},       {" QNXQVMBSQG ", "QNX"},
		     {"VirtualApple", "Rosetta"},    {"OpenBSDVMM58", "OpenBSD vmm"}};
	const struct caps_leaf *version = cpuid_leaf(cpu, 1, 0), *leaf = cpuid_leaf(cpu, UINT32_C(0x40000000), 0);
	char signature[12] = "", name[40];
	if (!version || !cpuid_bits(version->ecx, 31, 1))
		return;
	if (!leaf) {
		caps_text_set(text, "unknown", 7, cpuid_from(version, cpu));
		return;
	}
	put_word(signature, leaf->ebx);
	put_word(signature + 4, leaf->ecx);
	put_word(signature + 8, leaf->edx);
	snprintf(name, sizeof(name), "unknown (%.12s)", signature);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (memcmp(signature, known[i].signature, sizeof(signature)) == 0)
			snprintf(name, sizeof(name), "%s", known[i].name);
	caps_text_set(text, name, sizeof(name), cpuid_from(leaf, cpu));
}

void cpuid_identity_describe(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	for (size_t i = 0; i < machine->cpu_count; i++) {
		const struct caps_cpu_raw *cpu = build->cpus[i];
		const struct caps_leaf *head = cpuid_leaf(cpu, 0, 0);
		struct cpuid_identity identity;
		if (!head)
			continue;
		cpuid_identity_read(cpu, &identity);
		caps_text_set(&machine->vendor, identity.vendor, sizeof(identity.vendor), cpuid_from(head, cpu));
		cpuid_brand(&machine->model, cpu);
		set_hypervisor(&machine->hypervisor, cpu);
		return;
	}
}
