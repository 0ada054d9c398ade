/* SPDX-License-Identifier: Apache-2.0
 *
 * Software TLB: guest page -> host address, with access rights, address spaces (ASIDs), global pages and large
 * pages. For the hot path of a virtual machine or an emulator. Freestanding C11, no globals, no dependency: copy the
 * folder into your tree.
 *
 *     struct tlb_config config = {.entries = 4096, .asids = 16, .page_bytes = 4096, .walk = walk_guest, .owner = vm};
 *     tlb_init(tlb, memory, tlb_bytes_needed(config.entries, config.asids), &config);
 *     void *host;
 *     int fault = tlb_translate(tlb, guest_address, TLB_WRITE, &host);
 *
 * Two levels. In front, indexed by the low bits of the page number: an array of tags for each kind of access, and one
 * of addends (host address - guest address) for each side, data and code, at constant distances from the struct, so
 * that a hit is shift, mask, load, add, with one comparison beside it, and loads nothing of the struct but the context.
 * That a page is among a kind's tags says that the kind is allowed. A miss makes the page known to its own side: who
 * reads most often writes as well, but seldom executes. Only slots in use are touched after init. Behind it, the store:
 * a set-associative table in the caller's memory, which keeps what a walk answered, large pages whole, global pages for
 * all address spaces at once. A miss in front looks there, and only a miss there calls the owner's walk, and keeps its
 * answer.
 *
 * Resizing: a page may be in either of two sets; the store starts at TLB_STORE_LEAST entries, doubles in place when
 * both are full, up to tlb_config.entries, and halves when 16 times in a row less than an eighth of it was used between
 * two tlb_flush_all. At its largest it evicts.
 *
 * A tag is a page number with a context in the 12 bits that it leaves free. An address space has a context of its own.
 * Flushing an address space, or everything, hands out a new context, and ends a serial number of the store, and touches
 * no entry: O(1), but that every 4,094th context comes with the clearing of those slots that were used since the last
 * time. Who flushes often fills often: a page that a slot in front shows to be unknown is walked at once, and put down
 * as pending; what is pending goes into the store when somebody looks there, and is dropped by a flush before that.
 *
 * Addresses are any 64-bit value; canonical form is the owner's business. An access that crosses a page is two
 * translations: the caller splits it. What is not memory (device registers, a page to be trapped) is never kept: the
 * walk answers with a code.
 *
 * Ownership:   struct tlb (large: sizeof(struct tlb), 2.7 MiB unless TLB_SLOT_BITS is set) and the memory are the
 *              caller's, and the TLB's until the caller lets the TLB go; nothing to destroy.
 * Concurrency: one thread at a time, the owner; one TLB for each virtual CPU. Any other thread may call
 *              tlb_request_flush and tlb_flush_done, see there. tlb_lookup only reads.
 * Errors:      negative enum tlb_error; positive codes are the walk's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define TLB_CAST(type, value) reinterpret_cast<type>(value)
#else
#define TLB_CAST(type, value) ((type)(value))
#endif

/* Where the compiler knows of it, the linker keeps it, too, that collects sections. */
#if defined(__has_attribute)
#if __has_attribute(retain)
#define TLB_KEEP __attribute__((used, retain))
#endif
#endif
#ifndef TLB_KEEP
#define TLB_KEEP __attribute__((used))
#endif

/* Slots in front: two to this. A tree that wants smaller TLBs defines it, for all its files alike: a plain number, 10
 * to 20. Pages whose numbers are the same in these bits take each other's slot; the walk is spared, not the way to the
 * store. */
#ifndef TLB_SLOT_BITS
#define TLB_SLOT_BITS 16
#endif

/* Entries of a set of the store: a power of two, 1 to 16. It is tlb.c's alone: other files need not define it. */
#ifndef TLB_WAYS
#define TLB_WAYS 4
#endif

/* struct tlb is another with every other value of TLB_SLOT_BITS: tlb.c defines the symbol of its own, and each file
 * that includes this names its own, so that one which was given another value does not link. A pointer a file, which
 * nothing reads. */
#define TLB_SYMBOL_PASTE(bits) tlb_slot_bits_is_##bits
#define TLB_SYMBOL(bits)       TLB_SYMBOL_PASTE(bits)
extern const char TLB_SYMBOL(TLB_SLOT_BITS);
TLB_KEEP static const char *const tlb_slot_bits = &TLB_SYMBOL(TLB_SLOT_BITS);

