/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/device_path.h"

EFI_DEVICE_PATH *device_path_of_loader(const struct loader *loader) {
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID, path_guid = DEVICE_PATH_PROTOCOL;
	EFI_LOADED_IMAGE *image;
	EFI_DEVICE_PATH *path;
	if (EFI_ERROR(loader->services->HandleProtocol(loader->image, &image_guid, (void **)&image)) ||
	    !image->DeviceHandle ||
	    EFI_ERROR(loader->services->HandleProtocol(image->DeviceHandle, &path_guid, (void **)&path)))
		return NULL;
	return path;
}

const EFI_DEVICE_PATH *device_path_find(const EFI_DEVICE_PATH *path, UINT8 type, UINT8 subtype, UINTN bytes) {
	for (; !IsDevicePathEnd(path) && (UINTN)DevicePathNodeLength(path) >= sizeof(*path);
	     path = NextDevicePathNode(path))
		if (DevicePathType(path) == type && DevicePathSubType(path) == subtype &&
		    (UINTN)DevicePathNodeLength(path) >= bytes)
			return path;
	return NULL;
}
