/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/memory/page_exchange.h"

#include "kernel/gate.h"
#include "kernel/guard_state.h"
#include "kernel/machine.h"
#include "kernel/memory/pagetable.h"
#include "kernel/memory/space.h"

#include <stddef.h>

/* The entry of a leaf of the programme's mappings that begins there; NULL: there is none. */
static pte_t *entry_of(uint64_t address, struct pagetable_leaf *leaf) {
	unsigned level;
	if (!space_user_may(address, 1, PAGE_READ) || address < GATE_MAP_BASE || address >= GATE_MAP_END ||
	    !pagetable_find(&machine.pages, (vaddr_t){address}, leaf) || leaf->address.value != address)
		return NULL;
	return pagetable_leaves(&machine.pages, (vaddr_t){address}, leaf->bytes, &level);
}

static void tell(uint64_t address, uint64_t other, uint64_t bytes, uint64_t told) {
	switch (told) {
	case PLATFORM_EXCHANGE_UNTOLD:
		machine.pages_untold = true;
		break;
	case PLATFORM_EXCHANGE_PAGES:
		arch_tlb_invalidate((vaddr_t){address}, bytes, 1);
		if (other != address)
			arch_tlb_invalidate((vaddr_t){other}, bytes, 1);
		break;
	default:
		arch_tlb_invalidate_all();
		machine.pages_untold = false;
	}
}

int page_exchange(uint64_t address, uint64_t other, uint64_t told) {
	struct pagetable_leaf leaf, others;
	if (!arch_pte_may_be_replaced)
		return PLATFORM_EUNSUPPORTED;
	if (told >= PLATFORM_EXCHANGES)
		return PLATFORM_EINVAL;
	pte_t *const entry = entry_of(address, &leaf), *const other_entry = entry_of(other, &others);
	if (entry == NULL || other_entry == NULL || leaf.bytes != others.bytes || leaf.rights != others.rights)
		return PLATFORM_EINVAL;
	if (guard_stands_on(address, leaf.bytes) || guard_stands_on(other, leaf.bytes))
		return PLATFORM_EBUSY;
	/* An entry that stays is not written: what a change costs is the difference. */
	if (entry != other_entry) {
		pte_t kept = *entry;
		*entry = *other_entry;
		*other_entry = kept;
	}
	tell(address, other, leaf.bytes, told);
	return 0;
}

void page_exchange_settle(void) {
	if (!machine.pages_untold)
		return;
	arch_tlb_invalidate_all();
	machine.pages_untold = false;
}
