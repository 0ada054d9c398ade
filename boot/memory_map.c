/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking the map needs memory, and taking memory changes the map: room is therefore taken with a margin first, and the
 * map last.
 */
#include "boot/memory_map.h"
#include "boot/memory_ranges.h"
#include "lib/units.h"

#define ATTEMPTS             8
#define MARGIN_DESCRIPTORS   64 /* an allocation splits one descriptor into three at the most */
#define MAP_BYTES_UNHEARD_OF (UINT64_C(1) << 30)

/* Pages for info->ranges, claimed as BOOT. */
struct range_room {
	struct boot_range *ranges;
	size_t capacity;
};

EFI_STATUS memory_map_get(const struct loader *loader, struct memory_map *map) {
	for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
		UINT32 version;
		map->used = map->capacity;
		EFI_STATUS status = loader->services->GetMemoryMap(&map->used, map->bytes, &map->key,
								   &map->descriptor_bytes, &version);
		if (status != EFI_BUFFER_TOO_SMALL)
			return status;
		if (map->used > MAP_BYTES_UNHEARD_OF)
			return EFI_BAD_BUFFER_SIZE;
		uint64_t wanted = pages_round_up(2 * map->used + MARGIN_DESCRIPTORS * map->descriptor_bytes);
		memory_map_free(loader, map);
		status = pages_allocate(loader, EfiLoaderData, wanted, &map->bytes);
		if (EFI_ERROR(status))
			return status;
		map->capacity = wanted;
	}
	return EFI_BUFFER_TOO_SMALL;
}

void memory_map_free(const struct loader *loader, struct memory_map *map) {
	if (map->bytes)
		pages_free(loader, map->bytes, map->capacity);
	map->bytes = NULL;
	map->capacity = 0;
}

/* Room for whatever a map of up to map->capacity bytes comes to. */
static EFI_STATUS make_room(struct loader *loader, const struct memory_map *map, struct range_room *room) {
	size_t inputs = map->capacity / map->descriptor_bytes + LOADER_CLAIMS_MAX + 1; /* and the framebuffer */
	size_t needed = MEMORY_RANGES_CAPACITY(inputs);
	if (room->capacity >= needed)
		return EFI_SUCCESS;
	EFI_STATUS status = pages_allocate_boot(loader, needed * sizeof(struct boot_range), (void **)&room->ranges);
	if (!EFI_ERROR(status))
		room->capacity = needed;
	return status;
}

/* A framebuffer in RAM (QEMU's ramfb) stands in the map as memory: it gets another mapping than
 * the memory around it. */
static void claim_framebuffer(struct memory_ranges *list, const struct boot_framebuffer *framebuffer) {
	uint64_t base = framebuffer->base & ~(PAGE_BYTES - 1);
	if (framebuffer->base)
		memory_ranges_claim(list, base, pages_round_up(framebuffer->base + framebuffer->length) - base,
				    BOOT_RANGE_MMIO);
}

/* Calls nothing of the firmware: boot services may be gone. */
static void convert(struct loader *loader, const struct memory_map *map, const struct range_room *room,
		    enum boot_hold hold) {
	struct memory_ranges list = {.ranges = room->ranges, .capacity = room->capacity};
	memory_ranges_add_map(&list, map->bytes, map->used, map->descriptor_bytes, hold);
	claim_framebuffer(&list, &loader->info->framebuffer);
	for (size_t i = 0; i < loader->claim_count; i++)
		memory_ranges_claim(&list, loader->claims[i].base, loader->claims[i].length, loader->claims[i].kind);
	memory_ranges_finish(&list);
	loader->info->ranges = (uint64_t)list.ranges;
	loader->info->range_count = list.count;
}

/* A map, and room for its ranges that was there before the map was taken. */
static EFI_STATUS get_map_and_room(struct loader *loader, struct memory_map *map, struct range_room *room) {
	for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
		EFI_STATUS status = memory_map_get(loader, map);
		if (EFI_ERROR(status))
			return status;
		size_t room_before = room->capacity;
		status = make_room(loader, map, room);
		if (EFI_ERROR(status) || room->capacity == room_before)
			return status;
	}
	return EFI_BUFFER_TOO_SMALL;
}

EFI_STATUS memory_map_describe(struct loader *loader, enum boot_hold hold) {
	struct memory_map map = {0};
	struct range_room room = {0};
	EFI_STATUS status = get_map_and_room(loader, &map, &room);
	if (!EFI_ERROR(status))
		convert(loader, &map, &room, hold);
	memory_map_free(loader, &map);
	return status;
}

EFI_STATUS memory_map_exit_boot_services(struct loader *loader) {
	struct memory_map map = {0};
	struct range_room room = {0};
	EFI_STATUS status = EFI_INVALID_PARAMETER; /* which says that the key is stale */
	for (unsigned attempt = 0; attempt < ATTEMPTS && status == EFI_INVALID_PARAMETER; attempt++) {
		status = get_map_and_room(loader, &map, &room);
		if (!EFI_ERROR(status))
			status = loader->services->ExitBootServices(loader->image, map.key);
	}
	if (EFI_ERROR(status))
		memory_map_free(loader, &map);
	else
		convert(loader, &map, &room, BOOT_HOLD_TAKEOVER);
	return status;
}
