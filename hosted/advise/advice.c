/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/advice.h"

#include "hosted/advise/advice_blocks.h"
#include "hosted/advise/advice_calls.h"
#include "hosted/advise/advice_ends.h"
#include "hosted/advise/advice_pages.h"

#include <math.h>
#include <string.h>

#define CONTEXT_DOUBT 0.04  /* of what blocks take: the code around them moves it */
#define PLACES_DOUBT  0.006 /* of all time: code and blocks lie elsewhere beside another library */

enum {
	LEAST_NS = 5000000,
	TLB_BYTES = 6 << 20,    /* what 1536 entries cover, the least of a second-level TLB that is sold */
	POOL_BYTES_MOST = 4096, /* as `apply --pools` has it */
};

/* ---- parts ------------------------------------------------------------------------------------------------------- */

/* Of a normal distribution with this interval of 95 %: how likely it is above 1/2. */
static double above_half(const struct advice_range *range) {
	double deviation = fmax((range->upper - range->lower) / (2 * ADVICE_DEVIATIONS), 1e-6);
	return 0.5 * erfc((0.5 - range->point) / deviation / sqrt(2));
}

static void take_kind(struct advice *advice) {
	static const enum advice_kind kinds[ADVICE_PARTS] = {ADVICE_IS_MEMORY, ADVICE_IS_ALLOCATION, ADVICE_IS_COMPUTE};
	double all = 0;
	for (enum advice_part part = 0; part < ADVICE_PARTS; part++)
		all += advice->sure[kinds[part]] = above_half(&advice->parts[part]);
	advice->sure[ADVICE_IS_MIXED] = all < 1 ? 1 - all : 0;
	for (enum advice_kind kind = 0; kind < ADVICE_KINDS; kind++) {
		advice->sure[kind] /= fmax(all, 1);
		if (advice->sure[kind] > advice->sure[advice->kind])
			advice->kind = kind;
	}
	for (enum advice_part part = 0; part < ADVICE_PARTS; part++) {
		struct advice_range *range = &advice->parts[part];
		*range = (struct advice_range){advice_clamp(range->point), advice_clamp(range->lower),
					       advice_clamp(range->upper)};
	}
}

