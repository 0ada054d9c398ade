/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "hosted/verdict/judge.h"

struct verdict_table {
	const char *head; /* a line */
	struct judge_row *rows;
	size_t count;
	const struct gap *gaps;
	size_t gap_count;
	bool json; /* or a table */
};

/* Judges the rows and prints all, as a table or as JSON. The exit status of judge_rows and judge_status. */
int verdict_table_show(const struct judge *judge, const struct verdict_table *table);
