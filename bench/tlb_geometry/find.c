/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked of a machine, in its order. A translation answers from any level that has it, so that a level is seen
 * apart where the others have forgotten the page, or never had it: the second one from the side that the page was not
 * loaded from, or behind a first one that is washed; the first one once the second has been made to forget it, which
 * does not need a clock either: as many pages of its set do.
 */
#include "bench/tlb_geometry/search.h"

enum { PURGE_TRIES = 24 };

static void give_up(struct tlb_structure *structure, enum tlb_doubt doubt) {
	structure->outcome = TLB_UNCERTAIN;
	structure->doubt = doubt;
}

/* What was found of a level beside its structure. */
struct level {
	struct eviction_set set;
	struct index index;
	unsigned ways;
};

static bool find_level(struct search *search, struct view *view, struct level *level, struct tlb_structure *structure) {
	enum tlb_doubt doubt = search_set(search, view, &level->set);
	if (doubt == TLB_DOUBT_NONE)
		doubt = search_index(search, view, &level->set, &level->index);
	if (doubt == TLB_DOUBT_NONE)
		doubt = search_ways(search, view, &level->set, &level->index, structure);
	if (doubt != TLB_DOUBT_NONE)
		give_up(structure, doubt);
	level->ways = structure->ways_most;
	return doubt == TLB_DOUBT_NONE;
}

/* Whether the page is still there when nothing but what the view does was touched. */
static bool stays(struct search *search, const struct view *view) {
	return search_decide(search, view, 0, NULL, 0, view->wash_count != 0 ? 2 : 0) == KEPT;
}

static void wash(struct search *search, struct view *view) {
	view->wash_count = WASH_PAGES;
	for (unsigned i = 0; i < WASH_PAGES; i++)
		view->wash[i] = 1 + search_random(search, (UINT32_C(1) << search->machine->page_bits) - 1);
}

/* ---- the second level -------------------------------------------------------------------------------------------- */

/* Which view shows it; false: nothing does. */
static bool see_second(struct search *search, struct view *view) {
	struct tlb_geometry *geometry = search->geometry;
	*view = (struct view){.load = TLB_DATA, .ask = TLB_CODE};
	geometry->sharing = TLB_SHARED;
	if (stays(search, view))
		return true;
	wash(search, view);
	if (stays(search, view)) {
		geometry->relation = TLB_EXCLUSIVE;
		return true;
	}
	geometry->sharing = TLB_SPLIT;
	view->ask = TLB_DATA;
	return stays(search, view);
}

/* What hits in the first level does not reach the second, whose replacement may need to see it more than once. */
static bool find_second(struct search *search, struct view *view, struct level *level) {
	struct tlb_structure *structure = &search->geometry->level[TLB_SECOND];
	if (find_level(search, view, level, structure))
		return true;
	if (view->wash_count != 0 || search->ended != TLB_DOUBT_NONE)
		return false;
	wash(search, view);
	*structure = (struct tlb_structure){0};
	return find_level(search, view, level, structure);
}

/* ---- made to forget ---------------------------------------------------------------------------------------------- */

enum purged {
	PURGE_NONE,  /* what evicts from the second level evicts from the first one */
	PURGE_KEEPS, /* nothing that was tried makes the second forget it, or it has it again */
	PURGE_DONE,  /* the page is in the first one alone */
	PURGE_BOTH,  /* gone from both, though the first one saw none of what was touched */
};

static void aim_purge(struct search *search, const struct level *second, unsigned wanted, struct view *view) {
	view->purge_passes = second->set.passes;
	view->purge_count =
		index_companions(search, &second->index, view->purge, wanted < PURGE_MOST ? wanted : PURGE_MOST);
}

/* Whether the second level has forgotten it: asked from the side that had it never, or once the first one is washed. */
static bool is_purged(struct search *search, const struct level *second, const struct view *view) {
	struct view beyond = *view;
	beyond.ask = view->purge_side;
	beyond.wash_count = view->purge_side == view->load ? WASH_PAGES : 0;
	for (unsigned i = 0; i < beyond.wash_count; i++)
		beyond.wash[i] = index_stranger(search, &second->index);
	return search_decide(search, &beyond, 0, NULL, 0, 2) == EVICTED;
}

/* From the other side where both share the second level; else from the same one, with pages that leave this page in
 * the first. Few at first, as they pass through it. */
