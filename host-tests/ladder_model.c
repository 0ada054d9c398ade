/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/ladder_model.h"

#include <math.h>
#include <string.h>

enum { WAYS_MOST = 32, LINES_PER_WAY = 4, LINES_MOST = WAYS_MOST * LINES_PER_WAY, LINE = 64, LAYOUTS_LEAST = 5 };

static const uint64_t kib = 1024, mib = 1024 * 1024;

/* ---- a set ------------------------------------------------------------------------------------------------------- */

struct set {
	unsigned ways;
	enum model_policy policy;
	int line[WAYS_MOST];
	unsigned used[WAYS_MOST]; /* when, of LRU; whether, of bits */
	bool tree[WAYS_MOST];     /* by node, from 1: the older half is the right one */
	unsigned now;
	struct rng rng;
};

static unsigned tree_victim(const struct set *set) {
	unsigned node = 1;
	while (node < set->ways)
		node = 2 * node + set->tree[node];
	return node - set->ways;
}

static void tree_touch(struct set *set, unsigned way) {
	for (unsigned node = way + set->ways; node > 1; node /= 2)
		set->tree[node / 2] = node % 2 == 0;
}

static void bits_touch(struct set *set, unsigned way) {
	bool all = true;
	set->used[way] = 1;
	for (unsigned i = 0; i < set->ways; i++)
		all = all && set->used[i];
	for (unsigned i = 0; all && i < set->ways; i++)
		set->used[i] = i == way;
}

static unsigned least_used(const struct set *set) {
	unsigned best = 0;
	for (unsigned i = 1; i < set->ways; i++)
		if (set->used[i] < set->used[best])
			best = i;
	return best;
}

static unsigned victim(struct set *set) {
	switch (set->policy) {
	case MODEL_TREE:
		return tree_victim(set);
	case MODEL_RANDOM:
		return rng_below(&set->rng, set->ways);
	default:
		return least_used(set);
	}
}

static bool set_load(struct set *set, int line) {
	unsigned way = 0;
	while (way < set->ways && set->line[way] != line)
		way++;
	bool miss = way == set->ways;
	if (miss) {
		for (way = 0; way < set->ways && set->line[way] >= 0; way++)
			;
		if (way == set->ways)
			way = victim(set);
		set->line[way] = line;
	}
	if (set->policy == MODEL_TREE)
		tree_touch(set, way);
	else if (set->policy == MODEL_BITS)
		bits_touch(set, way);
	else
		set->used[way] = ++set->now;
	return miss;
}

static double simulate_set(enum model_policy policy, unsigned ways, unsigned lines) {
	enum { WARM = 12, COUNTED = 12 };
	struct set set = {.ways = ways, .policy = policy, .rng = rng_seeded(ways * 1000 + lines)};
	unsigned misses = 0;
	memset(set.line, -1, sizeof set.line);
	for (int round = 0; round < WARM + COUNTED; round++)
		for (unsigned line = 0; line < lines; line++)
			misses += set_load(&set, (int)line) && round >= WARM;
	return (double)misses / (COUNTED * lines);
}

double model_set_miss(enum model_policy policy, unsigned ways, unsigned lines) {
	static float known[MODEL_POLICIES][WAYS_MOST + 1][LINES_MOST + 1]; /* plus 1; 0: not simulated yet */
	if (lines <= ways)
		return 0;
	if (policy == MODEL_LRU || lines > ways * LINES_PER_WAY)
		return 1;
	if (known[policy][ways][lines] == 0)
		known[policy][ways][lines] = (float)(1 + simulate_set(policy, ways, lines));
	return known[policy][ways][lines] - 1;
}

/* ---- a cache ----------------------------------------------------------------------------------------------------- */

