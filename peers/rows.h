/* SPDX-License-Identifier: Apache-2.0
 *
 * All rows of all suites in one list, the same in every launch on a machine.
 */
#pragma once

#include "peers/peers.h"

enum { PEER_ROWS_MAX = 512 };

struct peer_listed {
	const struct peer_suite *suite;
	const struct peer_row *row;
};

struct peer_rows {
	size_t count;
	struct peer_listed listed[PEER_ROWS_MAX];
};

/* Ends the programme where there are more than PEER_ROWS_MAX. */
void peer_rows_list(const struct peer_machine *machine, struct peer_rows *rows);

/* `filter` is part of a row's name; NULL: all. A row that is optional is in where `variants` is, or where the filter
 * is not in its name without the last part. */
bool peer_row_wanted(const struct peer_row *row, const char *filter, bool variants);
