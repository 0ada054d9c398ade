/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/memory/core_area.h"

#include "kernel/machine.h"
#include "lib/units.h"

#include <string.h>

/* The parts that are mapped, in their order in the memory that is taken for one. */
static const struct {
	uint64_t from, to;
} parts[] = {{CORE_ARCH, CORE_AREA_END}, {CORE_STACK, CORE_STACK_TOP}, {CORE_TRAP, CORE_TRAP_TOP}};

bool core_area_of(uint64_t address, unsigned *cpu) {
	uint64_t offset = address - CORE_AREA_BASE;
	*cpu = (unsigned)(offset / CORE_AREA_BYTES);
	return address >= CORE_AREA_BASE && offset < (uint64_t)CORE_LIST_MAX * CORE_AREA_BYTES;
}

bool core_area_is_made(unsigned cpu) {
	return machine.core_areas[cpu] != 0;
}

uint64_t core_area_physical(unsigned cpu, uint64_t offset) {
	uint64_t at = machine.core_areas[cpu];
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (offset >= parts[i].from && offset < parts[i].to)
			return at + (offset - parts[i].from);
		at += parts[i].to - parts[i].from;
	}
	return 0;
}

bool core_area_make(unsigned cpu) {
	if (machine.core_areas[cpu] != 0)
		return true;
	uint64_t bytes = 0;
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		bytes += parts[i].to - parts[i].from;
	paddr_t memory;
	if (!memory_map_take(&machine.memory, bytes, PAGE_BYTES, &memory))
		return false;
	uint64_t at = memory.value;
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint64_t length = parts[i].to - parts[i].from;
		int error = pagetable_map(&machine.pages, (vaddr_t){core_area(cpu) + parts[i].from}, (paddr_t){at},
					  length, PAGE_READ | PAGE_WRITE, 0);
		if (error != 0)
			return false;
		at += length;
	}
	memset((void *)(uintptr_t)memory.value, 0, CORE_AREA_END - CORE_ARCH);
	machine.core_areas[cpu] = memory.value;
	return true;
}
