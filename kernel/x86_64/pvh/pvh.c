/* SPDX-License-Identifier: Apache-2.0
 *
 * PVH's start info, translated into a boot_info. Source: Xen's public header hvm/start_info.h, version 1 (memory map
 * by the E820 types of ACPI 6.4, 15).
 */
#include "boot_info.h"
#include "kernel/console/console.h"
#include "kernel/end.h"
#include "kernel/image.h"
#include "lib/units.h"

#include <stddef.h>
#include <string.h>

enum { START_INFO_MAGIC = 0x336ec578, ENTRIES_MAX = 256, RANGES_MAX = ENTRIES_MAX + 2, COMMAND_LINE_MAX = 2048 };
enum e820_type { E820_RAM = 1, E820_RESERVED = 2, E820_ACPI = 3, E820_NVS = 4 };

struct hvm_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t nr_modules;
	uint64_t modlist_paddr;
	uint64_t cmdline_paddr;
	uint64_t rsdp_paddr;
	uint64_t memmap_paddr;
	uint32_t memmap_entries;
	uint32_t reserved;
};
_Static_assert(sizeof(struct hvm_start_info) == 56, "as Xen lays it out");
_Static_assert(offsetof(struct hvm_start_info, cmdline_paddr) == 24, "pvh.S: START_INFO_COMMAND_LINE");

struct hvm_memmap_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};
_Static_assert(sizeof(struct hvm_memmap_entry) == 24, "as Xen lays it out");

static struct hvm_memmap_entry sorted[ENTRIES_MAX];
static struct boot_range ranges[RANGES_MAX];
static struct boot_info info;
static char command_line[COMMAND_LINE_MAX];

extern void kernel_entry(struct boot_info *info, struct kernel_call *call);
_Noreturn void pvh_start(const struct hvm_start_info *start, uint64_t ticks);

/* Tables may stand in what is otherwise ROM. */
static uint32_t kind_of(const struct hvm_memmap_entry *entry) {
	if (info.acpi_rsdp - entry->addr < entry->size && entry->type != E820_RAM)
		return BOOT_RANGE_ACPI;
	switch (entry->type) {
	case E820_RAM:
		return BOOT_RANGE_USABLE;
	case E820_ACPI:
	case E820_NVS:
		return BOOT_RANGE_ACPI;
	default: /* ROM and holes: nothing says that it is RAM */
		return BOOT_RANGE_MMIO;
	}
}

static void range_add(uint64_t base, uint64_t end, uint32_t kind) {
	if (base >= end)
		return;
	ranges[info.range_count++] = (struct boot_range){.base = base, .length = end - base, .kind = kind};
}

/* RAM shrinks to whole pages, everything else grows to them, as far as what came before it leaves room; the kernel's
 * image is cut out. */
static void entry_add(const struct hvm_memmap_entry *entry) {
	uint32_t kind = kind_of(entry);
	bool ram = kind == BOOT_RANGE_USABLE;
	uint64_t base = ram ? (entry->addr + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1) : entry->addr & ~(PAGE_BYTES - 1);
	uint64_t end = entry->addr + entry->size;
	end = ram ? end & ~(PAGE_BYTES - 1) : (end + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	if (info.range_count != 0) {
		const struct boot_range *last = &ranges[info.range_count - 1];
		if (base < last->base + last->length)
			base = last->base + last->length;
	}
	uint64_t kernel = info.kernel_base, kernel_end = info.kernel_base + info.kernel_size;
	if (!ram || kernel < base || kernel_end > end) {
		range_add(base, end, kind);
		return;
	}
	range_add(base, kernel, kind);
	range_add(kernel, kernel_end, BOOT_RANGE_KERNEL);
	range_add(kernel_end, end, kind);
}

/* Monitors do not promise an order. Returns how many there are. */
static size_t entries_sort(const struct hvm_memmap_entry *from, size_t count) {
	if (count > ENTRIES_MAX)
		count = ENTRIES_MAX;
	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		for (; at > 0 && sorted[at - 1].addr > from[i].addr; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = from[i];
	}
	return count;
}

_Noreturn void pvh_start(const struct hvm_start_info *start, uint64_t ticks) {
	info = (struct boot_info){
		.magic = BOOT_INFO_MAGIC,
		.version = BOOT_INFO_VERSION,
		.size = sizeof(info),
		.way = BOOT_WAY_PVH,
		.hold = BOOT_HOLD_TAKEOVER,
		.kernel_base = (uint64_t)(uintptr_t)kernel_image_start,
		.kernel_size = (uint64_t)(kernel_image_end - kernel_image_start),
		.ranges = (uint64_t)(uintptr_t)ranges,
		.acpi_rsdp = start->rsdp_paddr,
		.entry_ticks = ticks,
	};
	if (start->cmdline_paddr != 0) {
		const char *from = (const char *)(uintptr_t)start->cmdline_paddr;
		size_t length = 0;
		while (length < COMMAND_LINE_MAX && from[length] != '\0')
			length++;
		memcpy(command_line, from, length);
		info.command_line = (struct boot_bytes){(uint64_t)(uintptr_t)command_line, length};
	}
	if (start->magic != START_INFO_MAGIC || start->version < 1 || start->memmap_paddr == 0) {
		console_serial_start(&info);
		panic("the PVH start info has no memory map");
	}
	size_t count =
		entries_sort((const struct hvm_memmap_entry *)(uintptr_t)start->memmap_paddr, start->memmap_entries);
	for (size_t i = 0; i < count; i++)
		entry_add(&sorted[i]);
	kernel_entry(&info, NULL);
	panic("takeover came back");
}
