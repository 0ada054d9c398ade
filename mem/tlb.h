/* SPDX-License-Identifier: Apache-2.0
 *
 * Software TLB: guest page -> host address, with access rights, address spaces (ASIDs) and global pages. For the hot
 * path of a virtual machine or an emulator. Freestanding C11, no globals, no dependency: copy the folder into your
 * tree.
 *
 *     struct tlb_config config = {.entries = 256, .asids = 16, .page_bytes = 4096, .walk = walk_guest, .owner = vm};
 *     tlb_init(&tlb, memory, tlb_bytes_needed(config.entries, config.asids), &config);
 *     void *host;
 *     int fault = tlb_translate(&tlb, guest_address, TLB_WRITE, &host);
 *
 * Direct-mapped: an address has one entry where it can be. An entry holds one comparator per kind of access, so that
 * one comparison says page, address space and right at once, and the distance from guest to host address; a hit is
 * shift, mask, load, add, with the comparison beside it. A miss calls the owner's page walk and keeps its answer.
 *
 * A comparator is a page's address with a context in the low 12 bits that the address leaves free. An address space has
 * a context of its own, global pages have another. Flushing an address space, or everything, hands out new contexts and
 * touches no entry: O(1), but that every 4,095th context comes with the clearing of all entries, so that none is ever
 * met again by an old comparator. One comparator per kind of access, and the distance rather than the address, is how
 * emulators lay it out; QEMU's accel/tcg/cputlb.c is the best known.
 *
 * Addresses are any 64-bit value; canonical form is the owner's business. An access that crosses a page is two
 * translations: the caller splits it. A guest page larger than page_bytes is kept, and flushed, piece by piece. What is
 * not memory (device registers, a page to be trapped) is never kept: the walk answers with a code.
 *
 * Ownership:   the memory is the caller's, and the TLB's until the caller lets the TLB go; nothing to destroy.
 * Concurrency: one thread at a time, one TLB for each virtual CPU. tlb_lookup only reads.
 * Errors:      negative enum tlb_error; positive codes are the walk's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum tlb_error {
	TLB_EINVAL = -1,  /* a NULL, a count or page size that tlb_config does not allow, an ASID too large */
	TLB_EALIGN = -2,  /* the memory is not aligned to TLB_ALIGNMENT */
	TLB_ENOMEM = -3,  /* the memory is smaller than tlb_bytes_needed */
	TLB_EDENIED = -4, /* the page is there, without the right that was asked for */
};

enum tlb_access { TLB_READ, TLB_WRITE, TLB_EXECUTE, TLB_ACCESS_KINDS };

enum tlb_right {
	TLB_RIGHT_READ = 1 << TLB_READ,
	TLB_RIGHT_WRITE = 1 << TLB_WRITE,
	TLB_RIGHT_EXECUTE = 1 << TLB_EXECUTE,
};

/* One page, as the owner's walk describes it. */
struct tlb_mapping {
	void *host;     /* where the page's first byte lies; any alignment */
	uint8_t rights; /* enum tlb_right, or'ed */
	bool global;    /* the same in every address space; survives tlb_flush_asid */
};

/* The owner's page walk: describes the page of `address` in address space `asid`. 0: *mapping is filled, and will be
 * kept. Positive, of the owner's choosing: no such memory, nothing is kept, and tlb_translate returns the same value.
 * Rights may be less than those of the page tables, write withheld until the page is dirty for instance: an access
 * without its right walks again. Must not call functions of the same TLB. */
typedef int tlb_walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping);

struct tlb_config {
	uint32_t entries;    /* a power of two, at most 2^24 */
	uint32_t asids;      /* address spaces 0 to asids - 1; at least 1, at most 2^24 */
	uint64_t page_bytes; /* a power of two, at least 4096 */
	tlb_walk *walk;
	void *owner; /* handed to walk */
};

/* comparator[kind]: page address | context where the page grants the kind, else 0, which no address ever equals. */
struct tlb_entry {
	uint64_t comparator[TLB_ACCESS_KINDS];
	uint64_t addend; /* host address - guest address, modulo 2^64 */
};

