/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/tlb_model.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	uint32_t page;
	uint32_t flush;  /* of which it is; another one: it is empty */
	uint32_t used;   /* when: LRU; 1: NRU's bit */
	uint8_t changed; /* it is the second frame's */
};

struct level {
	const struct tlb_model_level *config;
	struct entry *entries;
	uint64_t *tree; /* of each set: a bit a node, of the way to the victim; so of 64 ways at most */
};

enum { DATA, CODE, SECOND_DATA, SECOND_CODE, LEVELS };

struct tlb_model {
	struct tlb_model_config config;
	struct level level[LEVELS];
	uint32_t flush, time;
	uint64_t random;
	uint32_t desynced; /* UINT32_MAX: none */
	unsigned lists;
};

uint32_t tlb_model_set(const struct tlb_model_level *level, uint32_t page) {
	if (level->modulo != 0)
		return page % level->modulo;
	uint32_t set = page;
	for (unsigned i = 1; i <= level->fold; i++)
		set ^= page >> (i * level->set_bits);
	return set & ((UINT32_C(1) << level->set_bits) - 1);
}

static uint32_t random_below(struct tlb_model *model, uint32_t below) {
	model->random ^= model->random << 13;
	model->random ^= model->random >> 7;
	model->random ^= model->random << 17;
	return (uint32_t)((model->random >> 32) * below >> 32);
}

static bool happens(struct tlb_model *model, unsigned in_a_million) {
	return in_a_million != 0 && random_below(model, 1000000) < in_a_million;
}

static struct entry *set_of(const struct level *level, uint32_t page) {
	return level->entries + (size_t)tlb_model_set(level->config, page) * level->config->ways;
}

static bool is_live(const struct tlb_model *model, const struct entry *entry) {
	return entry->flush == model->flush ||
	       (model->config.tagged && entry->flush != 0 && entry->page >= MODEL_TLB_OTHERS);
}

static struct entry *find(const struct tlb_model *model, const struct level *level, uint32_t page) {
	struct entry *set = level->config->ways != 0 ? set_of(level, page) : NULL;
	for (unsigned i = 0; i < level->config->ways; i++)
		if (set[i].page == page && is_live(model, &set[i]))
			return &set[i];
	return NULL;
}

/* ---- replacement ------------------------------------------------------------------------------------------------- */

/* A node's bit leads to the half that was used longer ago; ways are a power of two. */
static void tree_use(struct level *level, const struct entry *set, unsigned way) {
	uint64_t *tree = &level->tree[tlb_model_set(level->config, set[way].page)];
	for (unsigned size = level->config->ways, node = 1; size > 1; size /= 2) {
		bool upper = (way & size / 2) != 0;
		*tree = upper ? *tree & ~(UINT64_C(1) << node) : *tree | UINT64_C(1) << node;
		node = node * 2 + upper;
	}
}

static unsigned tree_victim(const struct level *level, uint32_t page) {
	uint64_t tree = level->tree[tlb_model_set(level->config, page)];
	unsigned way = 0, node = 1;
	for (unsigned size = level->config->ways; size > 1; size /= 2) {
		bool upper = tree >> node & 1;
		way |= upper ? size / 2 : 0;
		node = node * 2 + upper;
	}
	return way;
}

/* When all of a set were used recently, none was but the one that is used now. */
static void nru_use(const struct level *level, struct entry *set, unsigned way) {
	unsigned used = 0;
	set[way].used = 1;
	for (unsigned i = 0; i < level->config->ways; i++)
		used += set[i].used == 1;
	for (unsigned i = 0; used == level->config->ways && i < level->config->ways; i++)
		set[i].used = i == way;
}

static void use(struct tlb_model *model, struct level *level, struct entry *entry) {
	struct entry *set = set_of(level, entry->page);
	unsigned way = (unsigned)(entry - set);
	if (level->config->policy == MODEL_TLB_TREE)
		tree_use(level, set, way);
	else if (level->config->policy == MODEL_TLB_NRU)
		nru_use(level, set, way);
	else
		entry->used = ++model->time;
}

static unsigned victim_of(struct tlb_model *model, const struct level *level, uint32_t page) {
	const struct entry *set = set_of(level, page);
	unsigned ways = level->config->ways, oldest = 0;
	for (unsigned i = 0; i < ways; i++)
		if (!is_live(model, &set[i]))
			return i;
	if (level->config->policy == MODEL_TLB_RANDOM)
		return random_below(model, ways);
	if (level->config->policy == MODEL_TLB_TREE)
		return tree_victim(level, page);
	for (unsigned i = 1; i < ways; i++)
		if (set[i].used < set[oldest].used)
			oldest = i;
	return oldest;
}

/* What had to go is in *gone; false: nothing had. */
static bool fill(struct tlb_model *model, struct level *level, struct entry fresh, struct entry *gone) {
	if (level->config->ways == 0)
		return false;
	struct entry *entry = set_of(level, fresh.page) + victim_of(model, level, fresh.page);
	bool full = is_live(model, entry);
	*gone = *entry;
	*entry = fresh;
	entry->flush = model->flush;
	entry->used = 0;
	use(model, level, entry);
	return full;
}

/* ---- what the processor does ------------------------------------------------------------------------------------- */

static struct level *second_of(struct tlb_model *model, enum tlb_side side) {
	return &model->level[side == TLB_CODE && model->config.split ? SECOND_CODE : SECOND_DATA];
}

