/* SPDX-License-Identifier: Apache-2.0
 *
 * PVH's start info, as a monitor hands it over, translated into a boot_info. Pure: what it points to is read and
 * nothing else, and it may say anything.
 * Source: Xen's public header hvm/start_info.h, version 1 (memory map by the E820 types of ACPI 6.4, 15).
 */
#pragma once

#include "boot_info.h"

#include <stdint.h>

enum { START_INFO_MAGIC = 0x336ec578, START_INFO_ENTRIES_MAX = 256, START_INFO_WORDS_MAX = 2048 };
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

struct hvm_memmap_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};
_Static_assert(sizeof(struct hvm_memmap_entry) == 24, "as Xen lays it out");

/* Three of an entry where the kernel is cut out of it, a hole before each below 1 MiB, and one behind them. */
enum { START_INFO_RANGES_MAX = 2 * START_INFO_ENTRIES_MAX + 3 };

/* What the boot_info points to. */
struct start_info_room {
	struct hvm_memmap_entry sorted[START_INFO_ENTRIES_MAX];
	struct boot_range ranges[START_INFO_RANGES_MAX];
	char words[START_INFO_WORDS_MAX];
};

/* Fills *info but for entry_ticks, around a kernel at [kernel_base, kernel_end), whole pages. NULL, or why it cannot be
 * started from: then *info has the command line, where there is one. `reach_end`: no address from there on can be read
 * yet, all before can. Entries past START_INFO_ENTRIES_MAX, and words past START_INFO_WORDS_MAX, are left out. */
const char *start_info_read(const struct hvm_start_info *start, uint64_t kernel_base, uint64_t kernel_end,
			    uint64_t reach_end, struct start_info_room *room, struct boot_info *info);
