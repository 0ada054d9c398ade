/* SPDX-License-Identifier: Apache-2.0
 *
 * Software TLB: all that is not the hit path.
 *
 * Two kinds of serial numbers, neither of which ever repeats. A space's number is in every entry of the store: an entry
 * counts only while its address space (or the global pages) still has that number; who has none, or one that is
 * flushed, gets one with the next page that is kept. A context's number is in the tags, by its low bits. Invariant: a
 * tag holds either 0 or a context of the numbers from the last on whose low bits are 0, before which slots are cleared;
 * so an address space whose number lies before oldest_context has no slot that could hit.
 *
 * The two are apart because the front may be emptied, which costs nothing, where the store need not be: large pages
 * leave pieces in front that nobody keeps account of.
 *
 * In a set of the store the ways that were written since everything was flushed come first. So a set whose last way was
 * not has never been full, and no page went to its other set instead: one set is looked at, and the first way behind
 * those is free. What is taken out leaves a number that nobody has.
 *
 * What the front tells of the store: a smallest page of one address space that is kept was brought to its slot on one
 * side at least, and whoever took its place there, or emptied it, left a tag that is no less than those of its time. So
 * a slot whose tags are all less than untouched_below shows that nothing is kept of the page.
 */
#include "mem/tlb.h"

#define PAGE_BYTES_LEAST 4096u
#define PAGE_BYTES_MOST  (UINT64_C(1) << 40)
#define COUNT_MOST       (UINT32_C(1) << 24)

enum {
	CONTEXTS = 4096,       /* 0 is none */
	NO_USE = CONTEXTS - 1, /* as in UINT64_MAX, the tag of an emptied slot */
	SIZES = 3,
	SIZE_BITS = 9,        /* from one page size to the next */
	BLOCK_SLOTS = 64,     /* of a byte in `used` */
	RANGE_PIECEWISE = 32, /* pages of a range up to which the front is flushed page by page */
	QUIET_FLUSHES = 16,
	QUIET_SHARE = 8,
};

const char TLB_SYMBOL(TLB_SLOT_BITS) = 0;

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
	if (!is_power_of_two(entries) || entries < TLB_WAYS || entries > COUNT_MOST || asids == 0 || asids > COUNT_MOST)
		return 0;
	return entries * sizeof(struct tlb_stored) + asids * sizeof(struct tlb_space);
}

/* ---- the front --------------------------------------------------------------------------------------------------- */

static void clear_block(struct tlb *tlb, unsigned block) {
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++)
		for (unsigned i = 0; i < BLOCK_SLOTS; i++)
			tlb->tag[access * TLB_ROW + block * BLOCK_SLOTS + i] = 0;
}

static void clear_used_slots(struct tlb *tlb) {
	for (unsigned block = 0; block < sizeof tlb->used; block++)
		if (tlb->used[block] != 0) {
			clear_block(tlb, block);
			tlb->used[block] = 0;
		}
}

/* Contexts are used up: the number of the next round's first. */
static __attribute__((noinline)) uint64_t start_round(struct tlb *tlb) {
	clear_used_slots(tlb);
	tlb->untouched_below = 0;
	tlb->oldest_context = tlb->last_context / CONTEXTS * CONTEXTS + CONTEXTS + 1;
	return tlb->oldest_context;
}

/* For the current address space. The number. */
static inline uint64_t renew_context(struct tlb *tlb) {
	uint64_t context = tlb->last_context + 1;
	if (__builtin_expect(context % CONTEXTS == NO_USE, 0))
		context = start_round(tlb);
	tlb->last_context = context;
	tlb->context = context << TLB_CONTEXT_SHIFT;
	return context;
}

/* An address space loses what it has in front; all of them, where pages that they share may be meant. */
static void empty_front(struct tlb *tlb, uint32_t asid) {
	const uint32_t global = 1u << 1 | 1u << 3 | 1u << 5;
	bool all = (tlb->kept & global) != 0;
	tlb->spaces[asid].context = 0;
	if (asid == tlb->asid || all)
		(void)renew_context(tlb);
	if (all)
		tlb->oldest_context = tlb->last_context;
}

