/* SPDX-License-Identifier: Apache-2.0
 *
 * Software TLB: all that is not the hit path.
 *
 * Two kinds of serial numbers, neither of which ever repeats. A space's number is in every entry of the store: an entry
 * counts only while its address space (or the global pages) still has that number. A context's number gives, by its
 * distance from first_context, the context in the tags. Invariant: a tag holds either 0 or a context of the numbers
 * from first_context on; so an address space whose number lies before oldest_context has no slot that could hit.
 *
 * The two are apart because the front may be emptied, which costs nothing, where the store need not be: large pages
 * leave pieces in front that nobody keeps account of.
 */
#include "mem/tlb.h"

#define PAGE_BYTES_LEAST 4096u
#define PAGE_BYTES_MOST  (UINT64_C(1) << 40)
#define COUNT_MOST       (UINT32_C(1) << 24)

enum {
	CONTEXTS = 4095, /* 0 is none */
	SIZES = 3,
	SIZE_BITS = 9,        /* from one page size to the next */
	BLOCK_SLOTS = 64,     /* of a bit in `used` */
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

static void clear_block(struct tlb_side *side, unsigned block) {
	for (unsigned i = 0; i < BLOCK_SLOTS; i++)
		side->tag[block * BLOCK_SLOTS + i] = 0;
}

static void clear_used_slots(struct tlb *tlb) {
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++)
		for (unsigned word = 0; word < sizeof tlb->used[0] / sizeof tlb->used[0][0]; word++) {
			for (unsigned bit = 0; bit < 64 && tlb->used[access][word] != 0; bit++)
				if ((tlb->used[access][word] >> bit & 1) != 0)
					clear_block(&tlb->side[access], word * 64 + bit);
			tlb->used[access][word] = 0;
		}
}

static void renew_context(struct tlb *tlb) {
	if (tlb->next_context - tlb->first_context >= CONTEXTS) {
		clear_used_slots(tlb);
		tlb->first_context = tlb->oldest_context = tlb->next_context;
	}
	tlb->spaces[tlb->asid].context = tlb->next_context++;
}

/* The current address space gets what it lacks: a number for the store, a context. */
static void adopt_current(struct tlb *tlb) {
	struct tlb_space *space = &tlb->spaces[tlb->asid];
	if (space->space < tlb->oldest_space)
		space->space = tlb->next_space++;
	if (space->context < tlb->oldest_context)
		renew_context(tlb);
	tlb->context = (space->context - tlb->first_context + 1) << TLB_CONTEXT_SHIFT;
}

/* An address space loses what it has in front; all of them, where pages that they share may be meant. */
static void empty_front(struct tlb *tlb, uint32_t asid) {
	const uint32_t global = 1u << 1 | 1u << 3 | 1u << 5;
	tlb->spaces[asid].context = 0;
	if ((tlb->kept & global) != 0)
		tlb->oldest_context = tlb->next_context;
	adopt_current(tlb);
}

static void fill_slot(struct tlb *tlb, uint64_t address, enum tlb_access access, uint64_t addend) {
	uint64_t page = address >> tlb->page_shift, slot = page & (TLB_SLOTS - 1);
	uint64_t block = slot / BLOCK_SLOTS;
	tlb->side[access].tag[slot] = page + tlb->context;
	tlb->side[access].addend[slot] = addend;
	tlb->used[access][block / 64] |= UINT64_C(1) << block % 64;
}

/* Of whatever address space. */
static void empty_slot(struct tlb *tlb, uint64_t address, unsigned access) {
	uint64_t page = address >> tlb->page_shift;
	uint64_t *tag = &tlb->side[access].tag[page & (TLB_SLOTS - 1)];
	if (((*tag ^ page) & ((UINT64_C(1) << TLB_CONTEXT_SHIFT) - 1)) == 0)
		*tag = 0;
}

/* ---- the store --------------------------------------------------------------------------------------------------- */

static uint64_t page_of(const struct tlb *tlb, uint64_t address, unsigned size) {
	uint32_t shift = tlb->page_shift + size * SIZE_BITS;
	return address >> shift << shift | size;
}

/* splitmix64's last steps over page and space: two sets where a page may be, one from each half. Pages alike in all but
 * the space must not meet, whatever the stride: many address spaces map the same ones. */
