/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/choose.h"

#include <string.h>

static const double NEAR = 1.01;  /* as good as the fastest */
static const double AGAIN = 1.05; /* may turn out to be */
static const unsigned bits_tried[] = {10, 12, 14, 16, 18, 20};
static const unsigned ways_tried[] = {2, 4, 8};
enum {
	BITS_TRIED = sizeof(bits_tried) / sizeof(bits_tried[0]),
	WAYS_TRIED = sizeof(ways_tried) / sizeof(ways_tried[0]),
	DEFAULT_BITS = 16,
	DEFAULT_WAYS = 4,
	DEFAULT_ENTRIES = 4096,
};

struct stream_shape stream_shape_default(const struct stream_given *given) {
	return (struct stream_shape){.slot_bits = DEFAULT_BITS,
				     .ways = DEFAULT_WAYS,
				     .entries = DEFAULT_ENTRIES,
				     .asids = given->spaces,
				     .page_shift = given->page_shift,
				     .flush_every = given->flush_every};
}

static bool is_same(const struct stream_shape *a, const struct stream_shape *b) {
	return a->slot_bits == b->slot_bits && a->ways == b->ways && a->entries == b->entries && a->asids == b->asids &&
	       a->page_shift == b->page_shift && a->flush_every == b->flush_every;
}

const struct stream_row *stream_row_of(const struct stream_rows *rows, const struct stream_shape *shape) {
	for (size_t i = 0; i < rows->count; i++)
		if (is_same(&rows->rows[i].shape, shape))
			return &rows->rows[i];
	return NULL;
}

/* Appends it, without counts, where it is not there and there is room. */
static void want(struct stream_rows *rows, struct stream_shape shape) {
	if (!stream_row_of(rows, &shape) && rows->count < STREAM_ROWS_MOST)
		rows->rows[rows->count++] = (struct stream_row){.shape = shape};
}

/* ---- the choice -------------------------------------------------------------------------------------------------- */

/* Of the rows from `first` on. */
static size_t fastest(const struct stream_rows *rows, size_t first) {
	size_t best = first;
	for (size_t i = first; i < rows->count; i++)
		if (rows->rows[i].ratio.draws[0] < rows->rows[best].ratio.draws[0])
			best = i;
	return best;
}

static size_t choice(const struct stream_rows *rows, size_t first) {
	size_t best = fastest(rows, first);
	double most = rows->rows[best].ratio.draws[0] * NEAR;
	for (size_t i = first; i < rows->count; i++)
		if (rows->rows[i].ratio.draws[0] <= most &&
		    stream_shape_bytes(&rows->rows[i].shape) < stream_shape_bytes(&rows->rows[best].shape))
			best = i;
	return best;
}

size_t stream_fastest(const struct stream_rows *rows) {
	return fastest(rows, 0);
}

size_t stream_choice(const struct stream_rows *rows) {
	return choice(rows, 0);
}

/* Those that are near the fastest, all in one: what was told at different times lies further apart than they do. */
static int tell_again(stream_teller *teller, void *owner, struct stream_rows *rows) {
	enum { AGAIN_MOST = STREAM_BATCH_MOST - 1 };
	static struct stream_row again[AGAIN_MOST];
	size_t places[AGAIN_MOST], count = 0;
	double most = rows->rows[fastest(rows, 0)].ratio.draws[0] * AGAIN;
	for (size_t i = 1; i < rows->count && count < AGAIN_MOST; i++)
		if (rows->rows[i].ratio.draws[0] <= most) {
			again[count] = rows->rows[i];
			places[count++] = i;
		}
	int status = count > 0 ? teller(owner, &rows->rows[0], again, count) : 0;
	for (size_t i = 0; status == 0 && i < count; i++)
		rows->rows[places[i]] = again[i];
	return status;
}

int stream_sweep(const struct stream_given *given, stream_teller *teller, void *owner, struct stream_rows *rows) {
	struct stream_shape shape = stream_shape_default(given);
	rows->count = 0;
	want(rows, shape);
	for (size_t bits = 0; bits < BITS_TRIED; bits++)
		for (size_t ways = 0; ways < WAYS_TRIED; ways++)
			for (uint32_t entries = STREAM_ENTRIES_LEAST; entries <= STREAM_ENTRIES_MOST;
			     entries *= STREAM_ENTRIES_STEP) {
				shape.slot_bits = bits_tried[bits];
				shape.ways = ways_tried[ways];
				shape.entries = entries;
				shape.asids = given->spaces;
				want(rows, shape);
				shape.asids = 1;
				want(rows, shape);
			}
	int status = teller(owner, &rows->rows[0], rows->rows, rows->count);
	return status == 0 ? tell_again(teller, owner, rows) : status;
}

/* The default first, then every number of slots before a store in which all has room, with address spaces of their own
 * or without. */
static int search_slots(struct stream_shape shape, stream_teller *teller, void *owner, struct stream_rows *rows) {
	rows->count = 0;
	want(rows, shape);
	shape.entries = STREAM_ENTRIES_MOST;
	for (size_t i = 0; i < BITS_TRIED; i++) {
		struct stream_shape only = shape;
		only.slot_bits = shape.slot_bits = bits_tried[i];
		only.asids = 1;
		want(rows, shape);
		want(rows, only);
	}
	return teller(owner, &rows->rows[0], rows->rows, rows->count);
}

static int search_entries(struct stream_shape shape, stream_teller *teller, void *owner, struct stream_rows *rows) {
	size_t done = rows->count;
	for (shape.entries = STREAM_ENTRIES_LEAST; shape.entries < STREAM_ENTRIES_MOST;
	     shape.entries *= STREAM_ENTRIES_STEP)
		want(rows, shape);
	return teller(owner, &rows->rows[0], rows->rows + done, rows->count - done);
}

static int search_ways(struct stream_shape shape, stream_teller *teller, void *owner, struct stream_rows *rows) {
	size_t done = rows->count;
	for (size_t i = 0; i < WAYS_TRIED; i++) {
		struct stream_shape other = shape;
		other.ways = ways_tried[i];
		want(rows, other);
	}
	return teller(owner, &rows->rows[0], rows->rows + done, rows->count - done);
}

int stream_search(const struct stream_given *given, stream_teller *teller, void *owner, struct stream_rows *rows) {
	enum { BEHIND_DEFAULT = 1 };
	int status = search_slots(stream_shape_default(given), teller, owner, rows);
	if (status == 0)
		status = search_entries(rows->rows[choice(rows, BEHIND_DEFAULT)].shape, teller, owner, rows);
	if (status == 0)
		status = search_ways(rows->rows[stream_choice(rows)].shape, teller, owner, rows);
	return status == 0 ? tell_again(teller, owner, rows) : status;
}
