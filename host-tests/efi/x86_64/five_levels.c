/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: starts the loader on a firmware with five levels of page tables. The fifth is one page
 * with one entry, the firmware's own tables. CR4.LA57 changes outside of 64-bit mode alone: the processor leaves it and
 * comes back, on code, stack and tables below 4 GiB. Source: Intel SDM volume 3A, 4.1.2 and 9.8.5.
 */
#include "boot/freestanding.h"
#include "host-tests/efi/chain.h"
#include "kernel/x86_64/registers.h"

#include <stdint.h>

#define LOWEST_4GIB UINT64_C(0xffffffff)
#define ENTRY_TABLE 3 /* present, writable */

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

struct __attribute__((packed)) table_pointer {
	uint16_t limit;
	uint64_t base;
};

/* Flat: none, code of 32 bits, code of 64 bits, data. */
static const uint64_t segments[] = {0, 0x00cf9b000000ffff, 0x00af9b000000ffff, 0x00cf93000000ffff};
enum { CODE_32 = 8, CODE_64 = 16, DATA = 24 };

/* Interrupts are off. Upper halves of registers are undefined once the processor was out of 64-bit mode. */
static void enter(uint32_t root) {
	static struct table_pointer ours, theirs;
	ours = (struct table_pointer){sizeof(segments) - 1, (uint64_t)segments};
	__asm__ volatile("sgdt %[theirs]\n\t"
			 "lgdt %[ours]\n\t"
			 "push %%rbp\n\t"
			 "mov %%cs, %%eax\n\t"
			 "push %%rax\n\t"
			 "mov %%ss, %%eax\n\t"
			 "push %%rax\n\t"
			 "mov %[data], %%eax\n\t"
			 "mov %%eax, %%ss\n\t"
			 "lea 2f(%%rip), %%rdx\n\t"
			 "lea 1f(%%rip), %%rax\n\t"
			 "push %[code_32]\n\t"
			 "push %%rax\n\t"
			 "lretq\n\t"
			 ".code32\n"
			 "1:	mov %%cr0, %%eax\n\t"
			 "and %[not_paging], %%eax\n\t"
			 "mov %%eax, %%cr0\n\t"
			 "mov %%cr4, %%eax\n\t"
			 "or %[la57], %%eax\n\t"
			 "mov %%eax, %%cr4\n\t"
			 "mov %%ecx, %%cr3\n\t"
			 "mov %%cr0, %%eax\n\t"
			 "or %[paging], %%eax\n\t"
			 "mov %%eax, %%cr0\n\t"
			 "push %[code_64]\n\t"
			 "push %%edx\n\t"
			 "lret\n\t"
			 ".code64\n"
			 "2:	mov %%esp, %%esp\n\t"
			 "lgdt %[theirs]\n\t"
			 "pop %%rax\n\t"
			 "mov %%eax, %%ss\n\t"
			 "pop %%rax\n\t"
			 "lea 3f(%%rip), %%rdx\n\t"
			 "push %%rax\n\t"
			 "push %%rdx\n\t"
			 "lretq\n"
			 "3:	pop %%rbp"
			 : [theirs] "+m"(theirs), "+c"(root)
			 : [ours] "m"(ours), [data] "i"(DATA), [code_32] "i"(CODE_32), [code_64] "i"(CODE_64),
			   [not_paging] "i"(~CR0_PG), [paging] "i"(CR0_PG), [la57] "i"(CR4_LA57)
			 : "rax", "rbx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
			   "memory", "cc");
}

static uint64_t cr3_read(void) {
	uint64_t cr3;
	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	return cr3;
}

static uint64_t cr4_read(void) {
	uint64_t cr4;
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	return cr4;
}

static void go_over(uint32_t root) {
	uint64_t rflags;
	__asm__ volatile("pushfq; popq %0; cli" : "=r"(rflags) : : "memory");
	enter(root);
	__asm__ volatile("pushq %0; popfq" : : "r"(rflags) : "memory", "cc");
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_PHYSICAL_ADDRESS root = LOWEST_4GIB;
	EFI_HANDLE loader;
	EFI_STATUS status = chain_load(image, system, &loader);
	if (!EFI_ERROR(status))
		status = system->BootServices->AllocatePages(AllocateMaxAddress, EfiReservedMemoryType, 1, &root);
	if (EFI_ERROR(status))
		return status;
	if ((uintptr_t)efi_main > LOWEST_4GIB || (uintptr_t)&root > LOWEST_4GIB) {
		chain_say(system, L"five_levels: too high up\r\n");
		return EFI_UNSUPPORTED;
	}
	memset((void *)root, 0, EFI_PAGE_SIZE);
	*(uint64_t *)root = cr3_read() | ENTRY_TABLE;
	go_over((uint32_t)root);
	chain_say(system, cr4_read() & CR4_LA57 ? L"five_levels: in use\r\n" : L"five_levels: not in use\r\n");
	return system->BootServices->StartImage(loader, NULL, NULL);
}
