/* SPDX-License-Identifier: Apache-2.0
 *
 * `make tlb-geometry-check`: how often the search of bench/tlb_geometry/ finds the geometry of made-up MMUs, and that
 * it is never wrong: exit status 1 where an answer is. Arguments: how many MMUs, and the first one's number (1).
 */
#include "host-tests/next_random.h"
#include "host-tests/tlb_model.h"

#include <stdio.h>
#include <stdlib.h>

enum { POLICIES = 4, FIRST_ENTRIES_MOST = 128, SECOND_ENTRIES_LEAST = 512 };

static const uint64_t touches_most = 20000000;

/* ---- made-up MMUs ------------------------------------------------------------------------------------------------ */

static unsigned below(uint64_t *state, unsigned bound) {
	return (unsigned)((next_random(state) >> 32) * bound >> 32);
}

static unsigned ways_of(uint64_t *state, enum tlb_model_policy policy) {
	static const unsigned any[] = {4, 6, 8, 10, 12, 16}, powers[] = {4, 8, 16};
	return policy == MODEL_TLB_TREE ? powers[below(state, 3)] : any[below(state, 6)];
}

static unsigned entries_of(const struct tlb_model_level *level) {
	return level->ways << level->set_bits;
}

/* One time in three all of it is one set. */
static struct tlb_model_level first_level(uint64_t *state, enum tlb_model_policy policy) {
	struct tlb_model_level level = {.policy = policy};
	if (below(state, 3) == 0) {
		level.ways = policy == MODEL_TLB_TREE ? 16u << below(state, 2) : 16 + below(state, 81);
		return level;
	}
	level.ways = ways_of(state, policy);
	level.set_bits = 2 + below(state, 4);
	while (entries_of(&level) > FIRST_ENTRIES_MOST)
		level.set_bits--;
	level.fold = below(state, 4) == 0;
	return level;
}

static struct tlb_model_level second_level(uint64_t *state, enum tlb_model_policy policy,
					   const struct tlb_model_level *first) {
	struct tlb_model_level level = {.policy = policy, .ways = ways_of(state, policy)};
	level.set_bits = 5 + below(state, 5);
	level.fold = below(state, 3);
	while (entries_of(&level) < SECOND_ENTRIES_LEAST || entries_of(&level) < 4 * entries_of(first))
		level.set_bits++;
	return level;
}

static struct tlb_model_config made_up(uint64_t number) {
	static const enum tlb_model_policy policies[] = {MODEL_TLB_LRU,  MODEL_TLB_LRU,   MODEL_TLB_LRU,
							 MODEL_TLB_TREE, MODEL_TLB_TREE,  MODEL_TLB_TREE,
							 MODEL_TLB_NRU,  MODEL_TLB_RANDOM};
	uint64_t state = number * 2654435761u + 12345;
	for (unsigned i = 0; i < 10; i++)
		(void)next_random(&state);
	enum tlb_model_policy policy = policies[below(&state, 8)];
	struct tlb_model_config config = {.data = first_level(&state, policy), .code = first_level(&state, policy)};
	config.second = second_level(&state, policy, &config.data);
	config.split = below(&state, 3) == 0;
	unsigned inclusion = below(&state, 5);
	config.inclusion = inclusion < 3 ? MODEL_TLB_NON_INCLUSIVE : (enum tlb_model_inclusion)(inclusion - 2);
	config.others = below(&state, 3) == 0 ? below(&state, 2000) : 0;
	config.neighbours = below(&state, 4) == 0 ? below(&state, 20000) : 0;
	config.own = below(&state, 2) ? below(&state, 4) : 0;
	config.tagged = below(&state, 3) == 0;
	return config;
}

/* ---- judged ------------------------------------------------------------------------------------------------------ */

