/* SPDX-License-Identifier: Apache-2.0
 *
 * Distances between nodes: the SLIT, ACPI 6.5, 5.2.17. Its rows are the SRAT's domains.
 */
#include "caps/tables/tables.h"

enum { SLIT_LOCALITIES = 36, SLIT_MATRIX = 44, SLIT_LOCAL = 10, SLIT_UNREACHABLE = 255 };

/* A cell; not known where a domain is beyond the matrix or the value is reserved. */
static struct caps_number distance(const struct caps_bytes *table, uint64_t localities, uint32_t from, uint32_t to) {
	if (from >= localities || to >= localities)
		return (struct caps_number){0};
	uint8_t value = table->bytes[SLIT_MATRIX + from * localities + to];
	if (value < SLIT_LOCAL || value == SLIT_UNREACHABLE)
		return (struct caps_number){0};
	return (struct caps_number){value, caps_table_source(CAPS_SLIT)};
}

int caps_slit_describe(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	const struct caps_bytes *table = &build->tables[CAPS_SLIT];
	if (!machine->node_count || table->length < SLIT_MATRIX)
		return 0;
	uint64_t localities = caps_read64(table->bytes + SLIT_LOCALITIES);
	if (localities > UINT16_MAX || localities * localities > table->length - SLIT_MATRIX) {
		caps_remark(machine, build->arena, "the SLIT is shorter than its %llu localities: it is not used",
			    (unsigned long long)localities);
		return 0;
	}
	size_t count = machine->node_count;
	machine->distances = caps_arena_take(build->arena, count * count * sizeof(*machine->distances));
	if (!machine->distances)
		return CAPS_ENOMEM;
	for (size_t from = 0; from < count; from++) {
		for (size_t to = 0; to < count; to++)
			machine->distances[from * count + to] =
				distance(table, localities, machine->nodes[from].number, machine->nodes[to].number);
		machine->nodes[from].distance = machine->distances[from * count + from];
		if (machine->nodes[from].distance.source.from && machine->nodes[from].distance.value != SLIT_LOCAL)
			caps_remark(machine, build->arena, "node %u is %llu from itself by the SLIT, not %u",
				    machine->nodes[from].number,
				    (unsigned long long)machine->nodes[from].distance.value, (unsigned)SLIT_LOCAL);
	}
	return 0;
}
