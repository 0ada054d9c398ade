/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct peer_rows *rows, const struct peer_suite *suite, const struct peer_row *row, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (rows->count == PEER_ROWS_MAX) {
			fprintf(stderr, "bench-peers: more than %d rows\n", PEER_ROWS_MAX);
			exit(1);
		}
		rows->listed[rows->count++] = (struct peer_listed){suite, &row[i]};
	}
}

void peer_rows_list(const struct peer_machine *machine, struct peer_rows *rows) {
	rows->count = 0;
	for (const struct peer_suite *const *suite = peer_suites; *suite != NULL; suite++) {
		append(rows, *suite, (*suite)->rows, (*suite)->count);
		size_t count = 0;
		if ((*suite)->more != NULL) {
			const struct peer_row *more = (*suite)->more(machine, &count);
			append(rows, *suite, more, count);
		}
	}
}

bool peer_row_wanted(const struct peer_row *row, const char *filter, bool variants) {
	if (filter != NULL && strstr(row->name, filter) == NULL)
		return false;
	if (!row->optional || variants)
		return true;
	char base[PEER_NAME_BYTES];
	peer_words_copy(base, sizeof base, row->name);
	char *last = strrchr(base, '/');
	if (last != NULL)
		*last = 0;
	return filter != NULL && strstr(base, filter) == NULL;
}
