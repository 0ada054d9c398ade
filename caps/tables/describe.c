/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/tables/tables.h"

size_t caps_tables_bytes(const struct caps_raw *raw) {
	(void)raw;
	return 0;
}

int caps_tables_describe(struct caps_build *build) {
	if (build->tables[CAPS_MADT].length)
		caps_madt_compare(build);
	return 0;
}
