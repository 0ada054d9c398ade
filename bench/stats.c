/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics. Samples are sorted once by t / x; a resample is drawn among them, its sums are gathered as it is drawn,
 * and it comes out sorted because it is written from counts: a hundred thousand resamples of a hundred samples take
 * some 30 ms. Sums of many numbers are kept in a fixed number of parts, added in a fixed order: the compiler may run
 * the parts side by side, and may not reassociate.
 */
#include "bench/stats.h"

#include "bench/rng.h"

#include <math.h>
#include <string.h>

enum statistic { LOW_DECILE, SLOPE, MEAN, MEDIAN, MEDIAN_ABS_DEV, STD_DEV, STATISTICS };

enum {
	PIVOTS_MAX = 63,
	PARTS = 4,
	COPIES = 4, /* of a sample that are written without asking how many are wanted */
};

static const double low_decile = 0.1;

/* z for a two-sided test at 0.05 and for finding 9 of 10, times the square root of 2: both runs have the spread. */
static const double effect_factor = (1.959963984540054 + 1.2815515655446004) * 1.4142135623730951;

/* What one drawn sample adds to the sums of its resample. */
struct terms {
	double product;       /* x t */
	double square;        /* x x */
	double offset;        /* t / x, less the mean of all: sums of squares of these do not cancel */
	double offset_square; /* its square */
};

/* Arrays over the samples, by t / x. */
struct samples {
	size_t count;
	double mean;
	struct terms *terms;
	double *ratio;    /* t / x */
	double *resample; /* t / x of the resample, sorted; room for COPIES more */
	uint32_t *drawn;  /* how often each is in the resample */
};

/* ---- order ------------------------------------------------------------------------------------------------------- */

struct point {
	double ratio;
	double x;
};

static bool is_before(struct point a, struct point b) {
	return a.ratio < b.ratio || (a.ratio == b.ratio && a.x < b.x);
}

static void sift_down(struct point *points, size_t root, size_t count) {
	struct point point = points[root];
	size_t child;
	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && is_before(points[child], points[child + 1]))
			child++;
		if (!is_before(point, points[child]))
			break;
		points[root] = points[child];
		root = child;
	}
	points[root] = point;
}

/* Heapsort: no worst case and no C library. */
static void sort(struct point *points, size_t count) {
	for (size_t i = count / 2; i-- > 0;)
		sift_down(points, i, count);
	for (size_t end = count; end-- > 1;) {
		struct point largest = points[0];
		points[0] = points[end];
		points[end] = largest;
		sift_down(points, 0, end);
	}
}

/* Where quantile `fraction` of `count` sorted values stands: between `below` and the next, at `part`. */
struct place {
	size_t below;
	double part;
};

static struct place place_of(size_t count, double fraction) {
	double position = fraction * (double)(count - 1);
	struct place place = {.below = (size_t)position};
	place.part = position - (double)place.below;
	if (place.below + 1 >= count)
		place = (struct place){.below = count - 1};
	return place;
}

double stats_quantile(const double *sorted, size_t count, double fraction) {
	struct place place = place_of(count, fraction);
	double low = sorted[place.below];
	return place.below + 1 < count ? low + place.part * (sorted[place.below + 1] - low) : low;
}

double stats_low_decile(const double *sorted, size_t count) {
	return stats_quantile(sorted, count, low_decile);
}

/* A value of the range [begin, end) that stands about as high in it as rank `wanted` does: the fitting one of a few,
 * evenly spread. */
static double choose_pivot(const double *values, size_t begin, size_t end, size_t wanted) {
	double pivots[PIVOTS_MAX];
	size_t length = end - begin, count = length < PIVOTS_MAX ? length : PIVOTS_MAX;
	for (size_t i = 0; i < count; i++) {
		double value = values[begin + i * length / count];
		size_t at = i;
		for (; at > 0 && pivots[at - 1] > value; at--)
			pivots[at] = pivots[at - 1];
		pivots[at] = value;
	}
	return pivots[(wanted - begin) * count / length];
}

