/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware's memory map, taken while it keeps changing: every allocation changes it, and so may any event handler.
 * Source: UEFI 2.10, sections 7.2.3 (GetMemoryMap), 7.4.6 (ExitBootServices).
 */
#pragma once

#include "boot/loader.h"

struct memory_map {
	void *bytes; /* EfiLoaderData pages */
	uint64_t capacity;
	UINTN used;
	UINTN descriptor_bytes;
	UINTN key;
};

/* The map as it is now, into pages that grow until it fits (a zeroed *map to begin with). Calls memory services only,
 * so that it may stand between two attempts to leave boot services. */
EFI_STATUS memory_map_get(const struct loader *loader, struct memory_map *map);
void memory_map_free(const struct loader *loader, struct memory_map *map);

/* info->ranges from the map as it is now, with the loader's claims painted over it. Boot services stay. */
EFI_STATUS memory_map_describe(struct loader *loader, enum boot_hold hold);

/* Leaves boot services, with info->ranges from the map that was in force. After an error the firmware is still there,
 * but perhaps in part. */
EFI_STATUS memory_map_exit_boot_services(struct loader *loader);
