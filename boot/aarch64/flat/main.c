/* SPDX-License-Identifier: Apache-2.0
 *
 * The way in without UEFI, for whoever boots Linux: `qemu -kernel`, U-Boot's booti, monitors of virtual machines. It
 * unpacks the kernel into memory of its own, turns the device tree into a boot_info, and calls it.
 *
 * The MMU is off all the while: memory is the device kind, so every access is aligned, and nothing is cached.
 * Without a device tree nothing is known to write to: that alone ends without a word.
 */
#include "boot/freestanding.h"
#include "boot/lz4.h"
#include "boot/memory_ranges.h"
#include "boot/tree/tree.h"
#include "lib/elf.h"
#include "lib/serial.h"
#include "lib/units.h"

enum {
	ARENA_BYTES = 8 << 20, /* the kernel twice, packed out and in place, and what it is handed */
	RANGES_MAX = MEMORY_RANGES_CAPACITY(2 * TREE_PIECES_MAX + 4),
};

extern const uint8_t kernel_packed_start[], kernel_packed_end[], flat_zeroed_end[];

/* `image`: where its first byte lies. Comes back where there is nobody to tell why. */
void flat_main(const void *tree, uint64_t entry_ticks, uint64_t image);
void flat_publish(const void *start, const void *end);

/* pen.S */
extern const uint8_t flat_pen[], flat_pen_end[];
enum { PEN_CODE = 64 };
_Static_assert(offsetof(struct boot_core_pen, entry) == 8 && offsetof(struct boot_core_pen, context) == 16, "pen.S");

static const struct port_io no_ports;

static struct {
	_Alignas(4096) uint8_t bytes[ARENA_BYTES];
	uint64_t used;
} arena;

static struct tree_machine machine;

static void *take(uint64_t bytes, uint64_t align) {
	uint64_t start = ((uint64_t)arena.bytes + arena.used + align - 1) & ~(align - 1);
	uint64_t end = start + bytes - (uint64_t)arena.bytes;
	if (bytes > ARENA_BYTES || end > ARENA_BYTES)
		return NULL;
	arena.used = end;
	return (void *)start;
}

/* To the serial port, where the tree names one that answers. */
static void say(uint64_t rsdp, const char *text) {
	struct serial_port port;
	if (!serial_find(rsdp, &no_ports, UINT64_MAX, &port))
		return;
	unsigned number = port.kind == SERIAL_PL011 ? PL011_DR : NS16550_THR;
	for (; *text != '\0'; text++) {
		if (!serial_answers(&port, &no_ports))
			return;
		serial_write(&port, &no_ports, number, (uint8_t)*text);
	}
}