static double uniform(struct rng *rng) {
	return ((double)(rng_next(rng) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct rng *rng) {
	double radius = sqrt(-2 * log(uniform(rng)));
	return radius * cos(2 * 3.14159265358979 * uniform(rng));
}

static double in_order_miss(const struct model_cache *cache, double bytes) {
	double mean = cache->ways * bytes / (double)cache->bytes;
	unsigned lines = (unsigned)mean;
	double more = mean - lines;
	return ((1 - more) * lines * model_set_miss(cache->policy, cache->ways, lines) +
		more * (lines + 1) * model_set_miss(cache->policy, cache->ways, lines + 1)) /
	       mean;
}

/* The share over sets whose numbers of lines are Poisson's; `counts` gets the distribution up to LINES_MOST. */
static double poisson_miss(const struct model_cache *cache, double mean) {
	double probability = exp(-mean), sum = 0, left = 1;
	for (unsigned k = 0; k < LINES_MOST; k++) {
		sum += probability * model_set_miss(cache->policy, cache->ways, k + 1);
		left -= probability;
		probability *= mean / (k + 1);
	}
	return sum + (left > 0 ? left : 0);
}

/* Each page falls to a colour, as it comes. */
static double colour_miss(struct model *model, const struct model_cache *cache, double bytes) {
	enum { COLOURS_MOST = 4096 };
	static uint16_t count[COLOURS_MOST];
	unsigned colours = (unsigned)(cache->bytes / cache->ways / model->page_bytes);
	unsigned pages = (unsigned)ceil(bytes / (double)model->page_bytes);
	double missed = 0;
	memset(count, 0, colours * sizeof count[0]);
	for (unsigned i = 0; i < pages; i++)
		count[rng_below(&model->rng, colours)]++;
	for (unsigned i = 0; i < colours; i++)
		missed += count[i] * model_set_miss(cache->policy, cache->ways, count[i]);
	return missed / pages;
}

static double cache_miss(struct model *model, const struct model_cache *cache, double bytes) {
	double ratio = bytes / (double)cache->bytes;
	if (ratio < 0.1)
		return 0;
	if (ratio > 3.9)
		return 1;
	if (cache->placement == MODEL_HASHED)
		return poisson_miss(cache, cache->ways * ratio);
	bool one_colour = cache->bytes / cache->ways <= model->page_bytes;
	if (cache->placement == MODEL_IN_ORDER || one_colour)
		return in_order_miss(cache, bytes);
	return colour_miss(model, cache, bytes);
}

static double layout_latency(struct model *model, uint64_t bytes) {
	double latency = model->cache[0].latency, reached = 1, size = (double)(bytes + model->strangers);
	for (size_t i = 0; i < model->caches; i++) {
		double next = i + 1 < model->caches ? model->cache[i + 1].latency : model->memory;
		reached *= cache_miss(model, &model->cache[i], size);
		latency += reached * (next - model->cache[i].latency);
	}
	for (int i = 0; i < 2; i++)
		if (bytes > model->tlb_reach[i])
			latency += model->tlb_cost[i] * (1 - (double)model->tlb_reach[i] / (double)bytes);
	return latency;
}

struct levels_point model_point(struct model *model, uint64_t bytes) {
	double sum = 0, squares = 0, layouts = model->layouts;
	for (unsigned i = 0; i < model->layouts; i++) {
		double one = layout_latency(model, bytes);
		sum += one;
		squares += one * one;
	}
	double mean = sum / layouts, variance = fmax(squares / layouts - mean * mean, 0) / (layouts - 1);
	double latency = mean * exp(model->noise * normal(&model->rng));
	if (uniform(&model->rng) < model->outliers)
		latency *= 1.1 - 0.5 * log(uniform(&model->rng));
	struct levels_point point = {.bytes = bytes, .latency = latency};
	if (model->intervals) {
		double luck = sqrt(variance) / mean, noise = model->noise * (0.7 + 0.6 * uniform(&model->rng));
		double reach = 1.96 * sqrt(noise * noise + luck * luck);
		point.lower = latency * exp(-reach);
		point.upper = latency * exp(reach);
	}
	return point;
}

/* ---- machines ---------------------------------------------------------------------------------------------------- */

struct kind {
	unsigned size_kib;
	unsigned ways[2];
};

static const struct kind l1_kinds[] = {
	{16, {4, 4}}, {24, {6, 6}},  {32, {8, 4}},  {32, {8, 8}},   {48, {12, 12}},
	{64, {4, 8}}, {96, {6, 12}}, {128, {8, 8}}, {192, {6, 12}},
};
static const struct kind l2_kinds[] = {
	{256, {4, 8}},    {512, {8, 8}},   {1024, {8, 16}},  {1280, {20, 10}},
	{1536, {12, 12}}, {2048, {16, 8}}, {3072, {12, 12}}, {4096, {16, 16}},
};
static const struct kind big_l2_kinds[] = {
	{4096, {16, 16}}, {6144, {12, 24}}, {8192, {16, 16}}, {12288, {12, 12}}, {16384, {16, 16}},
};
static const unsigned l3_mib[] = {4, 6, 8, 12, 16, 20, 24, 30, 32, 33, 36, 48, 64, 96, 128, 256, 384, 512};

static unsigned pick(struct model *model, unsigned count) {
	return rng_below(&model->rng, count);
}

static double between(struct model *model, double low, double high) {
	return low + (high - low) * uniform(&model->rng);
}

static enum model_policy pick_policy(struct model *model, unsigned ways) {
	unsigned which = pick(model, 8);
	bool power = (ways & (ways - 1)) == 0;
	return which < 3 ? MODEL_LRU : which < 7 ? (power ? MODEL_TREE : MODEL_BITS) : MODEL_RANDOM;
}

static struct model_cache make_cache(struct model *model, const struct kind *kind, double latency) {
	unsigned ways = kind->ways[pick(model, 2)];
	return (struct model_cache){kind->size_kib * kib, ways, pick_policy(model, ways), MODEL_COLOURS, latency};
}

static void make_last(struct model *model) {
	const struct model_cache *l2 = &model->cache[1];
	struct model_cache l3 = {.ways = 16, .policy = pick_policy(model, 16)};
	if (pick(model, 5) == 0)
		return;
	do
		l3.bytes = l3_mib[pick(model, sizeof l3_mib / sizeof l3_mib[0])] * mib;
	while (l3.bytes < 3 * l2->bytes);
	l3.placement = model->page_bytes >= 2 * mib && pick(model, 2) ? MODEL_IN_ORDER : MODEL_HASHED;
	l3.latency = l2->latency * between(model, 2.3, 5);
	model->cache[model->caches++] = l3;
}

static void make_tlb(struct model *model) {
	static const unsigned first[] = {32, 48, 64, 72, 96, 128}, second[] = {512, 1024, 1536, 2048, 3072};
	model->tlb_reach[0] = first[pick(model, 6)] * model->page_bytes;
	model->tlb_reach[1] = second[pick(model, 5)] * model->page_bytes;
	/* 48 KiB and more want more than 32 pages of 4 KiB. */
	if (model->tlb_reach[0] < 2 * model->cache[0].bytes)
		model->tlb_reach[0] = 2 * model->cache[0].bytes;
	model->tlb_cost[0] = between(model, 4, 9);
	model->tlb_cost[1] = between(model, 8, 25);
}

struct model model_make(uint64_t seed) {
	struct model model = {.rng = rng_seeded(seed), .caches = 2};
	unsigned page = pick(&model, 10);
	model.page_bytes = page < 4 ? 4 * kib : page < 5 ? 16 * kib : page < 8 ? 2 * mib : 1024 * mib;
	const struct kind *l1 = &l1_kinds[pick(&model, sizeof l1_kinds / sizeof l1_kinds[0])];
	bool big = l1->size_kib >= 64 && pick(&model, 3) == 0;
	const struct kind *l2 = big ? &big_l2_kinds[pick(&model, sizeof big_l2_kinds / sizeof big_l2_kinds[0])]
				    : &l2_kinds[pick(&model, sizeof l2_kinds / sizeof l2_kinds[0])];
	/* Who has large caches of its own has pages of 16 KiB. */
	if ((big || l1->size_kib >= 96) && model.page_bytes == 4 * kib)
		model.page_bytes = 16 * kib;
	while (l2->size_kib < 4 * l1->size_kib)
		l2++;
	double latency = between(&model, 3, 5.5);
	model.cache[0] = make_cache(&model, l1, latency);
	model.cache[1] = make_cache(&model, l2, latency * between(&model, 2.6, 4.5));
	if (pick(&model, 2))
		model.cache[0].placement = MODEL_IN_ORDER;
	make_last(&model);
	model.memory = model.cache[model.caches - 1].latency * between(&model, 2.5, 8);
	make_tlb(&model);
	model.noise = 0.005 * exp(between(&model, 0, log(10)));
	model.outliers = between(&model, 0, 0.04);
	model.layouts = LAYOUTS_LEAST + pick(&model, LAYOUTS_LEAST);
	model.intervals = pick(&model, 2);
	model.strangers = LINE * pick(&model, 6);
	return model;
}

struct model model_in_pages(const struct model *model, uint64_t page_bytes) {
	struct model other = *model;
	other.page_bytes = page_bytes;
	for (int i = 0; i < 2; i++) {
		uint64_t reach = model->tlb_reach[i] / model->page_bytes * page_bytes;
		other.tlb_reach[i] = reach < 2 * model->cache[0].bytes ? 2 * model->cache[0].bytes : reach;
	}
	return other;
}

/* ---- measuring --------------------------------------------------------------------------------------------------- */

static void insert(struct model_run *run, struct levels_point point) {
	size_t at = run->count++;
	for (; at > 0 && run->points[at - 1].bytes > point.bytes; at--)
		run->points[at] = run->points[at - 1];
	run->points[at] = point;
}

void model_measure(struct model *model, unsigned per_octave, uint64_t most_bytes, size_t rounds, void *workspace,
		   struct model_run *run) {
	enum { AT_ONCE = 12 };
	run->count = run->rounds = 0;
	for (unsigned i = 0;; i++) {
		uint64_t bytes = (uint64_t)(1024 * exp2((double)i / per_octave) + 0.5) / LINE * LINE;
		if (bytes > most_bytes || run->count == LEVELS_POINTS_MOST)
			break;
		insert(run, model_point(model, bytes));
	}
	for (;;) {
		uint64_t wanted[AT_ONCE];
		struct levels_curve curve = {run->points, run->count, model->page_bytes};
		levels_find(&curve, workspace, &run->levels);
		size_t count = run->rounds < rounds ? levels_wanted(&curve, &run->levels, wanted, AT_ONCE) : 0;
		if (count == 0)
			return;
		run->rounds++;
		for (size_t i = 0; i < count; i++)
			insert(run, model_point(model, wanted[i]));
	}
}

/* ---- verdicts ---------------------------------------------------------------------------------------------------- */

struct model_verdict model_judge(const struct levels *levels, const uint64_t *bytes, size_t caches) {
	struct model_verdict verdict = {0};
	for (size_t i = 0; i < levels->count; i++) {
		const struct levels_level *level = &levels->level[i];
		bool last = level->kind == LEVEL_LAST;
		bool held = i < caches && !last && level->bytes_lower <= bytes[i] && bytes[i] <= level->bytes_upper;
		if (i < caches) {
			verdict.held[i] = held;
			verdict.named[i] = held && level->named_bytes == bytes[i];
			verdict.certain[i] = !level->doubts;
		}
		if (!level->doubts && !(last ? i == caches : held))
			verdict.silent = true;
		if (level->named_bytes && !(i < caches && level->named_bytes == bytes[i]))
			verdict.misnamed = true;
	}
	size_t last = levels->count >= 2 ? levels->count - 2 : 0;
	double ratio = levels->count >= 2 ? (double)levels->level[last].bytes_best / (double)bytes[caches - 1] : 0;
	verdict.last_near = ratio >= 0.75 && ratio <= 1.25;
	return verdict;
}