static inline uint64_t *tag_of(struct tlb *tlb, uint64_t page, unsigned access) {
	return &tlb->tag[access * TLB_ROW + (page & (TLB_SLOTS - 1))];
}

static inline uint64_t *addend_of(struct tlb *tlb, uint64_t page, unsigned access) {
	return &tlb->addend[tlb_side(access) * TLB_ROW + (page & (TLB_SLOTS - 1))];
}

/* A tag for who has the right, else one of no use. */
static inline uint64_t tag_if(uint64_t tag, unsigned rights, unsigned access) {
	return tag | ((uint64_t)(rights >> access & 1) - 1);
}

static inline void fill_data(struct tlb *tlb, uint64_t page, unsigned rights, uint64_t addend) {
	uint64_t slot = page & (TLB_SLOTS - 1), tag = page + tlb->context;
	*tag_of(tlb, page, TLB_READ) = tag_if(tag, rights, TLB_READ);
	*tag_of(tlb, page, TLB_WRITE) = tag_if(tag, rights, TLB_WRITE);
	*addend_of(tlb, page, TLB_READ) = addend;
	tlb->rights[tlb_side(TLB_READ)][slot] = (uint8_t)rights;
	tlb->used[slot / BLOCK_SLOTS] = 1;
}

static inline void fill_code(struct tlb *tlb, uint64_t page, unsigned rights, uint64_t addend) {
	uint64_t slot = page & (TLB_SLOTS - 1), tag = page + tlb->context;
	*tag_of(tlb, page, TLB_EXECUTE) = tag_if(tag, rights, TLB_EXECUTE);
	*addend_of(tlb, page, TLB_EXECUTE) = addend;
	tlb->rights[tlb_side(TLB_EXECUTE)][slot] = (uint8_t)rights;
	tlb->used[slot / BLOCK_SLOTS] = 1;
}

static inline void empty_tag(uint64_t *tag, uint64_t page) {
	if (__builtin_expect((*tag ^ page) << (64 - TLB_CONTEXT_SHIFT) == 0, 0))
		*tag = UINT64_MAX;
}

/* These of whatever address space. */
static void empty_data(struct tlb *tlb, uint64_t page) {
	empty_tag(tag_of(tlb, page, TLB_READ), page);
	empty_tag(tag_of(tlb, page, TLB_WRITE), page);
}

static void empty_code(struct tlb *tlb, uint64_t page) {
	empty_tag(tag_of(tlb, page, TLB_EXECUTE), page);
}

/* ---- the store --------------------------------------------------------------------------------------------------- */

static uint64_t page_of(const struct tlb *tlb, uint64_t address, unsigned size) {
	uint32_t shift = tlb->page_shift + size * SIZE_BITS;
	return address >> shift << shift | size;
}

/* Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4) over page and space, whose best bits are the highest;
 * the bytes are turned round, so that a mask takes those. Pages alike in all but the space must not meet, whatever the
 * stride: many address spaces map the same ones. */
