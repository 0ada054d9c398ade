/* SPDX-License-Identifier: Apache-2.0
 *
 * TLB and caches. The switch of the translation regime itself is handback.c's, which also has to undo it.
 * Source: Arm ARM (DDI 0487), B2.4 (caches and coherency), D8.13 (TLB maintenance).
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/registers.h"

enum {
	CTR_IMINLINE_SHIFT = 0, /* log2 of the words of the smallest line */
	CTR_DMINLINE_SHIFT = 16,
	CTR_LINE_BITS = 4,
	TLBI_VA_SHIFT = 12,
	WORD_BYTES = 4,
};

#define TLBI_VA_MASK UINT64_C(0xfffffffffff)

static uint64_t line_bytes(unsigned shift) {
	return (uint64_t)WORD_BYTES << register_field(register_read(CTR_EL0), shift, CTR_LINE_BITS);
}

/* Code that is fetched with the MMU off must be in memory. */
void cache_clean(const void *start, const void *end) {
	uint64_t line = line_bytes(CTR_DMINLINE_SHIFT);
	for (uint64_t at = (uint64_t)start & ~(line - 1); at < (uint64_t)end; at += line)
		__asm__ volatile("dc cvac, %0" : : "r"(at) : "memory");
	barrier_memory();
}

void cache_clean_and_invalidate(const void *start, const void *end) {
	uint64_t line = line_bytes(CTR_DMINLINE_SHIFT);
	for (uint64_t at = (uint64_t)start & ~(line - 1); at < (uint64_t)end; at += line)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	barrier_memory();
}

void arch_mmu_switch(paddr_t root, unsigned levels) {
	(void)levels; /* four: the granule and address size that handback.c asks for have no fifth */
	cache_clean(mmu_off_start, mmu_off_end);
	barrier_memory();
	handback_regime_enter(root.value);
}

void arch_tlb_invalidate(vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	barrier_memory();
	for (uint64_t at = address.value; count > 0; count--, at += leaf_bytes)
		__asm__ volatile("tlbi vaae1is, %0" : : "r"(at >> TLBI_VA_SHIFT & TLBI_VA_MASK) : "memory");
	barrier_memory();
	barrier_instruction();
}

void arch_tlb_invalidate_all(void) {
	barrier_memory();
	__asm__ volatile("tlbi vmalle1is" : : : "memory");
	barrier_memory();
	barrier_instruction();
}

void arch_tlb_flush(vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	enum { EACH_MAX = 64 };
	if (count > EACH_MAX)
		arch_tlb_invalidate_all();
	else
		arch_tlb_invalidate(address, leaf_bytes, count);
}

void arch_code_publish(const void *bytes, uint64_t length) {
	uint64_t start = (uint64_t)bytes;
	uint64_t line = line_bytes(CTR_DMINLINE_SHIFT);
	for (uint64_t at = start & ~(line - 1); at < start + length; at += line)
		__asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish" : : : "memory");
	line = line_bytes(CTR_IMINLINE_SHIFT);
	for (uint64_t at = start & ~(line - 1); at < start + length; at += line)
		__asm__ volatile("ic ivau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish; isb" : : : "memory");
}