/* In the open for the inline paths; read it, but change it through the functions only. */
struct tlb {
	struct tlb_entry *entries;
	uint64_t index_mask;     /* (entries - 1) * sizeof(struct tlb_entry) */
	uint64_t page_mask;      /* the bits of an address that name its page */
	uint64_t context;        /* of the current address space; 1 to 4095 */
	uint64_t global_context; /* of global pages; 1 to 4095, another one */
	uint32_t index_shift;    /* (address >> index_shift) & index_mask is the offset of its entry */
	uint32_t asid;           /* the current address space */
	/* From here on the slow paths' own. */
	uint64_t *asid_serial;  /* [asids]: serial number of the context last handed to this address space */
	uint64_t next_serial;   /* contexts handed out since init, plus 1 */
	uint64_t first_serial;  /* of the first context since the entries were last cleared: context 1 */
	uint64_t oldest_serial; /* contexts before this one are flushed */
	uint32_t entry_count;
	uint32_t asid_count;
	tlb_walk *walk;
	void *owner;
};

#define TLB_ALIGNMENT 64

/* Bytes of memory for a TLB of this shape; 0 where init would say TLB_EINVAL. */
size_t tlb_bytes_needed(uint32_t entries, uint32_t asids);

/* Makes an empty TLB in `memory`, aligned to TLB_ALIGNMENT; the current address space is 0. *config is not kept. 0, or
 * enum tlb_error and *tlb unchanged. */
int tlb_init(struct tlb *tlb, void *memory, size_t memory_bytes, const struct tlb_config *config);

/* From now on addresses are those of address space `asid`. O(1). 0 or TLB_EINVAL. */
int tlb_switch_asid(struct tlb *tlb, uint32_t asid);

/* Keeps a page of the current address space, as a walk that described it so would have: whatever was in its entry is
 * gone. */
void tlb_insert(struct tlb *tlb, uint64_t address, const struct tlb_mapping *mapping);

/* The page of `address` is walked anew at its next use: in address space `asid`, and where it is global. 0 or
 * TLB_EINVAL. */
int tlb_flush_page(struct tlb *tlb, uint32_t asid, uint64_t address);

/* As tlb_flush_page for all pages of an address space, but not global ones. O(1). 0 or TLB_EINVAL. */
int tlb_flush_asid(struct tlb *tlb, uint32_t asid);

/* As tlb_flush_page for all pages of all address spaces, global ones too. O(1). */
void tlb_flush_all(struct tlb *tlb);

/* Where `address` of the current address space lies, when that is known and `access` is allowed; else false, *host as
 * it was. */
static inline bool tlb_lookup(const struct tlb *tlb, uint64_t address, enum tlb_access access, void **host) {
	const struct tlb_entry *entry =
		(const struct tlb_entry *)(const void *)((const unsigned char *)tlb->entries +
							 ((address >> tlb->index_shift) & tlb->index_mask));
	/* What is left is the entry's context where the page is the same, and has bits above it where it is not. */
	uint64_t context = entry->comparator[access] ^ (address & tlb->page_mask);
	if (context != tlb->context && context != tlb->global_context)
		return false;
	*host = (void *)(uintptr_t)(address + entry->addend);
	return true;
}

/* The slow half of tlb_translate: walks, keeps, answers. */
int tlb_translate_miss(struct tlb *tlb, uint64_t address, enum tlb_access access, void **host);

/* Where `address` of the current address space lies. 0: *host is it. Else *host is as it was: TLB_EDENIED, or the
 * walk's positive code. *host is good until the page is flushed by any of the flushes; an insertion does not end it. */
static inline int tlb_translate(struct tlb *tlb, uint64_t address, enum tlb_access access, void **host) {
	if (tlb_lookup(tlb, address, access, host))
		return 0;
	/* A variable of its own, so that the caller's stays in a register on the hit path. */
	void *walked = NULL;
	int code = tlb_translate_miss(tlb, address, access, &walked);
	if (code == 0)
		*host = walked;
	return code;
}

#ifdef __cplusplus
}
#else
_Static_assert(sizeof(struct tlb_entry) == 32, "an entry's offset is a shift, and no entry crosses a cache line");
_Static_assert(offsetof(struct tlb, asid_serial) <= 64, "what the hit path reads is one cache line");
#endif
