/* SPDX-License-Identifier: Apache-2.0
 *
 * Many values of which quantiles are asked, in bounded memory and with a bound for their relative error. Pure. It is no
 * place for means: nothing is summed, so merging many is the same as one of all values.
 *
 * Each octave has HISTOGRAM_SUB_BUCKETS buckets of equal width, found from the bits of the double alone, so that the
 * same values give the same counts on every platform: G. Tene's HdrHistogram, and what C. Masson, J. Rim and H. Lee
 * call a linear interpolation of the logarithm ("DDSketch: A fast and fully-mergeable quantile sketch with
 * relative-error guarantees", PVLDB 12 (2019), section 2.2). A bucket from a to b answers with 2ab / (a + b), which is
 * off by (b - a) / (b + a) at either end: 1 / 129 at the most.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_RELATIVE_ERROR 0.01

enum {
	HISTOGRAM_SUB_BUCKETS = 64,
	HISTOGRAM_LOWEST_EXPONENT = -10, /* 2^-10: of nanoseconds, a picosecond */
	HISTOGRAM_OCTAVES = 54,          /* below 2^44: of nanoseconds, five hours */
	HISTOGRAM_BUCKETS = HISTOGRAM_OCTAVES * HISTOGRAM_SUB_BUCKETS,
	HISTOGRAM_BYTES_MAX = 48 + HISTOGRAM_BUCKETS * 12,
};

/* 27 KiB whatever is in it; all zero is an empty one. Not for two threads at once. */
struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t below; /* of 0 and what lies under the lowest bucket */
	uint64_t above;
	uint64_t total;
	double minimum, maximum; /* exact; 0 while it is empty */
};

/* The unit is the caller's. false: negative, infinite or no number, or 2^64 values are in it; nothing was done. */
bool histogram_add(struct histogram *histogram, double value);

/* `into` becomes the histogram of the values of both. false: more than 2^64; nothing was done. */
bool histogram_merge(struct histogram *into, const struct histogram *from);

/* The value of rank floor(fraction * (total - 1)) from 0, with fraction from 0 to 1: off by less than
 * HISTOGRAM_RELATIVE_ERROR of it, the first and the last exact. Of those below the buckets it is the minimum, off by
 * less than 2^-10; of those above, the maximum, with no bound. 0 where it is empty. */
double histogram_quantile(const struct histogram *histogram, double fraction);

/* The same by rank within the bucket, its values taken to lie evenly: off by less than 1 / 64 of it, but without steps
 * where the values move a little, as what watches for small changes needs it. */
double histogram_quantile_between(const struct histogram *histogram, double fraction);

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */
/*
 * "AHST", a byte for the version (1), one each for the lowest exponent + 128, the octaves and the sub-buckets; minimum
 * and maximum as IEEE 754 binary64, little endian; then LEB128 numbers: `below`, `above`, and for each bucket that is
 * not empty how many empty ones come before it since the last, and its count; then the CRC-32C of all that, little
 * endian. A histogram has one form only.
 */

/* How many were written; `bytes` has room for HISTOGRAM_BYTES_MAX. */
size_t histogram_write(const struct histogram *histogram, uint8_t *bytes);

/* false: these are no whole histogram of this version, `histogram` is undefined. Whatever the bytes are, what it takes
 * is a histogram that values can be added to, and is written as the same bytes. */
bool histogram_read(struct histogram *histogram, const uint8_t *bytes, size_t length);
