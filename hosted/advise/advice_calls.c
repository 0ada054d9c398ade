/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/advice_calls.h"

#include "hosted/advise/advice_ends.h"

#include <math.h>

#define LARGE_DOUBT   0.60 /* of a difference from LARGE_BYTES on: other cores have their part of what caches hold */
#define COMPARE_DOUBT 0.75 /* likewise of memcmp, which ends at the first difference, wherever that is */

enum {
	STRING_BYTES = 8, /* of a call of which nobody knows the length */
	LARGE_BYTES = 256 << 10,
};

/* Whose cost a call's is like: those that look for a byte, and those that copy or compare what they look at. */
static enum counts_call like(enum counts_call call) {
	switch (call) {
	case COUNTS_strcpy:
		return COUNTS_memcpy;
	case COUNTS_strcmp:
	case COUNTS_strncmp:
		return COUNTS_memcmp;
	default:
		return (int)call < COSTS_CALLS ? call : COUNTS_memchr;
	}
}

/* Beyond the last class that costs are known of, a call is as many of that. */
static double times_last(uint32_t class) {
	return class < COSTS_CALL_CLASSES ? 1
					  : (double)counts_least(class) / (double)counts_least(COSTS_CALL_CLASSES - 1);
}

static bool is_seen(enum counts_call call, uint32_t class) {
	return (int)call < COSTS_CALLS && counts_least(class) >= COUNTS_SEEN_BYTES;
}

static double doubt_of_call(const struct record *record, enum costs_setting setting, enum counts_call call, bool seen) {
	bool is_found = seen && advice_is_looked_at(record);
	if (setting == COSTS_PLAIN || setting == COSTS_RECORDED)
		return setting == COSTS_PLAIN ? ADVICE_SHARE_DOUBT : ADVICE_RECORD_DOUBT;
	return call == COUNTS_memcmp && !is_found ? COMPARE_DOUBT : ADVICE_CALL_DOUBT;
}

/* Calls by the class whose cost is theirs. Those of one cost have one error in common. */
struct calls {
	double of[COSTS_CALL_CLASSES][COSTS_ALIGNED];
};

/* Of one function: those that looks see, or all others. */
static struct calls calls_of(const struct record *record, enum costs_setting setting, enum counts_call call,
			     bool seen) {
	struct calls calls = {{{0}}};
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		uint32_t known = setting == COSTS_RECORDED ? advice_recorded_as(class) : class;
		double times = times_last(known);
		if (known >= COSTS_CALL_CLASSES)
			known = COSTS_CALL_CLASSES - 1;
		for (unsigned alignment = 0; is_seen(call, class) == seen && alignment < COUNTS_ALIGNMENTS; alignment++)
			calls.of[known][alignment != 0] += times * (double)record->sums.calls[call][class][alignment];
	}
	if (!seen)
		calls.of[counts_class(STRING_BYTES)][true] += (double)record->sums.unsized[call];
	return calls;
}

static struct advice_sum sum_of_call(const struct record *record, const struct costs *costs, enum costs_setting setting,
				     enum counts_call call, enum costs_condition condition, bool seen) {
	struct advice_sum sum = {0};
	const struct calls calls = calls_of(record, setting, call, seen);
	double doubt = doubt_of_call(record, setting, call, seen);
	for (uint32_t class = 0; class < COSTS_CALL_CLASSES; class += 1)
		for (int unaligned = 0; unaligned < COSTS_ALIGNED; unaligned++)
			advice_sum_add(
				&sum, calls.of[class][unaligned],
				&costs->figures[setting][costs_row_of_call(like(call), class, unaligned, condition)],
				counts_least(class) >= LARGE_BYTES && doubt < LARGE_DOUBT ? LARGE_DOUBT : doubt);
	return sum;
}

/* Sizes beyond those that mixed rows are of do not count. */
static struct advice_sum mixed_calls(const struct record *record, const struct costs *costs, enum costs_setting setting,
				     enum counts_call call) {
	struct advice_sum sum = {0};
	enum counts_call as = like(call);
	const uint64_t *sizes = &record->sums.calls[call][0][0];
	double count = 0;
	for (uint32_t class = 0; class < COSTS_MIXED_CALLS; class += 1)
		count += (double)record_in_class(sizes, COUNTS_ALIGNMENTS, class);
	struct costs_figure extra = advice_extra_of(costs->figures[setting], COSTS_ROW_MIXED_CALLS + (size_t)as,
						    costs_row_of_call(as, 1, true, COSTS_VARIED),
						    COSTS_ALIGNED * COSTS_CONDITIONS, COSTS_MIXED_CALLS - 1);
	advice_sum_add(&sum, count * advice_mixture(sizes, COUNTS_ALIGNMENTS), &extra,
		       doubt_of_call(record, setting, call, false));
	return sum;
}

