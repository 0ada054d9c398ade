/* SPDX-License-Identifier: Apache-2.0
 *
 * Which rows of a run make the TLBs' curves, what its machine says of them, and what both say together: of records
 * (bench/collect.h) and of results.json, which hand in names and times.
 */
#pragma once

#include "bench/json.h"
#include "bench/reach/reach.h"

enum { REACH_PAGE_SIZES = 3 };

/* The rows that count begin so, or with "machine/pages/held/". */
#define REACH_PREFIX "machine/pages/reach/"

struct reach_row {
	uint32_t count;
	double ns;
};

struct reach_rows_curve {
	size_t count;
	struct reach_row rows[REACH_POINTS_MOST]; /* by count, ascending */
};

/* All zero: none. */
struct reach_rows {
	struct reach_rows_curve neighbours[REACH_PAGE_SIZES]; /* reach/PAGE/1 */
	struct reach_rows_curve apart;                        /* reach/4KiB/16 */
	struct reach_rows_curve held;                         /* held/1 */
};

/* What is told of the core's kind that was measured; 0: nothing is. */
struct reach_told {
	uint64_t first_lines, second_lines; /* of the first two data caches */
	uint64_t entries[REACH_PAGE_SIZES][REACH_LEVELS_MOST];
	char source[REACH_PAGE_SIZES][REACH_LEVELS_MOST][48]; /* "leaf 0x18 on CPU 0" */
};

/* One page size. */
struct reach_tlbs {
	uint64_t page_bytes;
	size_t points;      /* of its curve; 0: nothing was measured */
	struct reach found; /* where there are any */
	uint64_t told[REACH_LEVELS_MOST];
	enum reach_verdict verdict[REACH_LEVELS_MOST];
};

/* Takes a row in, whose least time is `ns`; others, and those that no curve has room for, it leaves. */
void reach_rows_take(struct reach_rows *rows, const char *name, double ns);

/* `context`: the member of that name, as of results.json and of the MACHINE record. Another's, or none (length 0):
 * nothing is told. */
void reach_told_of(struct json_span context, struct reach_told *told);

/* Pages of 4 KiB, 2 MiB, 1 GiB: `size` 0 to 2. */
void reach_tlbs_of(const struct reach_rows *rows, const struct reach_told *told, size_t size, struct reach_tlbs *tlbs);

/* NULL: nothing was found of it. */
const struct reach_level *reach_tlbs_level(const struct reach_tlbs *tlbs, size_t level);

/* "4 KiB" */
const char *reach_page_name(size_t size);
