/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operating system costs: the same objects on Linux and in the image, on one machine, row by row. Pure.
 *
 * A ratio is Linux's time over the image's, of change_figure: above 1, Linux takes longer. Over pairs of launches it is
 * the median of the pairs' ratios. From change_pairs_least pairs on its interval is change_of_pairs'; of fewer it goes
 * from the lowest pair to the highest, between which the median of all that there could be lies but for a run of luck
 * like that of a coin (1 - 2^(1 - pairs)); of one pair it is what either launch says of itself, by its bootstrap
 * interval, and nothing of how far launches lie apart.
 */
#pragma once

#include "hosted/verdict/gap.h"
#include "hosted/verdict/launches.h"

#include <stdbool.h>
#include <stddef.h>

enum os_tax_part {
	OS_TAX_SYSTEM, /* what a program has a system do */
	OS_TAX_CODE,   /* what it does by itself */
	OS_TAX_PARTS,
};

struct os_tax_row {
	const char *name;
	enum os_tax_part part;
	double hosted_ns, image_ns; /* medians over the pairs, of an iteration */
	double ratio, lower, upper; /* above 0, in order */
	double confidence;          /* of the interval; 0: it is of one launch each */
	size_t pairs;
	enum room_word room; /* of all launches of both sides; ROOM_UNKNOWN: not all say something of it */
	const char *why;     /* why the two differ, or may; "": nobody knows a reason */
};

/* Share of its time that a core did not get, in a noise.json. */
struct os_tax_loss {
	bool hosted; /* else the image's */
	unsigned core;
	double lost, longest_ns;
};

struct os_tax {
	const struct launches *hosted, *image; /* the caller's, which outlive this */
	struct os_tax_row *rows;               /* a part's stand together, in the order of the hosted file */
	size_t count;
	struct gap *gaps; /* rows that one side alone has figures of; A is hosted, B the image */
	size_t gap_count;
	struct os_tax_loss *losses;
	size_t loss_count;
	double call_ns; /* of the image's kernel, where it is emulated; 0: nothing says so */
};

/* Whether results are of the hosted programme. */
bool os_tax_is_hosted(const struct results *results);

/* NULL, and *a and *b are in *tax as what they are; else why the two are no answer, one line, in a static buffer: both
 * are of one kind, of two machines, or no hardware's. */
const char *os_tax_take(struct os_tax *tax, const struct launches *a, const struct launches *b);

/* Joins and judges. false: no memory. */
bool os_tax_judge(struct os_tax *tax);

/* Cores of a noise.json. 0, or a negative enum platform_error with a line in `complaint`. */
int os_tax_read_noise(struct os_tax *tax, const char *file, struct text *complaint);

/* "": no reason is known. */
const char *os_tax_why(const char *benchmark);

/* "skipped in the image", "only on Linux"; in a static buffer. */
const char *os_tax_gap_text(const struct gap *gap);

/* What the intervals speak of, in a sentence or two; in a static buffer. */
const char *os_tax_intervals_text(const struct os_tax *tax);

/* What the rows of a part are. */
const char *os_tax_part_title(enum os_tax_part part);

/* Over all rows of a part, of the ratio; 0: it has none. */
double os_tax_mean(const struct os_tax *tax, enum os_tax_part part);

void os_tax_free(struct os_tax *tax);
