/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/tables/tables.h"

#include <string.h>

/* What depends on a table's length: the others' is within what each description has. */
size_t caps_tables_bytes(const struct caps_raw *raw) {
	size_t bytes = CAPS_NODES_MAX * sizeof(struct caps_node) + CAPS_MODULES_MAX * sizeof(struct caps_module);
	for (size_t i = 0; i < raw->table_count; i++) {
		const struct caps_bytes *table = &raw->tables[i];
		if (table->length >= 4 && memcmp(table->bytes, "PPTT", 4) == 0)
			bytes += caps_pptt_bytes(table->length);
		if (table->length >= 4 && memcmp(table->bytes, "SLIT", 4) == 0)
			bytes += (size_t)CAPS_NODES_MAX * CAPS_NODES_MAX * sizeof(struct caps_number);
	}
	return bytes;
}

int caps_tables_describe(struct caps_build *build) {
	if (build->tables[CAPS_MADT].length)
		caps_madt_compare(build);
	int error = caps_srat_describe(build);
	if (!error)
		error = caps_slit_describe(build);
	if (!error)
		caps_hmat_describe(build);
	return error ? error : caps_smbios_describe(build);
}
