/* SPDX-License-Identifier: Apache-2.0
 *
 * Latency and bandwidth of a node's memory from its own CPUs: the HMAT's system locality structures, ACPI 6.5,
 * 5.2.27.4. Of revision 1 (ACPI 6.2) only that its units were others.
 */
#include "caps/tables/tables.h"

enum {
	HMAT_ENTRIES = 40,
	HMAT_REVISION_PICOSECONDS = 2,
	HMAT_HEADER = 8,
	HMAT_LOCALITY = 1,
	HMAT_LOCALITY_BYTES = 32,
	HMAT_HIERARCHY_MASK = 0xf,
	HMAT_HIERARCHY_MEMORY = 0,
	HMAT_ACCESS_LATENCY = 0,
	HMAT_READ_LATENCY = 1,
	HMAT_ACCESS_BANDWIDTH = 3,
	HMAT_READ_BANDWIDTH = 4,
	HMAT_UNREACHABLE = 0xffff,
};

#define MEGABYTE UINT64_C(1000000)

struct locality {
	const uint8_t *bytes;
	uint32_t initiators, targets;
	uint64_t unit;
};

static bool read_locality(const uint8_t *bytes, uint32_t length, struct locality *locality) {
	if (caps_read16(bytes) != HMAT_LOCALITY || length < HMAT_LOCALITY_BYTES ||
	    (bytes[8] & HMAT_HIERARCHY_MASK) != HMAT_HIERARCHY_MEMORY)
		return false;
	*locality = (struct locality){bytes, caps_read32(bytes + 12), caps_read32(bytes + 16), caps_read64(bytes + 24)};
	uint64_t room = (length - HMAT_LOCALITY_BYTES) / 2u;
	if (locality->initiators > room || locality->targets > room)
		return false;
	uint64_t cells = (uint64_t)locality->initiators * locality->targets;
	return 2 * ((uint64_t)locality->initiators + locality->targets) + cells <= room;
}

static uint32_t index_in(const uint8_t *list, uint32_t count, uint32_t domain) {
	uint32_t index = 0;
	while (index < count && caps_read32(list + (size_t)4 * index) != domain)
		index++;
	return index;
}

/* Of the domain's memory from its own CPUs, in the table's unit; 0: not told. */
static uint64_t own_value(const struct locality *locality, uint32_t domain) {
	const uint8_t *initiators = locality->bytes + HMAT_LOCALITY_BYTES;
	const uint8_t *targets = initiators + (size_t)4 * locality->initiators;
	const uint8_t *cells = targets + (size_t)4 * locality->targets;
	uint32_t from = index_in(initiators, locality->initiators, domain);
	uint32_t to = index_in(targets, locality->targets, domain);
	if (from == locality->initiators || to == locality->targets)
		return 0;
	uint16_t cell = caps_read16(cells + 2 * ((size_t)from * locality->targets + to));
	if (!cell || cell == HMAT_UNREACHABLE || locality->unit > UINT64_MAX / MEGABYTE / cell)
		return 0;
	return cell * locality->unit;
}

/* What is told of any access is preferred to what is told of reads. */
static void set(struct caps_number *number, uint64_t value, bool of_any_access) {
	if (value && (of_any_access || number->source.from == CAPS_FROM_NOWHERE))
		*number = (struct caps_number){value, caps_table_source(CAPS_HMAT)};
}

static void apply(struct caps_machine *machine, const struct locality *locality) {
	uint8_t type = locality->bytes[9];
	for (size_t i = 0; i < machine->node_count; i++) {
		struct caps_node *node = &machine->nodes[i];
		uint64_t value = own_value(locality, node->number);
		if (type == HMAT_ACCESS_LATENCY || type == HMAT_READ_LATENCY)
			set(&node->latency_ps, value, type == HMAT_ACCESS_LATENCY);
		if (type == HMAT_ACCESS_BANDWIDTH || type == HMAT_READ_BANDWIDTH)
			set(&node->bandwidth_bytes_second, value * MEGABYTE, type == HMAT_ACCESS_BANDWIDTH);
	}
}

void caps_hmat_describe(struct caps_build *build) {
	const struct caps_bytes *table = &build->tables[CAPS_HMAT];
	if (!table->length)
		return;
	if (table->bytes[CAPS_TABLE_REVISION] < HMAT_REVISION_PICOSECONDS) {
		caps_remark(build->machine, build->arena, "the HMAT is of revision 1, whose units differ: not used");
		return;
	}
	size_t at = HMAT_ENTRIES;
	while (at <= table->length && table->length - at >= HMAT_HEADER) {
		const uint8_t *bytes = table->bytes + at;
		uint32_t length = caps_read32(bytes + 4);
		struct locality locality;
		if (length < HMAT_HEADER || length > table->length - at)
			return;
		if (read_locality(bytes, length, &locality))
			apply(build->machine, &locality);
		at += length;
	}
}
