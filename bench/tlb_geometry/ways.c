/* SPDX-License-Identifier: Apache-2.0
 *
 * How many pages a set has room for, asked of many sets: pages of the search's own lie in some, and make them look
 * smaller. Where most agree, and none is larger, that is it. This is a check of the index as well: where it is too
 * coarse, as many companions as there are ways do not evict; where it is too fine, strangers do.
 */
#include "bench/tlb_geometry/search.h"

enum { TARGETS = 15, STRANGERS_MOST = 1024, CHECKS = 3 };

/* The fewest companions that evict `target`; 0: not to be told. */
static unsigned ways_at(struct search *search, const struct view *view, const struct index *index, uint32_t target,
			const struct eviction_set *set) {
	uint32_t pages[SET_MOST];
	unsigned room = index_companions(search, index, pages, SET_MOST);
	unsigned ways = set->count < room ? set->count : room;
	enum verdict verdict = search_decide(search, view, target, pages, ways, set->passes);
	if (verdict == EVICTED) {
		while (ways > 0 &&
		       (verdict = search_decide(search, view, target, pages, ways - 1, set->passes)) == EVICTED)
			ways--;
		return verdict == KEPT ? ways : 0;
	}
	while (verdict == KEPT && ways < room && search->ended == TLB_DOUBT_NONE)
		verdict = search_decide(search, view, target, pages, ++ways, set->passes);
	return verdict == EVICTED ? ways : 0;
}

/* One page less than a set has room for, and many of other sets. */
static bool strangers_evict(struct search *search, const struct view *view, const struct index *index, unsigned ways,
			    unsigned passes) {
	uint32_t target = search_random(search, UINT32_C(1) << index->page_bits), few[SET_MOST];
	unsigned count = index_companions(search, index, few, ways - 1);
	for (unsigned i = 0; i < count; i++)
		search->pages[i] = few[i];
	unsigned strangers = 2u << index->set_bits;
	if (strangers > STRANGERS_MOST)
		strangers = STRANGERS_MOST;
	if (strangers > UINT32_C(1) << index->page_bits)
		strangers = UINT32_C(1) << index->page_bits;
	for (unsigned i = 0; i < strangers; i++)
		search->pages[count++] = index_stranger(search, index);
	return search_decide(search, view, target, search->pages, count, passes) == EVICTED;
}

static void make_wash(struct search *search, const struct index *index, struct view *view) {
	for (unsigned i = 0; i < view->wash_count; i++)
		view->wash[i] = index_stranger(search, index);
}

/* Most frequent of those that could be told; *votes how often. */
static unsigned most_frequent(const unsigned *ways, unsigned *votes) {
	unsigned best = 0;
	*votes = 0;
	for (unsigned i = 0; i < TARGETS; i++) {
		unsigned same = 0;
		for (unsigned j = 0; j < TARGETS; j++)
			same += ways[j] == ways[i];
		if (ways[i] != 0 && (same > *votes || (same == *votes && ways[i] > best))) {
			best = ways[i];
			*votes = same;
		}
	}
	return best;
}

static bool index_holds(struct search *search, const struct view *view, const struct index *index, unsigned ways,
			unsigned passes) {
	unsigned wrong = 0;
	for (unsigned i = 0; i < CHECKS && index->set_bits != 0; i++)
		wrong += strangers_evict(search, view, index, ways, passes);
	return wrong <= CHECKS / 2;
}

static void write_rows(const struct index *index, struct tlb_structure *structure) {
	structure->set_bits = index->set_bits;
	for (unsigned bit = 0; bit < index->page_bits; bit++)
		for (unsigned i = 0; i < index->set_bits; i++)
			structure->rows[i] |= (index->column[bit] >> i & 1) << bit;
}

enum tlb_doubt search_ways(struct search *search, struct view *view, const struct eviction_set *set,
			   const struct index *index, struct tlb_structure *structure) {
	unsigned ways[TARGETS], votes, larger = 0;
	make_wash(search, index, view);
	for (unsigned i = 0; i < TARGETS; i++) {
		uint32_t target = search_random(search, UINT32_C(1) << index->page_bits);
		ways[i] = ways_at(search, view, index, target, set);
	}
	if (search->ended != TLB_DOUBT_NONE)
		return search->ended;
	unsigned best = most_frequent(ways, &votes);
	for (unsigned i = 0; i < TARGETS; i++)
		larger += ways[i] > best;
	if (votes <= TARGETS / 2 || larger > 0)
		return TLB_DOUBT_WAYS;
	bool holds = index_holds(search, view, index, best, set->passes);
	if (search->ended != TLB_DOUBT_NONE)
		return search->ended;
	if (!holds)
		return TLB_DOUBT_INDEX;
	bool own_everywhere = search->machine->own_pages * 2 > UINT32_C(1) << index->set_bits;
	structure->outcome = TLB_FOUND;
	structure->ways_least = best;
	structure->ways_most = own_everywhere ? best + search->machine->own_pages : best;
	write_rows(index, structure);
	return TLB_DOUBT_NONE;
}
