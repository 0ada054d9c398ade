/* SPDX-License-Identifier: Apache-2.0
 *
 * The software TLB against a model that knows nothing of contexts: an entry holds a page of an address space, or of all
 * of them.
 */
#include "host-tests/guarded.h"
#include "mem/tlb.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES = 64, ASIDS = 5, ENTRIES = 16, NO_PAGE = 7 };

/* The guest: what each address space maps. Global pages are the same in all of them. */
struct guest {
	struct tlb_mapping pages[ASIDS][PAGES];
	bool present[ASIDS][PAGES];
	uint64_t page_bytes;
	unsigned walks;
	uint64_t walked_address;
	uint32_t walked_asid;
	enum tlb_access walked_access;
};

struct model_entry {
	bool valid;
	bool global;
	uint32_t asid;
	uint64_t page;
	struct tlb_mapping mapping;
};

struct tlb_model {
	struct tlb tlb;
	struct guest guest;
	struct model_entry entries[ENTRIES];
	uint32_t asid;
	uint64_t first_serial;
	uint64_t seed;
	void *memory;
};

static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	struct guest *guest = owner;
	uint64_t page = address / guest->page_bytes % PAGES;
	guest->walks++;
	guest->walked_address = address;
	guest->walked_asid = asid;
	guest->walked_access = access;
	if (!guest->present[asid][page])
		return NO_PAGE;
	*mapping = guest->pages[asid][page];
	return 0;
}

static void *start(struct tlb *tlb, uint32_t entries, uint32_t asids, uint64_t page_bytes, void *owner) {
	const struct tlb_config config = {entries, asids, page_bytes, walk, owner};
	size_t bytes = tlb_bytes_needed(entries, asids);
	void *memory = NULL;
	cr_assert_eq(posix_memalign(&memory, TLB_ALIGNMENT, bytes), 0);
	memset(memory, 0xee, bytes);
	cr_assert_eq(tlb_init(tlb, memory, bytes, &config), 0);
	return memory;
}

/* Pages lie in the upper half, too: an address is any 64-bit value. */
static uint64_t address_of(const struct tlb_model *model, uint64_t page) {
	uint64_t address = page * model->guest.page_bytes;
	return (page & 1) != 0 ? address | UINT64_C(1) << 63 : address;
}

static void change_page(struct tlb_model *model, uint32_t asid, uint64_t page) {
	uint64_t random = next_random(&model->seed);
	struct tlb_mapping mapping = {
		.host = (void *)(uintptr_t)(random >> 8 & 0xfffffffff8u),
		.rights = (uint8_t)(random & 7),
		.global = page % 8 == 3,
	};
	bool present = (random >> 60) != 0;
	for (uint32_t each = 0; each < ASIDS; each++)
		if (each == asid || mapping.global) {
			model->guest.pages[each][page] = mapping;
			model->guest.present[each][page] = present;
		}
}

/* Contexts that ran out clear all entries: seen in the serial, which is in the open. */
static void model_follow_clearing(struct tlb_model *model) {
	if (model->tlb.first_serial == model->first_serial)
		return;
	model->first_serial = model->tlb.first_serial;
	for (unsigned i = 0; i < ENTRIES; i++)
		model->entries[i].valid = false;
}

static void expect_translation(struct tlb_model *model, uint64_t page, enum tlb_access access) {
	struct model_entry *entry = &model->entries[page % ENTRIES];
	uint64_t address = address_of(model, page) + next_random(&model->seed) % model->guest.page_bytes;
	uint64_t offset = address % model->guest.page_bytes;
	bool hit = entry->valid && entry->page == page && (entry->global || entry->asid == model->asid) &&
		   (entry->mapping.rights >> access & 1) != 0;
	void *const untouched = &model->tlb;
	void *host = untouched;
	cr_assert_eq(tlb_lookup(&model->tlb, address, access, &host), hit);
	model->guest.walks = 0;
	int code = tlb_translate(&model->tlb, address, access, &host);
	cr_assert_eq(model->guest.walks, hit ? 0u : 1u);
	if (!hit) {
		cr_assert_eq(model->guest.walked_address, address);
		cr_assert_eq(model->guest.walked_asid, model->asid);
		cr_assert_eq(model->guest.walked_access, access);
	}
	const struct tlb_mapping *mapping = &model->guest.pages[model->asid][page];
	if (!model->guest.present[model->asid][page]) {
		cr_assert_eq(code, NO_PAGE);
		cr_assert_eq(host, untouched);
		return;
	}
	*entry = (struct model_entry){true, mapping->global, model->asid, page, *mapping};
	if ((mapping->rights >> access & 1) == 0) {
		cr_assert_eq(code, TLB_EDENIED);
		cr_assert_eq(host, untouched);
		return;
	}
	cr_assert_eq(code, 0);
	cr_assert_eq(host, (void *)((uintptr_t)mapping->host + offset));
}

