/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/history/levels.h"

#include <stdlib.h>
#include <string.h>

size_t level_end(const struct history_entry *entries, size_t count, size_t first) {
	size_t end = first + 1;
	while (end < count && !entries[end].changed && history_same_series(&entries[end], &entries[first]))
		end++;
	return end;
}

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

double level_figure(const struct history_entry *entries, size_t first, size_t end) {
	size_t count = end - first;
	double *figures = malloc(count * sizeof(*figures));
	if (!figures)
		return 0;
	for (size_t i = 0; i < count; i++)
		figures[i] = entries[first + i].time;
	qsort(figures, count, sizeof(*figures), ascending);
	double median = (figures[(count - 1) / 2] + figures[count / 2]) / 2;
	free(figures);
	return median;
}
