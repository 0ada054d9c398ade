/* SPDX-License-Identifier: Apache-2.0
 *
 * Translation table descriptors: 4 KiB granule, stage 1, EL1&0. Pure: compiled and tested on the host, too. Every
 * leaf has its access flag set (there is no handler for it) and is global (there is one address space). A page that
 * the programme may execute is never executable by the kernel, nor the other way round.
 * Source: Arm ARM (DDI 0487), D8.3 (descriptor formats), D8.4 (access control), D8.5 (memory attributes).
 */
#include "kernel/arch.h"
#include "lib/units.h"

#define PTE_VALID        (UINT64_C(1) << 0)
#define PTE_TABLE        (UINT64_C(1) << 1) /* at level 0 of ours: a page; above: a table; clear: a block */
#define PTE_ATTRINDX(n)  ((uint64_t)(n) << 2)
#define PTE_ATTRINDX_ANY PTE_ATTRINDX(7)
#define PTE_AP_EL0       (UINT64_C(1) << 6)
#define PTE_AP_READ_ONLY (UINT64_C(1) << 7)
#define PTE_SH_INNER     (UINT64_C(3) << 8)
#define PTE_AF           (UINT64_C(1) << 10)
#define PTE_PXN          (UINT64_C(1) << 53)
#define PTE_UXN          (UINT64_C(1) << 54)
#define PTE_ADDRESS      UINT64_C(0x0000fffffffff000)

/* Indexes into MAIR_EL1 as mmu.c sets it. */
enum { ATTRIBUTE_DEVICE = 0, ATTRIBUTE_NORMAL = 1, ATTRIBUTE_WRITE_COMBINE = 2 };

enum { TABLE_SHIFT = 9 };

static uint64_t offset_mask(unsigned level) {
	return (UINT64_C(1) << (PAGE_SHIFT + TABLE_SHIFT * level)) - 1;
}

pte_t arch_pte_leaf(paddr_t page, unsigned level, unsigned rights) {
	pte_t entry = (page.value & PTE_ADDRESS & ~offset_mask(level)) | PTE_VALID | PTE_AF;
	if (level == 0)
		entry |= PTE_TABLE;
	if (rights & PAGE_DEVICE)
		entry |= PTE_ATTRINDX(ATTRIBUTE_DEVICE);
	else if (rights & PAGE_WRITE_COMBINE)
		entry |= PTE_ATTRINDX(ATTRIBUTE_WRITE_COMBINE) | PTE_SH_INNER;
	else
		entry |= PTE_ATTRINDX(ATTRIBUTE_NORMAL) | PTE_SH_INNER;
	if (!(rights & PAGE_WRITE))
		entry |= PTE_AP_READ_ONLY;
	if (rights & PAGE_USER)
		entry |= PTE_AP_EL0;
	if (!(rights & PAGE_EXECUTE) || (rights & PAGE_USER))
		entry |= PTE_PXN;
	if (!(rights & PAGE_EXECUTE) || !(rights & PAGE_USER))
		entry |= PTE_UXN;
	return entry;
}

pte_t arch_pte_table(paddr_t table) {
	return (table.value & PTE_ADDRESS) | PTE_TABLE | PTE_VALID;
}

/* D8.13: break-before-make, or TLB conflicts may come of it. */
const bool arch_pte_may_be_replaced = false;

bool arch_pte_is_table(pte_t entry, unsigned level) {
	return level > 0 && (entry & (PTE_VALID | PTE_TABLE)) == (PTE_VALID | PTE_TABLE);
}

paddr_t arch_pte_address(pte_t entry, unsigned level) {
	uint64_t offset = arch_pte_is_table(entry, level) ? offset_mask(0) : offset_mask(level);
	return (paddr_t){entry & PTE_ADDRESS & ~offset};
}

/* D8.3.1: of a descriptor whose bit 0 is clear the processor ignores all others. */
pte_t arch_pte_withhold(pte_t leaf) {
	return leaf & ~PTE_VALID;
}

pte_t arch_pte_give(pte_t leaf) {
	return leaf | PTE_VALID;
}

unsigned arch_pte_rights(pte_t entry) {
	if (!(entry & PTE_VALID))
		return 0;
	unsigned rights = PAGE_READ;
	if (!(entry & PTE_AP_READ_ONLY))
		rights |= PAGE_WRITE;
	if (entry & PTE_AP_EL0)
		rights |= PAGE_USER;
	if (!(entry & PTE_PXN) || !(entry & PTE_UXN))
		rights |= PAGE_EXECUTE;
	if ((entry & PTE_ATTRINDX_ANY) == PTE_ATTRINDX(ATTRIBUTE_DEVICE))
		rights |= PAGE_DEVICE;
	if ((entry & PTE_ATTRINDX_ANY) == PTE_ATTRINDX(ATTRIBUTE_WRITE_COMBINE))
		rights |= PAGE_WRITE_COMBINE;
	return rights;
}
