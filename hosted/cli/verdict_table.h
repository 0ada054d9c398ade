/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "hosted/verdict/judge.h"

enum verdict_format { VERDICT_FORMAT_TABLE, VERDICT_FORMAT_MARKDOWN, VERDICT_FORMAT_JSON };

struct verdict_table {
	const char *head; /* a line */
	struct judge_row *rows;
	size_t count;
	const struct gap *gaps;
	size_t gap_count;
	enum verdict_format format;
};

/* Judges the rows and prints all, with annotations. The exit status of judge_rows and
 * judge_status. */
int verdict_table_show(const struct judge *judge, const struct verdict_table *table);