static uint64_t hash(uint64_t page, uint64_t space) {
	return (page + space * UINT64_C(0xbf58476d1ce4e5b9)) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t other_hash(uint64_t hash) {
	return hash * UINT64_C(0x94d049bb133111eb);
}

static inline struct tlb_stored *set_of(const struct tlb *tlb, uint64_t hash) {
	return &tlb->store[(__builtin_bswap64(hash) & tlb->set_mask) * TLB_WAYS];
}

static struct tlb_stored *find_in_set(struct tlb_stored *set, uint64_t page, uint64_t space) {
	for (unsigned way = 0; way < TLB_WAYS; way++)
		if (set[way].page == page && set[way].space == space)
			return &set[way];
	return NULL;
}

static struct tlb_stored *find(const struct tlb *tlb, uint64_t page, uint64_t space) {
	uint64_t h = hash(page, space);
	struct tlb_stored *set = set_of(tlb, h), *stored = find_in_set(set, page, space);
	if (stored != NULL || set[TLB_WAYS - 1].space < tlb->oldest_space)
		return stored;
	return find_in_set(set_of(tlb, other_hash(h)), page, space);
}

static bool is_live(const struct tlb *tlb, const struct tlb_stored *stored) {
	if (stored->space < tlb->oldest_space)
		return false;
	return stored->space == (stored->global ? tlb->global_space : tlb->spaces[stored->asid].space);
}

/* The number of an address space, or of the global pages; 0 where it has none. */
static uint64_t space_of(const struct tlb *tlb, uint32_t asid, unsigned global) {
	uint64_t space = global ? tlb->global_space : tlb->spaces[asid].space;
	return space < tlb->oldest_space ? 0 : space;
}

/* Of the current address space, or of the global pages, which get one where they have none. */
static inline uint64_t space_to_keep(struct tlb *tlb, unsigned global) {
	uint64_t *space = global ? &tlb->global_space : &tlb->spaces[tlb->asid].space;
	if (*space < tlb->oldest_space)
		*space = tlb->next_space++;
	return *space;
}

/* Twice the sets, in place: an entry stays, or goes to the same way of the set that its hash's next bit names, and
 * leaves a number that nobody has. */
static void grow(struct tlb *tlb) {
	uint64_t sets = tlb->set_mask + 1, nobody = tlb->next_space++;
	for (uint64_t i = 0; i < sets * TLB_WAYS; i++) {
		struct tlb_stored *stored = &tlb->store[i], *other = &tlb->store[i + sets * TLB_WAYS];
		*other = (struct tlb_stored){0};
		if (stored->space < tlb->oldest_space)
			continue;
		other->space = nobody;
		uint64_t h = hash(stored->page, stored->space);
		if (set_of(tlb, h) != &tlb->store[i / TLB_WAYS * TLB_WAYS])
			h = other_hash(h);
		if (!is_live(tlb, stored)) {
			stored->space = nobody;
		} else if ((__builtin_bswap64(h) & sets) != 0) {
			*other = *stored;
			stored->space = nobody;
		}
	}
	tlb->set_mask = 2 * sets - 1;
}

/* Where a new entry goes: what counts no longer, else into a larger store, else what is there goes in turn. */
static __attribute__((noinline)) struct tlb_stored *make_room(struct tlb *tlb, uint64_t h) {
	for (;;) {
		for (unsigned choice = 0; choice < 2; choice++) {
			struct tlb_stored *set = set_of(tlb, choice == 0 ? h : other_hash(h));
			for (unsigned way = 0; way < TLB_WAYS; way++)
				if (!is_live(tlb, &set[way]))
					return &set[way];
		}
		if (tlb->set_mask + 1 >= tlb->sets_most)
			return set_of(tlb, h) + tlb->victim++ % TLB_WAYS;
		grow(tlb);
	}
}

/* The ways that nobody wrote are counted rather than tried: which is the first of them no branch could foresee. */
static struct tlb_stored *room_for(struct tlb *tlb, uint64_t h) {
	struct tlb_stored *set = set_of(tlb, h);
	unsigned written = 0;
	for (unsigned way = 0; way < TLB_WAYS; way++)
		written += set[way].space >= tlb->oldest_space;
	return __builtin_expect(written < TLB_WAYS, 1) ? &set[written] : make_room(tlb, h);
}

static __attribute__((noinline)) void settle_pending(struct tlb *tlb) {
	for (uint32_t i = 0; i < tlb->pending_count; i++) {
		const struct tlb_stored *pending = &tlb->pending[i];
		if (is_live(tlb, pending))
			*room_for(tlb, hash(pending->page, pending->space)) = *pending;
	}
	tlb->stored += tlb->pending_count;
	tlb->pending_count = 0;
}

/* What is kept of `address`, the smallest page first; nothing may be pending. `*from` is where to go on looking: 0 at
 * first. */
static __attribute__((noinline)) struct tlb_stored *find_next(const struct tlb *tlb, uint32_t asid, uint64_t address,
							      unsigned *from) {
	for (unsigned i = *from; i < 2 * SIZES; i++) {
		if ((tlb->kept >> i & 1) == 0)
			continue;
		uint64_t space = space_of(tlb, asid, i & 1);
		struct tlb_stored *stored = space != 0 ? find(tlb, page_of(tlb, address, i / 2), space) : NULL;
		if (stored != NULL) {
			*from = i + 1;
			return stored;
		}
	}
	return NULL;
}

static __attribute__((noinline)) void forget_stored(struct tlb *tlb, uint32_t asid, uint64_t address) {
	unsigned from = 0;
	settle_pending(tlb);
	for (struct tlb_stored *stored; (stored = find_next(tlb, asid, address, &from)) != NULL;)
		stored->space = tlb->next_space++;
}

static unsigned size_of(const struct tlb *tlb, const struct tlb_mapping *mapping) {
	unsigned size = 0;
	while (size + 1 < SIZES && mapping->page_bytes >> (tlb->page_shift + (size + 1) * SIZE_BITS) != 0)
		size++;
	return size;
}

static inline void pend(struct tlb *tlb, uint64_t page, const struct tlb_mapping *mapping, uint64_t addend) {
	uint64_t space = space_to_keep(tlb, mapping->global);
	if (__builtin_expect(tlb->pending_count == TLB_PENDING, 0))
		settle_pending(tlb);
	tlb->pending[tlb->pending_count++] = (struct tlb_stored){
		.page = page,
		.space = space,
		.addend = addend,
		.asid = tlb->asid,
		.rights = mapping->rights,
		.global = mapping->global,
	};
}

static __attribute__((noinline)) uint64_t keep_any(struct tlb *tlb, uint64_t address,
						   const struct tlb_mapping *mapping) {
	uint64_t smallest = UINT64_C(1) << tlb->page_shift;
	uint64_t bytes = mapping->page_bytes > smallest ? mapping->page_bytes : smallest;
	uint64_t addend = (uint64_t)(uintptr_t)mapping->host - (address & ~(bytes - 1));
	unsigned size = size_of(tlb, mapping);
	pend(tlb, page_of(tlb, address, size), mapping, addend);
	tlb->kept |= 1u << (2 * size + mapping->global);
	return addend;
}

/* What most walks answer: a page of the configuration's size, of one address space. */
static inline bool is_smallest(const struct tlb *tlb, const struct tlb_mapping *mapping) {
	return !mapping->global && mapping->page_bytes >> tlb->page_shift <= 1;
}

/* Keeps a page that is not kept, or no more; not in front. The addend. */
static inline uint64_t keep(struct tlb *tlb, uint64_t address, const struct tlb_mapping *mapping) {
	uint64_t first = address >> tlb->page_shift << tlb->page_shift;
	if (__builtin_expect(!is_smallest(tlb, mapping), 0))
		return keep_any(tlb, address, mapping);
	uint64_t addend = (uint64_t)(uintptr_t)mapping->host - first;
	pend(tlb, first, mapping, addend);
	tlb->kept |= 1;
	return addend;
}

/* ---- the owner's functions --------------------------------------------------------------------------------------- */

static bool is_good(const struct tlb_config *config) {
	return config->walk != NULL && tlb_bytes_needed(config->entries, config->asids) != 0 &&
	       is_power_of_two(config->page_bytes) && config->page_bytes >= PAGE_BYTES_LEAST &&
	       config->page_bytes <= PAGE_BYTES_MOST;
}

static void start(struct tlb *tlb, void *memory, const struct tlb_config *config) {
	uint32_t least = config->entries < TLB_STORE_LEAST ? config->entries : TLB_STORE_LEAST;
	tlb->page_shift = log2_of(config->page_bytes);
	tlb->asid = 0;
	tlb->walks = tlb->refills = 0;
	tlb->store = memory;
	tlb->spaces = (struct tlb_space *)(void *)(tlb->store + config->entries);
	tlb->set_mask = least / TLB_WAYS - 1;
	tlb->sets_most = config->entries / TLB_WAYS;
	tlb->next_space = tlb->oldest_space = 1;
	tlb->global_space = 0;
	tlb->last_context = tlb->oldest_context = 0;
	tlb->pending_count = 0;
	tlb->stored = 0;
	tlb->kept = tlb->victim = tlb->quiet = 0;
	tlb->asid_count = config->asids;
	tlb->walk = config->walk;
	tlb->owner = config->owner;
	tlb->requested = tlb->served = 0;
	for (unsigned i = 0; i < sizeof tlb->used / sizeof tlb->used[0]; i++)
		tlb->used[i] = 0;
	for (size_t i = 0; i < sizeof tlb->tag / sizeof tlb->tag[0]; i++)
		tlb->tag[i] = 0;
	for (size_t i = 0; i < sizeof tlb->addend / sizeof tlb->addend[0]; i++)
		tlb->addend[i] = 0;
	for (uint32_t i = 0; i < least; i++)
		tlb->store[i] = (struct tlb_stored){0};
	for (uint32_t asid = 0; asid < tlb->asid_count; asid++)
		tlb->spaces[asid] = (struct tlb_space){0, 0};
}

int tlb_init(struct tlb *tlb, void *memory, size_t memory_bytes, const struct tlb_config *config) {
	if (tlb == NULL || memory == NULL || config == NULL || !is_good(config))
		return TLB_EINVAL;
	if (((uintptr_t)memory & (TLB_ALIGNMENT - 1)) != 0)
		return TLB_EALIGN;
	if (memory_bytes < tlb_bytes_needed(config->entries, config->asids))
		return TLB_ENOMEM;
	start(tlb, memory, config);
	tlb_flush_all(tlb);
	return 0;
}

int tlb_switch_asid(struct tlb *tlb, uint32_t asid) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	tlb->spaces[tlb->asid].context = tlb->last_context / CONTEXTS * CONTEXTS + (tlb->context >> TLB_CONTEXT_SHIFT);
	tlb->asid = asid;
	if (tlb->spaces[asid].context < tlb->oldest_context)
		(void)renew_context(tlb);
	else
		tlb->context = tlb->spaces[asid].context << TLB_CONTEXT_SHIFT;
	return 0;
}