static uint64_t hash(uint64_t page, uint64_t space) {
	uint64_t h = page + space * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

static struct tlb_stored *find(const struct tlb *tlb, uint64_t page, uint64_t space) {
	uint64_t h = hash(page, space);
	for (unsigned choice = 0; choice < 2; choice++, h >>= 32) {
		struct tlb_stored *set = &tlb->store[(h & tlb->set_mask) * TLB_WAYS];
		for (unsigned way = 0; way < TLB_WAYS; way++)
			if (set[way].page == page && set[way].space == space)
				return &set[way];
	}
	return NULL;
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

/* What is kept of `address`, the smallest page first. `*from` is where to go on looking: 0 at first. */
static struct tlb_stored *find_next(const struct tlb *tlb, uint32_t asid, uint64_t address, unsigned *from) {
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

/* false: nothing was there. */
static bool forget_stored(struct tlb *tlb, uint32_t asid, uint64_t address) {
	unsigned from = 0;
	bool any = false;
	for (struct tlb_stored *stored; (stored = find_next(tlb, asid, address, &from)) != NULL; any = true)
		stored->space = 0;
	return any;
}

/* Twice the sets, in place: an entry stays, or goes to the same way of the set that its hash's next bit names. */
static void grow(struct tlb *tlb) {
	uint64_t sets = tlb->set_mask + 1;
	for (uint64_t i = 0; i < sets * TLB_WAYS; i++) {
		struct tlb_stored *stored = &tlb->store[i], *other = &tlb->store[i + sets * TLB_WAYS];
		*other = (struct tlb_stored){0};
		if (!is_live(tlb, stored)) {
			stored->space = 0;
			continue;
		}
		uint64_t h = hash(stored->page, stored->space);
		if ((h & tlb->set_mask) != i / TLB_WAYS)
			h >>= 32;
		if ((h & sets) != 0) {
			*other = *stored;
			stored->space = 0;
		}
	}
	tlb->set_mask = 2 * sets - 1;
}

/* Where a new entry goes: what counts no longer, else into a larger store, else what is there goes in turn. */
static struct tlb_stored *make_room(struct tlb *tlb, uint64_t page, uint64_t space) {
	for (;;) {
		uint64_t h = hash(page, space);
		for (unsigned choice = 0; choice < 2; choice++, h >>= 32) {
			struct tlb_stored *set = &tlb->store[(h & tlb->set_mask) * TLB_WAYS];
			for (unsigned way = 0; way < TLB_WAYS; way++)
				if (!is_live(tlb, &set[way]))
					return &set[way];
		}
		if (tlb->set_mask + 1 >= tlb->sets_most)
			return &tlb->store[(hash(page, space) & tlb->set_mask) * TLB_WAYS + tlb->victim++ % TLB_WAYS];
		grow(tlb);
	}
}

static unsigned size_of(const struct tlb *tlb, const struct tlb_mapping *mapping) {
	unsigned size = 0;
	while (size + 1 < SIZES && mapping->page_bytes >> (tlb->page_shift + (size + 1) * SIZE_BITS) != 0)
		size++;
	return size;
}

/* Keeps a page, and makes it known in front for `kinds`; the kinds that it had there, and has no more, are gone. Its
 * addend is the answer. */
static uint64_t keep(struct tlb *tlb, uint64_t address, const struct tlb_mapping *mapping, unsigned kinds) {
	uint64_t smallest = UINT64_C(1) << tlb->page_shift;
	uint64_t bytes = mapping->page_bytes > smallest ? mapping->page_bytes : smallest;
	uint64_t addend = (uint64_t)(uintptr_t)mapping->host - (address & ~(bytes - 1));
	unsigned size = size_of(tlb, mapping);
	(void)forget_stored(tlb, tlb->asid, address);
	uint64_t page = page_of(tlb, address, size), space = space_of(tlb, tlb->asid, mapping->global);
	struct tlb_stored *stored = make_room(tlb, page, space);
	*stored = (struct tlb_stored){
		.page = page,
		.space = space,
		.addend = addend,
		.asid = tlb->asid,
		.rights = mapping->rights,
		.global = mapping->global,
	};
	tlb->stored++;
	tlb->kept |= 1u << (2 * size + mapping->global);
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++) {
		if ((mapping->rights & kinds) >> access & 1)
			fill_slot(tlb, address, (enum tlb_access)access, addend);
		else
			empty_slot(tlb, address, access);
	}
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
	tlb->next_space = tlb->oldest_space = tlb->global_space = 1;
	tlb->next_context = tlb->first_context = tlb->oldest_context = 1;
	tlb->stored = 0;
	tlb->kept = tlb->victim = tlb->quiet = 0;
	tlb->asid_count = config->asids;
	tlb->walk = config->walk;
	tlb->owner = config->owner;
	tlb->requested = tlb->served = 0;
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++) {
		for (unsigned i = 0; i < sizeof tlb->used[access] / sizeof tlb->used[access][0]; i++)
			tlb->used[access][i] = 0;
		for (unsigned slot = 0; slot < TLB_SLOTS; slot++)
			tlb->side[access].tag[slot] = tlb->side[access].addend[slot] = 0;
	}
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
	tlb->asid = asid;
	adopt_current(tlb);
	return 0;
}

void tlb_insert(struct tlb *tlb, uint64_t address, const struct tlb_mapping *mapping) {
	(void)keep(tlb, address, mapping, TLB_RIGHT_READ | TLB_RIGHT_WRITE | TLB_RIGHT_EXECUTE);
}

int tlb_translate_miss(struct tlb *tlb, uint64_t address, enum tlb_access access, void **host) {
	unsigned from = 0;
	uint64_t addend;
	const struct tlb_stored *stored = find_next(tlb, tlb->asid, address, &from);
	if (stored != NULL && (stored->rights >> access & 1) != 0) {
		tlb->refills++;
		addend = stored->addend;
		fill_slot(tlb, address, access, addend);
	} else {
		struct tlb_mapping mapping = {0};
		tlb->walks++;
		int code = tlb->walk(tlb->owner, address, tlb->asid, access, &mapping);
		if (code != 0)
			return code;
		addend = keep(tlb, address, &mapping, 1u << access);
		if ((mapping.rights >> access & 1) == 0)
			return TLB_EDENIED;
	}
	*host = (void *)(uintptr_t)(address + addend);
	return 0;
}

static bool keeps_large(const struct tlb *tlb) {
	return tlb->kept >> 2 != 0;
}

int tlb_flush_page(struct tlb *tlb, uint32_t asid, uint64_t address) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	(void)forget_stored(tlb, asid, address);
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++)
		empty_slot(tlb, address, access);
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
		if ((stored->global || stored->asid == asid) && begin <= last && end >= first)
			stored->space = 0;
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
	empty_front(tlb, asid);
	if (pages > (tlb->set_mask + 1) * TLB_WAYS) {
		forget_overlapping(tlb, asid, address, last);
		return 0;
	}
	for (uint64_t i = 0; i < pages; i++)
		(void)forget_stored(tlb, asid, address + (i << tlb->page_shift));
	return 0;
}

int tlb_flush_asid(struct tlb *tlb, uint32_t asid) {
	if (asid >= tlb->asid_count)
		return TLB_EINVAL;
	tlb->spaces[asid] = (struct tlb_space){0, 0};
	if (asid == tlb->asid)
		adopt_current(tlb);
	return 0;
}

/* Half the store is let go in O(1): nothing in it counts any more, and growing writes all that it takes. */
static void shrink_when_quiet(struct tlb *tlb) {
	uint64_t entries = (tlb->set_mask + 1) * TLB_WAYS;
	tlb->quiet = tlb->stored * QUIET_SHARE < entries && entries > TLB_STORE_LEAST ? tlb->quiet + 1 : 0;
	tlb->stored = 0;
	if (tlb->quiet < QUIET_FLUSHES)
		return;
	tlb->quiet = 0;
	tlb->set_mask >>= 1;
}

void tlb_flush_all(struct tlb *tlb) {
	shrink_when_quiet(tlb);
	tlb->oldest_space = tlb->next_space;
	tlb->global_space = tlb->next_space++;
	tlb->oldest_context = tlb->next_context;
	tlb->kept = 0;
	adopt_current(tlb);
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
