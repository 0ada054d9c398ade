/* SPDX-License-Identifier: Apache-2.0
 *
 * The software TLB against a model that never evicts and knows nothing of contexts, slots or sets: a page of an address
 * space, or of all of them, is known or it is not.
 */
#include "host-tests/guarded.h"
#include "mem/tlb.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES = 64, LARGE = 48, ASIDS = 5, NO_PAGE = 7 };

/* The guest: what each address space maps. Global pages are the same in all of them. From LARGE on pages are 512 times
 * as large. Eight at a time share their slots with eight others, and the last small ones lie in the upper half. */
struct guest {
	struct tlb_mapping pages[ASIDS][PAGES];
	bool present[ASIDS][PAGES];
	uint64_t page_bytes;
	unsigned walks;
	uint64_t walked_address;
	uint32_t walked_asid;
	enum tlb_access walked_access;
};

struct tlb_model {
	struct tlb *tlb;
	void *memory;
	struct guest guest;
	bool known[ASIDS][PAGES];
	bool never_evicts; /* the store is large enough: walks are as the model says, to the last one */
	bool small_alone;  /* no larger pages, no global ones, mostly one address space: the common case's short ways */
	uint32_t asid;
	uint64_t seed;
};

static uint64_t bytes_of(const struct guest *guest, uint64_t page) {
	return page < LARGE ? guest->page_bytes : guest->page_bytes << 9;
}

static uint64_t address_of(const struct guest *guest, uint64_t page) {
	if (page >= LARGE)
		return page * bytes_of(guest, page) | UINT64_C(1) << 62;
	uint64_t address = (page % 8 + page / 8 * TLB_SLOTS) * guest->page_bytes;
	return page >= LARGE - 8 ? address | UINT64_C(1) << 63 : address;
}

static bool is_global(uint64_t page) {
	return page % 8 == 3;
}

/* Those that small_alone has are the others. */
static uint64_t draw_page(const struct tlb_model *model, uint64_t random) {
	uint64_t page = random % PAGES;
	return model->small_alone && (page >= LARGE || is_global(page)) ? page % 3 : page;
}

static uint32_t draw_asid(const struct tlb_model *model, uint64_t random) {
	return model->small_alone && random % 64 != 0 ? 1 : (uint32_t)(random >> 8) % ASIDS;
}

static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	struct guest *guest = owner;
	uint64_t page = 0;
	while (page < PAGES && address - address_of(guest, page) >= bytes_of(guest, page))
		page++;
	guest->walks++;
	guest->walked_address = address;
	guest->walked_asid = asid;
	guest->walked_access = access;
	if (page == PAGES || !guest->present[asid][page])
		return NO_PAGE;
	*mapping = guest->pages[asid][page];
	return 0;
}

static struct tlb *start(uint32_t entries, uint32_t asids, uint64_t page_bytes, void *owner) {
	const struct tlb_config config = {entries, asids, page_bytes, walk, owner};
	size_t bytes = tlb_bytes_needed(entries, asids);
	void *tlb = NULL, *memory = NULL;
	cr_assert_eq(posix_memalign(&tlb, TLB_ALIGNMENT, sizeof(struct tlb)), 0);
	cr_assert_eq(posix_memalign(&memory, TLB_ALIGNMENT, bytes), 0);
	memset(tlb, 0xee, sizeof(struct tlb));
	memset(memory, 0xee, bytes);
	cr_assert_eq(tlb_init(tlb, memory, bytes, &config), 0);
	return tlb;
}

static void stop(struct tlb *tlb) {
	free(tlb->store);
	free(tlb);
}

static void change_page(struct tlb_model *model, uint32_t asid, uint64_t page) {
	uint64_t random = next_random(&model->seed);
	struct tlb_mapping mapping = {
		.host = (void *)(uintptr_t)(random >> 8 & 0xfffffffff8u),
		.rights = (uint8_t)(random & 7),
		.global = is_global(page),
		.page_bytes = page < LARGE ? (random & 8) * 16 : bytes_of(&model->guest, page),
	};
	bool present = (random >> 60) != 0;
	for (uint32_t each = 0; each < ASIDS; each++)
		if (each == asid || mapping.global) {
			model->guest.pages[each][page] = mapping;
			model->guest.present[each][page] = present;
		}
}

