/* SPDX-License-Identifier: Apache-2.0
 *
 * For UEFI applications that a test puts between firmware and loader: gives the loader copies of the firmware's tables,
 * so that what is changed in them is seen by the loader, and by none of the firmware's own drivers.
 */
#pragma once

#include <efi.h>

struct own_tables {
	EFI_SYSTEM_TABLE system;
	EFI_BOOT_SERVICES services;
	EFI_RUNTIME_SERVICES runtime;
};

/* Before the loader is started. `own` lives for as long as the loader does. */
static inline EFI_STATUS own_tables_give(EFI_SYSTEM_TABLE *system, EFI_HANDLE loader, struct own_tables *own) {
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *image;
	EFI_STATUS status = system->BootServices->HandleProtocol(loader, &guid, (void **)&image);
	if (EFI_ERROR(status))
		return status;
	own->system = *system;
	own->services = *system->BootServices;
	own->runtime = *system->RuntimeServices;
	own->system.BootServices = &own->services;
	own->system.RuntimeServices = &own->runtime;
	image->SystemTable = &own->system;
	return EFI_SUCCESS;
}
