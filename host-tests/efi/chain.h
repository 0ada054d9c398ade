/* SPDX-License-Identifier: Apache-2.0
 *
 * For UEFI applications that a test puts between firmware and loader: they load \loader.efi of the volume that they
 * lie on, and read there what they are to do.
 */
#pragma once

#include <efi.h>

#include <stdint.h>

static inline void chain_say(EFI_SYSTEM_TABLE *system, const CHAR16 *text) {
	system->ConOut->OutputString(system->ConOut, (CHAR16 *)text);
}

static inline void chain_say_ascii(EFI_SYSTEM_TABLE *system, const char *text) {
	for (; *text; text++) {
		const CHAR16 wide[2] = {(CHAR16)*text, 0};
		chain_say(system, wide);
	}
}

static inline void chain_say_number(EFI_SYSTEM_TABLE *system, uint64_t number) {
	char digits[21];
	char *at = digits + sizeof(digits) - 1;
	*at = 0;
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	chain_say_ascii(system, at);
}

/* The root of the volume that the application lies on; NULL, which it says: there is none. */
static inline EFI_FILE_HANDLE chain_root(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID, volume_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *self;
	EFI_FILE_IO_INTERFACE *volume;
	EFI_FILE_HANDLE root;
	EFI_STATUS status = system->BootServices->HandleProtocol(image, &image_guid, (void **)&self);
	if (!EFI_ERROR(status))
		status = system->BootServices->HandleProtocol(self->DeviceHandle, &volume_guid, (void **)&volume);
	if (!EFI_ERROR(status))
		status = volume->OpenVolume(volume, &root);
	if (!EFI_ERROR(status))
		return root;
	chain_say(system, L"no volume\r\n");
	return NULL;
}

/* A file of the root, `bytes` of it at the most; how many there are, 0 where it is not there, which it says. */
static inline UINTN chain_read(EFI_HANDLE image, EFI_SYSTEM_TABLE *system, const CHAR16 *name, void *buffer,
			       UINTN bytes) {
	EFI_FILE_HANDLE root = chain_root(image, system), file;
	if (!root)
		return 0;
	EFI_STATUS status = root->Open(root, &file, (CHAR16 *)name, EFI_FILE_MODE_READ, 0);
	root->Close(root);
	if (!EFI_ERROR(status)) {
		status = file->Read(file, &bytes, buffer);
		file->Close(file);
	}
	if (!EFI_ERROR(status))
		return bytes;
	chain_say(system, L"not there: ");
	chain_say(system, name);
	chain_say(system, L"\r\n");
	return 0;
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
