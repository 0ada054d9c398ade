/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/advice_blocks.h"

#include "hosted/advise/advice_ends.h"

static double doubt_of_blocks(enum costs_setting setting) {
	return setting == COSTS_PLAIN      ? ADVICE_SHARE_DOUBT
	       : setting == COSTS_RECORDED ? ADVICE_RECORD_DOUBT
					   : ADVICE_BLOCK_DOUBT;
}

struct advice_sum advice_sum_of_class(const struct record *record, const struct costs *costs,
				      enum costs_setting setting, const struct shapes *shapes, uint32_t class) {
	struct advice_sum sum = {0};
	double count = (double)record_blocks_in_class(record, class);
	for (enum costs_shape shape = 0; shape < COSTS_SHAPES; shape++)
		advice_sum_add(&sum, count * shapes->share[shape],
			       &costs->figures[setting][costs_row_of_block(
				       shape, setting == COSTS_RECORDED ? advice_recorded_as(class) : class)],
			       doubt_of_blocks(setting));
	return sum;
}

static struct advice_sum mixed_blocks(const struct record *record, const struct costs *costs,
				      enum costs_setting setting, const struct shapes *shapes,
				      const bool classes[COUNTS_CLASSES]) {
	struct advice_sum sum = {0};
	uint64_t counts[COUNTS_CLASSES];
	double count = 0;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		counts[class] = !classes || classes[class] ? record_blocks_in_class(record, class) : 0;
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
	const struct shapes shapes = shapes_of(record);
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
