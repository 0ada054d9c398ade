/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/suites/tlb_designs.h"

#include <string.h>

static uint64_t addend_of(uint64_t address, uint64_t host) {
	return host - address;
}

static struct qemu_entry *qemu_slot(struct qemu *tlb, uint64_t address) {
	return (struct qemu_entry *)(void *)((char *)tlb->table + (address >> (DESIGN_PAGE_SHIFT - 5) & tlb->mask));
}

static void set_entry(struct qemu_entry *entry, uint64_t address, uint64_t host) {
	for (unsigned kind = 0; kind < DESIGN_KINDS; kind++)
		entry->comparator[kind] = address & DESIGN_PAGE_MASK;
	entry->addend = addend_of(address, host);
}

uint64_t qemu_miss(struct qemu *tlb, uint64_t address, unsigned kind) {
	struct qemu_entry *entry = qemu_slot(tlb, address);
	for (unsigned i = 0; i < QEMU_VICTIMS; i++)
		if (tlb->victims[i].comparator[kind] == (address & DESIGN_PAGE_MASK)) {
			struct qemu_entry victim = tlb->victims[i];
			tlb->victims[i] = *entry;
			*entry = victim;
			return address + victim.addend;
		}
	uint64_t host = guest_walk(tlb->root, address);
	tlb->walks++;
	if (host == 0)
		return 0;
	if (entry->comparator[0] != UINT64_MAX)
		tlb->victims[tlb->next_victim++ % QEMU_VICTIMS] = *entry;
	else
		tlb->used++;
	set_entry(entry, address, host);
	return host;
}

void qemu_flush(struct qemu *tlb) {
	uint64_t entries = tlb->mask / sizeof(struct qemu_entry) + 1;
	if (tlb->used * 10 > entries * 7 && entries < QEMU_MOST)
		entries *= 2;
	else if (tlb->used * 10 < entries * 3 && entries > QEMU_LEAST)
		entries /= 2;
	tlb->mask = (entries - 1) * sizeof(struct qemu_entry);
	tlb->used = 0;
	memset(tlb->table, -1, entries * sizeof(struct qemu_entry));
	memset(tlb->victims, -1, sizeof(tlb->victims));
}

uint64_t direct_miss(struct direct *tlb, uint64_t address, unsigned kind) {
	(void)kind;
	uint64_t host = guest_walk(tlb->root, address);
	tlb->walks++;
	if (host != 0)
		set_entry(&tlb->table[address >> DESIGN_PAGE_SHIFT & (DIRECT_ENTRIES - 1)], address, host);
	return host;
}

uint64_t assoc_miss(struct assoc *tlb, uint64_t address, unsigned kind) {
	(void)kind;
	uint64_t host = guest_walk(tlb->root, address), set = address >> DESIGN_PAGE_SHIFT & (ASSOC_SETS - 1);
	tlb->walks++;
	if (host == 0)
		return 0;
	unsigned way = tlb->next_way++ % ASSOC_WAYS;
	tlb->sets[set].tag[way] = (address & DESIGN_PAGE_MASK) + 1;
	tlb->sets[set].addend[way] = addend_of(address, host);
	return host;
}

static void fx_put(struct fx *tlb, uint64_t page, uint64_t addend) {
	uint64_t i = page * UINT64_C(0x517cc1b727220a95) >> tlb->shift;
	while (tlb->slots[i & tlb->mask].page != 0)
		i++;
	tlb->slots[i & tlb->mask] = (struct fx_slot){page + 1, addend};
}

static void fx_grow(struct fx *tlb) {
	struct fx_slot *old = tlb->slots;
	uint64_t slots = tlb->mask + 1;
	tlb->slots = tlb->spare;
	tlb->spare = old;
	tlb->mask = 2 * slots - 1;
	tlb->shift--;
	memset(tlb->slots, 0, 2 * slots * sizeof(*old));
	for (uint64_t i = 0; i < slots; i++)
		if (old[i].page != 0)
			fx_put(tlb, old[i].page - 1, old[i].addend);
}

uint64_t fx_miss(struct fx *tlb, uint64_t address, unsigned kind) {
	(void)kind;
	uint64_t host = guest_walk(tlb->root, address);
	tlb->walks++;
	if (host == 0)
		return 0;
	if (++tlb->used * 2 > tlb->mask && tlb->mask + 1 < FX_MOST)
		fx_grow(tlb);
	fx_put(tlb, address >> DESIGN_PAGE_SHIFT, addend_of(address, host));
	return host;
}
