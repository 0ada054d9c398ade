/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/histogram.h"

#include "hosted/watch/bytes.h"
#include "lib/crc32.h"

#include <math.h>
#include <string.h>

enum {
	MANTISSA_BITS = 52,
	SUB_BITS = 6,
	BIAS = 1023,
	VERSION = 1,
	HEAD_BYTES = 24,
	CRC_BYTES = 4,
	BELOW = -1,
	ABOVE = HISTOGRAM_BUCKETS,
};

_Static_assert(1 << SUB_BITS == HISTOGRAM_SUB_BUCKETS, "the top bits of the mantissa are the bucket in its octave");

static uint64_t bits_of(double value) {
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static double double_of(uint64_t bits) {
	double value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Exponent and top of the mantissa are neighbours in a double, and count up together. */
static int bucket_of(double value) {
	int64_t place = (int64_t)(bits_of(value) >> (MANTISSA_BITS - SUB_BITS)) -
			((int64_t)(BIAS + HISTOGRAM_LOWEST_EXPONENT) << SUB_BITS);
	return place < 0 ? BELOW : place >= HISTOGRAM_BUCKETS ? ABOVE : (int)place;
}

static double lower_edge(int bucket) {
	uint64_t place = (uint64_t)bucket + ((uint64_t)(BIAS + HISTOGRAM_LOWEST_EXPONENT) << SUB_BITS);
	return double_of(place << (MANTISSA_BITS - SUB_BITS));
}

static double middle(int bucket) {
	double a = lower_edge(bucket), b = lower_edge(bucket + 1);
	return 2 * a * b / (a + b);
}

static void widen(struct histogram *histogram, double minimum, double maximum) {
	if (histogram->total == 0 || minimum < histogram->minimum)
		histogram->minimum = minimum;
	if (histogram->total == 0 || maximum > histogram->maximum)
		histogram->maximum = maximum;
}

bool histogram_add(struct histogram *histogram, double value) {
	if (!isfinite(value) || value < 0 || histogram->total == UINT64_MAX)
		return false;
	value = fabs(value); /* -0 */
	int bucket = bucket_of(value);
	(*(bucket == BELOW ? &histogram->below : bucket == ABOVE ? &histogram->above : &histogram->counts[bucket]))++;
	widen(histogram, value, value);
	histogram->total++;
	return true;
}

bool histogram_merge(struct histogram *into, const struct histogram *from) {
	if (from->total > UINT64_MAX - into->total)
		return false;
	if (from->total == 0)
		return true;
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->counts[i] += from->counts[i];
	into->below += from->below;
	into->above += from->above;
	widen(into, from->minimum, from->maximum);
	into->total += from->total;
	return true;
}

/* From 2^53 on the product can round up beyond the last one. */
static uint64_t rank_of(uint64_t total, double fraction) {
	double rank = floor(fraction * (double)(total - 1));
	return rank <= 0 ? 0 : rank >= (double)(total - 1) ? total - 1 : (uint64_t)rank;
}

double histogram_quantile(const struct histogram *histogram, double fraction) {
	if (histogram->total == 0)
		return 0;
	uint64_t rank = rank_of(histogram->total, fraction), seen = histogram->below;
	if (rank == 0 || rank < seen)
		return histogram->minimum;
	if (rank == histogram->total - 1)
		return histogram->maximum;
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->counts[i];
		if (rank < seen)
			return fmin(fmax(middle(i), histogram->minimum), histogram->maximum);
	}
	return histogram->maximum;
}

/* The value that `part` of the bucket's values lie below, where they lie evenly in it. */
static double between(const struct histogram *histogram, int bucket, double part) {
	double low = fmax(lower_edge(bucket), histogram->minimum);
	double high = fmin(lower_edge(bucket + 1), histogram->maximum);
	return low + part * (high - low);
}

double histogram_quantile_between(const struct histogram *histogram, double fraction) {
	if (histogram->total == 0)
		return 0;
	double rank = fraction * (double)(histogram->total - 1), seen = (double)histogram->below;
	if (rank < seen || histogram->minimum == histogram->maximum)
		return histogram->minimum;
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		double count = (double)histogram->counts[i];
		if (count > 0 && rank <= seen + count - 1)
			return between(histogram, i, (rank - seen + 0.5) / count);
		if (count > 0 && rank < seen + count) {
			double part = rank - (seen + count - 1);
			int next = i + 1;
			while (next < HISTOGRAM_BUCKETS && histogram->counts[next] == 0)
				next++;
			double upper = next < HISTOGRAM_BUCKETS
					       ? between(histogram, next, 0.5 / (double)histogram->counts[next])
					       : histogram->maximum;
			return (1 - part) * between(histogram, i, 1 - 0.5 / count) + part * upper;
		}
		seen += count;
	}
	return histogram->maximum;
}

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */

