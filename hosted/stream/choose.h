/* SPDX-License-Identifier: Apache-2.0
 *
 * Which shape of the software TLB a stream wants: the least memory among those that take at the most 1 % longer than
 * the fastest, with all of the interval of that, as parts of the stream differ, and another day's will. That has the
 * fewest slots in which the stream's pages happen not to meet; another day they lie elsewhere. So of those with more
 * slots, up to the default's, the one of the least memory is taken, where there is one that is as fast. Pure.
 */
#pragma once

#include "hosted/stream/timing.h"

enum { STREAM_ROWS_MOST = 512, STREAM_ENTRIES_LEAST = 64, STREAM_ENTRIES_MOST = 1 << 18, STREAM_ENTRIES_STEP = 4 };

struct stream_row {
	struct stream_shape shape;
	struct stream_counts counts;
	struct stream_ratio ratio; /* of its time to that of the first row */
};

/* Shapes that were looked at, a shape once; the first is the default. */
struct stream_rows {
	size_t count;
	struct stream_row rows[STREAM_ROWS_MOST];
};

/* Fills counts, where there are none yet, and ratios of rows that have their shapes; the first is told again, to be
 * compared with. 0, or negative, which is handed through. */
typedef int stream_teller(void *owner, const struct stream_row *first, struct stream_row *rows, size_t count);

/* What is not chosen, but the stream's: its address spaces, pages, flushes. */
struct stream_given {
	uint32_t spaces;
	uint32_t page_shift;
	uint64_t flush_every;
};

/* What docs/embedding.md begins with, for that stream. */
struct stream_shape stream_shape_default(const struct stream_given *given);

/* Every shape. 0, or what the teller says. */
int stream_sweep(const struct stream_given *given, stream_teller *teller, void *owner, struct stream_rows *rows);

/* Some of them: first the slots in front, with a store in which all has room, and with address spaces or flushes in
 * their place; then the store's entries and ways; and so round and round about the choice, until a turn has nothing
 * that is new. */
int stream_search(const struct stream_given *given, stream_teller *teller, void *owner, struct stream_rows *rows);

/* The fastest; the one that is chosen, by the rule above. `rows` has one at the least. */
size_t stream_fastest(const struct stream_rows *rows);
size_t stream_choice(const struct stream_rows *rows);

/* NULL: it was not looked at. */
const struct stream_row *stream_row_of(const struct stream_rows *rows, const struct stream_shape *shape);
