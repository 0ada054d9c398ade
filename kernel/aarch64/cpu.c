/* SPDX-License-Identifier: Apache-2.0
 *
 * What the processor is and has. Only reads: what is switched on, is switched on by handback.c on the way into our
 * regime, each time anew.
 * Source: Arm ARM (DDI 0487), D17.2 (MIDR_EL1, ID_AA64MMFR0_EL1); part numbers: the cores' technical reference
 * manuals.
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/registers.h"
#include "kernel/acpi.h"
#include "kernel/core_list.h"
#include "kernel/format.h"
#include "lib/elf.h"

#include <stddef.h>

enum {
	MIDR_IMPLEMENTER_SHIFT = 24,
	MIDR_IMPLEMENTER_BITS = 8,
	MIDR_VARIANT_SHIFT = 20,
	MIDR_PART_SHIFT = 4,
	MIDR_PART_BITS = 12,
	MIDR_REVISION_SHIFT = 0,
	MIDR_REVISION_BITS = 4,

	TABLE_LEVELS = 4,
};

struct core {
	uint16_t part;
	const char *name;
};

static const struct core cores_arm[] = {
	{0xd03, "Cortex-A53"},  {0xd04, "Cortex-A35"},  {0xd05, "Cortex-A55"},
	{0xd07, "Cortex-A57"},  {0xd08, "Cortex-A72"},  {0xd09, "Cortex-A73"},
	{0xd0a, "Cortex-A75"},  {0xd0b, "Cortex-A76"},  {0xd0c, "Neoverse-N1"},
	{0xd0d, "Cortex-A77"},  {0xd40, "Neoverse-V1"}, {0xd41, "Cortex-A78"},
	{0xd44, "Cortex-X1"},   {0xd46, "Cortex-A510"}, {0xd47, "Cortex-A710"},
	{0xd48, "Cortex-X2"},   {0xd49, "Neoverse-N2"}, {0xd4a, "Neoverse-E1"},
	{0xd4b, "Cortex-A78C"}, {0xd4d, "Cortex-A715"}, {0xd4e, "Cortex-X3"},
	{0xd4f, "Neoverse-V2"}, {0xd80, "Cortex-A520"}, {0xd81, "Cortex-A720"},
	{0xd82, "Cortex-X4"},   {0xd84, "Neoverse-V3"}, {0xd85, "Cortex-X925"},
	{0xd87, "Cortex-A725"}, {0xd8e, "Neoverse-N3"}, {0, NULL},
};
static const struct core cores_apple[] = {
	{0x022, "M1 Icestorm"}, {0x023, "M1 Firestorm"}, {0x032, "M2 Blizzard"}, {0x033, "M2 Avalanche"}, {0, NULL}};
static const struct core cores_ampere[] = {{0xac3, "Ampere-1"}, {0xac4, "Ampere-1A"}, {0, NULL}};
static const struct core cores_cavium[] = {{0x0a1, "ThunderX"}, {0x0af, "ThunderX2"}, {0, NULL}};
static const struct core cores_fujitsu[] = {{0x001, "A64FX"}, {0, NULL}};
static const struct core cores_hisilicon[] = {{0xd01, "TaiShan v110"}, {0, NULL}};
static const struct core cores_nvidia[] = {{0x003, "Denver 2"}, {0x004, "Carmel"}, {0, NULL}};
static const struct core cores_qualcomm[] = {{0x001, "Oryon"}, {0xc00, "Falkor"}, {0, NULL}};
/* Implementer 0 is for software; QEMU's `max` has 'Q' as its part. */
static const struct core cores_software[] = {{0x051, "max"}, {0, NULL}};

static const struct {
	uint8_t code;
	const char *name;
	const struct core *cores;
} implementers[] = {
	{0x00, "QEMU", cores_software},       {0x41, "Arm", cores_arm},
	{0x43, "Cavium", cores_cavium},       {0x46, "Fujitsu", cores_fujitsu},
	{0x48, "HiSilicon", cores_hisilicon}, {0x4e, "NVIDIA", cores_nvidia},
	{0x51, "Qualcomm", cores_qualcomm},   {0x61, "Apple", cores_apple},
	{0xc0, "Ampere", cores_ampere},
};

static void model_name(char *buffer, size_t size) {
	uint64_t midr = register_read(MIDR_EL1);
	unsigned implementer = register_field(midr, MIDR_IMPLEMENTER_SHIFT, MIDR_IMPLEMENTER_BITS);
	unsigned part = register_field(midr, MIDR_PART_SHIFT, MIDR_PART_BITS);
	unsigned variant = register_field(midr, MIDR_VARIANT_SHIFT, MIDR_REVISION_BITS);
	unsigned revision = register_field(midr, MIDR_REVISION_SHIFT, MIDR_REVISION_BITS);
	for (unsigned i = 0; i < sizeof(implementers) / sizeof(implementers[0]); i++) {
		if (implementers[i].code != implementer)
			continue;
		for (const struct core *core = implementers[i].cores; core->name != NULL; core++) {
			if (core->part == part) {
				format_text(buffer, size, "%s %s r%up%u", implementers[i].name, core->name, variant,
					    revision);
				return;
			}
		}
		format_text(buffer, size, "%s part 0x%x r%up%u", implementers[i].name, part, variant, revision);
		return;
	}
	format_text(buffer, size, "implementer 0x%x part 0x%x r%up%u", implementer, part, variant, revision);
}

/* QEMU signs its ACPI tables so, whatever accelerates it. */
static bool tables_are_qemus(uint64_t rsdp) {
	static const char oem_id[6] = "BOCHS ";
	const struct acpi_header *fadt = acpi_find(rsdp, "FACP");
	if (fadt == NULL)
		return false;
	for (unsigned i = 0; i < sizeof(oem_id); i++) {
		if (fadt->oem_id[i] != oem_id[i])
			return false;
	}
	return true;
}

static void hypervisor_name(const struct boot_info *info, struct arch_cpu *cpu) {
	const char *name = handback_entered_at_el2() ? "none" : "unknown";
	cpu->emulated[0] = '\0';
	if (psci_says_kvm()) {
		name = "KVM";
	} else if (tables_are_qemus(info->acpi_rsdp)) {
		name = "TCG";
		format_text(cpu->emulated, sizeof(cpu->emulated), "QEMU without KVM: TCG emulates the CPU");
	}
	format_copy(cpu->hypervisor, sizeof(cpu->hypervisor), name);
}

const char arch_name[] = "aarch64";
const uint16_t arch_elf_machine = ELF_MACHINE_AARCH64;

void arch_cpu_start(const struct boot_info *info, struct arch_cpu *cpu) {
	static const uint8_t physical_bits[] = {32, 36, 40, 42, 44};
	unsigned parange = register_field(register_read(ID_AA64MMFR0_EL1), ID_AA64MMFR0_PARANGE_SHIFT, ID_FIELD_BITS);
	bool at_el2 = handback_entered_at_el2();

	cpu->pages_1gib = true; /* a block of the 4 KiB granule: every CPU has it */
	cpu->levels = TABLE_LEVELS;
	/* 48 without FEAT_LPA2, which would need other descriptors. */
	cpu->physical_bits = parange < 5 ? physical_bits[parange] : 48;
	cores_read(info);
	cpu->cores = core_list.count;
	psci_find(info, at_el2);
	cpu->timer = gic_find(info);
	model_name(cpu->model, sizeof(cpu->model));
	hypervisor_name(info, cpu);
	format_text(cpu->entry_level, sizeof(cpu->entry_level), at_el2 ? "EL2" : "EL1");
}
