/* SPDX-License-Identifier: Apache-2.0
 *
 * Results as CSV: RFC 4180, with LF alone for its line ends, so that line tools see no carriage return.
 * docs/formats.md names the columns.
 */
#pragma once

#include "bench/stats.h"
#include "bench/text.h"

struct csv_row {
	const char *name;
	const char *group;
	const char *status;
	const char *figures;
	const char *reason;
	size_t samples; /* 0: nothing below */
	struct stats_estimate time;
	double mean, median, std_dev, median_abs_dev;
	uint32_t outliers;
	const char *unit; /* "": no throughput */
	uint64_t per_iteration;
	double per_second;
};

void csv_head(struct text *text);
void csv_row(struct text *text, const struct csv_row *row);

/* One field, in quotes where it needs them, and the comma after it. */
void csv_field(struct text *text, const char *string);