enum {
	TLB_SLOTS = 1 << TLB_SLOT_BITS,
	TLB_STORE_LEAST = 64,
	TLB_PENDING = 1024,
	TLB_CONTEXT_SHIFT = 52,
};

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
	/* Of this page: a power of two; 0, or less than the configuration's, means the configuration's. Kept whole
	 * are the configuration's page size and 2^9 and 2^18 times that (4 KiB, 2 MiB and 1 GiB); others as
	 * several of the next smaller. Once one larger is kept, until tlb_flush_all, a flush of a page or range
	 * empties the front as well. */
	uint64_t page_bytes;
};

/* The owner's page walk: describes the page of `address` in address space `asid`. 0: *mapping is filled, and will be
 * kept. Positive, of the owner's choosing: no such memory, nothing is kept, and tlb_translate returns the same value.
 * Rights may be less than those of the page tables, write withheld until the page is dirty for instance: an access
 * without its right walks again. *mapping is zeroed before. Must not call functions of the same TLB. */
typedef int tlb_walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping);

struct tlb_config {
	uint32_t entries;    /* of the store, at the most: a power of two, 4 to 2^24 */
	uint32_t asids;      /* address spaces 0 to asids - 1; at least 1, at most 2^24 */
	uint64_t page_bytes; /* a power of two, 4096 to 2^40: the smallest page of the guest */
	tlb_walk *walk;
	void *owner; /* handed to walk */
};

/* TLB_ROW: from one array of the front to the next, in entries. Off by a quarter of 4 KiB, so that what belongs to one
 * slot lies in different sets of a cache. */
enum {
	TLB_SIDES = 2, /* data, code: TLB_READ and TLB_WRITE, TLB_EXECUTE */
	TLB_ROW = TLB_SLOTS + 128,
	TLB_TAGS = 3 * TLB_ROW, /* a row for each kind */
	TLB_ADDENDS = TLB_SIDES * TLB_ROW,
};

/* In the store; the slow paths' own. */
struct tlb_stored {
	uint64_t page;   /* its first address; in the low bits the size: 0, 1 or 2 times 9 bits above the smallest */
	uint64_t space;  /* serial number of the address space, or of the global pages, when it was kept */
	uint64_t addend; /* host address - guest address */
	uint32_t asid;
	uint8_t rights;
	bool global;
	uint8_t unused[2];
};

struct tlb_space {
	uint64_t space;   /* serial number that this address space's entries in the store have; 0: none yet */
	uint64_t context; /* serial number of its context in front when it was last current; 0: none */
};

/* In the open for the inline paths; read it, but change it through the functions only. */
struct tlb {
	uint64_t context;    /* of the current address space, in the bits from TLB_CONTEXT_SHIFT on; never 0 */
	uint32_t page_shift; /* log2 of the page size */
	uint32_t asid;       /* the current address space */

	uint64_t walks;   /* since init: misses of both levels */
	uint64_t refills; /* since init: misses in front that needed no walk */

	/* From here on the slow paths' own. */
	struct tlb_stored *store; /* [sets][TLB_WAYS] */
	struct tlb_space *spaces; /* [asid_count] */
	uint64_t set_mask;        /* sets in use - 1 */
	uint64_t sets_most;
	/* What a flush writes does not lie side by side: written as one vector and read as words, or the other way
	 * round, it would wait for the cache. */
	uint64_t next_space;     /* serial numbers of address spaces: the next one */
	uint64_t last_context;   /* serial numbers of contexts: the last one; its low bits are the context */
	uint64_t global_space;   /* serial number of global pages */
	uint64_t oldest_space;   /* those before are flushed */
	uint64_t stored;         /* entries taken since the last tlb_flush_all, without the pending ones */
	uint64_t oldest_context; /* those before are flushed */
	tlb_walk *walk;
	uint64_t untouched_below; /* a slot with lesser tags was not written since all was flushed; 0: who knows */
	void *owner;
	uint32_t kept;   /* bit 2 * size + global: any such page may be in the store */
	uint32_t victim; /* the next way to be evicted where all are in use */
	uint32_t quiet;  /* how often in a row little was used between two tlb_flush_all */
	uint32_t asid_count;
	uint32_t pending_count;
	uint8_t used[TLB_SLOTS / 64];           /* a byte for 64 slots: written since cleared */
	uint8_t rights[TLB_SIDES][TLB_SLOTS];   /* of the page that a side has in a slot */
	struct tlb_stored pending[TLB_PENDING]; /* kept, but not in the store yet */

	/* The only words that other threads touch; a cache line for those who ask, one for the owner's answer. */
	uint64_t requested __attribute__((aligned(64)));
	uint64_t served __attribute__((aligned(64)));

