/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tlb_geometry/search.h"

/* Replacement that is random needs many passes to evict one of as many pages as fit. Many passes over many pages take
 * long: the first ones are for the large sets. */
static const unsigned passes_of_stage[] = {2, 16, 128, 512};
enum { STAGES = sizeof passes_of_stage / sizeof passes_of_stage[0] };

/* Neighbours in a block that doubles until it evicts: twice what is needed at the most, where neighbours are spread
 * over the sets evenly. */
static size_t find_block(struct search *search, const struct view *view) {
	for (unsigned bits = 1; bits <= search->machine->page_bits && search->ended == TLB_DOUBT_NONE; bits++) {
		size_t count = 0;
		for (uint32_t page = 1; page < UINT32_C(1) << bits; page++)
			search->pages[count++] = page;
		if (search_suspect(search, view, search->pages, count, passes_of_stage[0]) == EVICTED)
			return count;
	}
	return 0;
}

/* pages[] without [from, to). */
static size_t without(struct search *search, size_t count, size_t from, size_t to) {
	size_t left = 0;
	for (size_t i = 0; i < count; i++)
		if (i < from || i >= to)
			search->tried[left++] = search->pages[i];
	return left;
}

/* Removes chunk after chunk as long as what is left evicts; what is needed stays. */
static size_t remove_chunks(struct search *search, const struct view *view, size_t count, size_t chunk,
			    unsigned passes) {
	for (size_t end = count; end > 0 && search->ended == TLB_DOUBT_NONE;) {
		size_t from = end > chunk ? end - chunk : 0;
		size_t left = without(search, count, from, end);
		if (left != 0 && search_suspect(search, view, search->tried, left, passes) == EVICTED) {
			for (size_t i = 0; i < left; i++)
				search->pages[i] = search->tried[i];
			count = left;
		}
		end = from;
	}
	return count;
}

/* Nearly always, which a decision alone does not say. */
static bool evicts_each_time(struct search *search, const struct view *view, size_t count, unsigned passes) {
	enum { DECISIONS = 3 };
	uint64_t trials = search->geometry->trials;
	for (unsigned i = 0; i < DECISIONS; i++)
		if (search_decide(search, view, 0, search->pages, count, passes) != EVICTED)
			return false;
	return search->geometry->trials - trials <= DECISIONS * SURE_TRIALS + 1;
}

/* The fewest passes with which it evicts for certain; 0: none. */
static unsigned passes_needed(struct search *search, const struct view *view, size_t count) {
	for (unsigned stage = 0; stage < STAGES && search->ended == TLB_DOUBT_NONE; stage++)
		if (evicts_each_time(search, view, count, passes_of_stage[stage]))
			return passes_of_stage[stage];
	return 0;
}

enum tlb_doubt search_set(struct search *search, const struct view *view, struct eviction_set *set) {
	size_t count = find_block(search, view);
	if (count == 0)
		return search->ended != TLB_DOUBT_NONE ? search->ended : TLB_DOUBT_FAR;
	for (unsigned stage = 0; stage < STAGES; stage++) {
		size_t before = count;
		for (size_t chunk = (count + 1) / 2; chunk > 0; chunk /= 2)
			count = remove_chunks(search, view, count, chunk, passes_of_stage[stage]);
		if (count == before && stage > 1)
			break;
	}
	if (search->ended != TLB_DOUBT_NONE)
		return search->ended;
	if (count > SET_MOST)
		return TLB_DOUBT_NO_SET;
	set->count = (unsigned)count;
	set->passes = passes_needed(search, view, count);
	for (size_t i = 0; i < count; i++)
		set->pages[i] = search->pages[i];
	if (search->ended != TLB_DOUBT_NONE)
		return search->ended;
	return set->passes != 0 ? TLB_DOUBT_NONE : TLB_DOUBT_NOISE;
}