/* Values below the pivot, and equal to it where asked for, come first; returns where the others begin. No branch on
 * data. */
static size_t partition(double *values, size_t begin, size_t end, double pivot, bool with_equal) {
	size_t at = begin;
	for (size_t i = begin; i < end; i++) {
		double value = values[i];
		values[i] = values[at];
		values[at] = value;
		at += with_equal ? value <= pivot : value < pivot;
	}
	return at;
}

/* Puts the value of rank `wanted` in its place, none that is greater before it and none that is less behind it. */
static void select_rank(double *values, size_t count, size_t wanted) {
	size_t begin = 0, end = count;
	while (end - begin > 1) {
		double pivot = choose_pivot(values, begin, end, wanted);
		size_t below = partition(values, begin, end, pivot, false);
		if (wanted < below) {
			end = below;
			continue;
		}
		begin = partition(values, below, end, pivot, true);
		if (wanted < begin)
			return;
	}
}

/* As stats_quantile, of values in any order, which change it. */
static double select_quantile(double *values, size_t count, double fraction) {
	struct place place = place_of(count, fraction);
	if (place.below + 1 >= count) {
		select_rank(values, count, count - 1);
		return values[count - 1];
	}
	select_rank(values, count, place.below + 1);
	double low = values[0];
	for (size_t i = 1; i <= place.below; i++)
		low = values[i] > low ? values[i] : low;
	return low + place.part * (values[place.below + 1] - low);
}

/* ---- one resample ------------------------------------------------------------------------------------------------ */

static void add_terms(struct terms *sum, const struct terms *terms) {
	sum->product += terms->product;
	sum->square += terms->square;
	sum->offset += terms->offset;
	sum->offset_square += terms->offset_square;
}

/* Every sample once. */
static struct terms draw_all(struct samples *s) {
	struct terms sum = {0};
	for (size_t i = 0; i < s->count; i++) {
		s->drawn[i] = 1;
		add_terms(&sum, &s->terms[i]);
	}
	return sum;
}

/* Two sums side by side, one of each half word's draws: neither waits for the other. */
static struct terms draw(struct samples *s, struct rng *rng) {
	struct terms even = {0}, odd = {0};
	uint64_t count = s->count;
	memset(s->drawn, 0, s->count * sizeof(*s->drawn));
	for (size_t i = 0; i + 1 < s->count; i += 2) {
		uint64_t word = rng_next(rng);
		size_t first = (size_t)((word >> 32) * count >> 32),
		       second = (size_t)((word & UINT32_MAX) * count >> 32);
		s->drawn[first]++;
		s->drawn[second]++;
		add_terms(&even, &s->terms[first]);
		add_terms(&odd, &s->terms[second]);
	}
	if (count % 2) {
		size_t last = (size_t)((rng_next(rng) >> 32) * count >> 32);
		s->drawn[last]++;
		add_terms(&even, &s->terms[last]);
	}
	add_terms(&even, &odd);
	return even;
}

/* From counts. Most samples are drawn a few times at the most: copies are written ahead, those too many are written
 * over. */
static void sort_resample(struct samples *s) {
	double *out = s->resample;
	for (size_t i = 0; i < s->count; i++) {
		double ratio = s->ratio[i];
		uint32_t copies = s->drawn[i];
		for (uint32_t copy = 0; copy < COPIES; copy++)
			out[copy] = ratio;
		for (uint32_t copy = COPIES; copy < copies; copy++)
			out[copy] = ratio;
		out += copies;
	}
}

static double greater(double a, double b) {
	return a > b ? a : b;
}

static double lesser(double a, double b) {
	return a < b ? a : b;
}

/* Distances from the median grow outwards on both sides: the middle one of two sorted lists, by bisecting for how many
 * of the nearest half lie on the left. */
