/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine for the kernel's address space: the kernel's image is a few labelled pages, and RAM is a block of host
 * memory that is its own physical memory. The programme's addresses are the host's, too: what touches one is served by
 * an MMU, which is the handler of SIGSEGV and walks the kernel's real tables; what they do not map, or not for that
 * access, is a crash of the test. Include it once in a test.
 */
#pragma once

#include "kernel/end.h"
#include "kernel/gate.h"
#include "kernel/image.h"
#include "kernel/machine.h"
#include "kernel/memory/core_area.h"
#include "kernel/memory/space.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096, RAM_BYTES = 64 << 20 };
static const uint64_t MIB = UINT64_C(1) << 20;
static const uint64_t FAR_RAM = UINT64_C(1) << 33; /* never touched: nothing takes tables from the upper end */

struct machine machine;
const unsigned arch_stack_count = 2;

/* Text of two pages, read-only data of one, data of one, two stacks with their guards. */
__asm__(".pushsection .bss\n"
	".balign 4096\n"
	".globl kernel_image_start\nkernel_image_start: .zero 8192\n"
	".globl kernel_text_end\nkernel_text_end: .zero 4096\n"
	".globl kernel_rodata_end\nkernel_rodata_end: .zero 4096\n"
	".globl arch_stacks\narch_stacks: .zero 2 * (4096 + 16384)\n"
	".globl kernel_image_end\nkernel_image_end: .zero 4096\n"
	".popsection\n");

static unsigned flushes, flushes_of_all;
static uint64_t published;
static uint64_t root;
static uint64_t ram;
static int ram_file;
static uint64_t mmu_last; /* where it was asked last; 0: nowhere since a flush */

void arch_tlb_flush(vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	cr_assert_eq(address.value & (leaf_bytes - 1), 0);
	flushes += (unsigned)count;
	mmu_last = 0;
	if (address.value >= GATE_PROGRAM_BASE)
		munmap((void *)(uintptr_t)address.value, count * leaf_bytes);
}

void arch_tlb_invalidate(vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	cr_assert_eq(address.value & (leaf_bytes - 1), 0);
	flushes += (unsigned)count;
}

void arch_tlb_invalidate_all(void) {
	flushes_of_all++;
}

void arch_mmu_switch(paddr_t table, unsigned levels) {
	cr_assert_eq(levels, 4);
	root = table.value;
}

void arch_code_publish(const void *bytes, uint64_t length) {
	(void)bytes;
	published += length;
}

_Noreturn void panic(const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	abort();
}

static void mmu_fault(int number, siginfo_t *info, void *context) {
	(void)context;
	uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
	struct pagetable_leaf leaf;
	unsigned cpu;
	bool reached = space_user_may(address, 1, PAGE_READ) || core_area_of(address, &cpu);
	if (address == mmu_last || !reached || !pagetable_find(&machine.pages, (vaddr_t){address}, &leaf)) {
		signal(number, SIG_DFL);
		return;
	}
	mmu_last = address;
	int rights = PROT_READ | (leaf.rights & PAGE_WRITE ? PROT_WRITE : 0);
	mmap((void *)(uintptr_t)leaf.address.value, leaf.bytes, rights, MAP_SHARED | MAP_FIXED, ram_file,
	     (off_t)(leaf.page.value - ram));
}

static void ram_make(void) {
	void *block = mmap(NULL, 2 * RAM_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(block, MAP_FAILED);
	ram = ((uint64_t)(uintptr_t)block + RAM_BYTES - 1) & ~(uint64_t)(RAM_BYTES - 1);
	ram_file = memfd_create("ram", 0);
	cr_assert_eq(ftruncate(ram_file, RAM_BYTES), 0);
	cr_assert_neq(
		mmap((void *)(uintptr_t)ram, RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, ram_file, 0),
		MAP_FAILED);
}

static void boot(void) {
	static struct boot_range ranges[3];
	static struct boot_info info;
	ram_make();
	unsigned count = 0;
	ranges[count++] = (struct boot_range){0, 640 * 1024, BOOT_RANGE_USABLE, 0};
	ranges[count++] = (struct boot_range){FAR_RAM, 3 * MIB, BOOT_RANGE_ACPI, 0};
	ranges[count++] = (struct boot_range){ram, RAM_BYTES, BOOT_RANGE_USABLE, 0};
	info = (struct boot_info){.ranges = (uint64_t)(uintptr_t)ranges, .range_count = count};
	machine = (struct machine){.info = &info, .cpu = {.levels = 4}};
	munmap((void *)(uintptr_t)GATE_PROGRAM_BASE, GATE_START_BASE - GATE_PROGRAM_BASE);
	munmap((void *)(uintptr_t)CORE_AREA_BASE, (size_t)CORE_LIST_MAX * CORE_AREA_BYTES);
	space_start();
	flushes = 0;
	mmu_last = 0;
	struct sigaction mmu = {.sa_sigaction = mmu_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
	sigaction(SIGSEGV, &mmu, NULL);
}

static inline uint64_t image(const uint8_t *label) {
	return (uint64_t)(uintptr_t)label;
}

enum { READ_WRITE = PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE };
