/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

/* Page table entries. */
enum {
	PTE_V = 1 << 0,
	PTE_R = 1 << 1,
	PTE_W = 1 << 2,
	PTE_X = 1 << 3,
	PTE_A = 1 << 6,
	PTE_D = 1 << 7,
	PTE_PPN_SHIFT = 10,
	LEVELS = 3,
	INDEX_BITS = 9,
};

static uint64_t *entry_at(const struct guest *guest, uint64_t table, uint64_t address, unsigned level) {
	uint64_t index = address >> (GUEST_PAGE_SHIFT + INDEX_BITS * level) & ((1 << INDEX_BITS) - 1);
	return (uint64_t *)(void *)(guest->memory + table) + index;
}

static uint64_t page_of(uint64_t entry) {
	return entry >> PTE_PPN_SHIFT << GUEST_PAGE_SHIFT;
}

static uint64_t take_page(struct guest *guest) {
	if (guest->next_free == guest->bytes)
		return 0;
	guest->next_free += GUEST_PAGE_BYTES;
	return guest->next_free - GUEST_PAGE_BYTES;
}

uint64_t guest_map(struct guest *guest, uint64_t address, bool writable) {
	uint64_t table = guest->root;
	for (unsigned level = LEVELS - 1; level != 0; level--) {
		uint64_t *entry = entry_at(guest, table, address, level);
		if ((*entry & PTE_V) == 0) {
			uint64_t page = take_page(guest);
			if (page == 0)
				return 0;
			*entry = page >> GUEST_PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V;
		}
		table = page_of(*entry);
	}
	uint64_t page = take_page(guest);
	if (page != 0)
		*entry_at(guest, table, address, 0) = page >> GUEST_PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V | PTE_R |
						      PTE_A | PTE_D | (writable ? PTE_W : 0);
	return page;
}

/* 0: a page fault; else the entry of the page, which is a small one. */
static uint64_t find_entry(const struct guest *guest, uint64_t address) {
	uint64_t table = guest->root;
	for (unsigned level = LEVELS - 1;; level--) {
		uint64_t entry = *entry_at(guest, table, address, level);
		if ((entry & PTE_V) == 0)
			return 0;
		if (level == 0)
			return entry & (PTE_R | PTE_X) ? entry : 0;
		table = page_of(entry);
	}
}

void *guest_walk(const struct guest *guest, uint64_t address, bool write) {
	uint64_t entry = find_entry(guest, address);
	if ((entry & (write ? PTE_W : PTE_R)) == 0)
		return NULL;
	return guest->memory + page_of(entry) + (address & (GUEST_PAGE_BYTES - 1));
}

/* For the TLB. What it answers for a fault is the cause. */
static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	static const uint8_t causes[TLB_ACCESS_KINDS] = {
		[TLB_READ] = GUEST_LOAD_FAULT, [TLB_WRITE] = GUEST_STORE_FAULT, [TLB_EXECUTE] = GUEST_FETCH_FAULT};
	static const unsigned wanted[TLB_ACCESS_KINDS] = {
		[TLB_READ] = PTE_R, [TLB_WRITE] = PTE_W, [TLB_EXECUTE] = PTE_X};
	const struct guest *guest = owner;
	uint64_t entry = find_entry(guest, address);
	if ((entry & wanted[access]) == 0)
		return causes[access];
	mapping->host = guest->memory + page_of(entry);
	mapping->rights = (entry & PTE_R ? TLB_RIGHT_READ : 0) | (entry & PTE_W ? TLB_RIGHT_WRITE : 0) |
			  (entry & PTE_X ? TLB_RIGHT_EXECUTE : 0);
	return 0;
}

bool guest_init(struct guest *guest, void *memory, uint64_t bytes, struct tlb *tlb, void *tlb_memory) {
	const struct tlb_config config = {
		.entries = GUEST_TLB_ENTRIES, .asids = 1, .page_bytes = GUEST_PAGE_BYTES, .walk = walk, .owner = guest};
	/* Page 0 is nobody's: its address says that there is no page. */
	*guest = (struct guest){.memory = memory,
				.bytes = bytes,
				.root = GUEST_PAGE_BYTES,
				.next_free = 2 * GUEST_PAGE_BYTES,
				.tlb = tlb};
	return tlb_init(tlb, tlb_memory, GUEST_TLB_BYTES, &config) == 0;
}
