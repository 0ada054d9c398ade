/* SPDX-License-Identifier: Apache-2.0
 *
 * The histogram's quantiles against the sorted values themselves, parts against the whole, and its bytes against people
 * who mean harm.
 */
#include "hosted/watch/histogram.h"

#include "bench/rng.h"
#include "lib/crc32.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 100000 };

static double values[VALUES];
static struct histogram whole, parts[3];
static uint8_t bytes[HISTOGRAM_BYTES_MAX], again[HISTOGRAM_BYTES_MAX];

static double uniform(struct rng *rng) {
	return ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
}

static int by_size(const void *a, const void *b) {
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

/* Pareto's tails, from one that has a mean down to one that has none. */
static void fill(double exponent, uint64_t seed) {
	struct rng rng = rng_seeded(seed);
	memset(&whole, 0, sizeof(whole));
	memset(parts, 0, sizeof(parts));
	for (int i = 0; i < VALUES; i++) {
		values[i] = 20 * pow(uniform(&rng), -1 / exponent);
		cr_assert(histogram_add(&whole, values[i]));
		cr_assert(histogram_add(&parts[rng_below(&rng, 3)], values[i]));
	}
	qsort(values, VALUES, sizeof(values[0]), by_size);
}

Test(histogram, quantiles_are_within_the_stated_error) {
	static const double exponents[] = {0.7, 1, 2.5, 40};
	for (int e = 0; e < 4; e++) {
		fill(exponents[e], 7 + (uint64_t)e);
		for (int i = 0; i <= 1000; i++) {
			double fraction = i / 1000.0;
			double truth = values[(size_t)(fraction * (VALUES - 1))];
			double error = fabs(histogram_quantile(&whole, fraction) - truth) / truth;
			cr_assert_leq(error, HISTOGRAM_RELATIVE_ERROR, "tail %g, fraction %g: %g", exponents[e],
				      fraction, error);
		}
		cr_expect_eq(histogram_quantile(&whole, 1), values[VALUES - 1]);
	}
}

/* No value of the range is worse off than 1 in 129: each edge, and the last double before it. */
Test(histogram, every_edge_is_within_the_stated_error) {
	for (double edge = 0x1p-9; edge < 0x1p43; edge *= 2)
		for (int i = 1; i <= HISTOGRAM_SUB_BUCKETS; i++) {
			double low = edge * (1 + (i - 1) / 64.0), high = nextafter(edge * (1 + i / 64.0), 0);
			struct histogram *all = &whole;
			memset(all, 0, sizeof(*all));
			cr_assert(histogram_add(all, low) && histogram_add(all, high));
			cr_assert(histogram_add(all, 0) && histogram_add(all, 0x1p43));
			double answer = histogram_quantile(all, 0.5);
			cr_assert_leq((answer - low) / low, 1 / 128.9);
			cr_assert_leq((high - answer) / high, 1 / 128.9);
		}
}

Test(histogram, merged_parts_are_the_whole) {
	fill(0.9, 3);
	struct histogram *merged = &parts[1];
	cr_assert(histogram_merge(merged, &parts[2]));
	cr_assert(histogram_merge(merged, &parts[0]));
	cr_expect_eq(memcmp(merged, &whole, sizeof(whole)), 0);
	memset(&parts[0], 0, sizeof(parts[0]));
	cr_assert(histogram_merge(merged, &parts[0]), "an empty one changes nothing");
	cr_expect_eq(memcmp(merged, &whole, sizeof(whole)), 0);
	cr_assert(histogram_merge(&parts[0], merged), "and becomes the other");
	cr_expect_eq(memcmp(&parts[0], &whole, sizeof(whole)), 0);
}

Test(histogram, what_is_no_time_is_refused) {
	static const double wrong[] = {-1, -0x1p-1074, INFINITY, -INFINITY, NAN};
	memset(&whole, 0, sizeof(whole));
	for (int i = 0; i < 5; i++)
		cr_expect_not(histogram_add(&whole, wrong[i]));
	cr_expect_eq(whole.total, 0);
	cr_expect_eq(histogram_quantile(&whole, 0.5), 0);
	cr_expect(histogram_add(&whole, -0.0));
	cr_expect_not(signbit(whole.minimum));
}

Test(histogram, beyond_the_buckets_are_the_ends) {
	memset(&whole, 0, sizeof(whole));
	cr_assert(histogram_add(&whole, 0) && histogram_add(&whole, 0x1p-11) && histogram_add(&whole, 1) &&
		  histogram_add(&whole, 0x1p44) && histogram_add(&whole, 0x1p60));
	cr_expect_eq(whole.below, 2);
	cr_expect_eq(whole.above, 2);
	cr_expect_eq(histogram_quantile(&whole, 0.25), 0);
	cr_expect_float_eq(histogram_quantile(&whole, 0.5), 1, HISTOGRAM_RELATIVE_ERROR);
	cr_expect_eq(histogram_quantile(&whole, 0.75), 0x1p60);
}

Test(histogram, no_more_than_can_be_counted) {
	memset(&whole, 0, sizeof(whole));
	memset(parts, 0, sizeof(parts));
	cr_assert(histogram_add(&whole, 5) && histogram_add(&parts[0], 6));
	whole.counts[0] = UINT64_MAX - 1;
	whole.total = UINT64_MAX;
	cr_expect_not(histogram_add(&whole, 5));
	cr_expect_not(histogram_merge(&whole, &parts[0]));
	cr_expect_eq(whole.maximum, 5);
	cr_expect_gt(histogram_quantile(&whole, 1), 4);
}

Test(histogram, bytes_are_read_back) {
	memset(&whole, 0, sizeof(whole));
	size_t length = histogram_write(&whole, bytes);
	cr_assert(histogram_read(&parts[0], bytes, length));
	cr_expect_eq(memcmp(&whole, &parts[0], sizeof(whole)), 0);
	fill(0.3, 5);
	cr_assert_gt(whole.above, 0);
	cr_assert(histogram_add(&whole, 0));
	length = histogram_write(&whole, bytes);
	cr_assert(histogram_read(&parts[0], bytes, length));
	cr_expect_eq(memcmp(&whole, &parts[0], sizeof(whole)), 0);
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
		whole.counts[i] = UINT64_MAX / HISTOGRAM_BUCKETS / 2;
	cr_expect_leq(histogram_write(&whole, bytes), HISTOGRAM_BYTES_MAX);
}

/* `size` bytes of small numbers behind a head that fits them, with a CRC that is right. */
static bool accepted(double minimum, double maximum, const char *numbers, size_t size) {
	memset(&whole, 0, sizeof(whole));
	histogram_write(&whole, bytes);
	memcpy(bytes + 8, &minimum, 8);
	memcpy(bytes + 16, &maximum, 8);
	memcpy(bytes + 24, numbers, size);
	uint32_t crc = crc32c(0, bytes, 24 + size);
	for (int i = 0; i < 4; i++)
		bytes[24 + size + (size_t)i] = (uint8_t)(crc >> (8 * i));
	return histogram_read(&parts[0], bytes, 28 + size);
}

/* Bucket 640 = 5 * 128 is [1, 1 + 1/64). */
Test(histogram, bytes_that_lie_are_refused) {
	cr_expect(accepted(1, 1, "\0\0\x80\x05\1", 5), "the first is right");
	cr_expect_not(accepted(1, 1, "\0\0\x80\x05\1\0\0", 7), "a bucket with nothing in it");
	cr_expect_not(accepted(1, 1, "\0\0\x80\x05\x81\0", 6), "a number longer than it need be");
	cr_expect_not(accepted(1, 1, "\0\0\x80\x05", 4), "a bucket without a count");
	cr_expect_not(accepted(1, 1, "\0\0\x80\x05\x81", 5), "a number that is cut off");
	cr_expect_not(accepted(1, 1, "\0", 1), "no `above`");
	cr_expect_not(accepted(1, 1, "\0\0\x80\x1b\1", 5), "one bucket too far");
	cr_expect_not(accepted(1, 1, "\0\0\x80\x05\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\1", 16), "far too far");
	cr_expect_not(accepted(1, 1, "\0\0\x80\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 14), "65 bits");
	cr_expect_not(accepted(1, 1.02, "\0\0\x80\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\0\3", 16), "2^64");
	cr_expect_not(accepted(1.5, 1.5, "\0\0\x80\x05\1", 5), "the value lies in another bucket");
	cr_expect_not(accepted(0.5, 1, "\0\0\x80\x05\2", 5), "nothing lies at the minimum");
	cr_expect_not(accepted(-5, 0x1p50, "\0\2", 2), "less than 0, and all above");
	cr_expect_not(accepted(1.002, 1, "\0\0\x80\x05\2", 5), "the maximum below the minimum");
	cr_expect_not(accepted(1, 1.002, "\0\0\x80\x05\1", 5), "one value, and two ends");
	cr_expect_not(accepted(NAN, 1, "\1\0\x80\x05\1", 5), "no number");
	cr_expect_not(accepted(1, INFINITY, "\0\1\x80\x05\1", 5), "infinite");
	cr_expect_not(accepted(-0.0, 1, "\1\0\x80\x05\1", 5), "a sign");
	cr_expect_not(accepted(1, 1, "\0\0", 2), "ends of none");
}

/* Every cut and every flipped bit. */
Test(histogram, damaged_bytes_are_refused) {
	memset(&whole, 0, sizeof(whole));
	for (int i = 0; i < 40; i++)
		cr_assert(histogram_add(&whole, i * i));
	size_t length = histogram_write(&whole, bytes);
	for (size_t cut = 0; cut < length; cut++)
		cr_assert_not(histogram_read(&parts[0], bytes, cut));
	for (size_t bit = 0; bit < 8 * length; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_not(histogram_read(&parts[0], bytes, length), "bit %zu", bit);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	cr_assert(histogram_read(&parts[0], bytes, length));
	cr_assert_eq(histogram_write(&parts[0], again), length);
	cr_expect_eq(memcmp(bytes, again, length), 0);
}
