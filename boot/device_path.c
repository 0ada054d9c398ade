/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/device_path.h"

void *device_protocol_of_loader(const struct loader *loader, EFI_GUID guid) {
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *image;
	void *protocol;
	if (EFI_ERROR(loader->services->HandleProtocol(loader->image, &image_guid, (void **)&image)) ||
	    !image->DeviceHandle || EFI_ERROR(loader->services->HandleProtocol(image->DeviceHandle, &guid, &protocol)))
		return NULL;
	return protocol;
}

EFI_DEVICE_PATH *device_path_of_loader(const struct loader *loader) {
	return device_protocol_of_loader(loader, (EFI_GUID)DEVICE_PATH_PROTOCOL);
}

const EFI_DEVICE_PATH *device_path_find(const EFI_DEVICE_PATH *path, UINT8 type, UINT8 subtype, UINTN bytes) {
	for (; !IsDevicePathEnd(path) && (UINTN)DevicePathNodeLength(path) >= sizeof(*path);
	     path = NextDevicePathNode(path))
		if (DevicePathType(path) == type && DevicePathSubType(path) == subtype &&
		    (UINTN)DevicePathNodeLength(path) >= bytes)
			return path;
	return NULL;
}