/* Where it is known already, in its place. */
static uint64_t keep_again(struct tlb *tlb, uint64_t address, const struct tlb_mapping *mapping) {
	uint64_t first = address >> tlb->page_shift << tlb->page_shift;
	settle_pending(tlb);
	struct tlb_stored *stored = NULL;
	if ((tlb->kept & ~1u) == 0 && is_smallest(tlb, mapping))
		stored = find(tlb, first, space_to_keep(tlb, false));
	else
		forget_stored(tlb, tlb->asid, address);
	if (stored == NULL)
		return keep(tlb, address, mapping);
	stored->rights = mapping->rights;
	stored->addend = (uint64_t)(uintptr_t)mapping->host - first;
	return stored->addend;
}

void tlb_insert(struct tlb *tlb, uint64_t address, const struct tlb_mapping *mapping) {
	uint64_t page = address >> tlb->page_shift, addend = keep_again(tlb, address, mapping);
	if ((mapping->rights & TLB_RIGHT_EXECUTE) != 0)
		fill_code(tlb, page, mapping->rights, addend);
	else
		empty_code(tlb, page);
	/* Without any right, too: a slot of either side shows that the page is kept. */
	if (mapping->rights != TLB_RIGHT_EXECUTE)
		fill_data(tlb, page, mapping->rights, addend);
	else
		empty_data(tlb, page);
}

