/* SPDX-License-Identifier: Apache-2.0
 *
 * PVH's start info as monitors lay it out, and as none does.
 */
#include "kernel/x86_64/pvh/start_info.h"

#include "host-tests/guarded.h"
#include "host-tests/next_random.h"

#include <criterion/criterion.h>
#include <string.h>

#define KERNEL     UINT64_C(0x100000)
#define KERNEL_END UINT64_C(0x180000)
#define ANYWHERE   UINT64_MAX

enum { ENTRIES = 300, SHOWN = 16 };

static struct start_info_room room;
static struct boot_info info;

static struct hvm_start_info started(const struct hvm_memmap_entry *entries, size_t count) {
	return (struct hvm_start_info){.magic = START_INFO_MAGIC,
				       .version = 1,
				       .memmap_paddr = (uint64_t)(uintptr_t)entries,
				       .memmap_entries = (uint32_t)count};
}

static const char *read_in(const struct hvm_start_info *start, uint64_t reach_end) {
	memset(&room, 0xa5, sizeof(room));
	return start_info_read(start, KERNEL, KERNEL_END, reach_end, &room, &info);
}

static void expect_ranges(const struct hvm_start_info *start, const struct boot_range *wanted) {
	cr_assert_null(read_in(start, ANYWHERE));
	size_t count = 0;
	for (; wanted[count].length != 0; count++) {
		cr_assert_lt(count, info.range_count);
		const struct boot_range *range = &room.ranges[count];
		cr_expect(range->base == wanted[count].base && range->length == wanted[count].length &&
				  range->kind == wanted[count].kind,
			  "range %zu: %lx, %lx, %u", count, (unsigned long)range->base, (unsigned long)range->length,
			  range->kind);
	}
	cr_expect_eq(info.range_count, count);
}

/* Firecracker 1.12, arch/x86_64/mod.rs and layout.rs: RAM up to the EBDA, its tables reserved behind that with the root
 * at 0xe0000, RAM to the gap below 4 GiB and from there on; words with its virtio devices. */
Test(start_info, as_firecracker_fills_it) {
	static const struct hvm_memmap_entry entries[] = {
		{0, 0x9fc00, E820_RAM, 0},
		{0x9fc00, 0x40400, E820_RESERVED, 0},
		{0x100000, 0xbff00000, E820_RAM, 0},
		{UINT64_C(0x100000000), 0x40000000, E820_RAM, 0},
		{0xeec00000, 0x10000000, E820_RESERVED, 0},
	};
	static const struct boot_range wanted[SHOWN] = {
		{0, 0x9f000, BOOT_RANGE_USABLE, 0},
		{0x9f000, 0x41000, BOOT_RANGE_ACPI, 0},
		{0xe0000, 0x20000, BOOT_RANGE_ACPI, 0},
		{KERNEL, 0x80000, BOOT_RANGE_KERNEL, 0},
		{KERNEL_END, 0xbfe80000, BOOT_RANGE_USABLE, 0},
		{0xeec00000, 0x10000000, BOOT_RANGE_MMIO, 0},
		{UINT64_C(0x100000000), 0x40000000, BOOT_RANGE_USABLE, 0},
	};
	static const char words[START_INFO_WORDS_MAX] =
		"--quick pool pci=off root=/dev/vda rw virtio_mmio.device=4K@0xd0000000:5";
	struct hvm_start_info start = started(entries, 5);
	start.rsdp_paddr = 0xe0000;
	start.cmdline_paddr = (uint64_t)(uintptr_t)words;
	expect_ranges(&start, wanted);
	cr_expect_eq(info.acpi_rsdp, 0xe0000);
	cr_expect_eq(info.command_line.length, strlen(words));
	cr_expect_arr_eq(room.words, words, strlen(words));
}

/* Cloud Hypervisor 40, arch/src/x86_64/mod.rs and layout.rs: tables from the EBDA at 0xa0000 on, which no entry has. */
Test(start_info, as_cloud_hypervisor_fills_it) {
	static const struct hvm_memmap_entry entries[] = {
		{0, 0xa0000, E820_RAM, 0},
		{0x100000, 0x1ff00000, E820_RAM, 0},
		{0xe8000000, 0x10000000, E820_RESERVED, 0},
	};
	static const struct boot_range wanted[SHOWN] = {
		{0, 0xa0000, BOOT_RANGE_USABLE, 0},           {0xa0000, 0x60000, BOOT_RANGE_ACPI, 0},
		{KERNEL, 0x80000, BOOT_RANGE_KERNEL, 0},      {KERNEL_END, 0x1fe80000, BOOT_RANGE_USABLE, 0},
		{0xe8000000, 0x10000000, BOOT_RANGE_MMIO, 0},
	};
	struct hvm_start_info start = started(entries, 3);
	start.rsdp_paddr = 0xa0000;
	expect_ranges(&start, wanted);
	cr_expect_eq(info.command_line.length, 0);
}

/* An older Firecracker, and QEMU's microvm without ACPI: nothing below 1 MiB is anybody's then. */
Test(start_info, without_tables) {
	static const struct hvm_memmap_entry entries[] = {
		{0x100000, 0x7f00000, E820_RAM, 0},
		{0xfffc0000, 0x40000, E820_RESERVED, 0},
		{0, 0x9fc00, E820_RAM, 0},
	};
	static const struct boot_range wanted[SHOWN] = {
		{0, 0x9f000, BOOT_RANGE_USABLE, 0},
		{KERNEL, 0x80000, BOOT_RANGE_KERNEL, 0},
		{KERNEL_END, 0x7e80000, BOOT_RANGE_USABLE, 0},
		{0xfffc0000, 0x40000, BOOT_RANGE_MMIO, 0},
	};
	struct hvm_start_info start = started(entries, 3);
	expect_ranges(&start, wanted);
	cr_expect_eq(info.acpi_rsdp, 0);
}

