/* SPDX-License-Identifier: Apache-2.0
 *
 * The differences between pages of one set are a subspace of GF(2)^page_bits. Bit after bit, a page of this bit and
 * some of the bits that stand for the set's is looked for in the set of page 0: where there is one, that says which
 * bits of the set's number this bit flips; where there is none, it flips one that no bit before did.
 */
#include "bench/tlb_geometry/search.h"

uint32_t index_of(const struct index *index, uint32_t page) {
	uint32_t set = 0;
	for (unsigned bit = 0; bit < index->page_bits; bit++)
		if (page >> bit & 1)
			set ^= index->column[bit];
	return set;
}

/* The page of these bits of the set's alone. */
static uint32_t page_of(const struct index *index, uint32_t set) {
	uint32_t page = 0;
	for (unsigned i = 0; i < index->set_bits; i++)
		page |= (set >> i & 1) << index->pivot[i];
	return page;
}

/* A set that lacks one page is full as soon as one of the group joins it. */
struct question {
	struct search *search;
	const struct view *view;
	const struct eviction_set *set;
	const struct index *index;
	uint32_t bit_page;
};

/* Whether one of the pages of the sets [from, to), with the bit, is in page 0's. */
static enum verdict ask_group(const struct question *question, uint32_t from, uint32_t to) {
	uint32_t *pages = question->search->pages;
	size_t count = 0;
	for (unsigned i = 1; i < question->set->count; i++)
		pages[count++] = question->set->pages[i];
	for (uint32_t set = from; set < to; set++)
		pages[count++] = question->bit_page ^ page_of(question->index, set);
	return search_decide(question->search, question->view, 0, pages, count, question->set->passes);
}

/* The set's number whose bits' pages make up this page alone; false: it has other bits. */
static bool is_of_pivots(const struct index *index, uint32_t page, uint32_t *set) {
	*set = 0;
	for (unsigned i = 0; i < index->set_bits; i++)
		*set |= (page >> index->pivot[i] & 1) << i;
	return page == page_of(index, *set);
}

/* A page that is in the set already cannot join it: what is known of those needs no question. */
static bool is_known(const struct question *question, uint32_t *column) {
	for (unsigned i = 0; i < question->set->count; i++)
		if (is_of_pivots(question->index, question->set->pages[i] ^ question->bit_page, column))
			return true;
	return false;
}

/* KEPT: it flips a bit that no other does. EVICTED: *column. */
static enum verdict column_of(const struct question *question, uint32_t *column) {
	uint32_t from = 0, to = UINT32_C(1) << question->index->set_bits;
	if (is_known(question, column))
		return EVICTED;
	enum verdict verdict = ask_group(question, from, to);
	while (verdict == EVICTED && to - from > 1) {
		uint32_t middle = from + (to - from) / 2;
		enum verdict half = ask_group(question, from, middle);
		if (half == UNDECIDED)
			return half;
		*(half == EVICTED ? &to : &from) = middle;
	}
	*column = from;
	return verdict == EVICTED ? ask_group(question, from, to) == EVICTED ? EVICTED : UNDECIDED : verdict;
}

enum tlb_doubt search_index(struct search *search, const struct view *view, const struct eviction_set *set,
			    struct index *index) {
	*index = (struct index){.page_bits = search->machine->page_bits};
	for (unsigned bit = 0; bit < index->page_bits; bit++) {
		const struct question question = {search, view, set, index, UINT32_C(1) << bit};
		uint32_t column = 0;
		enum verdict verdict = column_of(&question, &column);
		if (search->ended != TLB_DOUBT_NONE)
			return search->ended;
		if (verdict == UNDECIDED)
			return TLB_DOUBT_NOISE;
		if (verdict == KEPT) {
			if (index->set_bits == TLB_SET_BITS_MOST)
				return TLB_DOUBT_INDEX;
			column = UINT32_C(1) << index->set_bits;
			index->pivot[index->set_bits++] = (uint8_t)bit;
		}
		index->column[bit] = column;
	}
	for (unsigned i = 0; i < set->count; i++)
		if (index_of(index, set->pages[i]) != 0)
			return TLB_DOUBT_INDEX;
	return TLB_DOUBT_NONE;
}

static bool is_among(const uint32_t *pages, unsigned count, uint32_t page) {
	for (unsigned i = 0; i < count; i++)
		if (pages[i] == page)
			return true;
	return false;
}

/* Any bits, and those that stand for the set's such that it is page 0's. */
static uint32_t random_companion(struct search *search, const struct index *index) {
	uint32_t page = search_random(search, UINT32_C(1) << index->page_bits);
	return page ^ page_of(index, index_of(index, page));
}

unsigned index_companions(struct search *search, const struct index *index, uint32_t *pages, unsigned count) {
	uint32_t others = (UINT32_C(1) << (index->page_bits - index->set_bits)) - 1;
	unsigned found = 0;
	while (found < count && found < others) {
		uint32_t page = random_companion(search, index);
		if (page != 0 && !is_among(pages, found, page))
			pages[found++] = page;
	}
	return found;
}

uint32_t index_stranger(struct search *search, const struct index *index) {
	uint32_t page;
	do
		page = search_random(search, UINT32_C(1) << index->page_bits);
	while (index->set_bits != 0 && index_of(index, page) == 0);
	return page;
}