/* `piece` in whole pages, what is ours rounded inwards; of what is not ours only where memory is. */
static void memory_claim(struct memory_ranges *list, struct tree_piece piece) {
	uint64_t start = (piece.base + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	uint64_t end = (piece.base + piece.length) & ~(PAGE_BYTES - 1);
	if (start < end)
		memory_ranges_claim(list, start, end - start, BOOT_RANGE_USABLE);
}

static void reserved_claim(struct memory_ranges *list, struct tree_piece reserved, struct tree_piece memory) {
	uint64_t start = reserved.base & ~(PAGE_BYTES - 1);
	uint64_t end = (reserved.base + reserved.length + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	uint64_t low = memory.base & ~(PAGE_BYTES - 1), high = (memory.base + memory.length) & ~(PAGE_BYTES - 1);
	start = start < low ? low : start;
	end = end > high ? high : end;
	if (start < end)
		memory_ranges_claim(list, start, end - start, BOOT_RANGE_RESERVED);
}

/* `handed`: what the kernel keeps, from the arena's begin on. */
static void ranges_make(struct boot_info *info, uint64_t start, uint64_t handed) {
	struct memory_ranges list = {.ranges = (struct boot_range *)info->ranges, .capacity = RANGES_MAX};
	for (size_t i = 0; i < machine.memory_count; i++)
		memory_claim(&list, machine.memory[i]);
	for (size_t i = 0; i < machine.reserved_count; i++)
		for (size_t at = 0; at < machine.memory_count; at++)
			reserved_claim(&list, machine.reserved[i], machine.memory[at]);
	uint64_t end = ((uint64_t)flat_zeroed_end + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	memory_ranges_claim(&list, start, end - start, BOOT_RANGE_RECLAIMABLE);
	memory_ranges_claim(&list, (uint64_t)arena.bytes, handed, BOOT_RANGE_BOOT);
	memory_ranges_claim(&list, info->kernel_base, info->kernel_size, BOOT_RANGE_KERNEL);
	if (info->core_pen != 0)
		memory_ranges_claim(&list, info->core_pen, PAGE_BYTES, BOOT_RANGE_RESERVED);
	memory_ranges_finish(&list);
	info->range_count = list.count;
}

/* "device tree: linux,dummy-virt" */
static void firmware_name(struct boot_info *info) {
	static const char before[] = "device tree: ";
	memcpy(info->firmware, before, sizeof(before) - 1);
	memcpy(info->firmware + sizeof(before) - 1, machine.name, sizeof(machine.name));
	_Static_assert(sizeof(before) - 1 + sizeof(machine.name) <= sizeof(info->firmware), "it fits");
}

/* What the kernel is handed, at the arena's begin; NULL: no room. */
static struct boot_info *info_make(uint64_t entry_ticks) {
	struct boot_info *info = take(sizeof(*info), PAGE_BYTES);
	void *ranges = take(RANGES_MAX * sizeof(struct boot_range), sizeof(uint64_t));
	void *tables = take(TREE_TABLES_BYTES, PAGE_BYTES);
	char *words = take(machine.command_line.length, 1);
	if (info == NULL || ranges == NULL || tables == NULL || words == NULL)
		return NULL;
	memcpy(words, (const void *)machine.command_line.address, machine.command_line.length);
	*info = (struct boot_info){
		.magic = BOOT_INFO_MAGIC,
		.version = BOOT_INFO_VERSION,
		.size = sizeof(*info),
		.way = BOOT_WAY_FLAT,
		.hold = BOOT_HOLD_TAKEOVER,
		.ranges = (uint64_t)ranges,
		.acpi_rsdp = tree_tables(&machine, tables),
		.entry_ticks = entry_ticks,
		.command_line = {(uint64_t)words, machine.command_line.length},
	};
	firmware_name(info);
	return info;
}

/* The kernel's entry; 0: it is broken, or there is no room. */
static uint64_t kernel_place(struct boot_info *info) {
	size_t packed = (size_t)(kernel_packed_end - kernel_packed_start);
	struct elf_image image;
	uint64_t length;
	if (!lz4_frame_size(kernel_packed_start, packed, &length))
		return 0;
	void *file = take(length, sizeof(uint64_t));
	if (file == NULL || !lz4_frame_unpack(kernel_packed_start, packed, file, length) ||
	    elf_open(&image, file, length, ELF_MACHINE_AARCH64) != 0)
		return 0;
	info->kernel_size = (image.high - image.low + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	void *base = take(info->kernel_size, image.align > PAGE_BYTES ? image.align : PAGE_BYTES);
	if (base == NULL)
		return 0;
	info->kernel_base = (uint64_t)base;
	elf_load(&image, base);
	if (elf_relocate(&image, base, info->kernel_base) != 0)
		return 0;
	return info->kernel_base + (image.entry - image.low);
}

/* `image`: ours from there on, where no firmware has a spin table. */
static void spinning_cores_check(uint64_t image) {
	for (size_t i = 0; i < machine.core_count; i++)
		if (machine.release[i] >= image && machine.release[i] < (uint64_t)flat_zeroed_end)
			machine.release[i] = 0;
}

static bool has_spinning_core(void) {
	for (size_t i = 0; i < machine.core_count; i++)
		if (machine.release[i] != 0)
			return true;
	return false;
}

/* Where cores that spin are to wait; without room for it they stay where they are. */
static void pen_make(struct boot_info *info) {
	uint8_t *pen = has_spinning_core() ? take(PAGE_BYTES, PAGE_BYTES) : NULL;
	if (pen == NULL)
		return;
	memcpy(pen, flat_pen, (size_t)(flat_pen_end - flat_pen));
	info->core_pen = (uint64_t)pen;
}

/* The spin table's memory is the firmware's, which nobody touches later: they leave it now. */
static void pen_fill(uint64_t pen) {
	for (size_t i = 0; i < machine.core_count; i++) {
		uint64_t *release = (uint64_t *)machine.release[i];
		if (release == NULL)
			continue;
		__atomic_store_n(release, pen + PEN_CODE, __ATOMIC_RELEASE);
		flat_publish(release, release + 1);
	}
	__asm__ volatile("sev" : : : "memory");
}

void flat_main(const void *tree, uint64_t entry_ticks, uint64_t image) {
	if (!tree_read(tree, &machine))
		return;
	spinning_cores_check(image);
	struct boot_info *info = info_make(entry_ticks);
	if (info == NULL)
		return;
	uint64_t handed = (arena.used + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	arena.used = handed;
	uint64_t entry = kernel_place(info);
	if (entry == 0) {
		say(info->acpi_rsdp, "anechoic: the kernel in the image is broken\r\n");
		return;
	}
	pen_make(info);
	ranges_make(info, image, handed);
	flat_publish(arena.bytes, arena.bytes + arena.used);
	if (info->core_pen != 0)
		pen_fill(info->core_pen);
	((kernel_entry_function *)entry)(info, NULL);
}
