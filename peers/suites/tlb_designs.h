/* SPDX-License-Identifier: Apache-2.0
 *
 * Other designs of a software TLB behind one interface, to be measured beside ours: written here from what is known of
 * each, none is anybody's code. All translate one address space of 4 KiB pages, and call the same walk of four levels
 * for what they do not know. `host` of an unmapped address is 0.
 *
 *   qemu     as QEMU's accel/tcg/cputlb.c lays it out: direct-mapped, 32-byte entries with a comparator for each kind
 *            of access, 256 of them at the start, 8 victims, resized at a flush by how many were in use
 *   direct   the same without victims and resizing: 1024 entries
 *   assoc    4 ways, 256 sets, the tags of a set compared as one vector
 *   fx       a hash map that never evicts: open addressing, FxHash's multiplier, half full at the most
 *   walk     no TLB
 *   flat     no pages either: one addition. What the loop around a translation costs
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DESIGN_PAGE_SHIFT = 12,
	DESIGN_KINDS = 3,
	QEMU_LEAST = 256, /* entries */
	QEMU_MOST = 1 << 18,
	QEMU_VICTIMS = 8,
	DIRECT_ENTRIES = 1024,
	ASSOC_SETS = 256,
	ASSOC_WAYS = 4,
	FX_MOST = 1 << 18, /* slots */
	FX_LEAST = 64,
	RADIX_BITS = 9,
	RADIX_LEVELS = 4,
};
#define DESIGN_PAGE_MASK (~(uint64_t)0 << DESIGN_PAGE_SHIFT)

/* The guest's page tables: an entry is the next table's or the host page's address, or'ed with 1. */
struct guest {
	uint64_t *root;
	uint64_t *free; /* tables not used yet */
	uint64_t *end;
};

static inline uint64_t guest_walk(const uint64_t *table, uint64_t address) {
	for (unsigned level = RADIX_LEVELS; level-- > 0;) {
		uint64_t entry = table[address >> (DESIGN_PAGE_SHIFT + level * RADIX_BITS) & ((1 << RADIX_BITS) - 1)];
		if (__builtin_expect((entry & 1) == 0, 0))
			return 0;
		if (level == 0)
			return (entry & DESIGN_PAGE_MASK) | (address & ~DESIGN_PAGE_MASK);
		table = (const uint64_t *)(uintptr_t)(entry & DESIGN_PAGE_MASK);
	}
	return 0;
}

struct flat {
	uint64_t base;
};

static inline uint64_t flat_translate(struct flat *flat, uint64_t address, unsigned kind) {
	(void)kind;
	return address + flat->base;
}

struct qemu_entry {
	uint64_t comparator[DESIGN_KINDS];
	uint64_t addend;
};

struct qemu {
	uint64_t mask; /* (entries - 1) * sizeof(struct qemu_entry) */
	struct qemu_entry *table;
	struct qemu_entry victims[QEMU_VICTIMS];
	unsigned next_victim;
	uint64_t used;
	uint64_t walks;
	const uint64_t *root;
};
uint64_t qemu_miss(struct qemu *tlb, uint64_t address, unsigned kind);
void qemu_flush(struct qemu *tlb); /* and resizes */

static inline uint64_t qemu_translate(struct qemu *tlb, uint64_t address, unsigned kind) {
	const struct qemu_entry *entry =
		(const struct qemu_entry *)(const void *)((const char *)tlb->table +
							  (address >> (DESIGN_PAGE_SHIFT - 5) & tlb->mask));
	if (__builtin_expect(entry->comparator[kind] == (address & DESIGN_PAGE_MASK), 1))
		return address + entry->addend;
	return qemu_miss(tlb, address, kind);
}

struct direct {
	struct qemu_entry table[DIRECT_ENTRIES];
	uint64_t walks;
	const uint64_t *root;
};
uint64_t direct_miss(struct direct *tlb, uint64_t address, unsigned kind);

static inline uint64_t direct_translate(struct direct *tlb, uint64_t address, unsigned kind) {
	uint64_t offset = address >> (DESIGN_PAGE_SHIFT - 5) & (DIRECT_ENTRIES - 1) * sizeof(struct qemu_entry);
	const struct qemu_entry *entry = (const struct qemu_entry *)(const void *)((const char *)tlb->table + offset);
	if (__builtin_expect(entry->comparator[kind] == (address & DESIGN_PAGE_MASK), 1))
		return address + entry->addend;
	return direct_miss(tlb, address, kind);
}

typedef uint64_t assoc_lanes __attribute__((vector_size(8 * ASSOC_WAYS)));

struct assoc {
	struct {
		assoc_lanes tag; /* page address + 1, so that 0 is none */
		assoc_lanes addend;
	} sets[ASSOC_SETS];
	unsigned next_way;
	uint64_t walks;
	const uint64_t *root;
};
uint64_t assoc_miss(struct assoc *tlb, uint64_t address, unsigned kind); /* the hit path is an architecture's */

struct fx_slot {
	uint64_t page; /* + 1; 0: free */
	uint64_t addend;
};

struct fx {
	struct fx_slot *slots;
	struct fx_slot *spare; /* what growing moves them to */
	uint64_t mask;
	unsigned shift;
	uint64_t used;
	uint64_t walks;
	const uint64_t *root;
};
uint64_t fx_miss(struct fx *tlb, uint64_t address, unsigned kind);

static inline uint64_t fx_translate(struct fx *tlb, uint64_t address, unsigned kind) {
	uint64_t page = address >> DESIGN_PAGE_SHIFT;
	for (uint64_t i = page * UINT64_C(0x517cc1b727220a95) >> tlb->shift;; i++) {
		const struct fx_slot *slot = &tlb->slots[i & tlb->mask];
		if (__builtin_expect(slot->page == page + 1, 1))
			return address + slot->addend;
		if (slot->page == 0)
			return fx_miss(tlb, address, kind);
	}
}
