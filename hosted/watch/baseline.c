/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/baseline.h"

#include <math.h>
#include <string.h>

#define MEDIAN_DEVIATION_SCALE 1.4826

/* Windows of an hour, below which it has no mean of its own. */
enum { HOUR_LEAST = 10, SPREAD_OF_EACH = 4 };

/* C. Hoare: "Algorithm 65: Find", Communications of the ACM 4 (1961): a day is looked at thousands of times in a check,
 * and sorting would be most of it. */
double baseline_median(double *values, uint32_t count) {
	int32_t left = 0, right = (int32_t)count - 1, wanted = (int32_t)(count / 2);
	while (left < right) {
		double pivot = values[(left + right) / 2];
		int32_t i = left, j = right;
		while (i <= j) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i <= j) {
				double value = values[i];
				values[i++] = values[j];
				values[j--] = value;
			}
		}
		if (j < wanted)
			left = i;
		if (i > wanted)
			right = j;
	}
	return values[wanted];
}

static bool is_seen(const struct baseline *baseline, int hour) {
	return baseline->seen >> hour & 1;
}

static void find_hours(struct baseline *baseline, const float *levels, const uint8_t *hours, uint32_t count) {
	double values[BASELINE_DAY];
	uint32_t ends[BASELINE_HOURS + 1] = {0}, begin = 0;
	for (uint32_t i = 0; i < count; i++)
		ends[hours[i] + 1]++;
	for (int hour = 0; hour < BASELINE_HOURS; hour++)
		ends[hour + 1] += ends[hour];
	for (uint32_t i = 0; i < count; i++)
		values[ends[hours[i]]++] = levels[i];
	double sum = 0;
	uint32_t seen = 0;
	for (int hour = 0; hour < BASELINE_HOURS; begin = ends[hour++]) {
		if (ends[hour] - begin < HOUR_LEAST)
			continue;
		baseline->hours[hour] = baseline_median(values + begin, ends[hour] - begin);
		baseline->seen |= UINT32_C(1) << hour;
		sum += baseline->hours[hour];
		seen++;
	}
	baseline->level = seen ? sum / seen : baseline_median(values, count);
}

static double distance(const struct baseline *baseline, double level, unsigned hour) {
	return level - (is_seen(baseline, (int)hour) ? baseline->hours[hour] : baseline->level);
}

/* It says where a tail begins: a fourth of the windows says that well enough. */
static double spread_of(const struct baseline *baseline, const float *levels, const uint8_t *hours, uint32_t count) {
	double distances[BASELINE_DAY];
	uint32_t found = 0;
	for (uint32_t i = 0; i < count; i += SPREAD_OF_EACH)
		distances[found++] = fabs(distance(baseline, levels[i], hours[i]));
	double middle = baseline_median(distances, found);
	return fmax(MEDIAN_DEVIATION_SCALE * middle, BASELINE_SCALE_LEAST);
}

/* One step from medians to means of what is not cut off: medians of 60 would be a quarter less certain. */
static void refine_hours(struct baseline *baseline, const float *levels, const uint8_t *hours, uint32_t count) {
	double sums[BASELINE_HOURS] = {0};
	uint32_t counts[BASELINE_HOURS] = {0}, seen = 0;
	for (uint32_t i = 0; i < count; i++) {
		sums[hours[i]] +=
			baseline_cut(distance(baseline, levels[i], hours[i]), BASELINE_CUT * baseline->spread);
		counts[hours[i]]++;
	}
	double level = 0;
	for (int hour = 0; hour < BASELINE_HOURS; hour++)
		if (is_seen(baseline, hour)) {
			baseline->hours[hour] += sums[hour] / counts[hour];
			level += baseline->hours[hour];
			seen++;
		}
	if (seen)
		baseline->level = level / seen;
}

static uint32_t hours_seen(const struct baseline *baseline) {
	return (uint32_t)__builtin_popcount(baseline->seen);
}

/* A mean for each hour was taken from the same windows: so many batches, and so many windows, say nothing. */
static double scale_of(const struct baseline *baseline, const float *levels, const uint8_t *hours, uint32_t count) {
	double squares = 0, batches = 0, sum = 0;
	for (uint32_t i = 0; i < count; i++) {
		double part = baseline_cut(distance(baseline, levels[i], hours[i]), BASELINE_CUT * baseline->spread);
		squares += part * part;
		sum += part;
		if ((i + 1) % BASELINE_BATCH == 0) {
			batches += sum * sum / BASELINE_BATCH;
			sum = 0;
		}
	}
	double free = fmax(hours_seen(baseline), 1);
	double own = squares / fmax(count - free, 1), long_run = batches / fmax(count / BASELINE_BATCH - free, 1);
	return sqrt(fmax(fmax(own, long_run), BASELINE_SCALE_LEAST * BASELINE_SCALE_LEAST));
}

static void shrink(struct baseline *baseline) {
	double between = 0, seen = hours_seen(baseline);
	for (int hour = 0; hour < BASELINE_HOURS; hour++)
		if (is_seen(baseline, hour))
			between += pow(baseline->hours[hour] - baseline->level, 2);
	double windows = baseline->days * BASELINE_DAY / fmax(seen, 1);
	double noise = (seen - 1) * baseline->scale * baseline->scale / windows;
	double kept = between > noise ? 1 - noise / between : 0;
	for (int hour = 0; hour < BASELINE_HOURS; hour++)
		baseline->season[hour] = is_seen(baseline, hour) ? kept * (baseline->hours[hour] - baseline->level) : 0;
}

void baseline_study(struct baseline *baseline, const float *levels, const uint8_t *hours, uint32_t count) {
	memset(baseline, 0, sizeof(*baseline));
	baseline->days = 1;
	find_hours(baseline, levels, hours, count);
	baseline->spread = spread_of(baseline, levels, hours, count);
	refine_hours(baseline, levels, hours, count);
	baseline->scale = scale_of(baseline, levels, hours, count);
	shrink(baseline);
}

void baseline_merge(struct baseline *baseline, const struct baseline *day) {
	double weight = 1.0 / (baseline->days + 1 < BASELINE_DAYS ? baseline->days + 1 : BASELINE_DAYS);
	double level = 0;
	for (int hour = 0; hour < BASELINE_HOURS; hour++)
		if (is_seen(day, hour)) {
			double part = is_seen(baseline, hour) ? weight : 1;
			baseline->hours[hour] += part * (day->hours[hour] - baseline->hours[hour]);
			baseline->seen |= UINT32_C(1) << hour;
		}
	for (int hour = 0; hour < BASELINE_HOURS; hour++)
		level += baseline->hours[hour];
	if (baseline->seen)
		baseline->level = level / hours_seen(baseline);
	baseline->spread += weight * (day->spread - baseline->spread);
	double square = baseline->scale * baseline->scale;
	baseline->scale = sqrt(square + weight * (day->scale * day->scale - square));
	if (baseline->days < BASELINE_DAYS)
		baseline->days++;
	shrink(baseline);
}

double baseline_shift(const struct baseline *baseline, const struct baseline *day) {
	double sum = 0, count = 0;
	for (int hour = 0; hour < BASELINE_HOURS; hour++)
		if (is_seen(baseline, hour) && is_seen(day, hour)) {
			sum += day->hours[hour] - baseline->hours[hour];
			count++;
		}
	return count > 0 ? sum / count : 0;
}