static void set_known(struct tlb_model *model, uint32_t asid, uint64_t page, bool known) {
	for (uint32_t each = 0; each < ASIDS; each++)
		if (each == asid || is_global(page))
			model->known[each][page] = known;
}

static void expect_translation(struct tlb_model *model, uint64_t page, enum tlb_access access) {
	struct guest *guest = &model->guest;
	const struct tlb_mapping *mapping = &guest->pages[model->asid][page];
	uint64_t offset = next_random(&model->seed) % bytes_of(guest, page);
	uint64_t address = address_of(guest, page) + offset;
	bool allowed = (mapping->rights >> access & 1) != 0;
	bool hit = model->known[model->asid][page] && allowed;
	void *const untouched = model->tlb;
	void *host = untouched, *looked_up = untouched;
	bool in_front = tlb_lookup(model->tlb, address, access, &looked_up);
	cr_assert(!in_front || hit);
	guest->walks = 0;
	int code = tlb_translate(model->tlb, address, access, &host);
	cr_assert(guest->walks == (hit ? 0u : 1u) || (!model->never_evicts && guest->walks == 1));
	cr_assert(!in_front || (guest->walks == 0 && looked_up == host));
	if (guest->walks == 1) {
		cr_assert_eq(guest->walked_address, address);
		cr_assert_eq(guest->walked_asid, model->asid);
		cr_assert_eq(guest->walked_access, access);
	}
	if (!guest->present[model->asid][page]) {
		cr_assert_eq(code, NO_PAGE);
		cr_assert_eq(host, untouched);
		return;
	}
	set_known(model, model->asid, page, true);
	cr_assert_eq(code, allowed ? 0 : TLB_EDENIED);
	cr_assert_eq(host, allowed ? (void *)((uintptr_t)mapping->host + offset) : untouched);
}

static void flush_range(struct tlb_model *model, uint32_t asid, uint64_t address, uint64_t bytes) {
	uint64_t last = bytes - 1 > UINT64_MAX - address ? UINT64_MAX : address + bytes - 1;
	for (uint64_t page = 0; page < PAGES; page++) {
		uint64_t first = address_of(&model->guest, page);
		if (bytes != 0 && first <= last && first + (bytes_of(&model->guest, page) - 1) >= address)
			set_known(model, asid, page, false);
	}
	cr_assert_eq(tlb_flush_range(model->tlb, asid, address, bytes), 0);
}

/* Changes what the guest maps, and flushes as much as that asks for, or more. */
static void change_and_flush(struct tlb_model *model) {
	uint64_t random = next_random(&model->seed);
	uint32_t asid = draw_asid(model, random >> 4);
	uint64_t page = draw_page(model, random >> 8), how = (random >> 32) % 16;
	uint64_t address = address_of(&model->guest, page), offset = (random >> 40) % bytes_of(&model->guest, page);
	change_page(model, asid, page);
	if (how == 0) {
		memset(model->known, 0, sizeof model->known);
		tlb_flush_all(model->tlb);
	} else if (how < 3 && !is_global(page)) {
		for (uint64_t each = 0; each < PAGES; each++)
			if (!is_global(each))
				model->known[asid][each] = false;
		cr_assert_eq(tlb_flush_asid(model->tlb, asid), 0);
	} else if (how == 3) {
		flush_range(model, asid, address + offset, UINT64_MAX);
		flush_range(model, asid, 0, address + offset + 1);
	} else if (how < 7) {
		flush_range(model, asid, address + offset, (random & 63) * model->guest.page_bytes + 1);
	} else {
		set_known(model, asid, page, false);
		cr_assert_eq(tlb_flush_page(model->tlb, asid, address + offset), 0);
	}
}

static void insert(struct tlb_model *model, uint64_t page) {
	if (!model->guest.present[model->asid][page])
		return;
	tlb_insert(model->tlb, address_of(&model->guest, page), &model->guest.pages[model->asid][page]);
	set_known(model, model->asid, page, true);
}