static bool is_right(const struct tlb_model_level *level, const struct tlb_structure *found, unsigned page_bits) {
	uint64_t state = 4711;
	if (found->set_bits != level->set_bits || level->ways < found->ways_least || level->ways > found->ways_most)
		return false;
	for (unsigned i = 0; i < 2000; i++) {
		uint32_t a = below(&state, 1u << page_bits), b = below(&state, 1u << page_bits);
		if (i % 2 == 0)
			b = a ^ (b >> level->set_bits << level->set_bits);
		if ((tlb_model_set(level, a) == tlb_model_set(level, b)) !=
		    (tlb_geometry_set(found, a) == tlb_geometry_set(found, b)))
			return false;
	}
	return true;
}

static bool relation_is_wrong(const struct tlb_model_config *config, const struct tlb_geometry *geometry) {
	static const enum tlb_relation relations[] = {
		[MODEL_TLB_NON_INCLUSIVE] = TLB_NON_INCLUSIVE,
		[MODEL_TLB_INCLUSIVE] = TLB_INCLUSIVE,
		[MODEL_TLB_EXCLUSIVE] = TLB_EXCLUSIVE,
	};
	enum tlb_sharing sharing = config->split ? TLB_SPLIT : TLB_SHARED;
	return (geometry->relation != TLB_RELATION_UNKNOWN && geometry->relation != relations[config->inclusion]) ||
	       (geometry->sharing != TLB_SHARING_UNKNOWN && geometry->sharing != sharing);
}

struct tally {
	unsigned machines, found[TLB_LEVELS], visible, visible_found, related, wrong;
};

static void judge(const struct tlb_model_config *config, const struct tlb_geometry *geometry, struct tally *tally) {
	const struct tlb_model_level *const levels[TLB_LEVELS] = {
		[TLB_FIRST_DATA] = &config->data, [TLB_FIRST_CODE] = &config->code, [TLB_SECOND] = &config->second};
	bool wrong = relation_is_wrong(config, geometry);
	for (unsigned i = 0; i < TLB_LEVELS; i++) {
		bool found = geometry->level[i].outcome == TLB_FOUND;
		tally->found[i] += found;
		wrong |= found && !is_right(levels[i], &geometry->level[i], geometry->page_bits);
	}
	bool visible = config->inclusion == MODEL_TLB_NON_INCLUSIVE;
	tally->machines++;
	tally->visible += visible;
	tally->visible_found += visible && geometry->level[TLB_FIRST_DATA].outcome == TLB_FOUND;
	tally->related += geometry->relation != TLB_RELATION_UNKNOWN;
	tally->wrong += wrong;
}

static void search(uint64_t number, struct tally *tallies) {
	const struct tlb_model_config config = made_up(number);
	unsigned page_bits = config.second.set_bits + 6;
	struct tlb_model *model = tlb_model_new(&config, number);
	struct tlb_machine machine = tlb_model_machine(model, page_bits);
	void *workspace = malloc(tlb_geometry_workspace_bytes(page_bits));
	struct tlb_geometry geometry;
	machine.touches_most = touches_most;
	if (workspace == NULL)
		abort();
	tlb_geometry_find(&machine, workspace, number, &geometry);
	judge(&config, &geometry, &tallies[config.second.policy]);
	free(workspace);
	tlb_model_free(model);
}

int main(int argc, char **argv) {
	static const char *const names[POLICIES] = {"LRU", "tree-PLRU", "random", "NRU"};
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct tally tallies[POLICIES] = {{0}};
	unsigned wrong = 0;
	for (uint64_t i = 0; i < count; i++)
		search(first + i, tallies);
	printf("| replacement | MMUs | second level found | relation found | first level, data, of non-inclusive ones "
	       "| "
	       "first level, code, found | wrong |\n|---|---|---|---|---|---|---|\n");
	for (unsigned i = 0; i < POLICIES; i++) {
		const struct tally *tally = &tallies[i];
		printf("| %s | %u | %u | %u | %u of %u | %u | %u |\n", names[i], tally->machines,
		       tally->found[TLB_SECOND], tally->related, tally->visible_found, tally->visible,
		       tally->found[TLB_FIRST_CODE], tally->wrong);
		wrong += tally->wrong;
	}
	return wrong != 0;
}