static struct advice_ends ends_of_small(const struct record *record, const struct costs *costs,
					enum costs_setting setting, enum counts_call call) {
	struct advice_ends ends = {{sum_of_call(record, costs, setting, call, COSTS_STEADY, false),
				    sum_of_call(record, costs, setting, call, COSTS_VARIED, false)}};
	struct advice_sum mixed = mixed_calls(record, costs, setting, call);
	advice_sum_add_sum(&ends.at[1], &mixed, 1);
	return ends;
}

/* Of the calls of a function that looks see, those at the place of the one before. */
struct in_place {
	double share[COUNTS_IN_PLACES]; /* 1 together at the most */
};

static struct in_place in_place_of(const struct record *record, enum counts_call call) {
	const uint64_t *counts = record->sums.in_place[call];
	double seen = 0;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1)
		if (is_seen(call, class))
			seen += (double)record_in_class(&record->sums.calls[call][0][0], COUNTS_ALIGNMENTS, class);
	if (!(seen > 0))
		return (struct in_place){{0, 0}};
	double same = fmin((double)counts[COUNTS_SAME] / seen, 1);
	return (struct in_place){{same, fmin((double)counts[COUNTS_RESIZED] / seen, 1 - same)}};
}

/* Those at the place of the one before are as far as can be told; the others lie between the ends. */
static struct advice_ends ends_of_seen(const struct record *record, const struct costs *costs,
				       enum costs_setting setting, enum counts_call call) {
	const struct in_place in_place = in_place_of(record, call);
	double same = in_place.share[COUNTS_SAME], resized = in_place.share[COUNTS_RESIZED];
	struct advice_sum as_same = sum_of_call(record, costs, setting, call, COSTS_SAME, true);
	struct advice_sum as_resized = sum_of_call(record, costs, setting, call, COSTS_RESIZED, true);
	struct advice_ends ends = {{{0}}};
	for (int end = 0; end < 2; end++) {
		struct advice_sum other =
			sum_of_call(record, costs, setting, call, end ? COSTS_VARIED : COSTS_STEADY, true);
		advice_sum_add_part(&ends.at[end], &as_same, same);
		advice_sum_add_part(&ends.at[end], &as_resized, resized);
		advice_sum_add_part(&ends.at[end], &other, 1 - same - resized);
	}
	return ends;
}

static struct advice_ends ends_of_call(const struct record *record, const struct costs *costs,
				       enum costs_setting setting, enum counts_call call, bool seen) {
	return seen ? ends_of_seen(record, costs, setting, call) : ends_of_small(record, costs, setting, call);
}

static struct advice_sum sum_of_part(const struct record *record, const struct costs *costs, enum costs_setting setting,
				     enum counts_call call, bool seen) {
	struct advice_ends plain = ends_of_call(record, costs, COSTS_PLAIN, call, seen);
	struct advice_ends ends = ends_of_call(record, costs, setting, call, seen);
	struct advice_found found = advice_time_in(record, 1 + (uint32_t)call, 1 + (uint32_t)call);
	found.is_known &= seen;
	return advice_sum_on_way(&ends, &plain, &found);
}

static struct advice_sum sum_of_function(const struct record *record, const struct costs *costs,
					 enum costs_setting setting, enum counts_call call) {
	struct advice_sum sum = sum_of_part(record, costs, setting, call, true);
	struct advice_sum others = sum_of_part(record, costs, setting, call, false);
	advice_sum_add_sum(&sum, &others, 1);
	return sum;
}

struct advice_sum advice_sum_of_calls(const struct record *record, const struct costs *costs,
				      enum costs_setting setting, int end) {
	struct advice_sum sum = {0};
	for (int call = 0; call < end; call++) {
		struct advice_sum one = sum_of_function(record, costs, setting, (enum counts_call)call);
		advice_sum_add_sum(&sum, &one, 1);
	}
	return sum;
}
