/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics. A resample is never built: samples are sorted once by t / x, and a resample is how often each was drawn. Medians of a
 * resample are then found by walking, without sorting again: a hundred thousand resamples take less than a tenth of a second.
 */
#include "bench/stats.h"

#include "bench/rng.h"

#include <math.h>
#include <string.h>

enum statistic { SLOPE, MEAN, MEDIAN, MEDIAN_ABS_DEV, STD_DEV, STATISTICS };

/* Arrays over the samples, sorted by ratio. */
struct samples {
	size_t count;
	double *ratio;   /* t / x */
	double *product; /* x t */
	double *square;  /* x x */
	uint32_t *drawn; /* how often each is in the resample */
	uint32_t *rank;  /* where sample i, in the order of time, stands among them */
};

static void sift_down(double *values, size_t root, size_t count) {
	double value = values[root];
	size_t child;
	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && values[child] < values[child + 1])
			child++;
		if (!(value < values[child]))
			break;
		values[root] = values[child];
		root = child;
	}
	values[root] = value;
}

/* Heapsort: no worst case and no C library. */
static void sort(double *values, size_t count) {
	for (size_t i = count / 2; i-- > 0;)
		sift_down(values, i, count);
	for (size_t end = count; end-- > 1;) {
		double largest = values[0];
		values[0] = values[end];
		values[end] = largest;
		sift_down(values, 0, end);
	}
}

