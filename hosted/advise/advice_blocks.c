/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/advice_blocks.h"

#include "hosted/advise/advice_ends.h"

#include <math.h>

enum { FEW_ALIVE = 8 /* blocks alive at once that glibc keeps by thread and size, and hands out again */ };

uint64_t advice_blocks_of(const struct record *record, uint32_t class) {
	uint64_t count = 0;
	for (enum counts_kind kind = 0; kind < COUNTS_KINDS; kind++)
		count += record->sums.allocations[kind][class];
	return count;
}

static double of(uint64_t part, uint64_t whole) {
	return whole ? fmin((double)part / (double)whole, 1) : 0;
}

/* How many blocks live beside one that lives for so long: as many as are allocated meanwhile (J. Little: "A Proof for
 * the Queuing Formula L = lambda W", Operations Research 9 (1961)). Between COSTS_SOME_BLOCKS and COSTS_MANY_BLOCKS a
 * block is in part one of each, by the logarithm, as caches are. */
static void count_alive(const struct record *record, double *few, double *many) {
	double ended = 0, each_ns = record_allocation_ns(record);
	*few = *many = 0;
	for (size_t i = 0; i < COUNTS_LIFETIMES; i++) {
		double count = (double)record->sums.lifetimes[i], alive = ldexp(0.75, (int)i) / each_ns;
		double way = log(alive / COSTS_SOME_BLOCKS) / log((double)COSTS_MANY_BLOCKS / COSTS_SOME_BLOCKS);
		ended += count;
		*few += alive <= FEW_ALIVE ? count : 0;
		*many += count * fmin(fmax(way, 0), 1);
	}
	*few = ended > 0 ? *few / ended : 0.5;
	*many = ended > 0 && *few < 1 ? *many / ended / (1 - *few) : 0;
}

struct advice_shapes advice_shapes_of(const struct record *record) {
	struct advice_shapes shapes = {{0}};
	const uint64_t *orders = record->sums.orders;
	double few, many, freed = of(record->freed, record->allocated);
	count_alive(record, &few, &many);
	uint64_t here = orders[COUNTS_STACK] + orders[COUNTS_QUEUE] + orders[COUNTS_BETWEEN];
	double elsewhere = fmax(of(record->freed_more, record->freed),
				of(orders[COUNTS_ELSEWHERE], here + orders[COUNTS_ALONE] + orders[COUNTS_ELSEWHERE]));
	double own = freed * (1 - elsewhere), others = own * (1 - few);
	double between = others * of(orders[COUNTS_BETWEEN], here);
	shapes.share[COSTS_KEPT] = 1 - freed;
	shapes.share[COSTS_ELSEWHERE] = freed * elsewhere;
	shapes.share[COSTS_FEW] = own * few;
	shapes.share[COSTS_STACK] = others * (here ? of(orders[COUNTS_STACK], here) : 1);
	shapes.share[COSTS_QUEUE] = others * of(orders[COUNTS_QUEUE], here);
	shapes.share[COSTS_RANDOM] = between * (1 - many);
	shapes.share[COSTS_MANY] = between * many;
	return shapes;
}

static double doubt_of_blocks(enum costs_setting setting) {
	return setting == COSTS_PLAIN      ? ADVICE_SHARE_DOUBT
	       : setting == COSTS_RECORDED ? ADVICE_RECORD_DOUBT
					   : ADVICE_BLOCK_DOUBT;
}

struct advice_sum advice_sum_of_class(const struct record *record, const struct costs *costs,
				      enum costs_setting setting, const struct advice_shapes *shapes, uint32_t class) {
	struct advice_sum sum = {0};
	double count = (double)advice_blocks_of(record, class);
	for (enum costs_shape shape = 0; shape < COSTS_SHAPES; shape++)
		advice_sum_add(&sum, count * shapes->share[shape],
			       &costs->figures[setting][costs_row_of_block(
				       shape, setting == COSTS_RECORDED ? advice_recorded_as(class) : class)],
			       doubt_of_blocks(setting));
	return sum;
}

static struct advice_sum mixed_blocks(const struct record *record, const struct costs *costs,
				      enum costs_setting setting, const struct advice_shapes *shapes,
				      const bool classes[COUNTS_CLASSES]) {
	struct advice_sum sum = {0};
	uint64_t counts[COUNTS_CLASSES];
	double count = 0;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		counts[class] = !classes || classes[class] ? advice_blocks_of(record, class) : 0;
		count += class < COSTS_MIXED_BLOCKS ? (double)counts[class] : 0;
	}
	const struct {
		size_t mixed;
		enum costs_shape shape;
		double share;
	} among[] = {{COSTS_ROW_MIXED_BLOCKS, COSTS_RANDOM, shapes->share[COSTS_QUEUE] + shapes->share[COSTS_RANDOM]},
		     {COSTS_ROW_MIXED_MANY, COSTS_MANY, shapes->share[COSTS_MANY]}};
	for (size_t i = 0; i < sizeof(among) / sizeof(among[0]); i++) {
		struct costs_figure extra = advice_extra_of(costs->figures[setting], among[i].mixed,
							    costs_row_of_block(among[i].shape, COSTS_BLOCK_FIRST), 1,
							    COSTS_MIXED_BLOCKS - COSTS_BLOCK_FIRST);
		advice_sum_add(&sum, count * among[i].share * advice_mixture(counts, 1), &extra,
			       doubt_of_blocks(setting));
	}
	return sum;
}

static struct advice_ends ends_of_blocks(const struct record *record, const struct costs *costs,
					 enum costs_setting setting, const bool classes[COUNTS_CLASSES]) {
	struct advice_ends ends = {{{0}}};
	const struct advice_shapes shapes = advice_shapes_of(record);
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		struct advice_sum one = advice_sum_of_class(record, costs, setting, &shapes, class);
		if (!classes || classes[class])
			advice_sum_add_sum(&ends.at[0], &one, 1);
	}
	struct advice_sum mixed = mixed_blocks(record, costs, setting, &shapes, classes);
	ends.at[1] = ends.at[0];
	advice_sum_add_sum(&ends.at[1], &mixed, 1);
	return ends;
}

static struct advice_found time_of_blocks(const struct record *record) {
	return advice_time_in(record, COUNTS_IN_ALLOCATION, COUNTS_IN_FREE);
}

struct advice_sum advice_sum_of_blocks(const struct record *record, const struct costs *costs,
				       enum costs_setting setting, const bool classes[COUNTS_CLASSES]) {
	struct advice_ends plain = ends_of_blocks(record, costs, COSTS_PLAIN, NULL);
	struct advice_ends ends = ends_of_blocks(record, costs, setting, classes);
	struct advice_found found = time_of_blocks(record);
	return advice_sum_on_way(&ends, &plain, &found);
}
