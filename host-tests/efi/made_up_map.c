/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: starts the loader on a firmware whose memory map is made up, by the word in \how.txt:
 *
 * many: the largest free region's end is 1,900 entries of a page each, free and the firmware's in turn;
 * pieces: that region is 40, with a page between any two that is reserved;
 * empty: behind each entry one of no pages, of the same place, of the first page and of the last one in turn;
 * backwards: the last entry comes first.
 *
 * What the map calls free is free: the firmware's own map is what it is made of.
 */
#include "host-tests/efi/chain.h"
#include "host-tests/efi/own_tables.h"

#include "boot/freestanding.h"

#include <stdbool.h>

#define ENTRIES_MAX    4096
#define REAL_BYTES_MAX 65536
#define SMALL_ENTRIES  1900
#define PIECES         40
#define LAST_PAGE      UINT64_C(0xfffffffffffff000)
#define MIB_PAGES      256

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static EFI_SYSTEM_TABLE *firmware;
static struct own_tables own;
static char how[16];
static EFI_MEMORY_DESCRIPTOR made[ENTRIES_MAX];
static UINTN made_count, asked;

static void add(const EFI_MEMORY_DESCRIPTOR *like, EFI_MEMORY_TYPE type, uint64_t start, uint64_t pages) {
	if (made_count == ENTRIES_MAX)
		return;
	made[made_count] = *like;
	made[made_count].Type = type;
	made[made_count].PhysicalStart = start;
	made[made_count++].NumberOfPages = pages;
}

static void add_many(const EFI_MEMORY_DESCRIPTOR *region) {
	uint64_t left = region->NumberOfPages - SMALL_ENTRIES;
	add(region, EfiConventionalMemory, region->PhysicalStart, left);
	for (uint64_t i = 0; i < SMALL_ENTRIES; i++)
		add(region, i % 2 ? EfiConventionalMemory : EfiBootServicesData,
		    region->PhysicalStart + (left + i) * EFI_PAGE_SIZE, 1);
}

static void add_pieces(const EFI_MEMORY_DESCRIPTOR *region) {
	uint64_t pages = region->NumberOfPages / PIECES;
	for (uint64_t i = 0; i < PIECES; i++) {
		uint64_t start = region->PhysicalStart + i * pages * EFI_PAGE_SIZE;
		add(region, EfiConventionalMemory, start, pages - 1);
		add(region, EfiReservedMemoryType, start + (pages - 1) * EFI_PAGE_SIZE, 1);
	}
}

static void add_empty(const EFI_MEMORY_DESCRIPTOR *entry, UINTN number) {
	const uint64_t places[] = {entry->PhysicalStart, 0, LAST_PAGE};
	add(entry, EfiConventionalMemory, places[number % 3], 0);
}

static void turn_round(void) {
	for (UINTN i = 0; i < made_count / 2; i++) {
		EFI_MEMORY_DESCRIPTOR entry = made[i];
		made[i] = made[made_count - 1 - i];
		made[made_count - 1 - i] = entry;
	}
}

static const EFI_MEMORY_DESCRIPTOR *entry_at(const UINT8 *real, UINTN at) {
	return (const EFI_MEMORY_DESCRIPTOR *)(real + at);
}

static uint64_t largest_free(const UINT8 *real, UINTN bytes, UINTN step) {
	uint64_t largest = 0;
	for (UINTN at = 0; at < bytes; at += step)
		if (entry_at(real, at)->Type == EfiConventionalMemory && entry_at(real, at)->NumberOfPages > largest)
			largest = entry_at(real, at)->NumberOfPages;
	return largest;
}

static void make_up(const UINT8 *real, UINTN bytes, UINTN step) {
	uint64_t largest = largest_free(real, bytes, step);
	made_count = 0;
	for (UINTN at = 0, number = 0; at < bytes; at += step, number++) {
		const EFI_MEMORY_DESCRIPTOR *entry = entry_at(real, at);
		bool is_largest = entry->Type == EfiConventionalMemory && entry->NumberOfPages == largest &&
				  largest > SMALL_ENTRIES + PIECES * MIB_PAGES;
		if (is_largest && how[0] == 'm')
			add_many(entry);
		else if (is_largest && how[0] == 'p')
			add_pieces(entry);
		else
			add(entry, entry->Type, entry->PhysicalStart, entry->NumberOfPages);
		if (how[0] == 'e')
			add_empty(entry, number);
	}
	if (how[0] == 'b')
		turn_round();
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *descriptor_bytes,
					UINT32 *version) {
	static UINT8 real[REAL_BYTES_MAX];
	UINTN real_bytes = sizeof(real);
	EFI_STATUS status = firmware->BootServices->GetMemoryMap(&real_bytes, (EFI_MEMORY_DESCRIPTOR *)real, key,
								 descriptor_bytes, version);
	if (EFI_ERROR(status))
		return status;
	make_up(real, real_bytes, *descriptor_bytes);
	UINTN room = *bytes;
	*bytes = made_count * *descriptor_bytes;
	if (room < *bytes || !map)
		return EFI_BUFFER_TOO_SMALL;
	for (UINTN i = 0; i < made_count; i++)
		memcpy((UINT8 *)map + i * *descriptor_bytes, &made[i], sizeof(made[i]));
	if (asked++ == 0) {
		chain_say(firmware, L"made_up_map: the map is of ");
		chain_say_number(firmware, made_count);
		chain_say(firmware, L" entries\r\n");
	}
	return EFI_SUCCESS;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_HANDLE loader;
	firmware = system;
	chain_read(image, system, L"\\how.txt", how, sizeof(how));
	EFI_STATUS status = chain_load(image, system, &loader);
	if (!EFI_ERROR(status))
		status = own_tables_give(system, loader, &own);
	if (EFI_ERROR(status))
		return status;
	own.services.GetMemoryMap = get_memory_map;
	return system->BootServices->StartImage(loader, NULL, NULL);
}
