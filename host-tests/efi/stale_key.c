/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: starts the loader (\loader.efi on the same volume) on a firmware whose memory map
 * changes under it. Before the first REFUSALS calls of ExitBootServices it allocates pages, so that the key of the
 * caller is stale and the firmware itself refuses it, and it makes GetMemoryMap ask for a larger buffer by leaving many
 * small holes behind. Its RSDP stands in memory that the map calls reserved, as some firmware's does.
 */
#include <efi.h>

#include "boot/freestanding.h"
#include "host-tests/efi/chain.h"

#include <stdbool.h>

#define REFUSALS 3
#define HOLES    200 /* entries that the map gains at each refusal */

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static EFI_BOOT_SERVICES *services;
static EFI_EXIT_BOOT_SERVICES firmware_exit_boot_services;
static unsigned refused;

/* Every second page of a run goes back. */
static void change_memory_map(void) {
	EFI_PHYSICAL_ADDRESS base;
	if (EFI_ERROR(services->AllocatePages(AllocateAnyPages, EfiBootServicesData, 2 * HOLES, &base)))
		return;
	for (UINTN i = 0; i < HOLES; i++)
		services->FreePages(base + 2 * i * EFI_PAGE_SIZE, 1);
}

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key) {
	if (refused < REFUSALS) {
		refused++;
		change_memory_map();
	}
	return firmware_exit_boot_services(image, key);
}

/* false: there is none to move. */
static bool move_rsdp(EFI_SYSTEM_TABLE *system) {
	enum { RSDP_BYTES = 36 };
	EFI_GUID acpi_2 = ACPI_20_TABLE_GUID;
	EFI_PHYSICAL_ADDRESS page;
	for (UINTN i = 0; i < system->NumberOfTableEntries; i++) {
		const EFI_CONFIGURATION_TABLE *table = &system->ConfigurationTable[i];
		if (memcmp(&table->VendorGuid, &acpi_2, sizeof(acpi_2)) != 0)
			continue;
		if (EFI_ERROR(services->AllocatePages(AllocateAnyPages, EfiReservedMemoryType, 1, &page)))
			return false;
		services->CopyMem((void *)page, table->VendorTable, RSDP_BYTES);
		return !EFI_ERROR(services->InstallConfigurationTable(&acpi_2, (void *)page));
	}
	return false;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_HANDLE loader;
	services = system->BootServices;
	EFI_STATUS status = chain_load(image, system, &loader);
	if (EFI_ERROR(status))
		return status;
	firmware_exit_boot_services = services->ExitBootServices;
	services->ExitBootServices = exit_boot_services;
	chain_say(system, L"stale_key: ExitBootServices is wrapped\r\n");
	if (move_rsdp(system))
		chain_say(system, L"stale_key: the RSDP is in reserved memory\r\n");
	return services->StartImage(loader, NULL, NULL);
}
