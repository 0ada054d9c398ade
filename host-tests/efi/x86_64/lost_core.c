/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: starts the loader on a firmware that never says that a core which it has lent is back.
 */
#include "boot/mp_services.h"
#include "host-tests/efi/chain.h"

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static EFI_STATUS(EFIAPI *lend)(struct mp_services *, ap_procedure, UINTN, EFI_EVENT, UINTN, VOID *, BOOLEAN *);
static EFI_EVENT nobodys;

static EFI_STATUS EFIAPI lend_for_good(struct mp_services *services, ap_procedure procedure, UINTN number,
				       EFI_EVENT back, UINTN limit_us, VOID *argument, BOOLEAN *finished) {
	(void)back;
	return lend(services, procedure, number, nobodys, limit_us, argument, finished);
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_GUID guid = MP_SERVICES_GUID;
	struct mp_services *services;
	EFI_HANDLE loader;
	EFI_STATUS status = chain_load(image, system, &loader);
	if (EFI_ERROR(status))
		return status;
	if (!EFI_ERROR(system->BootServices->LocateProtocol(&guid, NULL, (void **)&services)) &&
	    !EFI_ERROR(system->BootServices->CreateEvent(0, TPL_CALLBACK, NULL, NULL, &nobodys))) {
		lend = services->StartupThisAP;
		services->StartupThisAP = lend_for_good;
		chain_say(system, L"lost_core: no core comes back\r\n");
	}
	return system->BootServices->StartImage(loader, NULL, NULL);
}
