/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/x86_64/pvh/start_info.h"

#include "lib/units.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Below it monitors keep ACPI's tables in what their map has as a hole (Cloud Hypervisor: from 0xa0000 on), or as
 * reserved (Firecracker: up to the root at 0xe0000). Their root is in a hole in either case. */
#define LOW_END (UINT64_C(1) << 20)

struct map {
	struct boot_info *info;
	struct boot_range *ranges;
	bool tables_low;
};

static uint64_t map_end(const struct map *map) {
	if (map->info->range_count == 0)
		return 0;
	const struct boot_range *last = &map->ranges[map->info->range_count - 1];
	return last->base + last->length;
}

static void range_add(struct map *map, uint64_t base, uint64_t end, uint32_t kind) {
	if (base < end)
		map->ranges[map->info->range_count++] =
			(struct boot_range){.base = base, .length = end - base, .kind = kind};
}

/* Tables may stand in what is otherwise ROM. */
static bool has_tables(const struct map *map, const struct hvm_memmap_entry *entry) {
	uint64_t root = map->info->acpi_rsdp;
	return (map->tables_low && entry->addr < LOW_END) ||
	       (root != 0 && root >= entry->addr && root - entry->addr < entry->size);
}

static uint32_t kind_of(const struct map *map, const struct hvm_memmap_entry *entry) {
	switch (entry->type) {
	case E820_RAM:
		return BOOT_RANGE_USABLE;
	case E820_ACPI:
	case E820_NVS:
		return BOOT_RANGE_ACPI;
	default: /* ROM and holes: nothing says that it is RAM */
		return has_tables(map, entry) ? BOOT_RANGE_ACPI : BOOT_RANGE_MMIO;
	}
}

/* Up to `end`, where nothing is said of it. */
static void low_hole_add(struct map *map, uint64_t end) {
	if (map->tables_low)
		range_add(map, map_end(map), end < LOW_END ? end : LOW_END, BOOT_RANGE_ACPI);
}

/* RAM shrinks to whole pages, everything else grows to them, as far as what came before it leaves room; the kernel's
 * image is cut out. */
static void entry_add(struct map *map, const struct hvm_memmap_entry *entry) {
	const uint64_t mask = PAGE_BYTES - 1, top = ~mask;
	uint32_t kind = kind_of(map, entry);
	bool ram = kind == BOOT_RANGE_USABLE;
	uint64_t end = entry->size < top - entry->addr ? entry->addr + entry->size : top;
	if (entry->addr > top || entry->size == 0)
		return;
	uint64_t base = (ram ? entry->addr + mask : entry->addr) & ~mask;
	end = (ram ? end : end + mask) & ~mask;
	low_hole_add(map, base);
	if (base < map_end(map))
		base = map_end(map);
	uint64_t kernel = map->info->kernel_base, kernel_end = kernel + map->info->kernel_size;
	if (!ram || kernel >= end || kernel_end <= base) {
		range_add(map, base, end, kind);
		return;
	}
	range_add(map, base, kernel, kind);
	range_add(map, kernel > base ? kernel : base, kernel_end < end ? kernel_end : end, BOOT_RANGE_KERNEL);
	range_add(map, kernel_end, end, kind);
}

/* Monitors do not promise an order. Returns how many there are. */
static size_t entries_sort(struct hvm_memmap_entry *sorted, const struct hvm_memmap_entry *from, size_t count) {
	if (count > START_INFO_ENTRIES_MAX)
		count = START_INFO_ENTRIES_MAX;
	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		for (; at > 0 && sorted[at - 1].addr > from[i].addr; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = from[i];
	}
	return count;
}

static bool is_in_low_hole(const struct hvm_memmap_entry *entries, size_t count, uint64_t root) {
	for (size_t i = 0; i < count; i++)
		if (root >= entries[i].addr && root - entries[i].addr < entries[i].size)
			return false;
	return root != 0 && root < LOW_END;
}

static void words_read(const struct hvm_start_info *start, uint64_t reach_end, char *words, struct boot_info *info) {
	if (start->cmdline_paddr == 0 || start->cmdline_paddr >= reach_end)
		return;
	const char *from = (const char *)(uintptr_t)start->cmdline_paddr;
	uint64_t room = reach_end - start->cmdline_paddr;
	const uint64_t ones = UINT64_MAX / 255; /* in each byte */
	size_t length = 0, most = room < START_INFO_WORDS_MAX ? (size_t)room : START_INFO_WORDS_MAX;
	for (uint64_t eight; length + sizeof(eight) <= most; length += sizeof(eight)) {
		__builtin_memcpy(&eight, from + length, sizeof(eight)); /* no call */
		if ((eight - ones) & ~eight & (ones << 7))              /* one of them is 0 */
			break;
		__builtin_memcpy(words + length, &eight, sizeof(eight));
	}
	for (; length < most && from[length] != '\0'; length++)
		words[length] = from[length];
	info->command_line = (struct boot_bytes){(uint64_t)(uintptr_t)words, length};
}

const char *start_info_read(const struct hvm_start_info *start, uint64_t kernel_base, uint64_t kernel_end,
			    uint64_t reach_end, struct start_info_room *room, struct boot_info *info) {
	*info = (struct boot_info){
		.magic = BOOT_INFO_MAGIC,
		.version = BOOT_INFO_VERSION,
		.size = sizeof(*info),
		.way = BOOT_WAY_PVH,
		.hold = BOOT_HOLD_TAKEOVER,
		.kernel_base = kernel_base,
		.kernel_size = kernel_end - kernel_base,
		.ranges = (uint64_t)(uintptr_t)room->ranges,
	};
	if (start->magic != START_INFO_MAGIC)
		return "what was handed over is no PVH start info";
	words_read(start, reach_end, room->words, info);
	uint64_t bytes = start->memmap_entries * (uint64_t)sizeof(struct hvm_memmap_entry);
	if (start->version < 1 || start->memmap_paddr == 0 || start->memmap_entries == 0)
		return "the PVH start info has no memory map";
	if (start->memmap_paddr >= reach_end || bytes > reach_end - start->memmap_paddr)
		return "the PVH start info has its memory map beyond 4 GiB";
	info->acpi_rsdp = start->rsdp_paddr;
	size_t count = entries_sort(room->sorted, (const struct hvm_memmap_entry *)(uintptr_t)start->memmap_paddr,
				    start->memmap_entries);
	struct map map = {info, room->ranges, is_in_low_hole(room->sorted, count, start->rsdp_paddr)};
	for (size_t i = 0; i < count; i++)
		entry_add(&map, &room->sorted[i]);
	low_hole_add(&map, LOW_END);
	return NULL;
}