static void flush_page(struct tlb_model *model, uint32_t asid, uint64_t page) {
	struct model_entry *entry = &model->entries[page % ENTRIES];
	if (entry->page == page && (entry->global || entry->asid == asid))
		entry->valid = false;
	cr_assert_eq(tlb_flush_page(&model->tlb, asid, address_of(model, page)), 0);
}

static void flush_asid(struct tlb_model *model, uint32_t asid) {
	for (unsigned i = 0; i < ENTRIES; i++)
		if (!model->entries[i].global && model->entries[i].asid == asid)
			model->entries[i].valid = false;
	cr_assert_eq(tlb_flush_asid(&model->tlb, asid), 0);
}

static void flush_all(struct tlb_model *model) {
	memset(model->entries, 0, sizeof model->entries);
	tlb_flush_all(&model->tlb);
}

/* Changes what the guest maps, and flushes as much as that asks for, or more. */
static void change_and_flush(struct tlb_model *model) {
	uint64_t random = next_random(&model->seed);
	uint32_t asid = random % ASIDS;
	uint64_t page = (random >> 8) % PAGES;
	change_page(model, asid, page);
	unsigned how = (random >> 32) % 8;
	if (how == 0)
		flush_all(model);
	else if (how < 3 && page % 8 != 3)
		flush_asid(model, asid);
	else
		flush_page(model, asid, page);
}

static void run_model(uint64_t page_bytes, uint64_t seed, unsigned steps) {
	struct tlb_model *model = calloc(1, sizeof *model);
	model->seed = seed;
	model->guest.page_bytes = page_bytes;
	for (uint32_t asid = 0; asid < ASIDS; asid++)
		for (uint64_t page = 0; page < PAGES; page++)
			change_page(model, asid, page);
	model->memory = start(&model->tlb, ENTRIES, ASIDS, page_bytes, &model->guest);
	model->first_serial = model->tlb.first_serial;
	for (unsigned step = 0; step < steps; step++) {
		uint64_t random = next_random(&model->seed);
		if (random % 16 == 0) {
			change_and_flush(model);
		} else if (random % 16 == 1) {
			model->asid = (uint32_t)(random >> 16) % ASIDS;
			cr_assert_eq(tlb_switch_asid(&model->tlb, model->asid), 0);
		} else {
			expect_translation(model, (random >> 16) % PAGES,
					   (enum tlb_access)((random >> 40) % TLB_ACCESS_KINDS));
		}
		model_follow_clearing(model);
	}
	free(model->memory);
	free(model);
}

Test(tlb, random_operations_match_the_model) {
	run_model(4096, 0x2545f4914f6cdd1du, 1000000);
	run_model(65536, 0x9e3779b97f4a7c15u, 100000);
	run_model(UINT64_C(1) << 30, 0xbf58476d1ce4e5b9u, 100000);
}

/* Contexts from all over their range are left behind in entries for more than a whole round of them, so that one that
 * is used again would be seen. */
Test(tlb, contexts_that_run_out_bring_no_old_page_back) {
	struct tlb tlb;
	struct guest guest = {.page_bytes = 4096};
	void *memory = start(&tlb, 256, 2, 4096, &guest);
	const struct tlb_mapping mapping = {memory, TLB_RIGHT_READ, false};
	const struct tlb_mapping global = {memory, TLB_RIGHT_READ, true};
	uint64_t first_serial = tlb.first_serial;
	unsigned clearings = 0;
	for (unsigned round = 0; round < 20000; round++) {
		if (round % 64 < 2)
			tlb_insert(&tlb, (round / 64 * 2 + round % 64) % 256 * 4096u,
				   round % 64 == 0 ? &global : &mapping);
		if (round % 2 == 0)
			tlb_flush_all(&tlb);
		else
			cr_assert_eq(tlb_flush_asid(&tlb, 0), 0);
		clearings += tlb.first_serial != first_serial;
		first_serial = tlb.first_serial;
		void *host;
		for (uint64_t page = 0; page < 256; page++)
			cr_assert_not(tlb_lookup(&tlb, page * 4096, TLB_READ, &host), "round %u, page %u", round,
				      (unsigned)page);
	}
	cr_expect_geq(clearings, 2u);
	free(memory);
}