static void run_model(uint64_t page_bytes, uint32_t entries, bool small_alone, uint64_t seed, unsigned steps) {
	struct tlb_model *model = calloc(1, sizeof *model);
	model->seed = seed;
	model->small_alone = small_alone;
	model->guest.page_bytes = page_bytes;
	model->never_evicts = entries >= 4096;
	for (uint32_t asid = 0; asid < ASIDS; asid++)
		for (uint64_t page = 0; page < PAGES; page++)
			change_page(model, asid, page);
	model->tlb = start(entries, ASIDS, page_bytes, &model->guest);
	for (unsigned step = 0; step < steps; step++) {
		uint64_t random = next_random(&model->seed), page = draw_page(model, random >> 16);
		if (random % 16 == 0) {
			change_and_flush(model);
		} else if (random % 16 == 1) {
			model->asid = draw_asid(model, random >> 16);
			cr_assert_eq(tlb_switch_asid(model->tlb, model->asid), 0);
		} else if (random % 16 == 2) {
			insert(model, page);
		} else {
			expect_translation(model, page, (enum tlb_access)((random >> 40) % TLB_ACCESS_KINDS));
		}
	}
	stop(model->tlb);
	free(model);
}

Test(tlb, random_operations_match_the_model) {
	run_model(4096, 4096, false, 0x2545f4914f6cdd1du, 2000000);
	run_model(65536, 4096, false, 0x9e3779b97f4a7c15u, 500000);
	run_model(UINT64_C(1) << 30, 8192, false, 0xbf58476d1ce4e5b9u, 500000);
}

Test(tlb, random_operations_on_smallest_pages_match_the_model) {
	run_model(4096, 4096, true, 0x8ebc6af09c88c6e3u, 2000000);
	run_model(4096, 4, true, 0x589965cc75374cc3u, 500000);
}

Test(tlb, a_store_that_overflows_still_answers_right) {
	run_model(4096, 4, false, 0x94d049bb133111ebu, 500000);
	run_model(4096, 64, false, 0xd6e8feb86659fd93u, 500000);
}

/* Pages by the thousand: each is walked once, and the store is as large as that asks for, no larger. */
Test(tlb, the_store_grows_and_shrinks_with_use) {
	static const struct tlb_mapping page = {.rights = TLB_RIGHT_READ};
	struct guest guest = {.page_bytes = 4096};
	struct tlb *tlb = start(1 << 18, 1, 4096, &guest);
	cr_expect_eq((tlb->set_mask + 1) * TLB_WAYS, TLB_STORE_LEAST);
	for (uint64_t i = 0; i < 10000; i++)
		tlb_insert(tlb, i * 4096 * 3, &page);
	void *host;
	for (uint64_t i = 0; i < 10000; i++)
		cr_assert_eq(tlb_translate(tlb, i * 4096 * 3, TLB_READ, &host), 0, "page %u is lost", (unsigned)i);
	cr_expect_eq(guest.walks, 0);
	uint64_t grown = (tlb->set_mask + 1) * TLB_WAYS;
	cr_expect(grown >= 10000 && grown <= 1 << 16, "%u entries for 10000 pages", (unsigned)grown);
	for (unsigned flush = 0; flush < 400; flush++)
		tlb_flush_all(tlb);
	cr_expect_eq((tlb->set_mask + 1) * TLB_WAYS, TLB_STORE_LEAST);
	for (uint64_t i = 0; i < 10000; i++)
		cr_assert_not(tlb_lookup(tlb, i * 4096 * 3, TLB_READ, &host));
	for (uint64_t i = 0; i < 1000; i++)
		tlb_insert(tlb, i * 4096, &page);
	cr_expect_eq(tlb_translate(tlb, 0, TLB_READ, &host), 0);
	cr_expect_eq(tlb_translate(tlb, UINT64_C(1000) * 4096, TLB_READ, &host), NO_PAGE, "was known before the flush");
	stop(tlb);
}

/* Contexts from all over their range are left behind in slots for more than a whole round of them, so that one that is
 * used again would be seen. */