static void forget(struct tlb_model *model, struct level *level, uint32_t page) {
	struct entry *entry = find(model, level, page);
	if (entry != NULL)
		entry->flush = 0;
}

static void fill_second(struct tlb_model *model, struct level *second, struct entry fresh) {
	struct entry gone;
	if (fill(model, second, fresh, &gone) && model->config.inclusion == MODEL_TLB_INCLUSIVE) {
		forget(model, &model->level[DATA], gone.page);
		forget(model, &model->level[CODE], gone.page);
	}
}

static void fill_first(struct tlb_model *model, enum tlb_side side, struct entry fresh) {
	struct entry gone;
	if (fill(model, &model->level[side], fresh, &gone) && model->config.inclusion == MODEL_TLB_EXCLUSIVE &&
	    find(model, second_of(model, side), gone.page) == NULL)
		fill_second(model, second_of(model, side), gone);
}

static struct entry walk(struct tlb_model *model, uint32_t page) {
	return (struct entry){.page = page, .changed = page == model->desynced};
}

static struct entry load(struct tlb_model *model, enum tlb_side side, uint32_t page) {
	struct level *first = &model->level[side], *second = second_of(model, side);
	bool exclusive = model->config.inclusion == MODEL_TLB_EXCLUSIVE;
	struct entry *hit = find(model, first, page), fresh;
	if (hit != NULL) {
		use(model, first, hit);
		return *hit;
	}
	hit = find(model, second, page);
	if (hit != NULL) {
		fresh = *hit;
		if (exclusive)
			hit->flush = 0;
		else
			use(model, second, hit);
	} else {
		fresh = walk(model, page);
		if (!exclusive)
			fill_second(model, second, fresh);
		if (happens(model, model->config.neighbours) && find(model, second, page + 1) == NULL)
			fill_second(model, second, walk(model, page + 1));
	}
	fill_first(model, side, fresh);
	return fresh;
}

static struct entry access_page(struct tlb_model *model, enum tlb_side side, uint32_t page) {
	if (happens(model, model->config.others))
		(void)load(model, side, MODEL_TLB_OTHERS + random_below(model, 1 << 16));
	return load(model, side, page);
}

/* ---- as a machine ------------------------------------------------------------------------------------------------ */

static int model_flush(void *argument) {
	struct tlb_model *model = argument;
	model->flush++;
	model->desynced = UINT32_MAX;
	return 0;
}

static int model_touch(void *argument, enum tlb_side side, const uint32_t *pages, size_t count) {
	struct tlb_model *model = argument;
	if (++model->lists == model->config.fails_at)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (i % 64 == 0)
			for (unsigned own = 0; own < model->config.own; own++)
				(void)load(model, TLB_DATA, MODEL_TLB_OTHERS / 2 + own * 5);
		(void)access_page(model, side, pages[i]);
	}
	return 0;
}

static int model_desync(void *argument, uint32_t page) {
	struct tlb_model *model = argument;
	model->desynced = page;
	for (unsigned i = 0; model->config.fresh && i < LEVELS; i++)
		forget(model, &model->level[i], page);
	return 0;
}

static int model_answer(void *argument, enum tlb_side side, uint32_t page, enum tlb_frame *frame) {
	struct tlb_model *model = argument;
	*frame = model->config.neither                         ? TLB_FRAME_NEITHER
		 : access_page(model, side, page).changed != 0 ? TLB_FRAME_SECOND
							       : TLB_FRAME_FIRST;
	return 0;
}

static int model_forget(void *argument, const uint32_t *pages, size_t count) {
	struct tlb_model *model = argument;
	for (size_t i = 0; i < count; i++)
		for (unsigned level = 0; level < LEVELS; level++)
			forget(model, &model->level[level], pages[i]);
	return 0;
}

struct tlb_model *tlb_model_new(const struct tlb_model_config *config, uint64_t seed) {
	struct tlb_model *model = calloc(1, sizeof *model);
	model->config = *config;
	const struct tlb_model_level *levels[LEVELS] = {&model->config.data, &model->config.code, &model->config.second,
							&model->config.second};
	for (unsigned i = 0; i < LEVELS; i++) {
		size_t sets = levels[i]->modulo != 0 ? levels[i]->modulo : (size_t)1 << levels[i]->set_bits;
		model->level[i].config = levels[i];
		model->level[i].entries = calloc(sets * levels[i]->ways + 1, sizeof(struct entry));
		model->level[i].tree = calloc(sets, sizeof(uint64_t));
	}
	model->random = seed * 2 + 1;
	model->flush = 1;
	model->desynced = UINT32_MAX;
	return model;
}

void tlb_model_free(struct tlb_model *model) {
	for (unsigned i = 0; i < LEVELS; i++) {
		free(model->level[i].entries);
		free(model->level[i].tree);
	}
	free(model);
}

struct tlb_machine tlb_model_machine(struct tlb_model *model, unsigned page_bits) {
	return (struct tlb_machine){
		.argument = model,
		.page_bits = page_bits,
		.page_shift = 12,
		.own_pages = model->config.own,
		.touches_most = UINT64_C(1) << 32,
		.flush = model_flush,
		.touch = model_touch,
		.desync = model_desync,
		.answer = model_answer,
		.forget = model_forget,
	};
}

unsigned tlb_model_changed(const struct tlb_model *model) {
	return model->desynced != UINT32_MAX;
}