Test(tlb, flush_of_one_address_space_leaves_the_others) {
	struct tlb tlb;
	struct guest guest = {.page_bytes = 4096};
	void *memory = start(&tlb, 4, 3, 4096, &guest);
	const struct tlb_mapping own = {memory, TLB_RIGHT_READ, false};
	const struct tlb_mapping global = {memory, TLB_RIGHT_READ, true};
	void *host;
	tlb_insert(&tlb, 0x0000, &own);
	tlb_insert(&tlb, 0x2000, &global);
	cr_assert_eq(tlb_switch_asid(&tlb, 1), 0);
	tlb_insert(&tlb, 0x1000, &own);
	cr_expect_not(tlb_lookup(&tlb, 0x0000, TLB_READ, &host), "another address space's");
	cr_expect(tlb_lookup(&tlb, 0x2000, TLB_READ, &host), "global");
	cr_assert_eq(tlb_flush_asid(&tlb, 0), 0);
	cr_expect(tlb_lookup(&tlb, 0x1000, TLB_READ, &host), "not flushed");
	cr_expect(tlb_lookup(&tlb, 0x2000, TLB_READ, &host), "global ones survive");
	cr_assert_eq(tlb_switch_asid(&tlb, 0), 0);
	cr_expect_not(tlb_lookup(&tlb, 0x0000, TLB_READ, &host), "flushed while not current");
	cr_assert_eq(tlb_flush_page(&tlb, 0, 0x2000), 0);
	cr_expect_not(tlb_lookup(&tlb, 0x2000, TLB_READ, &host), "a global page is flushed by its address");
	free(memory);
}

Test(tlb, rights_are_per_access) {
	struct tlb tlb;
	struct guest guest = {.page_bytes = 4096};
	void *memory = start(&tlb, 4, 1, 4096, &guest);
	for (uint8_t rights = 0; rights < 8; rights++) {
		const struct tlb_mapping mapping = {memory, rights, false};
		tlb_insert(&tlb, 0x3000, &mapping);
		for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++) {
			void *host;
			cr_expect_eq(tlb_lookup(&tlb, 0x3abc, (enum tlb_access)access, &host),
				     (rights >> access & 1) != 0);
		}
	}
	free(memory);
}

Test(tlb, bad_arguments) {
	struct tlb tlb = {.entry_count = 42};
	_Alignas(TLB_ALIGNMENT) static unsigned char memory[8192];
	const struct tlb_config good = {16, 4, 4096, walk, NULL};
	struct tlb_config bad[6];
	for (unsigned i = 0; i < 6; i++)
		bad[i] = good;
	bad[0].entries = 0;
	bad[1].entries = 24;
	bad[2].asids = 0;
	bad[3].page_bytes = 2048;
	bad[4].page_bytes = 12288;
	bad[5].walk = NULL;
	for (unsigned i = 0; i < 6; i++)
		cr_expect_eq(tlb_init(&tlb, memory, sizeof memory, &bad[i]), TLB_EINVAL, "configuration %u", i);
	cr_expect_eq(tlb_init(NULL, memory, sizeof memory, &good), TLB_EINVAL);
	cr_expect_eq(tlb_init(&tlb, NULL, sizeof memory, &good), TLB_EINVAL);
	cr_expect_eq(tlb_init(&tlb, memory, sizeof memory, NULL), TLB_EINVAL);
	cr_expect_eq(tlb_init(&tlb, memory + 8, sizeof memory - 8, &good), TLB_EALIGN);
	cr_expect_eq(tlb_init(&tlb, memory, tlb_bytes_needed(16, 4) - 1, &good), TLB_ENOMEM);
	cr_expect_eq(tlb.entry_count, 42, "a failed init leaves the TLB as it was");
	cr_expect_eq(tlb_bytes_needed(16, 0), 0);
	cr_expect_eq(tlb_bytes_needed(UINT32_C(1) << 25, 1), 0);
	cr_assert_eq(tlb_init(&tlb, memory, tlb_bytes_needed(16, 4), &good), 0);
	cr_expect_eq(tlb_switch_asid(&tlb, 4), TLB_EINVAL);
	cr_expect_eq(tlb_flush_asid(&tlb, 4), TLB_EINVAL);
	cr_expect_eq(tlb_flush_page(&tlb, 4, 0), TLB_EINVAL);
}