Test(tlb, contexts_that_run_out_bring_no_old_page_back) {
	struct guest guest = {.page_bytes = 4096};
	struct tlb *tlb = start(256, 2, 4096, &guest);
	const struct tlb_mapping mapping = {.rights = TLB_RIGHT_READ};
	const struct tlb_mapping global = {.rights = TLB_RIGHT_READ, .global = true};
	uint64_t last_context = tlb->last_context;
	unsigned clearings = 0;
	for (unsigned round = 0; round < 20000; round++) {
		if (round % 64 < 2)
			tlb_insert(tlb, (round / 64 * 2 + round % 64) % 256 * 4096u,
				   round % 64 == 0 ? &global : &mapping);
		if (round % 2 == 0 || round % 64 < 2)
			tlb_flush_all(tlb);
		else
			cr_assert_eq(tlb_flush_asid(tlb, 0), 0);
		clearings += tlb->last_context >> 12 != last_context >> 12;
		last_context = tlb->last_context;
		void *host;
		for (uint64_t page = 0; page < 256; page++)
			cr_assert_not(tlb_lookup(tlb, page * 4096, TLB_READ, &host), "round %u, page %u", round,
				      (unsigned)page);
	}
	cr_expect_geq(clearings, 2u);
	stop(tlb);
}

Test(tlb, flush_of_one_address_space_leaves_the_others) {
	struct guest guest = {.page_bytes = 4096};
	struct tlb *tlb = start(4, 3, 4096, &guest);
	const struct tlb_mapping own = {.rights = TLB_RIGHT_READ};
	const struct tlb_mapping global = {.rights = TLB_RIGHT_READ, .global = true};
	void *host;
	tlb_insert(tlb, 0x0000, &own);
	tlb_insert(tlb, 0x2000, &global);
	cr_assert_eq(tlb_switch_asid(tlb, 1), 0);
	tlb_insert(tlb, 0x1000, &own);
	cr_expect_not(tlb_lookup(tlb, 0x0000, TLB_READ, &host), "another address space's");
	cr_expect_eq(tlb_translate(tlb, 0x2000, TLB_READ, &host), 0, "global");
	cr_assert_eq(tlb_flush_asid(tlb, 0), 0);
	cr_expect(tlb_lookup(tlb, 0x1000, TLB_READ, &host), "not flushed");
	cr_expect_eq(tlb_translate(tlb, 0x2000, TLB_READ, &host), 0, "global ones survive");
	cr_expect_eq(guest.walks, 0);
	cr_assert_eq(tlb_switch_asid(tlb, 0), 0);
	cr_expect_eq(tlb_translate(tlb, 0x0000, TLB_READ, &host), NO_PAGE, "flushed while not current");
	cr_assert_eq(tlb_flush_page(tlb, 0, 0x2000), 0);
	cr_expect_eq(tlb_translate(tlb, 0x2000, TLB_READ, &host), NO_PAGE, "a global page is flushed by its address");
	stop(tlb);
}

static unsigned walks_of(struct tlb *tlb, uint64_t address, enum tlb_access access, int expected) {
	void *host;
	uint64_t before = tlb->walks;
	cr_expect_eq(tlb_translate(tlb, address, access, &host), expected);
	return (unsigned)(tlb->walks - before);
}

static int walk_present(void *owner, uint64_t address, uint32_t asid, enum tlb_access access,
			struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	mapping->host = (char *)owner + address / 4096 % 4 * 4096;
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE | TLB_RIGHT_EXECUTE;
	return 0;
}

/* Between two flushes each page is walked once, whoever asks, and whether the store has it already or not; also where
 * two take each other's slot, and where more are kept than can be pending. */
Test(tlb, each_page_is_walked_once_between_two_flushes) {
	static char host[4 * 4096];
	struct tlb *tlb = start(8192, 2, 4096, host);
	tlb->walk = walk_present;
	for (unsigned round = 0; round < 3 * 4096; round++) {
		uint64_t pages = round % 1024 == 5 ? 2 * TLB_PENDING : 3, rival = UINT64_C(16) * TLB_SLOTS * 4096;
		unsigned walks = 0;
		for (uint64_t page = 0; page < pages; page++)
			walks += walks_of(tlb, page * 4096, TLB_READ, 0);
		for (uint64_t page = 0; page < pages; page++)
			walks += walks_of(tlb, page * 4096, TLB_EXECUTE, 0) + walks_of(tlb, page * 4096, TLB_WRITE, 0);
		walks += walks_of(tlb, rival, TLB_EXECUTE, 0) + walks_of(tlb, 0, TLB_EXECUTE, 0);
		walks += walks_of(tlb, rival, TLB_READ, 0) + walks_of(tlb, 0, TLB_WRITE, 0);
		cr_assert_eq(walks, pages + 1, "%u walks for %u pages in round %u", walks, (unsigned)pages + 1, round);
		cr_assert_eq(tlb_flush_page(tlb, 0, 4096), 0);
		cr_assert_eq(walks_of(tlb, 4096, TLB_EXECUTE, 0), 1);
		cr_assert_eq(walks_of(tlb, 4096, TLB_READ, 0), 0);
		if (round % 2 == 0)
			tlb_flush_all(tlb);
		else
			cr_assert_eq(tlb_flush_asid(tlb, 0), 0);
	}
	stop(tlb);
}