Test(start_info, what_overlaps_wraps_or_is_empty) {
	static const struct hvm_memmap_entry entries[] = {
		{0x1000, 0, E820_RAM, 0},
		{0x1800, 0x1000, E820_RAM, 0}, /* no whole page */
		{0x80000, 0x90000, E820_RAM, 0},
		{0x140000, 0x100000, E820_RAM, 0}, /* the kernel is in two */
		{0x200000, 0x100000, E820_RESERVED, 0},
		{UINT64_MAX - 0x1fff, UINT64_MAX, E820_RESERVED, 0},
		{UINT64_MAX, 1, E820_RAM, 0},
	};
	static const struct boot_range wanted[SHOWN] = {
		{0x80000, 0x80000, BOOT_RANGE_USABLE, 0},  {KERNEL, 0x10000, BOOT_RANGE_KERNEL, 0},
		{0x140000, 0x40000, BOOT_RANGE_KERNEL, 0}, {KERNEL_END, 0xc0000, BOOT_RANGE_USABLE, 0},
		{0x240000, 0xc0000, BOOT_RANGE_MMIO, 0},   {UINT64_MAX - 0x1fff, 0x1000, BOOT_RANGE_MMIO, 0},
	};
	struct hvm_start_info start = started(entries, 7);
	expect_ranges(&start, wanted);
}

Test(start_info, what_is_none_is_refused_in_words) {
	static const struct hvm_memmap_entry entries[] = {{0, 0x9fc00, E820_RAM, 0}};
	static const char words[START_INFO_WORDS_MAX] = "--exit=isa-debug-exit";
	static const char no_map[] = "the PVH start info has no memory map";
	struct hvm_start_info sound = started(entries, 1), start = sound;
	sound.cmdline_paddr = (uint64_t)(uintptr_t)words;
	cr_expect_null(read_in(&sound, ANYWHERE));
	start = sound;
	start.magic ^= 1;
	cr_expect_str_eq(read_in(&start, ANYWHERE), "what was handed over is no PVH start info");
	cr_expect_eq(info.command_line.length, 0, "nothing of it is believed");
	start = sound;
	start.version = 0; /* without the members of the map */
	cr_expect_str_eq(read_in(&start, ANYWHERE), no_map);
	cr_expect_eq(info.command_line.length, strlen(words), "which say how to end");
	start = sound;
	start.memmap_entries = 0;
	cr_expect_str_eq(read_in(&start, ANYWHERE), no_map);
	start = sound;
	start.memmap_paddr = 0;
	cr_expect_str_eq(read_in(&start, ANYWHERE), no_map);
}

/* Its tables map 4 GiB: nothing above may be looked at. */
Test(start_info, what_is_out_of_reach_is_not_read) {
	static const struct hvm_memmap_entry entries[] = {{0, 0x9fc00, E820_RAM, 0}};
	struct hvm_start_info start = started(entries, 1);
	uint64_t end = start.memmap_paddr + sizeof(entries);
	start.cmdline_paddr = end;
	cr_expect_null(read_in(&start, end));
	cr_expect_eq(info.command_line.length, 0);
	cr_expect_str_eq(read_in(&start, end - 1), "the PVH start info has its memory map beyond 4 GiB");
	start.memmap_entries = UINT32_MAX;
	cr_expect_not_null(read_in(&start, end));
	start.memmap_entries = 1;
	start.memmap_paddr = UINT64_MAX - 8;
	cr_expect_not_null(read_in(&start, end));
	struct guarded memory = guarded_map(4096);
	memset(memory.bytes, 'x', memory.size);
	start = started(entries, 1);
	start.cmdline_paddr = (uint64_t)(uintptr_t)memory.bytes + memory.size - 100;
	uint64_t words_end = start.cmdline_paddr + 100;
	start.memmap_paddr = (uint64_t)(uintptr_t)memory.bytes;
	memcpy(memory.bytes, entries, sizeof(entries));
	cr_expect_null(read_in(&start, words_end));
	cr_expect_eq(info.command_line.length, 100, "to the end of what can be read");
	guarded_unmap(memory);
}

/* Sorted, whole pages, apart from each other, none of the kernel's usable: whatever the map says. */
static void expect_sound(void) {
	uint64_t end = 0;
	cr_assert_leq(info.range_count, START_INFO_RANGES_MAX);
	for (size_t i = 0; i < info.range_count; i++) {
		const struct boot_range *range = &room.ranges[i];
		cr_assert(range->length != 0 && ((range->base | range->length) & 4095) == 0);
		cr_assert(range->base >= end && range->base + range->length > range->base);
		end = range->base + range->length;
		cr_assert(range->kind != BOOT_RANGE_USABLE || range->base >= KERNEL_END || end <= KERNEL);
	}
}

Test(start_info, any_map_comes_to_sound_ranges) {
	static struct hvm_memmap_entry entries[ENTRIES];
	uint64_t state = 7;
	for (unsigned round = 0; round < 3000; round++) {
		unsigned shift = (unsigned)(next_random(&state) % 50);
		for (size_t i = 0; i < ENTRIES; i++)
			entries[i] = (struct hvm_memmap_entry){next_random(&state) >> shift,
							       next_random(&state) >> (shift + next_random(&state) % 8),
							       (uint32_t)(next_random(&state) % 6), 0};
		struct hvm_start_info start = started(entries, 1 + next_random(&state) % ENTRIES);
		start.rsdp_paddr = next_random(&state) >> (shift + round % 8);
		cr_assert_null(read_in(&start, ANYWHERE));
		expect_sound();
	}
}
