/* SPDX-License-Identifier: Apache-2.0
 *
 * Software TLB: all that is not the hit path.
 *
 * Contexts. Every context handed out has a serial number, which never repeats; the context itself, which must fit into
 * a page address' low bits, is the serial's distance from first_serial. Invariant: an entry's comparator holds either 0
 * or a context of the serials from first_serial on; so an address space whose serial lies before oldest_serial has no
 * entry that could hit.
 */
#include "mem/tlb.h"

#define PAGE_BYTES_LEAST 4096u
#define CONTEXTS         (PAGE_BYTES_LEAST - 1) /* 0 is none: the comparator of a right that is not there */
#define COUNT_MOST       (UINT32_C(1) << 24)

enum { ENTRY_SHIFT = 5 }; /* log2(sizeof(struct tlb_entry)) */
_Static_assert(sizeof(struct tlb_entry) == 1 << ENTRY_SHIFT,
	       "index_shift and index_mask are scaled by an entry's size");

static bool is_power_of_two(uint64_t value) {
	return value != 0 && (value & (value - 1)) == 0;
}

static uint32_t log2_of(uint64_t power_of_two) {
	uint32_t shift = 0;
	while (power_of_two >> shift != 1)
		shift++;
	return shift;
}

size_t tlb_bytes_needed(uint32_t entries, uint32_t asids) {
	if (!is_power_of_two(entries) || entries > COUNT_MOST || asids == 0 || asids > COUNT_MOST)
		return 0;
	return entries * sizeof(struct tlb_entry) + asids * sizeof(uint64_t);
}

static void clear_entries(struct tlb *tlb) {
	for (uint32_t i = 0; i < tlb->entry_count; i++)
		tlb->entries[i] = (struct tlb_entry){0};
}

static uint64_t contexts_left(const struct tlb *tlb) {
	return CONTEXTS - (tlb->next_serial - tlb->first_serial);
}

static uint64_t context_of(const struct tlb *tlb, uint64_t serial) {
	return serial < tlb->oldest_serial ? 0 : serial - tlb->first_serial + 1;
}

/* At least one context is left. */
static void renew_current(struct tlb *tlb) {
	uint64_t serial = tlb->next_serial++;
	tlb->asid_serial[tlb->asid] = serial;
	tlb->context = context_of(tlb, serial);
}

/* No serial up to now counts any more. */
static void renew_all(struct tlb *tlb) {
	if (contexts_left(tlb) < 2) {
		clear_entries(tlb);
		tlb->first_serial = tlb->next_serial;
	}
	tlb->oldest_serial = tlb->next_serial;
	tlb->global_context = context_of(tlb, tlb->next_serial++);
	renew_current(tlb);
}

int tlb_init(struct tlb *tlb, void *memory, size_t memory_bytes, const struct tlb_config *config) {
	if (tlb == NULL || memory == NULL || config == NULL || config->walk == NULL)
		return TLB_EINVAL;
	size_t needed = tlb_bytes_needed(config->entries, config->asids);
	if (needed == 0 || !is_power_of_two(config->page_bytes) || config->page_bytes < PAGE_BYTES_LEAST)
		return TLB_EINVAL;
	if (((uintptr_t)memory & (TLB_ALIGNMENT - 1)) != 0)
		return TLB_EALIGN;
	if (memory_bytes < needed)
		return TLB_ENOMEM;
	struct tlb_entry *entries = memory;
	*tlb = (struct tlb){
		.entries = entries,
		.index_mask = (uint64_t)(config->entries - 1) << ENTRY_SHIFT,
		.page_mask = ~(config->page_bytes - 1),
		.index_shift = log2_of(config->page_bytes) - ENTRY_SHIFT,
		.asid_serial = (uint64_t *)(void *)(entries + config->entries),
		.next_serial = 1,
		.first_serial = 1,
		.entry_count = config->entries,
		.asid_count = config->asids,
		.walk = config->walk,
		.owner = config->owner,
	};
	clear_entries(tlb);
	for (uint32_t asid = 0; asid < tlb->asid_count; asid++)
		tlb->asid_serial[asid] = 0;
	renew_all(tlb);
	return 0;
}

int tlb_switch_asid(struct tlb *tlb, uint32_t asid) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	tlb->asid = asid;
	tlb->context = context_of(tlb, tlb->asid_serial[asid]);
	if (tlb->context != 0)
		return 0;
	if (contexts_left(tlb) < 1)
		renew_all(tlb);
	else
		renew_current(tlb);
	return 0;
}

static struct tlb_entry *entry_of(const struct tlb *tlb, uint64_t address) {
	return &tlb->entries[((address >> tlb->index_shift) & tlb->index_mask) >> ENTRY_SHIFT];
}

void tlb_insert(struct tlb *tlb, uint64_t address, const struct tlb_mapping *mapping) {
	struct tlb_entry *entry = entry_of(tlb, address);
	uint64_t page = address & tlb->page_mask;
	uint64_t comparator = page | (mapping->global ? tlb->global_context : tlb->context);
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++)
		entry->comparator[access] = (mapping->rights >> access & 1) != 0 ? comparator : 0;
	entry->addend = (uint64_t)(uintptr_t)mapping->host - page;
}

int tlb_translate_miss(struct tlb *tlb, uint64_t address, enum tlb_access access, void **host) {
	struct tlb_mapping mapping = {0};
	int code = tlb->walk(tlb->owner, address, tlb->asid, access, &mapping);
	if (code != 0)
		return code;
	tlb_insert(tlb, address, &mapping);
	if ((mapping.rights >> access & 1) == 0)
		return TLB_EDENIED;
	*host = (unsigned char *)mapping.host + (address & ~tlb->page_mask);
	return 0;
}

int tlb_flush_page(struct tlb *tlb, uint32_t asid, uint64_t address) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	struct tlb_entry *entry = entry_of(tlb, address);
	uint64_t page = address & tlb->page_mask;
	uint64_t context = context_of(tlb, tlb->asid_serial[asid]);
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++) {
		uint64_t comparator = entry->comparator[access];
		if (comparator == (page | tlb->global_context) || (context != 0 && comparator == (page | context)))
			entry->comparator[access] = 0;
	}
	return 0;
}

int tlb_flush_asid(struct tlb *tlb, uint32_t asid) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	tlb->asid_serial[asid] = 0;
	return asid == tlb->asid ? tlb_switch_asid(tlb, asid) : 0;
}

void tlb_flush_all(struct tlb *tlb) {
	renew_all(tlb);
}