static double resample_median_abs_dev(const struct samples *s, double median) {
	size_t left_count = s->count / 2, nearest = (s->count + 1) / 2;
	const double *left = s->resample + left_count - 1, *right = s->resample + left_count;
	size_t low = 0, high = left_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (median - left[-(ptrdiff_t)middle] < right[nearest - 1 - middle] - median)
			low = middle + 1;
		else
			high = middle;
	}
	size_t from_left = low, from_right = nearest - low;
	double inner = 0;
	if (from_left > 0)
		inner = median - left[-(ptrdiff_t)(from_left - 1)];
	if (from_right > 0)
		inner = greater(inner, right[from_right - 1] - median);
	double outer = inner;
	if (s->count % 2 == 0) {
		outer = INFINITY;
		if (from_left < left_count)
			outer = median - left[-(ptrdiff_t)from_left];
		if (from_right < s->count - left_count)
			outer = lesser(outer, right[from_right] - median);
	}
	return (inner + outer) / 2 * STATS_MEDIAN_ABS_DEV_SCALE;
}

static void resample_statistics(struct samples *s, const struct terms *sum, double result[STATISTICS]) {
	double count = (double)s->count;
	double deviations = sum->offset_square - sum->offset * sum->offset / count;
	sort_resample(s);
	double median = (s->resample[(s->count - 1) / 2] + s->resample[s->count / 2]) / 2;
	result[LOW_DECILE] = stats_low_decile(s->resample, s->count);
	result[SLOPE] = sum->product / sum->square;
	result[MEAN] = s->mean + sum->offset / count;
	result[MEDIAN] = median;
	result[MEDIAN_ABS_DEV] = resample_median_abs_dev(s, median);
	result[STD_DEV] = s->count > 1 && deviations > 0 ? sqrt(deviations / (count - 1)) : 0;
}

static void bootstrap(struct samples *s, const struct stats_input *input, double *distribution[STATISTICS]) {
	struct rng rng = rng_seeded(input->seed);
	for (uint32_t r = 0; r < input->resamples; r++) {
		struct terms sum = draw(s, &rng);
		double result[STATISTICS];
		resample_statistics(s, &sum, result);
		for (int k = 0; k < STATISTICS; k++)
			distribution[k][r] = result[k];
	}
}

/* ---- the summary ------------------------------------------------------------------------------------------------- */

static double sample_iterations(const struct stats_input *input, size_t i) {
	return (double)input->step * (input->linear ? (double)(i + 1) : 1);
}

/* `points` is room to sort in. */
static void samples_fill(struct samples *s, const struct stats_input *input, struct point *points) {
	double ratios = 0;
	for (size_t i = 0; i < s->count; i++) {
		double x = sample_iterations(input, i);
		points[i] = (struct point){(double)input->ticks[i] / x, x};
	}
	sort(points, s->count);
	for (size_t i = 0; i < s->count; i++)
		ratios += points[i].ratio;
	s->mean = ratios / (double)s->count;
	for (size_t i = 0; i < s->count; i++) {
		double ratio = points[i].ratio, x = points[i].x, offset = ratio - s->mean;
		s->ratio[i] = ratio;
		s->terms[i] = (struct terms){x * (x * ratio), x * x, offset, offset * offset};
	}
}

/* In PARTS parts, added in pairs. */
static double sum_offsets(const double *values, size_t count, double origin, bool squared) {
	double part[PARTS] = {0};
	for (size_t i = 0; i < count; i++) {
		double offset = values[i] - origin;
		part[i % PARTS] += squared ? offset * offset : offset;
	}
	return (part[0] + part[1]) + (part[2] + part[3]);
}

static struct stats_estimate estimate(double point, double *distribution, uint32_t resamples, double level) {
	double mean = point + sum_offsets(distribution, resamples, point, false) / resamples;
	double deviations = sum_offsets(distribution, resamples, mean, true);
	double tail = (1 - level) / 2;
	return (struct stats_estimate){
		.point = point,
		.standard_error = resamples > 1 ? sqrt(deviations / (resamples - 1)) : 0,
		.lower = select_quantile(distribution, resamples, tail),
		.upper = select_quantile(distribution, resamples, 1 - tail),
	};
}