static enum purged find_purge(struct search *search, const struct level *second, struct view *view) {
	bool other = view->purge_side != view->load;
	const unsigned wanted[] = {other ? 2 * second->ways : second->ways + 1, 8 * second->ways};
	enum purged purged = PURGE_NONE;
	for (unsigned i = 0; i < 2 * PURGE_TRIES && search->ended == TLB_DOUBT_NONE; i++) {
		aim_purge(search, second, wanted[i / PURGE_TRIES], view);
		bool is_left = search_suspect(search, view, NULL, 0, 0) == KEPT && stays(search, view);
		if (!is_left && !other)
			continue;
		if (is_purged(search, second, view))
			return is_left ? PURGE_DONE : PURGE_BOTH;
		purged = i < PURGE_TRIES ? PURGE_NONE : PURGE_KEEPS;
		i = i < PURGE_TRIES ? PURGE_TRIES - 1 : 2 * PURGE_TRIES;
	}
	return purged;
}

/* ---- the first ones ---------------------------------------------------------------------------------------------- */

static struct view first_view(const struct search *search, enum tlb_side side) {
	enum tlb_side other = side == TLB_DATA ? TLB_CODE : TLB_DATA;
	return (struct view){
		.load = side,
		.ask = side,
		.purge_side = search->geometry->sharing == TLB_SHARED ? other : side,
	};
}

/* Behind an exclusive second level every page that leaves the first is there: nothing is seen of the first apart. */
static void find_first(struct search *search, const struct level *second, enum tlb_side side,
		       struct tlb_structure *structure) {
	struct tlb_geometry *geometry = search->geometry;
	struct view view = first_view(search, side);
	struct level first;
	if (geometry->relation != TLB_NON_INCLUSIVE || (geometry->sharing == TLB_SPLIT && side == TLB_CODE))
		give_up(structure, geometry->relation == TLB_INCLUSIVE ? TLB_DOUBT_INCLUSIVE : TLB_DOUBT_HIDDEN);
	else if (find_purge(search, second, &view) == PURGE_DONE)
		find_level(search, &view, &first, structure);
	else
		give_up(structure, search->ended != TLB_DOUBT_NONE ? search->ended : TLB_DOUBT_HIDDEN);
}

/* A second level that is exclusive has the page as soon as the first one is made to forget it. */
static void find_relation(struct search *search, const struct level *second) {
	struct tlb_geometry *geometry = search->geometry;
	struct view view = first_view(search, TLB_DATA);
	if (geometry->relation != TLB_RELATION_UNKNOWN)
		return;
	switch (find_purge(search, second, &view)) {
	case PURGE_DONE:
		geometry->relation = TLB_NON_INCLUSIVE;
		break;
	case PURGE_BOTH:
		geometry->relation = TLB_INCLUSIVE;
		break;
	case PURGE_KEEPS:
		geometry->relation = geometry->sharing == TLB_SPLIT ? TLB_EXCLUSIVE : TLB_RELATION_UNKNOWN;
		break;
	case PURGE_NONE:
		break;
	}
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void give_up_all(struct search *search, enum tlb_doubt doubt) {
	for (unsigned i = 0; i < TLB_LEVELS; i++)
		give_up(&search->geometry->level[i], search->ended != TLB_DOUBT_NONE ? search->ended : doubt);
}

static void find_all(struct search *search) {
	struct tlb_geometry *geometry = search->geometry;
	const struct view data = {.load = TLB_DATA, .ask = TLB_DATA};
	struct level second;
	struct view view;
	if (!stays(search, &data)) {
		give_up_all(search, TLB_DOUBT_FRESH);
	} else if (!see_second(search, &view)) {
		geometry->sharing = TLB_SHARING_UNKNOWN;
		give_up_all(search, TLB_DOUBT_HIDDEN);
	} else if (find_second(search, &view, &second)) {
		find_relation(search, &second);
		find_first(search, &second, TLB_DATA, &geometry->level[TLB_FIRST_DATA]);
		find_first(search, &second, TLB_CODE, &geometry->level[TLB_FIRST_CODE]);
	} else {
		if (geometry->sharing == TLB_SPLIT)
			geometry->sharing = TLB_SHARING_UNKNOWN;
		give_up(&geometry->level[TLB_FIRST_DATA], TLB_DOUBT_BEYOND);
		give_up(&geometry->level[TLB_FIRST_CODE], TLB_DOUBT_BEYOND);
	}
}

size_t tlb_geometry_workspace_bytes(unsigned page_bits) {
	return 3 * (((size_t)1 << page_bits) + SET_MOST) * sizeof(uint32_t);
}

void tlb_geometry_find(const struct tlb_machine *machine, void *workspace, uint64_t seed,
		       struct tlb_geometry *geometry) {
	size_t each = ((size_t)1 << machine->page_bits) + SET_MOST;
	uint32_t *words = workspace;
	struct search search = {
		.machine = machine,
		.geometry = geometry,
		.random = seed * 2 + 1,
		.order = words,
		.pages = words + each,
		.tried = words + 2 * each,
	};
	*geometry = (struct tlb_geometry){.page_bits = machine->page_bits, .page_shift = machine->page_shift};
	find_all(&search);
	(void)machine->flush(machine->argument);
}
