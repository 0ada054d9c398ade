/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: starts the loader on a firmware without configuration tables, neither ACPI's nor a
 * device tree.
 */
#include "host-tests/efi/chain.h"

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_HANDLE loader;
	EFI_STATUS status = chain_load(image, system, &loader);
	if (EFI_ERROR(status))
		return status;
	system->NumberOfTableEntries = 0;
	chain_say(system, L"no_tables: none are left\r\n");
	return system->BootServices->StartImage(loader, NULL, NULL);
}