	/* tag[access * TLB_ROW + slot]: page number + context of the page that may be accessed so, or a context of no
	 * use, or 0. addend[tlb_side(access) * TLB_ROW + slot]: host address - guest address, modulo 2^64, of the one
	 * page that the tags of this side and slot are of. */
	uint64_t tag[TLB_TAGS] __attribute__((aligned(64)));
	uint64_t gap[64];
	uint64_t addend[TLB_ADDENDS];
};

#define TLB_ALIGNMENT 64

/* Bytes of memory for a store of this shape; 0 where init would say TLB_EINVAL. */
size_t tlb_bytes_needed(uint32_t entries, uint32_t asids);

/* Makes an empty TLB; the current address space is 0. `memory` is aligned to TLB_ALIGNMENT. Writes all tags and
 * addends. *config is not kept. 0, or enum tlb_error and *tlb unchanged. */
int tlb_init(struct tlb *tlb, void *memory, size_t memory_bytes, const struct tlb_config *config);

/* From now on addresses are those of address space `asid`. O(1). 0 or TLB_EINVAL. */
int tlb_switch_asid(struct tlb *tlb, uint32_t asid);

/* Keeps a page of the current address space, as a walk that described it so would have: whatever was kept for this
 * address is gone. */
void tlb_insert(struct tlb *tlb, uint64_t address, const struct tlb_mapping *mapping);

/* The page of `address`, a large one whole, is walked anew at its next use: in address space `asid`, and where it is
 * global. 0 or TLB_EINVAL. */
int tlb_flush_page(struct tlb *tlb, uint32_t asid, uint64_t address);

/* As tlb_flush_page for every page that has a byte in [address, address + bytes); a range that goes beyond the last
 * address ends there. Costs the lesser of the pages in the range and the size of the store. 0 or TLB_EINVAL. */
int tlb_flush_range(struct tlb *tlb, uint32_t asid, uint64_t address, uint64_t bytes);

/* As tlb_flush_page for all pages of an address space, but not global ones. O(1). 0 or TLB_EINVAL. */
int tlb_flush_asid(struct tlb *tlb, uint32_t asid);

/* As tlb_flush_page for all pages of all address spaces, global ones too. O(1). */
void tlb_flush_all(struct tlb *tlb);

/* ---- the hit path ---------------------------------------------------------------------------------------------------
 * `_fixed`: page_shift is log2 of the configuration's page_bytes; where it is a constant, a hit is a load shorter. */

static inline unsigned tlb_side(unsigned access) {
	return access / 2;
}

/* Where the rows `number` further on look like the first ones. The base is moved, not the index: whoever knows the kind
 * at run time only has that done before the address is there, on which the index has to wait. */
static inline const struct tlb *tlb_from_row(const struct tlb *tlb, unsigned number) {
	const size_t row_bytes = TLB_ROW * sizeof(uint64_t);
	const void *base = TLB_CAST(const char *, tlb) + number * row_bytes;
	return TLB_CAST(const struct tlb *, base);
}

static inline const uint64_t *tlb_tag(const struct tlb *tlb, unsigned access, uint64_t slot) {
	return &tlb_from_row(tlb, access)->tag[slot];
}

static inline const uint64_t *tlb_addend(const struct tlb *tlb, unsigned access, uint64_t slot) {
	return &tlb_from_row(tlb, tlb_side(access))->addend[slot];
}

/* Of the two below. *sum: the host address on a hit; else what tlb_unsum makes `address` of again. The sum is made
 * before the comparison, since it is what the next instructions wait for, and in the place of `address`: a caller that
 * needs that no more keeps no copy of it for a miss. */
static inline bool tlb_hit(const struct tlb *tlb, uint64_t address, enum tlb_access access, uint32_t page_shift,
			   uint64_t *sum, uint64_t *tag) {
	uint64_t page = address >> page_shift, slot = page & (TLB_SLOTS - 1);
	uint64_t wanted = page + tlb->context;
	*sum = address + *tlb_addend(tlb, access, slot);
	__asm__("" : "+r"(*sum), "+r"(wanted)); /* both are known here, before the branch */
	*tag = wanted;
	return __builtin_expect(*tlb_tag(tlb, access, slot) == wanted, 1);
}

static inline void *tlb_pointer(uint64_t sum) {
	uintptr_t address = sum;
	return TLB_CAST(void *, address);
}

static inline uint64_t tlb_unsum(const struct tlb *tlb, enum tlb_access access, uint64_t sum, uint64_t tag) {
	return sum - *tlb_addend(tlb, access, tag & (TLB_SLOTS - 1));
}