static inline int make_known(struct tlb *tlb, uint64_t address, enum tlb_access access, unsigned rights,
			     uint64_t addend, void **host) {
	if (access == TLB_EXECUTE)
		fill_code(tlb, address >> tlb->page_shift, rights, addend);
	else
		fill_data(tlb, address >> tlb->page_shift, rights, addend);
	if (__builtin_expect((rights >> access & 1) == 0, 0))
		return TLB_EDENIED;
	*host = (void *)(uintptr_t)(address + addend);
	return 0;
}

/* On the other side than that of `access`. */
static bool known_in_front(struct tlb *tlb, uint64_t page, enum tlb_access access, unsigned *rights, uint64_t *addend) {
	uint64_t tag = page + tlb->context;
	enum tlb_access other = access == TLB_EXECUTE ? TLB_READ : TLB_EXECUTE;
	*rights = tlb->rights[tlb_side(other)][page & (TLB_SLOTS - 1)];
	*addend = *addend_of(tlb, page, other);
	return *tag_of(tlb, page, other) == tag || (other == TLB_READ && *tag_of(tlb, page, TLB_WRITE) == tag);
}

static bool known_in_store(struct tlb *tlb, uint64_t address, unsigned *rights, uint64_t *addend) {
	unsigned from = 0;
	settle_pending(tlb);
	const struct tlb_stored *stored = find_next(tlb, tlb->asid, address, &from);
	if (stored == NULL)
		return false;
	*rights = stored->rights;
	*addend = stored->addend;
	return true;
}

