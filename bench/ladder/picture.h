/* SPDX-License-Identifier: Apache-2.0
 *
 * A ladder as characters: latency over size, both by their logarithms. Plain ASCII, no blank at a line's end. Pure: the
 * same points make the same lines, whatever shows them.
 */
#pragma once

#include "bench/ladder/levels.h"
#include "bench/text.h"

enum { PICTURE_COLUMNS_LEAST = 40, PICTURE_COLUMNS_MOST = 80, PICTURE_ROWS_LEAST = 4, PICTURE_ROWS_MOST = 24 };

struct picture_curve {
	const struct levels_point *points; /* ascending, latencies in ns */
	size_t count;
	char mark;
	const char *name;
};

struct picture_frame {
	size_t columns;      /* of a line: cut to what is allowed */
	size_t rows;         /* of the drawing, without its scale and names: likewise */
	uint64_t from_bytes; /* the sizes that it goes over; both 0: those of the points */
	uint64_t to_bytes;
};

/* One character a column for each curve, where several meet an asterisk; between two points a straight line. `levels`:
 * where they end, and their names; NULL: none. Nothing where there are no two points. */
void picture_draw(const struct picture_frame *frame, const struct picture_curve *curves, size_t count,
		  const struct levels *levels, struct text *text);
