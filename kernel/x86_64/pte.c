/* SPDX-License-Identifier: Apache-2.0
 *
 * Page-table entries of x86_64, built and classified; pure. Source: Intel SDM volume 3A, 4.5 (4-level and 5-level
 * paging), tables 4-15 to 4-20; 11.12 for the PAT, which is as after reset (0 write-back, 3 uncached) but for index
 * 1: write combining (mmu.c).
 */
#include "kernel/arch.h"
#include "lib/units.h"

static const uint64_t PRESENT = UINT64_C(1) << 0;
static const uint64_t WRITABLE = UINT64_C(1) << 1;
static const uint64_t USER = UINT64_C(1) << 2;
static const uint64_t PWT = UINT64_C(1) << 3;
static const uint64_t PCD = UINT64_C(1) << 4;
static const uint64_t ACCESSED = UINT64_C(1) << 5;
static const uint64_t DIRTY = UINT64_C(1) << 6;
static const uint64_t PAGE_SIZE = UINT64_C(1) << 7;
static const uint64_t NO_EXECUTE = UINT64_C(1) << 63;
static const uint64_t ADDRESS = UINT64_C(0x000ffffffffff000);

/* Accessed and dirty are set from the start: the processor then never writes to a table while something is timed. */
pte_t arch_pte_leaf(paddr_t page, unsigned level, unsigned rights) {
	pte_t entry = page.value | PRESENT | ACCESSED | DIRTY;
	entry |= rights & PAGE_WRITE ? WRITABLE : 0;
	entry |= rights & PAGE_USER ? USER : 0;
	entry |= rights & PAGE_EXECUTE ? 0 : NO_EXECUTE;
	entry |= rights & PAGE_DEVICE ? PCD | PWT : 0;
	entry |= rights & PAGE_WRITE_COMBINE ? PWT : 0;
	entry |= level > 0 ? PAGE_SIZE : 0;
	return entry;
}

/* Rights are the leaf's alone. */
pte_t arch_pte_table(paddr_t table) {
	return table.value | PRESENT | WRITABLE | USER | ACCESSED;
}

/* 4.10.4.4, delayed invalidation: the processor may use either, and nothing worse comes of it. */
const bool arch_pte_may_be_replaced = true;

bool arch_pte_is_table(pte_t entry, unsigned level) {
	return level > 0 && !(entry & PAGE_SIZE);
}

/* Bit 12 of a large leaf is PAT, and what is below its size is reserved. */
paddr_t arch_pte_address(pte_t entry, unsigned level) {
	uint64_t below = arch_pte_is_table(entry, level) ? 0 : (PAGE_BYTES << (9 * level)) - 1;
	return (paddr_t){entry & ADDRESS & ~below};
}

/* 4.5.4: of an entry whose bit 0 is clear the processor ignores all others. */
pte_t arch_pte_withhold(pte_t leaf) {
	return leaf & ~PRESENT;
}

pte_t arch_pte_give(pte_t leaf) {
	return leaf | PRESENT;
}

unsigned arch_pte_rights(pte_t entry) {
	if (!(entry & PRESENT))
		return 0;
	unsigned rights = PAGE_READ;
	rights |= entry & WRITABLE ? PAGE_WRITE : 0;
	rights |= entry & USER ? PAGE_USER : 0;
	rights |= entry & NO_EXECUTE ? 0 : PAGE_EXECUTE;
	if ((entry & (PCD | PWT)) == (PCD | PWT))
		rights |= PAGE_DEVICE;
	else if (entry & PWT)
		rights |= PAGE_WRITE_COMBINE;
	return rights;
}