/* All pages of an address space are told alike: `owner` is the first one's. */
static int walk_told(void *owner, uint64_t address, uint32_t asid, enum tlb_access access,
		     struct tlb_mapping *mapping) {
	(void)address;
	(void)access;
	*mapping = ((const struct tlb_mapping *)owner)[asid];
	return 0;
}

static struct tlb *start_told(uint32_t asids, struct tlb_mapping *told) {
	struct tlb *tlb = start(256, asids, 4096, told);
	tlb->walk = walk_told;
	return tlb;
}

static void expect_host(struct tlb *tlb, uint64_t address, enum tlb_access access, const char *host) {
	void *found = NULL;
	cr_assert_eq(tlb_translate(tlb, address, access, &found), 0);
	cr_assert_eq(found, (const void *)host, "another page's");
}

/* An address space comes back after so many flushes of the other that its context is given out again. */
Test(tlb, a_context_of_a_round_before_is_nobodys) {
	static char host[2];
	struct tlb_mapping told[] = {{.host = &host[0], .rights = TLB_RIGHT_READ},
				     {.host = &host[1], .rights = TLB_RIGHT_READ}};
	for (unsigned flushes = 4080; flushes < 4112; flushes++) {
		struct tlb *tlb = start_told(2, told);
		cr_assert_eq(tlb_switch_asid(tlb, 1), 0);
		expect_host(tlb, 0, TLB_READ, &host[1]);
		cr_assert_eq(tlb_switch_asid(tlb, 0), 0);
		for (unsigned i = 0; i < flushes; i++) {
			cr_assert_eq(tlb_flush_asid(tlb, 0), 0);
			expect_host(tlb, 0, TLB_READ, &host[0]);
		}
		cr_assert_eq(tlb_switch_asid(tlb, 1), 0);
		expect_host(tlb, 0, TLB_READ, &host[1]);
		stop(tlb);
	}
}

Test(tlb, an_address_space_finds_its_pages_in_front_when_it_comes_back) {
	static char host[2];
	struct tlb_mapping told[] = {{.host = &host[0], .rights = TLB_RIGHT_READ},
				     {.host = &host[1], .rights = TLB_RIGHT_READ}};
	struct tlb *tlb = start_told(2, told);
	void *found = NULL;
	expect_host(tlb, 0, TLB_READ, &host[0]);
	cr_assert_eq(tlb_switch_asid(tlb, 1), 0);
	expect_host(tlb, 4096, TLB_READ, &host[1]);
	cr_assert_eq(tlb_switch_asid(tlb, 0), 0);
	cr_expect(tlb_lookup(tlb, 0, TLB_READ, &found));
	cr_expect_eq(found, (void *)&host[0]);
	stop(tlb);
}

/* A walk for a right that was lacking answers for all kinds, also where they have it from the one before. */
Test(tlb, a_second_walk_replaces_what_either_side_knew) {
	static char host[2];
	static const enum tlb_access kinds[] = {TLB_WRITE, TLB_EXECUTE};
	for (unsigned i = 0; i < 2; i++) {
		enum tlb_access lacking = kinds[i], other = kinds[1 - i];
		struct tlb_mapping told = {.host = &host[0], .rights = (uint8_t)(1u << other)};
		struct tlb *tlb = start_told(1, &told);
		expect_host(tlb, 0, other, &host[0]);
		told = (struct tlb_mapping){.host = &host[1], .rights = (uint8_t)(1u << other | 1u << lacking)};
		expect_host(tlb, 0, lacking, &host[1]);
		expect_host(tlb, 0, other, &host[1]);
		stop(tlb);
	}
}

