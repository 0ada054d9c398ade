/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: starts the loader with ACPI tables that say something else than the machine. x86_64:
 * the FADT has no PM timer. aarch64: the MADT has a GICv3, whose distributor and redistributor are plain memory that
 * answers as far as the kernel asks before it uses the registers of its CPU interface.
 */
#include "boot/freestanding.h"
#include "host-tests/efi/chain.h"
#include "lib/acpi.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	TABLE_CHECKSUM = 9,
	FADT_PM_TIMER = 76,
	FADT_X_PM_TIMER_ADDRESS = 212,
	MADT_ENTRIES = 44,
	MADT_GICC = 0xb,
	MADT_GICC_REDISTRIBUTOR = 60,
	MADT_GICD = 0xc,
	MADT_GICD_ADDRESS = 8,
	MADT_GICD_VERSION = 20,
	GICD_CTLR_ARE = 1 << 4,
	GIC_PAGES = 16, /* the distributor; two frames of a redistributor follow */
};

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static uint64_t find_rsdp(const EFI_SYSTEM_TABLE *system) {
	EFI_GUID acpi_2 = ACPI_20_TABLE_GUID;
	for (UINTN i = 0; i < system->NumberOfTableEntries; i++)
		if (memcmp(&system->ConfigurationTable[i].VendorGuid, &acpi_2, sizeof(acpi_2)) == 0)
			return (uint64_t)system->ConfigurationTable[i].VendorTable;
	return 0;
}

static void put(uint8_t *at, uint64_t value, unsigned bytes) {
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void seal(uint8_t *table, uint32_t length) {
	uint8_t sum = 0;
	table[TABLE_CHECKSUM] = 0;
	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + table[i]);
	table[TABLE_CHECKSUM] = (uint8_t)-sum;
}

static uint8_t *table_of(uint64_t rsdp, const char signature[4], uint32_t *length) {
	return (uint8_t *)(uintptr_t)acpi_find_bytes(rsdp, signature, MADT_ENTRIES, length);
}

static void pm_timer_drop(EFI_SYSTEM_TABLE *system, uint64_t rsdp) {
	uint32_t length;
	uint8_t *fadt = table_of(rsdp, "FACP", &length);
	if (!fadt || acpi_read32(fadt + FADT_PM_TIMER) == 0)
		return;
	put(fadt + FADT_PM_TIMER, 0, 4);
	if (length >= FADT_X_PM_TIMER_ADDRESS + 8)
		put(fadt + FADT_X_PM_TIMER_ADDRESS, 0, 8);
	seal(fadt, length);
	chain_say(system, L"other_tables: no PM timer\r\n");
}

static void gic_replace(EFI_SYSTEM_TABLE *system, uint64_t rsdp) {
	uint32_t length;
	uint8_t *madt = table_of(rsdp, "APIC", &length);
	EFI_PHYSICAL_ADDRESS base;
	if (!madt || EFI_ERROR(system->BootServices->AllocatePages(AllocateAnyPages, EfiReservedMemoryType,
								   3 * GIC_PAGES, &base)))
		return;
	memset((void *)base, 0, 3 * GIC_PAGES * EFI_PAGE_SIZE);
	*(volatile uint32_t *)base = GICD_CTLR_ARE;
	bool found = false;
	for (uint32_t at = MADT_ENTRIES; at + 2 <= length && madt[at + 1] >= 2; at += madt[at + 1]) {
		if (madt[at] == MADT_GICC)
			put(madt + at + MADT_GICC_REDISTRIBUTOR, base + GIC_PAGES * EFI_PAGE_SIZE, 8);
		if (madt[at] != MADT_GICD)
			continue;
		put(madt + at + MADT_GICD_ADDRESS, base, 8);
		madt[at + MADT_GICD_VERSION] = 3;
		found = true;
	}
	seal(madt, length);
	if (found)
		chain_say(system, L"other_tables: a GICv3\r\n");
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_HANDLE loader;
	EFI_STATUS status = chain_load(image, system, &loader);
	if (EFI_ERROR(status))
		return status;
	uint64_t rsdp = find_rsdp(system);
	pm_timer_drop(system, rsdp);
	gic_replace(system, rsdp);
	return system->BootServices->StartImage(loader, NULL, NULL);
}
