/* SPDX-License-Identifier: Apache-2.0
 *
 * The entries of a request are looked up once, and lie in one table: what a round does is little more than the
 * instructions that are asked about. Each round leaves them as it found them, but for what is withheld: such an entry
 * is absent to the processor, has no rights for the walker, and is given back by the first fault of the programme's.
 */
#include "kernel/memory/page_work.h"

#include "kernel/gate.h"
#include "kernel/guard_state.h"
#include "kernel/machine.h"
#include "kernel/memory/pagetable.h"
#include "kernel/memory/space.h"

#include <stddef.h>

struct work {
	pte_t *entries;
	uint64_t count; /* of them, and of pages */
	vaddr_t address;
	uint64_t page_bytes;
	pte_t read_only; /* differs in these bits from an entry that is writable */
	page_work_tell *tell;
};

static bool nothing(const struct work *work) {
	(void)work;
	return true;
}

static bool invalidate(const struct work *work) {
	arch_tlb_invalidate(work->address, work->page_bytes, work->count);
	return true;
}

static bool invalidate_all(const struct work *work) {
	(void)work;
	arch_tlb_invalidate_all();
	return true;
}

static bool change_all(const struct work *work, pte_t bits) {
	for (pte_t *entry = work->entries, *end = entry + work->count; entry != end; entry++)
		*entry ^= bits;
	arch_tlb_flush(work->address, work->page_bytes, work->count);
	return work->tell(work->address, work->page_bytes, work->count);
}

static bool protect(const struct work *work) {
	bool told = change_all(work, work->read_only);
	return change_all(work, work->read_only) && told;
}

static bool remap(const struct work *work) {
	uint64_t address = work->address.value;
	for (pte_t *entry = work->entries, *end = entry + work->count; entry != end; entry++) {
		pte_t kept = *entry;
		*entry = 0;
		arch_tlb_flush((vaddr_t){address}, work->page_bytes, 1);
		*entry = kept;
		address += work->page_bytes;
	}
	/* No leaf is to be forgotten, but the walker has to see the last one. */
	arch_tlb_flush(work->address, work->page_bytes, 0);
	return true;
}

static bool withhold(const struct work *work) {
	for (pte_t *entry = work->entries, *end = entry + work->count; entry != end; entry++)
		*entry = arch_pte_withhold(*entry);
	arch_tlb_flush(work->address, work->page_bytes, work->count);
	return true;
}

static const struct kind_of_work {
	bool (*round)(const struct work *work); /* false: another core does not answer */
	bool changes, takes_away;
} works[] = {
	[PLATFORM_PAGES_NOTHING] = {nothing, false, false},
	[PLATFORM_PAGES_INVALIDATE] = {invalidate, false, false},
	[PLATFORM_PAGES_INVALIDATE_ALL] = {invalidate_all, false, false},
	[PLATFORM_PAGES_PROTECT] = {protect, true, false},
	[PLATFORM_PAGES_REMAP] = {remap, true, true},
	[PLATFORM_PAGES_WITHHOLD] = {withhold, true, true},
};
_Static_assert(sizeof(works) / sizeof(works[0]) == PLATFORM_PAGE_WORKS, "each has its round");

bool page_work_takes_away(uint64_t number) {
	return number < PLATFORM_PAGE_WORKS && works[number].takes_away;
}

/* Whether the request names leaves of the programme's that are one table's; which. What space_user_may would ask of
 * each page by a walk is asked of the one leaf that all are like. */
static bool find(const struct platform_page_request *request, struct work *work) {
	uint64_t address = (uint64_t)(uintptr_t)request->memory;
	const unsigned needed = PAGE_USER | PAGE_WRITE;
	unsigned level;
	if (address < GATE_MAP_BASE || address >= GATE_MAP_END || request->bytes > GATE_MAP_END - address)
		return false;
	work->entries = pagetable_leaves(&machine.pages, (vaddr_t){address}, request->bytes, &level);
	if (work->entries == NULL || pagetable_level_bytes(level) != request->page_bytes ||
	    (arch_pte_rights(work->entries[0]) & needed) != needed)
		return false;
	work->address.value = address;
	work->page_bytes = request->page_bytes;
	work->count = request->bytes / request->page_bytes;
	const unsigned rights = PAGE_USER | PAGE_READ;
	work->read_only =
		arch_pte_leaf((paddr_t){0}, level, rights) ^ arch_pte_leaf((paddr_t){0}, level, rights | PAGE_WRITE);
	return request->rounds <= GATE_PAGES_MOST / work->count;
}

int page_work(const struct platform_page_request *request, page_work_tell *tell) {
	struct work work = {.tell = tell};
	if (request->work >= PLATFORM_PAGE_WORKS || !find(request, &work) ||
	    (request->work == PLATFORM_PAGES_WITHHOLD && request->page_bytes > LARGE_PAGE_BYTES))
		return PLATFORM_EINVAL;
	const struct kind_of_work *what = &works[request->work];
	if (what->changes && guard_stands_on(work.address.value, request->bytes))
		return PLATFORM_EBUSY;
	for (uint64_t round = 0; round < request->rounds; round++)
		if (!what->round(&work))
			return PLATFORM_EIO;
	return 0;
}

static bool give(uint64_t address, uint64_t page_bytes) {
	unsigned level;
	const vaddr_t page = {address & ~(page_bytes - 1)};
	pte_t *entry = pagetable_leaves(&machine.pages, page, page_bytes, &level);
	if (entry == NULL || pagetable_level_bytes(level) != page_bytes || arch_pte_rights(*entry) != 0)
		return false;
	*entry = arch_pte_give(*entry);
	/* Nothing to forget, but the walker has to see it: a second fault there would be the programme's. */
	arch_tlb_flush(page, page_bytes, 0);
	return true;
}

bool page_work_give(uint64_t address) {
	return give(address, PAGE_BYTES) || give(address, LARGE_PAGE_BYTES);
}
