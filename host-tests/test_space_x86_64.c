/* SPDX-License-Identifier: Apache-2.0
 *
 * The address space over a fake machine: the real space.c, device.c, walker, allocator and x86_64 entries.
 */
#include "host-tests/fake_machine.h"
#include "kernel/guard_state.h"
#include "kernel/memory/device.h"

#include <string.h>

static bool guarded; /* a guard stands on all memory */

bool guard_stands_on(uint64_t address, uint64_t bytes) {
	(void)address, (void)bytes;
	return guarded;
}

static unsigned rights_at(uint64_t address) {
	struct pagetable_leaf leaf;
	return pagetable_find(&machine.pages, (vaddr_t){address}, &leaf) ? leaf.rights : 0;
}

static uint64_t leaf_bytes(uint64_t address) {
	struct pagetable_leaf leaf;
	return pagetable_find(&machine.pages, (vaddr_t){address}, &leaf) ? leaf.bytes : 0;
}

/* ---- the kernel's own -------------------------------------------------------------------------------------------- */

Test(space, kernel_is_never_writable_and_executable, .init = boot) {
	cr_assert_eq(rights_at(image(kernel_image_start)), PAGE_READ | PAGE_EXECUTE);
	cr_assert_eq(rights_at(image(kernel_text_end)), PAGE_READ);
	cr_assert_eq(rights_at(image(kernel_rodata_end)), PAGE_READ | PAGE_WRITE);
	cr_assert_eq(rights_at(ram), PAGE_READ | PAGE_WRITE);
	cr_assert_eq(rights_at(FAR_RAM), PAGE_READ);
	cr_assert_eq(root, machine.pages.root.value, "and it is in force");
}

Test(space, guards_page_0_and_low_memory_are_not_mapped, .init = boot) {
	for (unsigned i = 0; i < arch_stack_count; i++) {
		cr_assert_eq(rights_at((uint64_t)(uintptr_t)arch_stacks[i].guard), 0);
		cr_assert_eq(rights_at((uint64_t)(uintptr_t)arch_stacks[i].bytes), PAGE_READ | PAGE_WRITE);
	}
	cr_assert_eq(rights_at(0), 0);
	cr_assert_eq(rights_at(PAGE), 0);
	cr_assert_eq(machine.memory.free_bytes, RAM_BYTES, "none of the low memory is given out");
}

Test(space, ram_is_in_large_pages, .init = boot) {
	cr_assert_eq(leaf_bytes(ram), 2 * MIB);
	cr_assert_eq(leaf_bytes(FAR_RAM + 2 * MIB), PAGE);
}

