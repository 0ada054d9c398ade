/* SPDX-License-Identifier: Apache-2.0
 *
 * The benchmarks of all files, joined by name.
 */
#include "hosted/report/report.h"

#include <stdlib.h>
#include <string.h>

static struct report_row *find_row(const struct report *report, const char *name) {
	for (size_t i = 0; i < report->row_count; i++)
		if (strcmp(report->rows[i].name, name) == 0)
			return &report->rows[i];
	return NULL;
}

/* The place of a new row: behind the last of its group, so that groups stay together whatever each file's order was. */
static size_t place_of(const struct report *report, const char *group) {
	size_t place = report->row_count;
	while (place > 0 && strcmp(report->rows[place - 1].group, group) != 0)
		place--;
	return place ? place : report->row_count;
}

int report_join(struct report *report) {
	size_t most = 0;
	for (size_t file = 0; file < report->file_count; file++)
		most += report->files[file].count;
	report->rows = calloc(most ? most : 1, sizeof(*report->rows));
	if (!report->rows)
		return -1;
	for (size_t file = 0; file < report->file_count; file++) {
		for (size_t i = 0; i < report->files[file].count; i++) {
			const struct results_benchmark *run = &report->files[file].benchmarks[i];
			struct report_row *row = file ? find_row(report, run->name) : NULL;
			if (!row) {
				size_t place = place_of(report, run->group);
				row = &report->rows[place];
				memmove(row + 1, row, (report->row_count++ - place) * sizeof(*row));
				*row = (struct report_row){.name = run->name, .group = run->group};
			}
			row->runs[file] = run;
		}
	}
	return 0;
}