static const uint8_t kind[8] = {
	'A', 'H', 'S', 'T', VERSION, 128 + HISTOGRAM_LOWEST_EXPONENT, HISTOGRAM_OCTAVES, HISTOGRAM_SUB_BUCKETS,
};

size_t histogram_write(const struct histogram *histogram, uint8_t *bytes) {
	memcpy(bytes, kind, sizeof(kind));
	struct bytes_writer writer = {bytes + sizeof(kind), bytes + HISTOGRAM_BYTES_MAX, true};
	bytes_put_double(&writer, histogram->minimum);
	bytes_put_double(&writer, histogram->maximum);
	bytes_put_number(&writer, histogram->below);
	bytes_put_number(&writer, histogram->above);
	uint64_t gap = 0;
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++, gap++)
		if (histogram->counts[i]) {
			bytes_put_number(&writer, gap);
			bytes_put_number(&writer, histogram->counts[i]);
			gap = UINT64_MAX; /* the loop makes 0 of it */
		}
	bytes_put(&writer, crc32c(0, bytes, (size_t)(writer.at - bytes)), CRC_BYTES);
	return (size_t)(writer.at - bytes);
}

static bool count_in(struct histogram *histogram, uint64_t *place, uint64_t count) {
	if (count > UINT64_MAX - histogram->total)
		return false;
	histogram->total += count;
	*place = count;
	return true;
}

static bool read_counts(struct histogram *histogram, struct bytes_reader *reader) {
	uint64_t below = bytes_get_number(reader), above = bytes_get_number(reader), next = 0;
	if (!reader->good || !count_in(histogram, &histogram->below, below) ||
	    !count_in(histogram, &histogram->above, above))
		return false;
	for (; reader->at < reader->end; next++) {
		uint64_t gap = bytes_get_number(reader), count = bytes_get_number(reader);
		if (!reader->good || count == 0 || gap >= HISTOGRAM_BUCKETS - next)
			return false;
		next += gap;
		if (!count_in(histogram, &histogram->counts[next], count))
			return false;
	}
	return true;
}

/* Each of them lies where the counts have their first and their last. */
static bool ends_fit(const struct histogram *histogram) {
	double minimum = histogram->minimum, maximum = histogram->maximum;
	if (histogram->total == 0)
		return bits_of(minimum) == 0 && bits_of(maximum) == 0;
	if (!isfinite(minimum) || !isfinite(maximum) || signbit(minimum) || signbit(maximum) || minimum > maximum ||
	    (histogram->total == 1 && minimum < maximum))
		return false;
	int first = BELOW, last = ABOVE;
	if (histogram->below == 0)
		for (first = 0; first < HISTOGRAM_BUCKETS && histogram->counts[first] == 0;)
			first++;
	if (histogram->above == 0)
		for (last = HISTOGRAM_BUCKETS - 1; last >= 0 && histogram->counts[last] == 0;)
			last--;
	return bucket_of(minimum) == first && bucket_of(maximum) == last;
}

bool histogram_read(struct histogram *histogram, const uint8_t *bytes, size_t length) {
	memset(histogram, 0, sizeof(*histogram));
	if (length < HEAD_BYTES + CRC_BYTES || length > HISTOGRAM_BYTES_MAX || memcmp(bytes, kind, sizeof(kind)) != 0)
		return false;
	const uint8_t *end = bytes + length - CRC_BYTES;
	struct bytes_reader reader = {bytes + sizeof(kind), end, true}, crc = {end, bytes + length, true};
	if (bytes_get(&crc, CRC_BYTES) != crc32c(0, bytes, length - CRC_BYTES))
		return false;
	histogram->minimum = bytes_get_double(&reader);
	histogram->maximum = bytes_get_double(&reader);
	return read_counts(histogram, &reader) && ends_fit(histogram);
}
