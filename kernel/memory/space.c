/* SPDX-License-Identifier: Apache-2.0
 *
 * The address space: physical memory and devices identity-mapped for the kernel, and the programme's own pages
 * (layout: kernel/gate.h). No page is both writable and executable; page 0, the kernel's stack guards and the
 * programme's guards are mapped nowhere. Tables are never given back: what was mapped once may be mapped again.
 */
#include "kernel/memory/space.h"

#include "kernel/end.h"
#include "kernel/gate.h"
#include "kernel/guard_state.h"
#include "kernel/image.h"
#include "kernel/machine.h"
#include "kernel/memory/device.h"
#include "lib/splitmix.h"
#include "lib/units.h"

#include <stddef.h>
#include <string.h>

enum { EXTENTS_MAX = 2048, SPACE_EXTENTS_MAX = 512, FIRST_TABLES = 24, SCATTER_PIECES = 64 };

static const uint64_t LOW_END = UINT64_C(1) << 20;

static struct memory_extent memory_storage[EXTENTS_MAX];
static struct memory_extent space_storage[SPACE_EXTENTS_MAX];

/* Whoever loaded the kernel zeroed these. */
static uint8_t first_tables[FIRST_TABLES][PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));

static uint64_t page_up(uint64_t value) {
	return (value + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

static const struct boot_range *range_at(uint64_t index) {
	return (const struct boot_range *)(uintptr_t)machine.info->ranges + index;
}

/* Where the part of a range begins that we use. Memory below 1 MiB is left alone: firmware's habits on PCs, and
 * hundreds of small pages for little. */
static uint64_t range_base(const struct boot_range *range) {
	bool ours = range->kind == BOOT_RANGE_USABLE || range->kind == BOOT_RANGE_RECLAIMABLE;
	uint64_t end = range->base + range->length;
	if (!ours || range->base >= LOW_END)
		return range->base;
	return end < LOW_END ? end : LOW_END;
}

static bool table_new(paddr_t *table) {
	static unsigned first_used;
	if (first_used < FIRST_TABLES) {
		table->value = (uint64_t)(uintptr_t)first_tables[first_used++];
		return true;
	}
	if (!memory_map_take(&machine.memory, PAGE_BYTES, PAGE_BYTES, table))
		return false;
	memset((void *)(uintptr_t)table->value, 0, PAGE_BYTES);
	return true;
}

static void identity_map(uint64_t base, uint64_t end, unsigned rights) {
	if (base == 0)
		base = PAGE_BYTES;
	if (base >= end)
		return;
	unsigned level_max = machine.pages_small ? 0 : machine.cpu.pages_1gib ? 2 : 1;
	int error = pagetable_map(&machine.pages, (vaddr_t){base}, (paddr_t){base}, end - base, rights, level_max);
	if (error != 0)
		panic("cannot map memory %lx to %lx: error %d", base, end, error);
}

/* Text R-X, read-only data R--, data RW- but for the guards below the stacks. */
static void kernel_map(void) {
	uint64_t image = (uint64_t)(uintptr_t)kernel_image_start;
	uint64_t text_end = (uint64_t)(uintptr_t)kernel_text_end;
	uint64_t rodata_end = (uint64_t)(uintptr_t)kernel_rodata_end;
	identity_map(image, text_end, PAGE_READ | PAGE_EXECUTE);
	identity_map(text_end, rodata_end, PAGE_READ);

	uint64_t at = rodata_end;
	for (unsigned i = 0; i < arch_stack_count; i++) {
		uint64_t guard = (uint64_t)(uintptr_t)arch_stacks[i].guard;
		identity_map(at, guard, PAGE_READ | PAGE_WRITE);
		at = guard + KERNEL_GUARD_BYTES;
	}
	identity_map(at, page_up((uint64_t)(uintptr_t)kernel_image_end), PAGE_READ | PAGE_WRITE);
}

/* 0: not mapped as a range. */
static unsigned range_rights(const struct boot_range *range) {
	switch (range->kind) {
	case BOOT_RANGE_USABLE:
	case BOOT_RANGE_RECLAIMABLE:
		return PAGE_READ | PAGE_WRITE;
	case BOOT_RANGE_BOOT:
	case BOOT_RANGE_ACPI:
		return PAGE_READ;
	case BOOT_RANGE_RESERVED:
		/* The loader, and what it shares with us, is in there. */
		return machine.call != NULL ? PAGE_READ | PAGE_WRITE : 0;
	default:
		return 0;
	}
}

/* Neighbours with the same rights in one piece: large pages reach over their borders. */
static void ranges_map(void) {
	uint64_t base = 0, end = 0;
	unsigned rights = 0;
	for (uint64_t i = 0; i < machine.info->range_count; i++) {
		const struct boot_range *range = range_at(i);
		unsigned next = range_rights(range);
		uint64_t from = range_base(range);
		if (next != rights || from != end) {
			if (rights != 0)
				identity_map(base, end, rights);
			base = from;
			rights = next;
		}
		end = range->base + range->length;
	}
	if (rights != 0)
		identity_map(base, end, rights);
}

static void give_ranges(enum boot_range_kind kind) {
	for (uint64_t i = 0; i < machine.info->range_count; i++) {
		const struct boot_range *range = range_at(i);
		uint64_t from = range_base(range), end = range->base + range->length;
		if (range->kind == kind && !memory_map_give(&machine.memory, (paddr_t){from}, end - from))
			panic("memory at %lx is named twice", from);
	}
}

/* Before the switch, which may touch them. */
static void devices_map(void) {
	machine.pages_made = true;
	if (machine.device_count > MACHINE_DEVICES_MAX)
		panic("more than %d devices before the page tables", MACHINE_DEVICES_MAX);
	for (unsigned i = 0; i < machine.device_count; i++) {
		const struct machine_device *device = &machine.devices[i];
		if (!device_map((paddr_t){device->base}, device->length, device->rights))
			panic("cannot map a device at %lx", device->base);
	}
}

void space_start(void) {
	memory_map_start(&machine.memory, memory_storage, EXTENTS_MAX);
	give_ranges(BOOT_RANGE_USABLE);
	memory_map_start(&machine.space, space_storage, SPACE_EXTENTS_MAX);
	memory_map_give(&machine.space, (paddr_t){GATE_MAP_BASE}, GATE_MAP_END - GATE_MAP_BASE);
	machine.heap_end = GATE_HEAP_BASE;

	machine.pages = (struct pagetable){.levels = machine.cpu.levels, .table_new = table_new};
	if (!table_new(&machine.pages.root))
		panic("no memory for page tables");
	kernel_map();
	ranges_map();
	const struct boot_framebuffer *framebuffer = &machine.info->framebuffer;
	if (framebuffer->base != 0)
		identity_map(framebuffer->base & ~(PAGE_BYTES - 1), page_up(framebuffer->base + framebuffer->length),
			     PAGE_READ | PAGE_WRITE | PAGE_WRITE_COMBINE);
	devices_map();
	arch_mmu_switch(machine.pages.root, machine.pages.levels);
}

void space_reclaim(void) {
	give_ranges(BOOT_RANGE_RECLAIMABLE);
}

/* ---- the programme's pages --------------------------------------------------------------------------------------- */

/* Readable always; never writable and executable. */
static bool flags_valid(uint64_t flags) {
	const uint64_t known =
		PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE | PLATFORM_MEMORY_EXECUTE | PLATFORM_MEMORY_CONTIGUOUS;
	return (flags & ~known) == 0 && flags & PLATFORM_MEMORY_READ &&
	       !(flags & PLATFORM_MEMORY_WRITE && flags & PLATFORM_MEMORY_EXECUTE);
}

static bool in_map_area(uint64_t address, uint64_t bytes) {
	return bytes != 0 && address >= GATE_MAP_BASE && address < GATE_MAP_END && bytes <= GATE_MAP_END - address &&
	       (address & (PAGE_BYTES - 1)) == 0;
}

static unsigned rights_of(uint64_t flags) {
	return PAGE_USER | (flags & PLATFORM_MEMORY_READ ? PAGE_READ : 0) |
	       (flags & PLATFORM_MEMORY_WRITE ? PAGE_WRITE : 0) | (flags & PLATFORM_MEMORY_EXECUTE ? PAGE_EXECUTE : 0);
}

static void run_flush(void *context, const struct pagetable_run *run) {
	(void)context;
	arch_tlb_flush(run->first.address, run->first.bytes, run->count);
}

static void run_release(void *context, const struct pagetable_run *run) {
	run_flush(context, run);
	memory_map_give(&machine.memory, run->first.page, run->count * run->first.bytes);
}

/* Where a mapping's physical memory comes from. Scattered: pieces of a block that is twice as large as need be, in
 * random order, and the pieces that are left over go back. They are few, since each may cost an extent. */
struct pieces {
	uint64_t page_bytes;
	bool contiguous;
	paddr_t block;
	uint64_t piece_bytes; /* of the block's; 0: not scattered */
	unsigned used;
	uint8_t order[SCATTER_PIECES];
};

void space_scatter(uint64_t seed) {
	machine.scatter = seed;
}

/* false: there is no such block. What does not fit is not mapped in order: it would count as a random placement. */
static bool scatter(struct pieces *pieces, uint64_t bytes) {
	uint64_t piece_bytes = page_up((2 * bytes + SCATTER_PIECES - 1) / SCATTER_PIECES);
	if (!memory_map_take(&machine.memory, piece_bytes * SCATTER_PIECES, PAGE_BYTES, &pieces->block))
		return false;
	pieces->piece_bytes = piece_bytes;
	for (unsigned i = 0; i < SCATTER_PIECES; i++) {
		unsigned other = (unsigned)(splitmix64_next(&machine.scatter) % (i + 1));
		pieces->order[i] = pieces->order[other];
		pieces->order[other] = (uint8_t)i;
	}
	return true;
}

static void pieces_finish(struct pieces *pieces) {
	while (pieces->piece_bytes != 0 && pieces->used < SCATTER_PIECES)
		memory_map_give(&machine.memory,
				(paddr_t){pieces->block.value + pieces->order[pieces->used++] * pieces->piece_bytes},
				pieces->piece_bytes);
}

/* The next piece of physical memory for a mapping; 0: none. */
static uint64_t piece_take(struct pieces *pieces, uint64_t bytes, paddr_t *piece) {
	if (pieces->piece_bytes != 0) {
		uint64_t whole = pieces->piece_bytes, taken = bytes < whole ? bytes : whole;
		piece->value = pieces->block.value + pieces->order[pieces->used++] * whole;
		memory_map_give(&machine.memory, (paddr_t){piece->value + taken}, whole - taken);
		return taken;
	}
	if (pieces->contiguous)
		return memory_map_take(&machine.memory, bytes, pieces->page_bytes, piece) ? bytes : 0;
	if (pieces->page_bytes == PAGE_BYTES)
		return memory_map_take_piece(&machine.memory, bytes, piece);
	return memory_map_take(&machine.memory, pieces->page_bytes, pieces->page_bytes, piece) ? pieces->page_bytes : 0;
}

/* All of it or nothing. */
static int back_with(struct pieces *pieces, uint64_t address, uint64_t bytes, unsigned rights) {
	uint64_t page_bytes = pieces->page_bytes, done = 0;
	unsigned level = page_bytes == PAGE_BYTES ? 0 : page_bytes == pagetable_level_bytes(1) ? 1 : 2;
	while (done < bytes) {
		paddr_t piece = {0};
		uint64_t taken = piece_take(pieces, bytes - done, &piece);
		int error = taken == 0 ? PAGETABLE_ENOMEM
				       : pagetable_map(&machine.pages, (vaddr_t){address + done}, piece, taken, rights,
						       level);
		if (error != 0) {
			uint64_t mapped = 0;
			struct pagetable_leaf leaf;
			while (mapped < taken &&
			       pagetable_find(&machine.pages, (vaddr_t){address + done + mapped}, &leaf))
				mapped += page_bytes;
			memory_map_give(&machine.memory, (paddr_t){piece.value + mapped}, taken - mapped);
			pagetable_change(&machine.pages, (vaddr_t){address}, done + mapped, 0, run_release, NULL);
			return PLATFORM_ENOMEM;
		}
		done += taken;
	}
	return 0;
}

int space_back(uint64_t address, uint64_t bytes, unsigned rights) {
	struct pieces pieces = {.page_bytes = PAGE_BYTES};
	return back_with(&pieces, address, page_up(bytes), rights | PAGE_USER);
}

int space_show(uint64_t address, uint64_t physical, uint64_t bytes, unsigned rights) {
	int error = pagetable_map(&machine.pages, (vaddr_t){address}, (paddr_t){physical}, page_up(bytes),
				  rights | PAGE_USER, 0);
	return error == 0 ? 0 : PLATFORM_ENOMEM;
}

int64_t space_heap_grow(uint64_t bytes) {
	uint64_t old = machine.heap_end;
	if (bytes > GATE_MAP_BASE - old || bytes > machine.memory.free_bytes)
		return PLATFORM_ENOMEM;
	bytes = page_up(bytes);
	int error = space_back(old, bytes, PAGE_READ | PAGE_WRITE);
	if (error != 0)
		return error;
	machine.heap_end = old + bytes;
	return (int64_t)old;
}

static bool page_bytes_offered(uint64_t page_bytes) {
	return page_bytes == PAGE_BYTES ||
	       (!machine.pages_small && (page_bytes == pagetable_level_bytes(1) ||
					 (page_bytes == pagetable_level_bytes(2) && machine.cpu.pages_1gib)));
}

int64_t space_map(uint64_t bytes, uint64_t page_bytes, uint64_t flags) {
	if (!page_bytes_offered(page_bytes))
		return page_bytes == pagetable_level_bytes(1) || page_bytes == pagetable_level_bytes(2)
			       ? PLATFORM_EUNSUPPORTED
			       : PLATFORM_EINVAL;
	if (bytes == 0 || !flags_valid(flags))
		return PLATFORM_EINVAL;
	if (bytes > machine.memory.free_bytes)
		return PLATFORM_ENOMEM;
	bytes = (bytes + page_bytes - 1) & ~(page_bytes - 1);
	/* A page of the mapping's size on either side is the guard: the mapping stays aligned. */
	paddr_t space;
	if (!memory_map_take(&machine.space, bytes + 2 * page_bytes, page_bytes, &space))
		return PLATFORM_ENOMEM;
	uint64_t address = space.value + page_bytes;
	struct pieces pieces = {.page_bytes = page_bytes, .contiguous = flags & PLATFORM_MEMORY_CONTIGUOUS};
	bool scattered = machine.scatter != 0 && page_bytes == PAGE_BYTES && !pieces.contiguous;
	int error = PLATFORM_ENOMEM;
	if (!scattered || scatter(&pieces, bytes))
		error = back_with(&pieces, address, bytes, rights_of(flags));
	pieces_finish(&pieces);
	if (error != 0) {
		memory_map_give(&machine.space, space, bytes + 2 * page_bytes);
		return error;
	}
	return (int64_t)address;
}

int space_protect(uint64_t address, uint64_t bytes, uint64_t flags) {
	if (!in_map_area(address, bytes) || !flags_valid(flags))
		return PLATFORM_EINVAL;
	bytes = page_up(bytes);
	if (guard_stands_on(address, bytes))
		return PLATFORM_EBUSY;
	if (flags & PLATFORM_MEMORY_EXECUTE && space_user_may(address, bytes, PAGE_READ))
		arch_code_publish((const void *)(uintptr_t)address, bytes);
	return pagetable_change(&machine.pages, (vaddr_t){address}, bytes, rights_of(flags), run_flush, NULL) == 0
		       ? 0
		       : PLATFORM_EINVAL;
}

int space_unmap(uint64_t address, uint64_t bytes) {
	struct pagetable_leaf leaf, neighbour;
	if (!in_map_area(address, bytes) || !pagetable_find(&machine.pages, (vaddr_t){address}, &leaf))
		return PLATFORM_EINVAL;
	bytes = (bytes + leaf.bytes - 1) & ~(leaf.bytes - 1);
	if (guard_stands_on(address, bytes))
		return PLATFORM_EBUSY;
	/* From guard to guard, or it is not what was mapped. */
	if (pagetable_find(&machine.pages, (vaddr_t){address - 1}, &neighbour) ||
	    pagetable_find(&machine.pages, (vaddr_t){address + bytes}, &neighbour) ||
	    pagetable_change(&machine.pages, (vaddr_t){address}, bytes, 0, run_release, NULL) != 0)
		return PLATFORM_EINVAL;
	memory_map_give(&machine.space, (paddr_t){address - leaf.bytes}, bytes + 2 * leaf.bytes);
	return 0;
}

void space_kernel_protect(paddr_t base, uint64_t length, unsigned rights) {
	if (pagetable_change(&machine.pages, (vaddr_t){base.value}, length, rights, run_flush, NULL) != 0)
		panic("memory at %lx is not the kernel's", base.value);
}

bool space_user_may(uint64_t address, uint64_t bytes, unsigned right) {
	return bytes != 0 && address >= GATE_PROGRAM_BASE && address < GATE_PROGRAM_END &&
	       bytes <= GATE_PROGRAM_END - address &&
	       pagetable_allows(&machine.pages, (vaddr_t){address}, bytes, right | PAGE_USER);
}

bool space_user_may_go_on(uint64_t instruction, uint64_t stack) {
	return space_user_may(instruction, 1, PAGE_EXECUTE) && space_user_may(stack, 1, PAGE_WRITE);
}
