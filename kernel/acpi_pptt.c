/* SPDX-License-Identifier: Apache-2.0
 *
 * The PPTT's processor nodes. A parent is named by its offset in the table; a table whose parents go round in a circle
 * ends a walk all the same.
 */
#include "kernel/acpi.h"

#include <stddef.h>

enum {
	PPTT_NODES = 36,
	PPTT_PROCESSOR = 0,
	PPTT_PROCESSOR_BYTES = 20,
	PPTT_FLAG_PACKAGE = 1 << 0,
	PPTT_FLAG_UID_VALID = 1 << 1,
	PPTT_FLAG_THREAD = 1 << 2,
	PPTT_LEVELS_MAX = 16,
};

/* The processor node `at` bytes into the table; NULL: there is none. */
static const uint8_t *pptt_node(const uint8_t *table, uint32_t at) {
	uint32_t length = acpi_read32(table + 4);
	if (at < PPTT_NODES || at > length || length - at < PPTT_PROCESSOR_BYTES)
		return NULL;
	return table[at] == PPTT_PROCESSOR && table[at + 1] >= PPTT_PROCESSOR_BYTES ? table + at : NULL;
}

/* The processor node at *at or the next one behind it; *at is behind that then. */
static const uint8_t *pptt_next(const uint8_t *table, uint32_t *at) {
	uint32_t length = acpi_read32(table + 4);
	while (length - *at >= 2 && table[*at + 1] >= 2 && table[*at + 1] <= length - *at) {
		const uint8_t *node = pptt_node(table, *at);
		*at += table[*at + 1];
		if (node != NULL)
			return node;
	}
	return NULL;
}

static bool pptt_has_child(const uint8_t *table, const uint8_t *node) {
	uint32_t at = PPTT_NODES;
	for (const uint8_t *child; (child = pptt_next(table, &at)) != NULL;) {
		if (acpi_read32(child + 8) == (uint32_t)(node - table))
			return true;
	}
	return false;
}

/* Containers have UIDs of their own, which may be the same numbers. */
static const uint8_t *pptt_leaf(const uint8_t *table, uint32_t uid) {
	uint32_t at = PPTT_NODES;
	for (const uint8_t *node; (node = pptt_next(table, &at)) != NULL;) {
		if (acpi_read32(node + 4) & PPTT_FLAG_UID_VALID && acpi_read32(node + 12) == uid &&
		    !pptt_has_child(table, node))
			return node;
	}
	return NULL;
}

bool acpi_pptt_find(uint64_t rsdp, uint32_t uid, struct acpi_pptt_place *place) {
	uint32_t length;
	const uint8_t *table = acpi_find_bytes(rsdp, "PPTT", PPTT_NODES, &length);
	const uint8_t *node = table != NULL ? pptt_leaf(table, uid) : NULL;
	if (node == NULL)
		return false;
	bool thread = acpi_read32(node + 4) & PPTT_FLAG_THREAD;
	uint64_t core = thread ? acpi_read32(node + 8) : (uint64_t)(node - table);
	*place = (struct acpi_pptt_place){.core = core, .cluster = core};
	for (unsigned level = 0; level < PPTT_LEVELS_MAX && node != NULL; level++) {
		uint64_t at = (uint64_t)(node - table);
		bool is_package = acpi_read32(node + 4) & PPTT_FLAG_PACKAGE;
		if (place->cluster == core && at != core && !is_package && level != 0)
			place->cluster = at;
		place->package = at;
		node = is_package ? NULL : pptt_node(table, acpi_read32(node + 8));
	}
	return true;
}
