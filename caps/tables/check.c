/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tables are believed: those whose length is within what was given and whose bytes add up to 0.
 */
#include "caps/tables/tables.h"

#include <string.h>

static const char signatures[CAPS_TABLES][5] = {
	[CAPS_MADT] = "APIC", [CAPS_PPTT] = "PPTT", [CAPS_SRAT] = "SRAT", [CAPS_SLIT] = "SLIT", [CAPS_HMAT] = "HMAT",
};

struct caps_source caps_table_source(enum caps_table which) {
	return (struct caps_source){.from = CAPS_FROM_TABLE, .detail = caps_read32((const uint8_t *)signatures[which])};
}

static const char *why_not(const struct caps_bytes *table) {
	uint32_t length = table->length < CAPS_TABLE_HEADER ? 0 : caps_read32(table->bytes + 4);
	uint8_t sum = 0;
	if (length < CAPS_TABLE_HEADER || length > table->length)
		return "its length is wrong";
	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + table->bytes[i]);
	return sum ? "its checksum is wrong" : NULL;
}

static void check(struct caps_build *build, const struct caps_bytes *table, enum caps_table which) {
	const char *name = signatures[which], *wrong = why_not(table);
	if (build->tables[which].length) {
		caps_remark(build->machine, build->arena, "more than one table %s: the first is used", name);
	} else if (wrong) {
		caps_remark(build->machine, build->arena, "table %s is not used: %s", name, wrong);
	} else {
		build->tables[which] = (struct caps_bytes){table->bytes, caps_read32(table->bytes + 4)};
	}
}

void caps_tables_check(struct caps_build *build) {
	for (size_t i = 0; i < build->raw->table_count; i++) {
		const struct caps_bytes *table = &build->raw->tables[i];
		for (enum caps_table which = 0; which < CAPS_TABLES; which++)
			if (table->length >= 4 && memcmp(table->bytes, signatures[which], 4) == 0)
				check(build, table, which);
	}
}

bool caps_entry_next(const struct caps_bytes *table, size_t *at, struct caps_entry *entry) {
	if (*at > table->length || table->length - *at < 2)
		return false;
	const uint8_t *bytes = table->bytes + *at;
	if (bytes[1] < 2 || bytes[1] > table->length - *at)
		return false;
	*entry = (struct caps_entry){bytes, bytes[1], bytes[0]};
	*at += bytes[1];
	return true;
}