/* Where something may be kept of the page. */
static __attribute__((noinline)) int translate_known(struct tlb *tlb, uint64_t address, enum tlb_access access,
						     void **host) {
	uint64_t page = address >> tlb->page_shift, addend;
	unsigned rights;
	bool known =
		known_in_front(tlb, page, access, &rights, &addend) || known_in_store(tlb, address, &rights, &addend);
	if (known && (rights >> access & 1) != 0) {
		tlb->refills++;
		return make_known(tlb, address, access, rights, addend, host);
	}
	struct tlb_mapping mapping = {0};
	tlb->walks++;
	int code = tlb->walk(tlb->owner, address, tlb->asid, access, &mapping);
	if (code != 0)
		return code;
	forget_stored(tlb, tlb->asid, address);
	if (access == TLB_EXECUTE)
		empty_data(tlb, page);
	else
		empty_code(tlb, page);
	return make_known(tlb, address, access, mapping.rights, keep(tlb, address, &mapping), host);
}

/* Nothing is kept of a page: neither it nor another one was brought to its slot since everything was flushed, and
 * larger or global ones there are none. */
static inline bool is_unknown(struct tlb *tlb, uint64_t page) {
	return (tlb->kept & ~1u) == 0 && *tag_of(tlb, page, TLB_READ) < tlb->untouched_below &&
	       *tag_of(tlb, page, TLB_EXECUTE) < tlb->untouched_below;
}

int tlb_translate_miss(struct tlb *tlb, uint64_t address, enum tlb_access access, void **host) {
	if (!is_unknown(tlb, address >> tlb->page_shift))
		return translate_known(tlb, address, access, host);
	struct tlb_mapping mapping = {0};
	tlb->walks++;
	int code = tlb->walk(tlb->owner, address, tlb->asid, access, &mapping);
	if (code != 0)
		return code;
	return make_known(tlb, address, access, mapping.rights, keep(tlb, address, &mapping), host);
}

static bool keeps_large(const struct tlb *tlb) {
	return tlb->kept >> 2 != 0;
}

int tlb_flush_page(struct tlb *tlb, uint32_t asid, uint64_t address) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	forget_stored(tlb, asid, address);
	empty_data(tlb, address >> tlb->page_shift);
	empty_code(tlb, address >> tlb->page_shift);
	if (keeps_large(tlb))
		empty_front(tlb, asid);
	return 0;
}