/* Asked when another page has taken the slot: what the store has is the last one's, too. */
Test(tlb, a_second_insertion_replaces_the_first) {
	static char host[2];
	struct tlb_mapping told = {.host = &host[0], .rights = TLB_RIGHT_READ};
	struct tlb *tlb = start_told(1, &told);
	tlb_insert(tlb, 0, &told);
	const struct tlb_mapping second = {.host = &host[1], .rights = TLB_RIGHT_WRITE};
	tlb_insert(tlb, 0, &second);
	tlb_insert(tlb, (uint64_t)TLB_SLOTS * 4096, &told);
	expect_host(tlb, 0, TLB_WRITE, &host[1]);
	cr_expect_eq(tlb->walks, 0);
	expect_host(tlb, 0, TLB_READ, &host[0]);
	cr_expect_eq(tlb->walks, 1, "the first one's right");
	stop(tlb);
}

Test(tlb, a_large_page_goes_whole) {
	static char host[2 << 21];
	struct tlb_mapping told = {.host = host, .rights = TLB_RIGHT_READ, .page_bytes = 1 << 21};
	struct tlb *tlb = start_told(1, &told);
	expect_host(tlb, 4096, TLB_READ, host + 4096);
	expect_host(tlb, 8192, TLB_READ, host + 8192);
	told.host = host + (1 << 21);
	cr_assert_eq(tlb_flush_page(tlb, 0, 4096), 0);
	expect_host(tlb, 8192, TLB_READ, host + (1 << 21) + 8192);
	stop(tlb);
}

Test(tlb, rights_are_per_access) {
	struct guest guest = {.page_bytes = 4096};
	struct tlb *tlb = start(4, 1, 4096, &guest);
	for (uint8_t rights = 0; rights < 8; rights++) {
		const struct tlb_mapping mapping = {.rights = rights};
		tlb_insert(tlb, 0x3000, &mapping);
		for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++) {
			void *host;
			cr_expect_eq(tlb_lookup(tlb, 0x3abc, (enum tlb_access)access, &host),
				     (rights >> access & 1) != 0);
			cr_expect_eq(tlb_lookup_fixed(tlb, 0x3abc, (enum tlb_access)access, 12, &host),
				     (rights >> access & 1) != 0);
		}
	}
	stop(tlb);
}

/* ---- another core's flush ---------------------------------------------------------------------------------------- */

enum { SHARED_PAGES = 16, REQUESTERS = 2, ROUNDS = 4000, GONE = -1 };

/* Each page is backed by one of two buffers. Who moves it marks the old one as gone once its flush is done. */
struct shared {
	struct tlb *tlb;
	int buffers[SHARED_PAGES][2];
	int current[SHARED_PAGES];
	unsigned running;
};

static int walk_shared(void *owner, uint64_t address, uint32_t asid, enum tlb_access access,
		       struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	struct shared *shared = owner;
	uint64_t page = address / 4096 % SHARED_PAGES;
	mapping->host = &shared->buffers[page][__atomic_load_n(&shared->current[page], __ATOMIC_RELAXED)];
	mapping->rights = TLB_RIGHT_READ;
	return 0;
}

struct requester {
	struct shared *shared;
	unsigned index;
};

static void *move_pages(void *argument) {
	const struct requester *requester = argument;
	struct shared *shared = requester->shared;
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned page = (round * REQUESTERS + requester->index) % SHARED_PAGES;
		int old = shared->current[page];
		__atomic_store_n(&shared->buffers[page][!old], (int)round, __ATOMIC_RELAXED);
		__atomic_store_n(&shared->current[page], !old, __ATOMIC_RELAXED);
		uint64_t ticket = tlb_request_flush(shared->tlb);
		while (!tlb_flush_done(shared->tlb, ticket))
			sched_yield();
		__atomic_store_n(&shared->buffers[page][old], GONE, __ATOMIC_RELAXED);
	}
	__atomic_sub_fetch(&shared->running, 1, __ATOMIC_RELEASE);
	return NULL;
}