/* Where `address` of the current address space lies, when the front knows that `access` is allowed there; else false,
 * *host as it was: tlb_translate may still know. */
static inline bool tlb_lookup_fixed(const struct tlb *tlb, uint64_t address, enum tlb_access access,
				    uint32_t page_shift, void **host) {
	uint64_t sum, tag;
	if (!__builtin_expect(tlb_hit(tlb, address, access, page_shift, &sum, &tag), 1))
		return false;
	*host = tlb_pointer(sum);
	return true;
}

static inline bool tlb_lookup(const struct tlb *tlb, uint64_t address, enum tlb_access access, void **host) {
	return tlb_lookup_fixed(tlb, address, access, tlb->page_shift, host);
}

/* The slow half of tlb_translate: asks the store, else walks, keeps, answers. */
int tlb_translate_miss(struct tlb *tlb, uint64_t address, enum tlb_access access, void **host);

/* Where `address` of the current address space lies. 0: *host is it. Else *host is as it was: TLB_EDENIED, or the
 * walk's positive code. *host is good until the page is flushed by any of the flushes; an insertion does not end it. */
static inline int tlb_translate_fixed(struct tlb *tlb, uint64_t address, enum tlb_access access, uint32_t page_shift,
				      void **host) {
	uint64_t sum, tag;
	if (__builtin_expect(tlb_hit(tlb, address, access, page_shift, &sum, &tag), 1)) {
		*host = tlb_pointer(sum);
		return 0;
	}
	/* A variable of its own, so that the caller's stays in a register on the hit path. */
	void *walked = NULL;
	int code = tlb_translate_miss(tlb, tlb_unsum(tlb, access, sum, tag), access, &walked);
	if (code == 0)
		*host = walked;
	return code;
}

static inline int tlb_translate(struct tlb *tlb, uint64_t address, enum tlb_access access, void **host) {
	return tlb_translate_fixed(tlb, address, access, tlb->page_shift, host);
}

/* ---- another core's flush -------------------------------------------------------------------------------------------
 * Who changes page tables that another thread's TLB may have answers of: (1) writes the tables, (2) calls
 * tlb_request_flush, (3) waits until tlb_flush_done says so of the ticket. From then on the owner uses no host address
 * that an older table gave, and whatever it did through one has happened.
 *
 * The owner calls tlb_poll wherever it holds no host address, and often enough that nobody waits too long; before it
 * sleeps, too, and first thing afterwards: while it sleeps it holds none, and whoever knows that it sleeps need not
 * wait. A walk and the keeping of its answer lie between two polls, so that no old answer is kept after it was flushed.
 * A request is for everything: one word, no queue, nothing that could be full; several before one poll are served at
 * once. (2) and (3) order as release and acquire do, in both directions. */

/* Any thread. The ticket. */
uint64_t tlb_request_flush(struct tlb *tlb);

/* Any thread. */
bool tlb_flush_done(const struct tlb *tlb, uint64_t ticket);

/* The slow half of tlb_poll. */
void tlb_serve_requests(struct tlb *tlb);

/* The owner only. true: there was a request, and everything is flushed. */
static inline bool tlb_poll(struct tlb *tlb) {
	if (__builtin_expect(__atomic_load_n(&tlb->requested, __ATOMIC_ACQUIRE) == tlb->served, 1))
		return false;
	tlb_serve_requests(tlb);
	return true;
}

#ifdef __cplusplus
}
#else
_Static_assert(TLB_SLOT_BITS >= 10 && TLB_SLOT_BITS <= 20, "slots are counted in blocks of 64");
_Static_assert(TLB_WAYS >= 1 && TLB_WAYS <= 16 && (TLB_WAYS & (TLB_WAYS - 1)) == 0, "sets are counted by a mask");
_Static_assert(sizeof(struct tlb_stored) == 32, "two entries a cache line");
_Static_assert(offsetof(struct tlb, refills) <= 64, "what the hit path reads is one cache line");
_Static_assert(TLB_READ / 2 == TLB_WRITE / 2 && TLB_EXECUTE / 2 == 1, "the sides are data and code");
_Static_assert(TLB_ROW * sizeof(uint64_t) % 4096 == 1024, "see TLB_ROW");
_Static_assert(TLB_TAGS / TLB_ROW == TLB_ACCESS_KINDS, "a row of tags for each kind");
_Static_assert((offsetof(struct tlb, addend) - offsetof(struct tlb, tag)) % 4096 == 3584, "as far from all tags");
#endif
