/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tlb_geometry/search.h"

/* A sequential test (Wald, 1945) between "at most one trial in twenty says evicted" and "at least nineteen do": each
 * trial is worth a factor of nineteen, so that a wrong decision has at most the probability 19^-LEAD. */
enum { LEAD = SURE_TRIALS, LEAD_SUSPECT = 2, TRIALS_MOST = 40 };
static const double ERROR_PER_DECISION = 1.0 / (19.0 * 19 * 19 * 19 * 19);

/* G. Marsaglia: "Xorshift RNGs", 2003; the upper half of the state. */
uint32_t search_random(struct search *search, uint32_t below) {
	uint64_t state = search->random;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	search->random = state;
	return (uint32_t)((state >> 32) * below >> 32);
}

static void check(struct search *search, int result) {
	if (result < 0 && search->ended == TLB_DOUBT_NONE)
		search->ended = TLB_DOUBT_MACHINE;
}

static void touch_one(struct search *search, enum tlb_side side, uint32_t page) {
	search->geometry->touches++;
	check(search, search->machine->touch(search->machine->argument, side, &page, 1));
}

/* In a random order, which no prefetcher foresees and no replacement settles down with. */
static void touch_all(struct search *search, enum tlb_side side, uint32_t target, const uint32_t *pages, size_t count) {
	if (count == 0 || search->ended != TLB_DOUBT_NONE)
		return;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t other = search_random(search, i + 1);
		search->order[i] = search->order[other];
		search->order[other] = target ^ pages[i];
	}
	search->geometry->touches += count;
	check(search, search->machine->touch(search->machine->argument, side, search->order, count));
	if (search->geometry->touches > search->machine->touches_most && search->ended == TLB_DOUBT_NONE)
		search->ended = TLB_DOUBT_BUDGET;
}

/* Another level is made to forget the page. What did it must not compete with the page in the level that is looked at.
 */
static void purge(struct search *search, const struct view *view, uint32_t target) {
	for (unsigned i = 0; i < view->purge_passes; i++)
		touch_all(search, view->purge_side, target, view->purge, view->purge_count);
	if (view->purge_passes != 0 && search->ended == TLB_DOUBT_NONE)
		check(search, search->machine->forget(search->machine->argument, search->order, view->purge_count));
}

/* The page is loaded once more after what makes others forget it, and what the change itself touched: it is the newest
 * then, and they are evicted before it. */
static bool is_evicted(struct search *search, const struct view *view, uint32_t target, const uint32_t *pages,
		       size_t count, unsigned passes) {
	const struct tlb_machine *machine = search->machine;
	enum tlb_frame frame = TLB_FRAME_NEITHER;
	search->geometry->trials++;
	check(search, machine->flush(machine->argument));
	touch_one(search, view->load, target);
	check(search, machine->desync(machine->argument, target));
	purge(search, view, target);
	touch_one(search, view->load, target);
	for (unsigned i = 0; i < passes; i++) {
		touch_all(search, view->load, target, pages, count);
		touch_all(search, view->load, target, view->wash, view->wash_count);
	}
	check(search, machine->answer(machine->argument, view->ask, target, &frame));
	if (frame == TLB_FRAME_NEITHER && search->ended == TLB_DOUBT_NONE)
		search->ended = TLB_DOUBT_NEITHER;
	return frame == TLB_FRAME_SECOND;
}

static enum verdict decide(struct search *search, const struct view *view, uint32_t target, const uint32_t *pages,
			   size_t count, unsigned passes, int lead_kept) {
	int lead = 0;
	search->geometry->decisions++;
	search->geometry->error += ERROR_PER_DECISION;
	for (int i = 0; i < TRIALS_MOST && search->ended == TLB_DOUBT_NONE; i++) {
		lead += is_evicted(search, view, target, pages, count, passes) ? 1 : -1;
		if (lead == LEAD)
			return EVICTED;
		if (lead == -lead_kept)
			return KEPT;
	}
	return UNDECIDED;
}

enum verdict search_decide(struct search *search, const struct view *view, uint32_t target, const uint32_t *pages,
			   size_t count, unsigned passes) {
	return decide(search, view, target, pages, count, passes, LEAD);
}

enum verdict search_suspect(struct search *search, const struct view *view, const uint32_t *pages, size_t count,
			    unsigned passes) {
	return decide(search, view, 0, pages, count, passes, LEAD_SUSPECT);
}
