/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/choose.h"

#include <limits.h>

static const double NEAR = 1.01;  /* as good as the fastest */
static const double AGAIN = 1.10; /* may turn out to be */
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

/* Whether all of the interval of its time to that of the fastest is within the hundredth. */
static bool is_as_good(const struct stream_row *row, const struct stream_row *best) {
	struct stream_ratio ratio;
	for (size_t draw = 0; draw <= STREAM_DRAWS; draw++)
		ratio.draws[draw] = row->ratio.draws[draw] / best->ratio.draws[draw];
	return stream_interval_of(&ratio).upper <= NEAR;
}

/* The least memory of those that are as good, of the rows from `first` on that have slots of `bits_least` to
 * `bits_most`; where there is none, `otherwise`. */
static size_t least(const struct stream_rows *rows, size_t first, unsigned bits_least, unsigned bits_most,
		    size_t otherwise) {
	size_t best = fastest(rows, first), none = rows->count, chosen = none;
	for (size_t i = first; i < rows->count; i++) {
		const struct stream_shape *shape = &rows->rows[i].shape;
		bool is_less =
			chosen == none || stream_shape_bytes(shape) < stream_shape_bytes(&rows->rows[chosen].shape);
		if (shape->slot_bits >= bits_least && shape->slot_bits <= bits_most && is_less &&
		    is_as_good(&rows->rows[i], &rows->rows[best]))
			chosen = i;
	}
	return chosen == none ? otherwise : chosen;
}

/* Without room. */
static size_t choice(const struct stream_rows *rows, size_t first) {
	return least(rows, first, 0, UINT_MAX, fastest(rows, first));
}

size_t stream_fastest(const struct stream_rows *rows) {
	return fastest(rows, 0);
}

size_t stream_choice(const struct stream_rows *rows) {
	size_t smallest = choice(rows, 0);
	return least(rows, 0, rows->rows[smallest].shape.slot_bits + 1, DEFAULT_BITS, smallest);
}

/* One more of `times` tellings is in the mean. */
static void take_in(struct stream_row *row, const struct stream_row *told, unsigned times) {
	for (size_t draw = 0; draw <= STREAM_DRAWS; draw++)
		row->ratio.draws[draw] += (told->ratio.draws[draw] - row->ratio.draws[draw]) / times;
}

/* Those that are near the fastest, all in one, a few times: what was told at different times lies further apart than
 * they do, and a telling has its luck with memory. Each time fewer may be as good. */
static int tell_again(unsigned times_most, stream_teller *teller, void *owner, struct stream_rows *rows) {
	enum { AGAIN_MOST = STREAM_BATCH_MOST - 1 };
	static struct stream_row again[AGAIN_MOST];
	size_t places[AGAIN_MOST];
	int status = 0;
	for (unsigned times = 1; status == 0 && times <= times_most; times++) {
		double most = rows->rows[fastest(rows, 0)].ratio.draws[0] * AGAIN;
		size_t count = 0;
		for (size_t i = 1; i < rows->count && count < AGAIN_MOST; i++)
			if (rows->rows[i].ratio.draws[0] <= most) {
				again[count] = rows->rows[i];
				places[count++] = i;
			}
		status = count > 0 ? teller(owner, &rows->rows[0], again, count) : 0;
		for (size_t i = 0; status == 0 && i < count; i++)
			take_in(&rows->rows[places[i]], &again[i], times);
	}
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
	return status == 0 ? tell_again(1, teller, owner, rows) : status;
}

static int tell_new(size_t done, stream_teller *teller, void *owner, struct stream_rows *rows) {
	return rows->count > done ? teller(owner, &rows->rows[0], rows->rows + done, rows->count - done) : 0;
}

/* Every number of slots before that store, with address spaces of their own or without. */
static int search_slots(struct stream_shape shape, stream_teller *teller, void *owner, struct stream_rows *rows) {
	size_t done = rows->count;
	uint32_t spaces = rows->rows[0].shape.asids;
	for (size_t i = 0; i < BITS_TRIED; i++) {
		shape.slot_bits = bits_tried[i];
		shape.asids = spaces;
		want(rows, shape);
		shape.asids = 1;
		want(rows, shape);
	}
	return tell_new(done, teller, owner, rows);
}

/* Every store behind those slots: which ways are best depends on how many entries there are. */
static int search_store(struct stream_shape shape, stream_teller *teller, void *owner, struct stream_rows *rows) {
	size_t done = rows->count;
	for (size_t ways = 0; ways < WAYS_TRIED; ways++)
		for (shape.entries = STREAM_ENTRIES_LEAST; shape.entries <= STREAM_ENTRIES_MOST;
		     shape.entries *= STREAM_ENTRIES_STEP) {
			shape.ways = ways_tried[ways];
			want(rows, shape);
		}
	return tell_new(done, teller, owner, rows);
}

int stream_search(const struct stream_given *given, stream_teller *teller, void *owner, struct stream_rows *rows) {
	enum { BEHIND_DEFAULT = 1, TURNS_MOST = 6, SEARCH_TIMES = 3 };
	struct stream_shape shape = stream_shape_default(given);
	size_t done;
	rows->count = 0;
	want(rows, shape);
	int status = tell_new(0, teller, owner, rows);
	shape.entries = STREAM_ENTRIES_MOST;
	for (unsigned turn = 0; status == 0 && turn < TURNS_MOST; turn++) {
		done = rows->count;
		status = search_slots(shape, teller, owner, rows);
		if (status == 0)
			status = search_store(rows->rows[choice(rows, turn == 0 ? BEHIND_DEFAULT : 0)].shape, teller,
					      owner, rows);
		if (rows->count == done)
			break;
		shape = rows->rows[choice(rows, 0)].shape;
	}
	return status == 0 ? tell_again(SEARCH_TIMES, teller, owner, rows) : status;
}
