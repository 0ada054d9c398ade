/* SPDX-License-Identifier: Apache-2.0
 */
#include "boot/results_name.h"

#include <criterion/criterion.h>

Test(results_name, is_a_date_else_a_number_and_a_number_behind_a_date_that_is_taken) {
	const uint64_t date = UINT64_C(1795739465); /* 2026-11-27T00:31:05Z */
	const struct {
		uint64_t utc_seconds;
		unsigned number;
		const char *name;
	} rows[] = {
		{date, 1, "results-20261127T003105Z.json"},
		{date, 2, "results-20261127T003105Z-2.json"},
		{date, 10, "results-20261127T003105Z-10.json"},
		{date, 105, "results-20261127T003105Z-105.json"},
		{date, RESULTS_NAME_NUMBER_MAX, "results-20261127T003105Z-999.json"},
		{0, 1, "results-001.json"},
		{0, 20, "results-020.json"},
		{0, RESULTS_NAME_NUMBER_MAX, "results-999.json"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[RESULTS_NAME_BYTES];
		results_name_earlier(rows[i].utc_seconds, rows[i].number, name);
		cr_expect_str_eq(name, rows[i].name);
	}
}
