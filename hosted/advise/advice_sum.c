/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/advice_sum.h"

#include "hosted/record/record.h"

#include <math.h>

/* Counting larger calls takes less than these differ by themselves. */
enum { RECORDED_BYTES_MOST = 256 };

void advice_sum_add(struct advice_sum *sum, double count, const struct costs_figure *cost, double doubt) {
	sum->ns += count * cost->ns;
	sum->variance += count * count * cost->error * cost->error;
	sum->doubts[ADVICE_CAUSE_COST] += doubt * count * fabs(cost->ns);
}

void advice_sum_add_sum(struct advice_sum *sum, const struct advice_sum *more, double sign) {
	sum->ns += sign * more->ns;
	sum->variance += more->variance;
	for (int cause = 0; cause < ADVICE_CAUSES; cause++)
		sum->doubts[cause] += more->doubts[cause];
}

void advice_sum_add_part(struct advice_sum *sum, const struct advice_sum *more, double part) {
	sum->ns += part * more->ns;
	sum->variance += part * more->variance;
	for (int cause = 0; cause < ADVICE_CAUSES; cause++)
		sum->doubts[cause] += part * more->doubts[cause];
}

double advice_sum_spread(const struct advice_sum *sum) {
	double squares = ADVICE_DEVIATIONS * ADVICE_DEVIATIONS * sum->variance;
	for (int cause = 0; cause < ADVICE_CAUSES; cause++)
		squares += sum->doubts[cause] * sum->doubts[cause];
	return sqrt(squares);
}

struct advice_range advice_sum_share(const struct advice_sum *sum, double time_ns) {
	return (struct advice_range){sum->ns / time_ns, (sum->ns - advice_sum_spread(sum)) / time_ns,
				     (sum->ns + advice_sum_spread(sum)) / time_ns};
}

uint32_t advice_recorded_as(uint32_t class) {
	uint32_t most = counts_class(RECORDED_BYTES_MOST);
	return class < most ? class : most;
}

double advice_mixture(const uint64_t *counts, size_t width) {
	double all = 0, squares = 0;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		double count = (double)record_in_class(counts, width, class);
		all += count;
		squares += count * count;
	}
	return all > 0 ? 1 - squares / (all * all) : 0;
}

struct costs_figure advice_extra_of(const struct costs_figure *figures, size_t mixed, size_t first, size_t step,
				    size_t count) {
	struct costs_figure extra = figures[mixed];
	for (size_t i = 0; i < count; i++) {
		const struct costs_figure *one = &figures[first + i * step];
		extra.ns -= one->ns / (double)count;
		extra.error = hypot(extra.error, one->error / (double)count);
	}
	return extra;
}