static double quantile(const double *sorted, size_t count, double fraction) {
	double position = fraction * (double)(count - 1);
	size_t below = (size_t)position;
	if (below + 1 >= count)
		return sorted[count - 1];
	return sorted[below] + (position - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* The two middle ones of `total` sorted values, equal where total is odd. */
struct middle {
	size_t low;
	size_t high;
};

static struct middle middle_of(size_t total) {
	return (struct middle){(total - 1) / 2, total / 2};
}

static double drawn_median(const struct samples *s) {
	struct middle middle = middle_of(s->count);
	size_t i = 0, passed = s->drawn[0];
	while (passed <= middle.low)
		passed += s->drawn[++i];
	double low = s->ratio[i];
	while (passed <= middle.high)
		passed += s->drawn[++i];
	return (low + s->ratio[i]) / 2;
}

/* Distances from the median grow outwards on both sides: a merge of the two walks, as far as the middle. */
static double drawn_median_abs_dev(const struct samples *s, double median) {
	struct middle middle = middle_of(s->count);
	size_t right = 0;
	while (right < s->count && s->ratio[right] < median)
		right++;
	size_t left = right, passed = 0;
	double low = 0, distance = 0;
	bool low_found = false;
	while (passed <= middle.high) {
		bool take_left =
			left > 0 && (right == s->count || median - s->ratio[left - 1] < s->ratio[right] - median);
		size_t taken = take_left ? --left : right++;
		if (s->drawn[taken] == 0)
			continue;
		distance = take_left ? median - s->ratio[taken] : s->ratio[taken] - median;
		passed += s->drawn[taken];
		if (!low_found && passed > middle.low) {
			low = distance;
			low_found = true;
		}
	}
	return (low + distance) / 2 * STATS_MEDIAN_ABS_DEV_SCALE;
}

static void drawn_statistics(const struct samples *s, double result[STATISTICS]) {
	double products = 0, squares = 0, ratios = 0, deviations = 0;
	for (size_t i = 0; i < s->count; i++) {
		double weight = s->drawn[i];
		products += weight * s->product[i];
		squares += weight * s->square[i];
		ratios += weight * s->ratio[i];
	}
	double mean = ratios / (double)s->count;
	for (size_t i = 0; i < s->count; i++) {
		double deviation = s->ratio[i] - mean;
		deviations += s->drawn[i] * (deviation * deviation);
	}
	result[SLOPE] = products / squares;
	result[MEAN] = mean;
	result[MEDIAN] = drawn_median(s);
	result[MEDIAN_ABS_DEV] = drawn_median_abs_dev(s, result[MEDIAN]);
	result[STD_DEV] = s->count > 1 ? sqrt(deviations / (double)(s->count - 1)) : 0;
}

static double sample_iterations(const struct stats_input *input, size_t i) {
	return (double)input->step * (input->linear ? (double)(i + 1) : 1);
}

/* Insertion keeps the arrays together; samples come nearly sorted or are few. `drawn` serves as the samples' origin until then. */
static void samples_fill(struct samples *s, const struct stats_input *input) {
	uint32_t *origin = s->drawn;
	for (size_t i = 0; i < s->count; i++) {
		double x = sample_iterations(input, i), t = (double)input->ticks[i], ratio = t / x;
		size_t at = i;
		for (; at > 0 && s->ratio[at - 1] > ratio; at--) {
			s->ratio[at] = s->ratio[at - 1];
			s->product[at] = s->product[at - 1];
			s->square[at] = s->square[at - 1];
			origin[at] = origin[at - 1];
		}
		s->ratio[at] = ratio;
		s->product[at] = x * t;
		s->square[at] = x * x;
		origin[at] = (uint32_t)i;
	}
	for (size_t i = 0; i < s->count; i++)
		s->rank[origin[i]] = (uint32_t)i;
}

static void bootstrap(struct samples *s, const struct stats_input *input, double *distribution[STATISTICS]) {
	struct rng rng = rng_seeded(input->seed);
	for (uint32_t r = 0; r < input->resamples; r++) {
		memset(s->drawn, 0, s->count * sizeof(*s->drawn));
		for (size_t i = 0; i < s->count; i++)
			s->drawn[s->rank[rng_below(&rng, (uint32_t)s->count)]]++;
		double result[STATISTICS];
		drawn_statistics(s, result);
		for (int k = 0; k < STATISTICS; k++)
			distribution[k][r] = result[k];
	}
}

static struct stats_estimate estimate(double point, double *distribution, uint32_t resamples, double level) {
	sort(distribution, resamples);
	double sum = 0, deviations = 0;
	for (uint32_t i = 0; i < resamples; i++)
		sum += distribution[i];
	double mean = sum / resamples;
	for (uint32_t i = 0; i < resamples; i++)
		deviations += (distribution[i] - mean) * (distribution[i] - mean);
	double tail = (1 - level) / 2;
	return (struct stats_estimate){
		.point = point,
		.standard_error = resamples > 1 ? sqrt(deviations / (resamples - 1)) : 0,
		.lower = quantile(distribution, resamples, tail),
		.upper = quantile(distribution, resamples, 1 - tail),
	};
}

static void outliers_count(const struct samples *s, const struct stats_input *input, struct stats_summary *summary) {
	double q1 = quantile(s->ratio, s->count, 0.25), q3 = quantile(s->ratio, s->count, 0.75);
	double iqr = q3 - q1;
	for (size_t i = 0; i < s->count; i++) {
		double x = sample_iterations(input, i), ratio = (double)input->ticks[i] / x;
		double slack = (double)input->clock_step / x;
		if (ratio + slack < q1 - 3 * iqr)
			summary->outliers[STATS_LOW_SEVERE]++;
		else if (ratio + slack < q1 - 1.5 * iqr)
			summary->outliers[STATS_LOW_MILD]++;
		else if (ratio - slack > q3 + 3 * iqr)
			summary->outliers[STATS_HIGH_SEVERE]++;
		else if (ratio - slack > q3 + 1.5 * iqr)
			summary->outliers[STATS_HIGH_MILD]++;
	}
}

const struct stats_estimate *stats_headline(const struct stats_summary *summary) {
	return summary->has_slope ? &summary->slope : &summary->mean;
}

size_t stats_workspace_bytes(size_t count, uint32_t resamples) {
	if (count == 0 || count > UINT32_MAX / 64 || resamples == 0)
		return 0;
	return (count * 3 + (size_t)resamples * STATISTICS) * sizeof(double) + count * 2 * sizeof(uint32_t);
}

bool stats_summarise(const struct stats_input *input, void *workspace, struct stats_summary *summary) {
	if (stats_workspace_bytes(input->count, input->resamples) == 0 || input->step == 0)
		return false;
	if (!(input->confidence_level > 0 && input->confidence_level < 1))
		return false;
	double *next = workspace;
	struct samples s = {.count = input->count};
	double *distribution[STATISTICS], point[STATISTICS];
	for (int k = 0; k < STATISTICS; k++, next += input->resamples)
		distribution[k] = next;
	s.ratio = next;
	s.product = s.ratio + s.count;
	s.square = s.product + s.count;
	s.drawn = (uint32_t *)(s.square + s.count);
	s.rank = s.drawn + s.count;

	samples_fill(&s, input);
	for (size_t i = 0; i < s.count; i++)
		s.drawn[i] = 1;
	drawn_statistics(&s, point);
	bootstrap(&s, input, distribution);

	struct stats_estimate *estimates[STATISTICS] = {
		[SLOPE] = &summary->slope,     [MEAN] = &summary->mean,
		[MEDIAN] = &summary->median,   [MEDIAN_ABS_DEV] = &summary->median_abs_dev,
		[STD_DEV] = &summary->std_dev,
	};
	*summary = (struct stats_summary){.has_slope = input->linear, .minimum = s.ratio[0]};
	for (int k = 0; k < STATISTICS; k++)
		*estimates[k] = estimate(point[k], distribution[k], input->resamples, input->confidence_level);
	outliers_count(&s, input, summary);
	return true;
}
