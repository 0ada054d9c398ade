/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the loader came from: the device, and its path. Nodes need not be aligned.
 * Source: UEFI 2.10, sections 9.1 (Loaded Image) and 10.3 (device path nodes).
 */
#pragma once

#include "boot/loader.h"

/* A protocol of the device that the loader was read from; the firmware's own. NULL: it has none. */
void *device_protocol_of_loader(const struct loader *loader, EFI_GUID guid);

/* That device's path. NULL: the firmware does not say. */
EFI_DEVICE_PATH *device_path_of_loader(const struct loader *loader);

/* The first node of that type and subtype that has `bytes` at the least. NULL: there is none, or the path ends in what
 * is no node. */
const EFI_DEVICE_PATH *device_path_find(const EFI_DEVICE_PATH *path, UINT8 type, UINT8 subtype, UINTN bytes);