static void outliers_count(const struct samples *s, const struct stats_input *input, struct stats_summary *summary) {
	double q1 = stats_quantile(s->ratio, s->count, 0.25), q3 = stats_quantile(s->ratio, s->count, 0.75);
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
	return &summary->low_decile;
}

double stats_smallest_effect(const struct stats_estimate *estimate) {
	return estimate->point > 0 ? effect_factor * estimate->standard_error / estimate->point : 0;
}

size_t stats_workspace_bytes(size_t count, uint32_t resamples) {
	if (count == 0 || count > UINT32_MAX / 64 || resamples == 0)
		return 0;
	size_t doubles = (size_t)resamples * STATISTICS + count * 2 + COPIES;
	return doubles * sizeof(double) + count * (sizeof(struct terms) + sizeof(struct point) + sizeof(uint32_t));
}

/* Lays the arrays out behind one another. */
static void samples_place(struct samples *s, void *workspace, uint32_t resamples, double *distribution[STATISTICS],
			  struct point **points) {
	double *next = workspace;
	for (int k = 0; k < STATISTICS; k++, next += resamples)
		distribution[k] = next;
	s->ratio = next;
	s->resample = s->ratio + s->count;
	s->terms = (struct terms *)(s->resample + s->count + COPIES);
	*points = (struct point *)(s->terms + s->count);
	s->drawn = (uint32_t *)(*points + s->count);
}

static bool can_resample(const struct stats_input *input) {
	return stats_workspace_bytes(input->count, input->resamples) != 0 && input->confidence_level > 0 &&
	       input->confidence_level < 1;
}

bool stats_summarise(const struct stats_input *input, void *workspace, struct stats_summary *summary) {
	if (!can_resample(input) || input->step == 0)
		return false;
	struct samples s = {.count = input->count};
	double *distribution[STATISTICS], point[STATISTICS];
	struct point *points;
	samples_place(&s, workspace, input->resamples, distribution, &points);
	samples_fill(&s, input, points);
	struct terms sum = draw_all(&s);
	resample_statistics(&s, &sum, point);
	bootstrap(&s, input, distribution);

	struct stats_estimate *estimates[STATISTICS] = {
		[LOW_DECILE] = &summary->low_decile,
		[SLOPE] = &summary->slope,
		[MEAN] = &summary->mean,
		[MEDIAN] = &summary->median,
		[MEDIAN_ABS_DEV] = &summary->median_abs_dev,
		[STD_DEV] = &summary->std_dev,
	};
	*summary = (struct stats_summary){.has_slope = input->linear, .minimum = s.ratio[0]};
	for (int k = 0; k < STATISTICS; k++)
		*estimates[k] = estimate(point[k], distribution[k], input->resamples, input->confidence_level);
	outliers_count(&s, input, summary);
	return true;
}

bool stats_summarise_low_decile(const struct stats_input *input, double *ratios, void *workspace,
				struct stats_estimate *result) {
	if (!can_resample(input))
		return false;
	struct samples s = {.count = input->count};
	double *distribution[STATISTICS];
	struct point *points;
	samples_place(&s, workspace, input->resamples, distribution, &points);
	for (size_t i = 0; i < s.count; i++)
		points[i] = (struct point){.ratio = ratios[i]};
	sort(points, s.count);
	for (size_t i = 0; i < s.count; i++) {
		s.ratio[i] = ratios[i] = points[i].ratio;
		s.terms[i] = (struct terms){0};
	}
	struct rng rng = rng_seeded(input->seed);
	for (uint32_t r = 0; r < input->resamples; r++) {
		draw(&s, &rng);
		sort_resample(&s);
		distribution[LOW_DECILE][r] = stats_low_decile(s.resample, s.count);
	}
	*result = estimate(stats_low_decile(ratios, s.count), distribution[LOW_DECILE], input->resamples,
			   input->confidence_level);
	return true;
}