Test(tlb, a_page_is_out_of_use_once_another_threads_flush_is_done, .timeout = 120) {
	static struct shared shared = {.running = REQUESTERS};
	static _Alignas(TLB_ALIGNMENT) unsigned char memory[64 * sizeof(struct tlb_stored) + sizeof(struct tlb_space)];
	static struct tlb tlb;
	const struct tlb_config config = {64, 1, 4096, walk_shared, &shared};
	cr_assert_eq(tlb_init(&tlb, memory, sizeof memory, &config), 0);
	shared.tlb = &tlb;
	pthread_t threads[REQUESTERS];
	struct requester requesters[REQUESTERS];
	for (unsigned i = 0; i < REQUESTERS; i++) {
		requesters[i] = (struct requester){&shared, i};
		cr_assert_eq(pthread_create(&threads[i], NULL, move_pages, &requesters[i]), 0);
	}
	uint64_t seed = 1, served = 0, gone = 0;
	while (__atomic_load_n(&shared.running, __ATOMIC_ACQUIRE) != 0) {
		served += tlb_poll(&tlb);
		for (unsigned i = 0; i < 8; i++) {
			void *host = NULL;
			cr_assert_eq(tlb_translate(&tlb, next_random(&seed) % SHARED_PAGES * 4096, TLB_READ, &host), 0);
			gone += __atomic_load_n((int *)host, __ATOMIC_RELAXED) == GONE;
		}
	}
	for (unsigned i = 0; i < REQUESTERS; i++)
		pthread_join(threads[i], NULL);
	cr_expect_eq(gone, 0, "%u accesses through a host address that was flushed", (unsigned)gone);
	cr_expect_geq(served, ROUNDS, "each round of a requester waits for one");
	cr_expect_gt(tlb.walks, served);
}

Test(tlb, bad_arguments) {
	static struct tlb tlb = {.asid_count = 42};
	_Alignas(TLB_ALIGNMENT) static unsigned char memory[8192];
	const struct tlb_config good = {16, 4, 4096, walk, NULL};
	struct tlb_config bad[9];
	for (unsigned i = 0; i < 9; i++)
		bad[i] = good;
	bad[0].entries = 0;
	bad[1].entries = 24;
	bad[2].asids = 0;
	bad[3].page_bytes = 2048;
	bad[4].page_bytes = 12288;
	bad[5].walk = NULL;
	bad[6].entries = 2;
	bad[7].page_bytes = UINT64_C(1) << 41;
	bad[8].asids = UINT32_MAX;
	for (unsigned i = 0; i < 9; i++)
		cr_expect_eq(tlb_init(&tlb, memory, sizeof memory, &bad[i]), TLB_EINVAL, "configuration %u", i);
	cr_expect_eq(tlb_init(NULL, memory, sizeof memory, &good), TLB_EINVAL);
	cr_expect_eq(tlb_init(&tlb, NULL, sizeof memory, &good), TLB_EINVAL);
	cr_expect_eq(tlb_init(&tlb, memory, sizeof memory, NULL), TLB_EINVAL);
	cr_expect_eq(tlb_init(&tlb, memory + 8, sizeof memory - 8, &good), TLB_EALIGN);
	cr_expect_eq(tlb_init(&tlb, memory, tlb_bytes_needed(16, 4) - 1, &good), TLB_ENOMEM);
	cr_expect_eq(tlb.asid_count, 42, "a failed init leaves the TLB as it was");
	cr_expect_eq(tlb_bytes_needed(16, 0), 0);
	cr_expect_eq(tlb_bytes_needed(UINT32_C(1) << 25, 1), 0);
	cr_assert_eq(tlb_init(&tlb, memory, tlb_bytes_needed(16, 4), &good), 0);
	cr_expect_eq(tlb_switch_asid(&tlb, 4), TLB_EINVAL);
	cr_expect_eq(tlb_flush_asid(&tlb, 4), TLB_EINVAL);
	cr_expect_eq(tlb_flush_page(&tlb, 4, 0), TLB_EINVAL);
	cr_expect_eq(tlb_flush_range(&tlb, 4, 0, 1), TLB_EINVAL);
	cr_expect_eq(tlb_flush_range(&tlb, 0, 4096, 0), 0, "an empty range");
}
