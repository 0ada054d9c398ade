/* SPDX-License-Identifier: Apache-2.0
 *
 * The root of the page tables, and the TLB. Source: Intel SDM volume 3A, 4.10 (caching translations), 11.12 (PAT).
 */
#include "kernel/arch.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"

/* SMEP and UMIP come with our tables: a firmware's may have the user bit on its own pages. */
void arch_mmu_switch(paddr_t root, unsigned levels) {
	const struct cpuid_choice *choice = cpu_choice();
	(void)levels;
	if (choice->pat)
		msr_write(MSR_IA32_PAT, PAT_VALUE);
	cr3_write(root.value);
	cr4_write(cr4_read() | (choice->smep ? CR4_SMEP : 0) | (choice->umip ? CR4_UMIP : 0));
}

/* 4.10.4.1: INVLPG drops what any PCID's TLB has of the page, and of the tables above it what is cached. */
void arch_tlb_invalidate(vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	for (uint64_t at = address.value; count > 0; count--, at += leaf_bytes)
		__asm__ volatile("invlpg (%0)" : : "r"(at) : "memory");
}

/* Nothing is global. */
void arch_tlb_invalidate_all(void) {
	cr3_write(cr3_read());
}

/* Beyond a few leaves it is quicker to forget all. */
void arch_tlb_flush(vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	enum { EACH_MAX = 16 };
	if (count > EACH_MAX)
		arch_tlb_invalidate_all();
	else
		arch_tlb_invalidate(address, leaf_bytes, count);
}

/* Instruction fetch is coherent with stores here. */
void arch_code_publish(const void *bytes, uint64_t length) {
	(void)bytes, (void)length;
}