static void forget_overlapping(struct tlb *tlb, uint32_t asid, uint64_t first, uint64_t last) {
	for (uint64_t i = 0; i < (tlb->set_mask + 1) * TLB_WAYS; i++) {
		struct tlb_stored *stored = &tlb->store[i];
		unsigned size = stored->page & 3;
		uint64_t begin = stored->page - size;
		uint64_t end = begin + ((UINT64_C(1) << (tlb->page_shift + size * SIZE_BITS)) - 1);
		if ((stored->global || stored->asid == asid) && begin <= last && end >= first &&
		    stored->space >= tlb->oldest_space)
			stored->space = tlb->next_space++;
	}
}

int tlb_flush_range(struct tlb *tlb, uint32_t asid, uint64_t address, uint64_t bytes) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	if (bytes == 0)
		return 0;
	uint64_t last = address + (bytes - 1) < address ? UINT64_MAX : address + (bytes - 1);
	uint64_t pages = (last >> tlb->page_shift) - (address >> tlb->page_shift) + 1;
	bool piecewise = pages <= RANGE_PIECEWISE && !keeps_large(tlb);
	for (uint64_t i = 0; piecewise && i < pages; i++)
		(void)tlb_flush_page(tlb, asid, address + (i << tlb->page_shift));
	if (piecewise)
		return 0;
	settle_pending(tlb);
	empty_front(tlb, asid);
	if (pages > (tlb->set_mask + 1) * TLB_WAYS) {
		forget_overlapping(tlb, asid, address, last);
		return 0;
	}
	for (uint64_t i = 0; i < pages; i++)
		forget_stored(tlb, asid, address + (i << tlb->page_shift));
	return 0;
}

/* Half the store is let go in O(1): nothing in it counts any more, and growing writes all that it takes. */
static void shrink_when_quiet(struct tlb *tlb) {
	uint64_t entries = (tlb->set_mask + 1) * TLB_WAYS;
	tlb->quiet = (tlb->stored + tlb->pending_count) * QUIET_SHARE < entries && entries > TLB_STORE_LEAST
			     ? tlb->quiet + 1
			     : 0;
	tlb->stored = 0;
	if (tlb->quiet < QUIET_FLUSHES)
		return;
	tlb->quiet = 0;
	tlb->set_mask >>= 1;
}

/* Of everything, in O(1). */
static void let_go(struct tlb *tlb) {
	tlb->oldest_space = tlb->next_space;
	tlb->kept = 0;
	tlb->pending_count = 0;
	uint64_t context = renew_context(tlb);
	tlb->oldest_context = context;
	tlb->untouched_below = context << TLB_CONTEXT_SHIFT;
}

void tlb_flush_all(struct tlb *tlb) {
	shrink_when_quiet(tlb);
	let_go(tlb);
}

/* Since everything was flushed nobody else has kept anything. */
static bool is_alone(const struct tlb *tlb, const struct tlb_space *space) {
	return tlb->next_space - tlb->oldest_space == (space->space >= tlb->oldest_space);
}

int tlb_flush_asid(struct tlb *tlb, uint32_t asid) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	struct tlb_space *space = &tlb->spaces[asid];
	if (is_alone(tlb, space))
		let_go(tlb);
	else if (asid == tlb->asid)
		(void)renew_context(tlb);
	*space = (struct tlb_space){0, 0};
	return 0;
}

/* ---- another core's flush ---------------------------------------------------------------------------------------- */

uint64_t tlb_request_flush(struct tlb *tlb) {
	return __atomic_add_fetch(&tlb->requested, 1, __ATOMIC_ACQ_REL);
}

bool tlb_flush_done(const struct tlb *tlb, uint64_t ticket) {
	return (int64_t)(__atomic_load_n(&tlb->served, __ATOMIC_ACQUIRE) - ticket) >= 0;
}

void tlb_serve_requests(struct tlb *tlb) {
	uint64_t requested = __atomic_load_n(&tlb->requested, __ATOMIC_ACQUIRE);
	tlb_flush_all(tlb);
	__atomic_store_n(&tlb->served, requested, __ATOMIC_RELEASE);
}
