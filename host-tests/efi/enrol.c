/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: gives a firmware without keys those of \PK.auth, \KEK.auth and \db.auth, as lists that
 * are signed, and switches the machine off. PK comes last: with it the firmware has an owner, and takes nothing more
 * that is not signed. Source: UEFI 2.10, 8.2.2 and 32.3.
 */
#include "host-tests/efi/chain.h"

#define LIST_BYTES_MAX 16384
#define ATTRIBUTES                                                                                   \
	(EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS | \
	 EFI_VARIABLE_TIME_BASED_AUTHENTICATED_WRITE_ACCESS)

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static const struct {
	EFI_GUID owner;
	const CHAR16 *name, *file;
} keys[] = {
	{{0xd719b2cb, 0x3d3a, 0x4596, {0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f}}, L"db", L"\\db.auth"},
	{EFI_GLOBAL_VARIABLE, L"KEK", L"\\KEK.auth"},
	{EFI_GLOBAL_VARIABLE, L"PK", L"\\PK.auth"},
};

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	static UINT8 list[LIST_BYTES_MAX];
	for (UINTN i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		UINTN bytes = chain_read(image, system, keys[i].file, list, sizeof(list));
		EFI_GUID owner = keys[i].owner;
		EFI_STATUS status =
			system->RuntimeServices->SetVariable((CHAR16 *)keys[i].name, &owner, ATTRIBUTES, bytes, list);
		chain_say(system, EFI_ERROR(status) ? L"enrol: refused: " : L"enrol: taken: ");
		chain_say(system, keys[i].name);
		chain_say(system, L"\r\n");
	}
	system->RuntimeServices->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
	return EFI_SUCCESS;
}