static void take_parts(const struct record *record, const struct costs *costs, struct advice *advice) {
	/* Looks see calls themselves, and not what a program does for them. */
	struct record counted = *record;
	counted.glances = 0;
	struct advice_sum memory = advice_sum_of_calls(&counted, costs, COSTS_PLAIN, COUNTS_CALL_COUNT);
	struct advice_sum allocation = advice_sum_of_blocks(&counted, costs, COSTS_PLAIN, NULL);
	struct advice_sum pages = advice_sum_of_pages(record, costs);
	advice_sum_add_sum(&allocation, &pages, 1);
	struct advice_sum compute = {.ns = advice->time_ns};
	advice_sum_add_sum(&compute, &memory, -1);
	advice_sum_add_sum(&compute, &allocation, -1);
	advice->parts[ADVICE_MEMORY] = advice_sum_share(&memory, advice->time_ns);
	advice->parts[ADVICE_ALLOCATION] = advice_sum_share(&allocation, advice->time_ns);
	advice->parts[ADVICE_COMPUTE] = advice_sum_share(&compute, advice->time_ns);
	take_kind(advice);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static void take_gain(struct advice *advice, enum advice_setting setting, const struct advice_sum *more) {
	struct advice_sum sum = *more;
	sum.doubts[ADVICE_CAUSE_RECORDING] +=
		ADVICE_RECORD_DOUBT * advice->recording_ns / advice->time_ns * fabs(sum.ns);
	if (setting != ADVICE_HUGE) /* no library */
		sum.doubts[ADVICE_CAUSE_PLACES] += PLACES_DOUBT * advice->time_ns;
	struct advice_range share = advice_sum_share(&sum, advice->time_ns);
	advice->settings[setting].measured = true;
	advice->settings[setting].gain = (struct advice_range){-share.point, -share.upper, -share.lower};
}

/* Where they gain nothing for sure of its calls, taken together, they are not for this program. */
static void take_kernels(const struct record *record, const struct costs *costs, struct advice *advice) {
	struct advice_sum sum = advice_sum_of_calls(record, costs, COSTS_KERNELS, COSTS_CALLS);
	if (sum.ns + advice_sum_spread(&sum) >= 0)
		return;
	struct advice_sum starts = advice_sum_of_starts(record, costs, COSTS_KERNELS);
	advice_sum_add_sum(&sum, &starts, 1);
	take_gain(advice, ADVICE_KERNELS, &sum);
}

/* Blocks of the sizes that are played back. */
static double played_blocks(const struct record *record) {
	double count = 0;
	for (uint32_t class = 0; class < REPLAY_CLASSES; class ++)
		count += (double)record_blocks_in_class(record, class);
	return count;
}

/* Where a program took less than its blocks do when they are played back, both recorded, the machine was faster then,
 * or more is hidden in the program than can be played: all that blocks take is so much less. */
static double played_share(const struct record *record, const struct replay *replay) {
	double each = replay->figures[COSTS_PLAIN].ns + fmax(replay->figures[COSTS_RECORDED].ns, 0);
	return fmin(record_cpu_ns(record) / (played_blocks(record) * each + 1), 1);
}

static struct advice_sum sum_of_played(const struct record *record, const struct replay *replay,
				       const struct costs_figure *figure, double doubt) {
	struct advice_sum sum = {0};
	advice_sum_add(&sum, played_share(record, replay) * played_blocks(record), figure, doubt);
	return sum;
}

/* What work between the calls hides is something between nothing and as much as can be, and what is around them moves
 * what they take at any rate. They take no more than all of the time. */
static struct advice_sum sum_of_played_pools(const struct record *record, const struct replay *replay, double time_ns) {
	const struct advice_ends ends = {
		{sum_of_played(record, replay, &replay->worked, ADVICE_BLOCK_DOUBT),
		 sum_of_played(record, replay, &replay->figures[COSTS_POOLS], ADVICE_BLOCK_DOUBT)}};
	struct advice_sum sum = advice_at_end(&ends, 0.5);
	double taken = fmin(sum_of_played(record, replay, &replay->figures[COSTS_PLAIN], 0).ns, time_ns);
	double hidden = fabs(ends.at[1].ns - ends.at[0].ns) / 2;
	sum.doubts[ADVICE_CAUSE_CONTEXT] += fmax(hidden, CONTEXT_DOUBT * taken);
	const struct costs_figure round = {replay->spread, 0};
	sum.doubts[ADVICE_CAUSE_CORES] += ADVICE_DEVIATIONS * shapes_of(record).share[COSTS_ELSEWHERE] *
					  sum_of_played(record, replay, &round, 0).ns;
	return sum;
}

static struct advice_sum sum_of_pools(const struct record *record, const struct costs *costs,
				      const struct replay *replay, const struct advice *advice) {
	if (replay)
		return sum_of_played_pools(record, replay, advice->time_ns);
	struct advice_sum sum = advice_sum_of_blocks(record, costs, COSTS_POOLS, advice->pooled);
	sum.doubts[ADVICE_CAUSE_CONTEXT] +=
		CONTEXT_DOUBT * advice_sum_of_blocks(record, costs, COSTS_PLAIN, advice->pooled).ns;
	return sum;
}

/* Sizes in steps of COSTS_FIRST_STEP that blocks of the classes are of: of small ones they are known, of others one at
 * the least. */
static struct advice_range pools_of(const struct record *record, const bool pooled[COUNTS_CLASSES]) {
	enum { STEPS = COSTS_FIRST_STEP / COUNTS_STEP_BYTES };
	struct advice_range pools = {0, 0, 0};
	for (uint32_t step = 0; step < COUNTS_SMALL_STEPS; step += STEPS) {
		bool any = false;
		for (uint32_t i = step; i < step + STEPS; i++)
			any |= record->sums.small[i] && (pooled[counts_class(i * COUNTS_STEP_BYTES + 1)] ||
							 pooled[counts_class((i + 1) * COUNTS_STEP_BYTES)]);
		pools.lower += any;
	}
	pools.upper = pools.lower;
	for (uint32_t class = counts_class(COUNTS_SMALL_BLOCK); class < COUNTS_CLASSES; class ++) {
		double width = (double)(counts_least(class + 1) - counts_least(class)) / COSTS_FIRST_STEP;
		double blocks = pooled[class] ? (double)record_blocks_in_class(record, class) : 0;
		pools.lower += fmin(blocks, 1);
		pools.upper += fmin(blocks, width);
	}
	pools.point = (pools.lower + pools.upper) / 2;
	return pools;
}

/* What each pool of a process takes for its first block: pages of its own. */
static struct advice_sum sum_of_firsts(const struct record *record, const struct costs *costs,
				       const bool pooled[COUNTS_CLASSES]) {
	struct advice_sum sum = {0};
	const struct costs_figure *first = &costs->figures[COSTS_POOLS][COSTS_ROW_FIRST];
	const struct advice_range pools = pools_of(record, pooled);
	double processes = (double)record->processes;
	advice_sum_add(&sum, processes * pools.point, first, ADVICE_CALL_DOUBT);
	sum.doubts[ADVICE_CAUSE_PAGES] += processes * (pools.upper - pools.lower) / 2 * fabs(first->ns);
	return sum;
}

/* Where a size gains for sure, those that most likely do have pools, too: a heap that serves but a part of what comes
 * in turns takes longer for all of it. What they gain together is played, or summed up, with all doubts. */
static void take_pools(const struct record *record, const struct costs *costs, const struct replay *replay,
		       struct advice *advice) {
	const struct shapes shapes = shapes_of(record);
	bool any = false;
	for (uint32_t class = 1; counts_least(class + 1) <= POOL_BYTES_MOST; class ++) {
		struct advice_sum one = advice_sum_of_class(record, costs, COSTS_POOLS, &shapes, class);
		advice->pooled[class] = record_blocks_in_class(record, class) && one.ns < 0;
		any |= advice->pooled[class] && one.ns + advice_sum_spread(&one) < 0;
	}
	if (!any) {
		memset(advice->pooled, 0, sizeof(advice->pooled));
		return;
	}
	struct advice_sum sum = sum_of_pools(record, costs, replay, advice);
	struct advice_sum starts = advice_sum_of_starts(record, costs, COSTS_POOLS);
	struct advice_sum firsts = sum_of_firsts(record, costs, advice->pooled);
	advice_sum_add_sum(&sum, &starts, 1);
	advice_sum_add_sum(&sum, &firsts, 1);
	take_gain(advice, ADVICE_POOLS, &sum);
}

static void take_huge(const struct record *record, const struct costs *costs, struct advice *advice) {
	struct advice_sum sum = advice_sum_of_heap(record, costs);
	struct advice_sum starts = advice_sum_of_starts(record, costs, COSTS_HUGE);
	advice_sum_add_sum(&sum, &starts, 1);
	take_gain(advice, ADVICE_HUGE, &sum);
	advice->page_walks_unknown = !advice->huge_pages_on && record->peak_bytes > TLB_BYTES + ADVICE_FILE_BYTES;
}

/* Another setting moves what a program has in memory, which alone makes it faster or slower by a little, and no costs
 * tell of that: a gain has to be more. */
static void take_best(struct advice *advice) {
	double most = 0;
	advice->best = ADVICE_SETTINGS;
	for (enum advice_setting setting = 0; setting < ADVICE_SETTINGS; setting++) {
		const struct advice_range *gain = &advice->settings[setting].gain;
		if (advice->settings[setting].measured && gain->lower > ADVICE_UNNOTICED && gain->point > most) {
			most = gain->point;
			advice->best = setting;
		}
	}
}

/* Of a program that does nothing but allocate, recording takes as much as of what was played; of others no more than
 * half. */
static double recording_most(const struct replay *replay) {
	double more = replay ? fmax(replay->figures[COSTS_RECORDED].ns, 0) : 0;
	return fmax(more > 0 ? more / (replay->figures[COSTS_PLAIN].ns + more) : 0, 0.5);
}

/* CPU time without what recording took. */
static void take_time(const struct record *record, const struct costs *costs, const struct replay *replay,
		      struct advice *advice) {
	double cpu = record_cpu_ns(record);
	if (costs->has[COSTS_RECORDED]) {
		struct advice_sum sum = advice_sum_of_calls(record, costs, COSTS_RECORDED, COUNTS_CALL_COUNT);
		struct advice_sum blocks = replay ? sum_of_played(record, replay, &replay->figures[COSTS_RECORDED], 0)
						  : advice_sum_of_blocks(record, costs, COSTS_RECORDED, NULL);
		struct advice_sum starts = advice_sum_of_starts(record, costs, COSTS_RECORDED);
		advice->recording_ns = fmax(sum.ns + blocks.ns + starts.ns, 0);
	}
	advice->recording_ns = fmin(advice->recording_ns, recording_most(replay) * cpu);
	advice->time_ns = cpu - advice->recording_ns;
}

void advice_make(const struct record *record, const struct costs *costs, const struct replay *replay,
		 struct advice *advice) {
	struct text why = {0};
	memset(advice, 0, sizeof(*advice));
	advice->best = ADVICE_SETTINGS;
	if (!tune_signature_fits(&record->machine, &costs->machine, &why))
		advice->missing = ADVICE_OTHER_MACHINE;
	else if (record->processes == 0)
		advice->missing = ADVICE_NOTHING_RECORDED;
	else if (record_cpu_ns(record) < LEAST_NS)
		advice->missing = ADVICE_TOO_SHORT;
	text_free(&why);
	if (advice->missing)
		return;
	take_time(record, costs, replay, advice);
	take_parts(record, costs, advice);
	if (costs->has[COSTS_KERNELS])
		take_kernels(record, costs, advice);
	if (costs->has[COSTS_POOLS])
		take_pools(record, costs, replay, advice);
	advice->huge_pages_off = strcmp(costs->huge_pages, "never") == 0;
	advice->huge_pages_on = strcmp(costs->huge_pages, "always") == 0;
	if (costs->has[COSTS_HUGE] && !advice->huge_pages_off)
		take_huge(record, costs, advice);
	take_best(advice);
}
