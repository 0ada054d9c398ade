/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel reads of ACPI tables; see acpi.h.
 */
#include "kernel/acpi.h"

enum {
	FADT_PM_TIMER = 76, /* 32-bit port, where X_PM_TMR_BLK is absent */
	FADT_FLAGS = 112,
	FADT_RESET = 116,
	FADT_RESET_VALUE = 128,
	FADT_X_PM_TIMER = 208,
	FADT_FLAG_TMR_VAL_EXT = 1 << 8,
	FADT_FLAG_RESET = 1 << 10,

	HPET_REGISTERS = 40,
	HPET_BYTES_MIN = 56,

	GTDT_SECURE_EL1 = 48,
	GTDT_PHYSICAL_EL1 = 56,
	GTDT_VIRTUAL_EL1 = 64,
	GTDT_PHYSICAL_EL2 = 72,
	GTDT_BYTES_MIN = 80,

	MADT_LOCAL_APIC = 36,
};

bool acpi_fadt_read(uint64_t rsdp, struct acpi_fadt *fadt) {
	uint32_t length;
	const uint8_t *table = acpi_find_bytes(rsdp, "FACP", FADT_FLAGS + 4, &length);
	if (table == NULL)
		return false;
	uint32_t flags = acpi_read32(table + FADT_FLAGS);
	*fadt = (struct acpi_fadt){.pm_timer_32bit = (flags & FADT_FLAG_TMR_VAL_EXT) != 0};
	if (length >= FADT_X_PM_TIMER + ACPI_GAS_BYTES)
		fadt->pm_timer = acpi_gas_read(table + FADT_X_PM_TIMER);
	if (fadt->pm_timer.address == 0) {
		fadt->pm_timer = (struct acpi_gas){.space = ACPI_SPACE_IO,
						   .bit_width = 32,
						   .access_bytes = 4,
						   .address = acpi_read32(table + FADT_PM_TIMER)};
	}
	if (length >= FADT_RESET_VALUE + 1) {
		fadt->reset = acpi_gas_read(table + FADT_RESET);
		fadt->reset_value = table[FADT_RESET_VALUE];
		fadt->reset_supported = (flags & FADT_FLAG_RESET) != 0 && fadt->reset.address != 0;
	}
	if (length >= ACPI_FADT_ARM_BOOT + 2) {
		fadt->psci = (table[ACPI_FADT_ARM_BOOT] & ACPI_FADT_ARM_PSCI) != 0;
		fadt->psci_hvc = (table[ACPI_FADT_ARM_BOOT] & ACPI_FADT_ARM_PSCI_HVC) != 0;
	}
	return true;
}

bool acpi_hpet_read(uint64_t rsdp, struct acpi_gas *registers) {
	uint32_t length;
	const uint8_t *table = acpi_find_bytes(rsdp, "HPET", HPET_BYTES_MIN, &length);
	if (table == NULL)
		return false;
	*registers = acpi_gas_read(table + HPET_REGISTERS);
	return registers->address != 0;
}

bool acpi_gtdt_read(uint64_t rsdp, struct acpi_gtdt *gtdt) {
	uint32_t length;
	const uint8_t *table = acpi_find_bytes(rsdp, "GTDT", GTDT_BYTES_MIN, &length);
	if (table == NULL)
		return false;
	*gtdt = (struct acpi_gtdt){
		.secure_el1 = acpi_read32(table + GTDT_SECURE_EL1),
		.physical_el1 = acpi_read32(table + GTDT_PHYSICAL_EL1),
		.virtual_el1 = acpi_read32(table + GTDT_VIRTUAL_EL1),
		.physical_el2 = acpi_read32(table + GTDT_PHYSICAL_EL2),
	};
	return true;
}

bool acpi_madt_open(uint64_t rsdp, struct acpi_madt *madt) {
	uint32_t length;
	const uint8_t *table = acpi_find_bytes(rsdp, "APIC", ACPI_MADT_ENTRIES, &length);
	if (table == NULL)
		return false;
	*madt = (struct acpi_madt){
		.local_apic = acpi_read32(table + MADT_LOCAL_APIC),
		.at = table + ACPI_MADT_ENTRIES,
		.end = table + length,
	};
	return true;
}

/* Fields of an entry of at least the type's length (5.2.12.2 to 5.2.12.18). */
static void madt_entry_decode(const uint8_t *at, struct acpi_madt_entry *entry) {
	switch (entry->type) {
	case ACPI_MADT_LOCAL_APIC:
		entry->id = at[3];
		entry->enabled = (at[4] & 1) != 0;
		break;
	case ACPI_MADT_IO_APIC:
		entry->id = at[2];
		entry->address = acpi_read32(at + 4);
		break;
	case ACPI_MADT_LOCAL_APIC_ADDRESS:
		entry->address = acpi_read64(at + 4);
		break;
	case ACPI_MADT_LOCAL_X2APIC:
		entry->id = acpi_read32(at + 4);
		entry->enabled = (at[8] & 1) != 0;
		break;
	case ACPI_MADT_GICC:
		entry->uid = acpi_read32(at + 8);
		entry->enabled = (at[12] & 1) != 0;
		entry->parked = acpi_read64(at + 24);
		entry->address = acpi_read64(at + 32);
		entry->redistributor = acpi_read64(at + 60);
		entry->id = acpi_read64(at + 68);
		break;
	case ACPI_MADT_GICD:
		entry->address = acpi_read64(at + 8);
		entry->gic_version = at[20];
		break;
	case ACPI_MADT_GICR:
		entry->address = acpi_read64(at + 4);
		entry->length = acpi_read32(at + 12);
		break;
	default:
		break;
	}
}

static unsigned madt_length_min(uint8_t type) {
	switch (type) {
	case ACPI_MADT_LOCAL_APIC:
		return 8;
	case ACPI_MADT_IO_APIC:
	case ACPI_MADT_LOCAL_APIC_ADDRESS:
		return 12;
	case ACPI_MADT_LOCAL_X2APIC:
	case ACPI_MADT_GICR:
		return 16;
	case ACPI_MADT_GICC:
		return 76;
	case ACPI_MADT_GICD:
		return 24;
	default:
		return 2;
	}
}

bool acpi_madt_next(struct acpi_madt *madt, struct acpi_madt_entry *entry) {
	if (madt->end - madt->at < 2)
		return false;
	uint8_t type = madt->at[0];
	uint8_t length = madt->at[1];
	if (length < madt_length_min(type) || length > madt->end - madt->at)
		return false;
	*entry = (struct acpi_madt_entry){.type = type};
	madt_entry_decode(madt->at, entry);
	madt->at += length;
	return true;
}