Test(space, devices_asked_for_early_are_mapped_later) {
	boot();
	machine.pages_made = false;
	machine.device_count = 0;
	device_map((paddr_t){0xfee00010}, 16, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	cr_assert_eq(machine.device_count, 1);
	machine.pages_made = true;
	device_map((paddr_t){0xfed00ff0}, 32, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	cr_assert_eq(rights_at(0xfed00000), PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	cr_assert_eq(rights_at(0xfed01000), PAGE_READ | PAGE_WRITE | PAGE_DEVICE, "it reaches over a page's end");
	device_map((paddr_t){0xfed01000}, 4096, PAGE_READ);
	cr_assert_eq(rights_at(0xfed01000), PAGE_READ | PAGE_WRITE | PAGE_DEVICE, "what is mapped stays as it is");
	cr_assert(device_map((paddr_t){0xfed00000}, 3 * 4096, PAGE_READ));
	cr_assert_eq(rights_at(0xfed01000), PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	cr_assert_eq(rights_at(0xfed02000), PAGE_READ, "and what is not is mapped");
	device_map((paddr_t){0x10}, 4096, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	cr_assert_eq(rights_at(0), 0, "page 0 is no device's");
	cr_assert_eq(rights_at(0x1000), PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
}

Test(space, without_memory_for_a_table_no_device_is_mapped, .init = boot) {
	paddr_t taken;
	while (memory_map_take_piece(&machine.memory, RAM_BYTES, &taken) != 0)
		;
	uint64_t at = UINT64_C(1) << 36;
	while (device_map((paddr_t){at}, 1, PAGE_READ)) /* the kernel's own first tables */
		at += 1024 * MIB;
	cr_assert_eq(rights_at(at), 0);
}

/* ---- the programme's --------------------------------------------------------------------------------------------- */

Test(space, heap_grows_in_one_piece, .init = boot) {
	cr_assert_eq(space_heap_grow(1), (int64_t)GATE_HEAP_BASE);
	cr_assert_eq(space_heap_grow(3 * PAGE), (int64_t)GATE_HEAP_BASE + PAGE);
	cr_assert(space_user_may(GATE_HEAP_BASE, 4 * PAGE, PAGE_WRITE));
	cr_assert_not(space_user_may(GATE_HEAP_BASE, 4 * PAGE + 1, PAGE_READ));
	cr_assert_eq(space_heap_grow(RAM_BYTES), PLATFORM_ENOMEM);
	cr_assert_eq(space_heap_grow(UINT64_MAX), PLATFORM_ENOMEM);
	cr_assert_eq(space_heap_grow(PAGE), (int64_t)GATE_HEAP_BASE + 4 * PAGE, "a failure moves nothing");
}

Test(space, mappings_have_the_pages_asked_for_and_guards, .init = boot) {
	const uint64_t sizes[] = {PAGE, 2 * MIB};
	for (size_t i = 0; i < 2; i++) {
		int64_t address = space_map(4 * MIB, sizes[i], READ_WRITE);
		cr_assert_gt(address, 0);
		uint64_t at = (uint64_t)address;
		cr_assert_eq(at % sizes[i], 0);
		for (uint64_t offset = 0; offset < 4 * MIB; offset += sizes[i]) {
			cr_assert_eq(leaf_bytes(at + offset), sizes[i]);
			cr_assert_eq(rights_at(at + offset), PAGE_READ | PAGE_WRITE | PAGE_USER);
		}
		cr_assert_eq(rights_at(at - 1), 0);
		cr_assert_eq(rights_at(at + 4 * MIB), 0);
	}
}

/* What a mapping of 64 pages is made of, by page. */
static void pages_of(uint64_t seed, uint64_t pages[64]) {
	space_scatter(seed);
	int64_t address = space_map(64 * PAGE, PAGE, READ_WRITE);
	space_scatter(0);
	cr_assert_gt(address, 0);
	for (uint64_t i = 0; i < 64; i++) {
		struct pagetable_leaf leaf;
		cr_assert(pagetable_find(&machine.pages, (vaddr_t){(uint64_t)address + i * PAGE}, &leaf));
		cr_assert_eq(leaf.rights, PAGE_READ | PAGE_WRITE | PAGE_USER);
		pages[i] = leaf.page.value;
		for (uint64_t k = 0; k < i; k++)
			cr_assert_neq(pages[k], pages[i], "page %lu is page %lu, too", k, i);
	}
	cr_assert_eq(space_unmap((uint64_t)address, 64 * PAGE), 0);
}

Test(space, scattered_pages_differ_by_seed_and_all_come_back, .init = boot) {
	uint64_t plain[64], one[64], again[64], other[64], pages = 0, moved = 0;
	pages_of(0, plain);
	uint64_t free_bytes = machine.memory.free_bytes;
	size_t extents = machine.memory.count;
	pages_of(1, one);
	pages_of(1, again);
	pages_of(2, other);
	cr_assert_eq(machine.memory.free_bytes, free_bytes);
	cr_assert_eq(machine.memory.count, extents, "in one piece again");
	for (int i = 0; i < 64; i++) {
		cr_assert_eq(one[i], again[i]);
		pages += one[i] != plain[i];
		moved += one[i] != other[i];
	}
	cr_assert_gt(pages, 48);
	cr_assert_gt(moved, 48);
	/* More pages than pieces, and a last piece that is not whole. */
	space_scatter(3);
	int64_t address = space_map(1001 * PAGE, PAGE, READ_WRITE);
	cr_assert_gt(address, 0);
	cr_assert(space_user_may((uint64_t)address, 1001 * PAGE, PAGE_WRITE));
	cr_assert_eq(space_unmap((uint64_t)address, 1001 * PAGE), 0);
	cr_assert_eq(machine.memory.free_bytes, free_bytes);
}

Test(space, what_cannot_be_scattered_is_not_mapped, .init = boot) {
	uint64_t more_than_half = RAM_BYTES / 4 * 3;
	space_scatter(1);
	uint64_t free_bytes = machine.memory.free_bytes, space = machine.space.free_bytes;
	cr_assert_eq(space_map(more_than_half, PAGE, READ_WRITE), PLATFORM_ENOMEM);
	cr_assert_eq(machine.memory.free_bytes, free_bytes);
	cr_assert_eq(machine.space.free_bytes, space);
	space_scatter(0);
	cr_assert_gt(space_map(more_than_half, PAGE, READ_WRITE), 0);
}

Test(space, contiguous_is_contiguous, .init = boot) {
	/* Something between, so that it would not be so by itself. */
	cr_assert_gt(space_map(PAGE, PAGE, READ_WRITE), 0);
	int64_t hole = space_map(PAGE, PAGE, READ_WRITE);
	cr_assert_gt(space_map(PAGE, PAGE, READ_WRITE), 0);
	cr_assert_eq(space_unmap((uint64_t)hole, PAGE), 0);
	int64_t address = space_map(64 * PAGE, PAGE, READ_WRITE | PLATFORM_MEMORY_CONTIGUOUS);
	cr_assert_gt(address, 0);
	struct pagetable_leaf first, leaf;
	cr_assert(pagetable_find(&machine.pages, (vaddr_t){(uint64_t)address}, &first));
	for (uint64_t i = 0; i < 64; i++) {
		cr_assert(pagetable_find(&machine.pages, (vaddr_t){(uint64_t)address + i * PAGE}, &leaf));
		cr_assert_eq(leaf.page.value, first.page.value + i * PAGE);
	}
}

Test(space, refuses_what_cannot_be, .init = boot) {
	uint64_t before = machine.memory.free_bytes;
	cr_assert_eq(space_map(0, PAGE, READ_WRITE), PLATFORM_EINVAL);
	cr_assert_eq(space_map(PAGE, 8192, READ_WRITE), PLATFORM_EINVAL);
	cr_assert_eq(space_map(PAGE, PAGE, READ_WRITE | PLATFORM_MEMORY_EXECUTE), PLATFORM_EINVAL);
	cr_assert_eq(space_map(PAGE, PAGE, PLATFORM_MEMORY_WRITE), PLATFORM_EINVAL, "readable always");
	cr_assert_eq(space_map(PAGE, UINT64_C(1) << 30, READ_WRITE), PLATFORM_EUNSUPPORTED);
	cr_assert_eq(space_map(RAM_BYTES + PAGE, PAGE, READ_WRITE), PLATFORM_ENOMEM);
	cr_assert_eq(space_map(UINT64_MAX, PAGE, READ_WRITE), PLATFORM_ENOMEM);
	cr_assert_eq(machine.memory.free_bytes, before);
}

/* All RAM, so that the tables for it cannot be had: what was taken goes back. */
Test(space, a_mapping_that_fails_takes_nothing, .init = boot) {
	for (unsigned i = 0; i < 3; i++)
		cr_assert_gt(space_heap_grow(PAGE), 0); /* its tables are there */
	uint64_t before = machine.memory.free_bytes;
	int64_t address = space_map(before, PAGE, READ_WRITE);
	if (address > 0)
		cr_assert_eq(space_unmap((uint64_t)address, before), 0);
	uint64_t tables = before - machine.memory.free_bytes;
	cr_assert_leq(tables, 64 * PAGE, "but for tables nothing is gone: %lu", (unsigned long)tables);
	cr_assert_gt(space_map(MIB, PAGE, READ_WRITE), 0, "and the next is served");
}

Test(space, protects_and_unmaps_whole_mappings, .init = boot) {
	uint64_t before = machine.memory.free_bytes;
	uint64_t at = (uint64_t)space_map(4 * PAGE, PAGE, READ_WRITE);
	cr_assert_eq(space_protect(at, 4 * PAGE, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_EXECUTE), 0);
	cr_assert_eq(rights_at(at + 3 * PAGE), PAGE_READ | PAGE_EXECUTE | PAGE_USER);
	cr_assert_eq(published, 4 * PAGE);
	cr_assert_eq(flushes, 4);
	cr_assert_eq(space_protect(at, 4 * PAGE, READ_WRITE | PLATFORM_MEMORY_EXECUTE), PLATFORM_EINVAL);
	cr_assert_eq(space_protect(at, 5 * PAGE, PLATFORM_MEMORY_READ), PLATFORM_EINVAL);
	cr_assert_eq(space_protect(GATE_PROGRAM_BASE, PAGE, READ_WRITE), PLATFORM_EINVAL, "not what map gave");
	cr_assert_eq(space_protect(ram, PAGE, READ_WRITE), PLATFORM_EINVAL, "not the programme's");

	cr_assert_eq(space_unmap(at, PAGE), PLATFORM_EINVAL, "a part");
	cr_assert_eq(space_unmap(at + PAGE, 3 * PAGE), PLATFORM_EINVAL, "a part");
	cr_assert_eq(space_unmap(at + 1, 4 * PAGE), PLATFORM_EINVAL);
	cr_assert_eq(space_unmap(at, 4 * PAGE), 0);
	cr_assert_eq(space_unmap(at, 4 * PAGE), PLATFORM_EINVAL, "twice");
	cr_assert_eq(rights_at(at), 0);
	cr_assert_eq(machine.memory.free_bytes, before);
}

Test(space, what_a_guard_stands_on_stays, .init = boot) {
	uint64_t at = (uint64_t)space_map(4 * PAGE, PAGE, READ_WRITE);
	guarded = true;
	cr_assert_eq(space_protect(at, PAGE, PLATFORM_MEMORY_READ), PLATFORM_EBUSY);
	cr_assert_eq(space_unmap(at, 4 * PAGE), PLATFORM_EBUSY);
	cr_assert(space_user_may(at, 4 * PAGE, PAGE_WRITE));
	guarded = false;
	cr_assert_eq(space_unmap(at, 4 * PAGE), 0);
}

Test(space, addresses_come_back, .init = boot) {
	int64_t first = space_map(PAGE, PAGE, READ_WRITE);
	for (unsigned i = 0; i < 10000; i++) {
		cr_assert_eq(space_unmap((uint64_t)first, PAGE), 0);
		cr_assert_eq(space_map(PAGE, PAGE, READ_WRITE), first);
	}
}

Test(space, the_programme_may_touch_only_its_own, .init = boot) {
	uint64_t at = (uint64_t)space_map(2 * PAGE, PAGE, PLATFORM_MEMORY_READ);
	cr_assert(space_user_may(at, 2 * PAGE, PAGE_READ));
	cr_assert_not(space_user_may(at, PAGE, PAGE_WRITE));
	cr_assert_not(space_user_may(ram, 1, PAGE_READ));
	cr_assert_not(space_user_may(image(kernel_image_start), 1, PAGE_READ));
	cr_assert_not(space_user_may(0, 1, PAGE_READ));
	cr_assert_not(space_user_may(UINT64_MAX, 2, PAGE_READ));
	cr_assert_not(space_user_may(at + PAGE, UINT64_MAX, PAGE_READ));
	cr_assert_not(space_user_may(at, 0, PAGE_READ), "of no bytes nothing");
	for (unsigned bit = 47; bit < 64; bit++)
		cr_assert_not(space_user_may(at | UINT64_C(1) << bit, 1, PAGE_READ), "bit %u", bit);
}
