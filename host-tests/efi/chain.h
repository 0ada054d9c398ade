/* SPDX-License-Identifier: Apache-2.0
 *
 * For UEFI applications that a test puts between firmware and loader: they load \loader.efi of the volume that they
 * lie on.
 */
#pragma once

#include <efi.h>

static inline void chain_say(EFI_SYSTEM_TABLE *system, const CHAR16 *text) {
	system->ConOut->OutputString(system->ConOut, (CHAR16 *)text);
}

/* The device's path, then one node for the file. */
static inline EFI_STATUS chain_path(EFI_BOOT_SERVICES *services, EFI_HANDLE device, EFI_DEVICE_PATH **path) {
	static const CHAR16 name[] = L"\\loader.efi";
	EFI_GUID guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
	EFI_DEVICE_PATH *node, *device_path;
	EFI_STATUS status = services->HandleProtocol(device, &guid, (void **)&device_path);
	if (EFI_ERROR(status))
		return status;
	for (node = device_path; !IsDevicePathEnd(node);)
		node = NextDevicePathNode(node);
	UINTN prefix = (UINTN)((UINT8 *)node - (UINT8 *)device_path);
	UINTN file = sizeof(EFI_DEVICE_PATH) + sizeof(name);
	status = services->AllocatePool(EfiBootServicesData, prefix + file + sizeof(EFI_DEVICE_PATH), (void **)path);
	if (EFI_ERROR(status))
		return status;
	services->CopyMem(*path, device_path, prefix);
	node = (EFI_DEVICE_PATH *)((UINT8 *)*path + prefix);
	node->Type = MEDIA_DEVICE_PATH;
	node->SubType = MEDIA_FILEPATH_DP;
	SetDevicePathNodeLength(node, file);
	services->CopyMem(node + 1, (void *)name, sizeof(name));
	node = NextDevicePathNode(node);
	SetDevicePathEndNode(node);
	return EFI_SUCCESS;
}

/* Says so where there is no loader. */
static inline EFI_STATUS chain_load(EFI_HANDLE image, EFI_SYSTEM_TABLE *system, EFI_HANDLE *loader) {
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *self;
	EFI_DEVICE_PATH *path;
	EFI_BOOT_SERVICES *services = system->BootServices;
	EFI_STATUS status = services->HandleProtocol(image, &guid, (void **)&self);
	if (!EFI_ERROR(status))
		status = chain_path(services, self->DeviceHandle, &path);
	if (!EFI_ERROR(status))
		status = services->LoadImage(FALSE, image, path, NULL, 0, loader);
	if (EFI_ERROR(status))
		chain_say(system, L"no \\loader.efi\r\n");
	return status;
}
