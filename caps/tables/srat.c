/* SPDX-License-Identifier: Apache-2.0
 *
 * Which memory and which CPUs are of one node: the SRAT, ACPI 6.5, 5.2.16; where there is none the operating system's
 * word for CPUs.
 */
#include "caps/tables/tables.h"

enum {
	SRAT_ENTRIES = 48,
	SRAT_APIC = 0,
	SRAT_APIC_BYTES = 16,
	SRAT_MEMORY = 1,
	SRAT_MEMORY_BYTES = 40,
	SRAT_X2APIC = 2,
	SRAT_X2APIC_BYTES = 24,
	SRAT_GICC = 3,
	SRAT_GICC_BYTES = 18,
	SRAT_ENABLED = 1 << 0,
	SRAT_HOT_PLUGGABLE = 1 << 1,
	SRAT_REVISION_WIDE_DOMAIN = 2, /* before: 8 bits */
};

struct srat {
	struct caps_build *build;
	size_t capacity;
	bool left_out;
	uint64_t hot_pluggable;
	bool *placed; /* of each CPU */
};

struct caps_node *caps_node_find(struct caps_machine *machine, uint32_t number) {
	for (size_t i = 0; i < machine->node_count; i++)
		if (machine->nodes[i].number == number)
			return &machine->nodes[i];
	return NULL;
}

/* The node of this number, which begins here where it is new; NULL: no room. Sorted by their numbers. */
static struct caps_node *node_of(struct srat *srat, uint32_t number) {
	struct caps_machine *machine = srat->build->machine;
	struct caps_node *node = caps_node_find(machine, number);
	if (node)
		return node;
	if (machine->node_count == srat->capacity) {
		if (!srat->left_out)
			caps_remark(machine, srat->build->arena, "more than %zu nodes: not all are shown",
				    srat->capacity);
		srat->left_out = true;
		return NULL;
	}
	size_t at = machine->node_count++;
	for (; at && machine->nodes[at - 1].number > number; at--)
		machine->nodes[at] = machine->nodes[at - 1];
	machine->nodes[at] = (struct caps_node){.number = number};
	return &machine->nodes[at];
}

/* ---- what the table says ----------------------------------------------------------------------------------------- */

static void add_memory(struct srat *srat, const uint8_t *bytes) {
	uint32_t flags = caps_read32(bytes + 28);
	uint64_t length = caps_read64(bytes + 16);
	if (!(flags & SRAT_ENABLED) || !length)
		return;
	if (flags & SRAT_HOT_PLUGGABLE) {
		srat->hot_pluggable++;
		return;
	}
	struct caps_node *node = node_of(srat, caps_read32(bytes + 2));
	if (!node)
		return;
	node->bytes.source = caps_table_source(CAPS_SRAT);
	node->bytes.value = length > UINT64_MAX - node->bytes.value ? UINT64_MAX : node->bytes.value + length;
}

struct cpu_entry {
	uint32_t domain;
	uint64_t id; /* APIC id, or ACPI's UID */
	bool by_uid;
};

/* A CPU's entry that is enabled. */
static bool read_cpu(const struct caps_bytes *table, const struct caps_entry *entry, struct cpu_entry *cpu) {
	const uint8_t *bytes = entry->bytes;
	bool wide = table->bytes[CAPS_TABLE_REVISION] >= SRAT_REVISION_WIDE_DOMAIN;
	if (entry->type == SRAT_APIC && entry->length >= SRAT_APIC_BYTES) {
		uint32_t high = caps_read32(bytes + 8) & 0xffffff00;
		*cpu = (struct cpu_entry){bytes[2] | (wide ? high : 0), bytes[3], false};
		return caps_read32(bytes + 4) & SRAT_ENABLED;
	}
	if (entry->type == SRAT_X2APIC && entry->length >= SRAT_X2APIC_BYTES) {
		*cpu = (struct cpu_entry){caps_read32(bytes + 4), caps_read32(bytes + 8), false};
		return caps_read32(bytes + 12) & SRAT_ENABLED;
	}
	if (entry->type == SRAT_GICC && entry->length >= SRAT_GICC_BYTES) {
		*cpu = (struct cpu_entry){caps_read32(bytes + 2), caps_read32(bytes + 6), true};
		return caps_read32(bytes + 10) & SRAT_ENABLED;
	}
	return false;
}

/* The hardware id of a UID, by the MADT. */
static bool resolve(const struct caps_build *build, struct cpu_entry *entry) {
	struct caps_madt_cpu listed;
	if (!entry->by_uid)
		return build->raw->architecture == CAPS_X86_64;
	for (size_t at = 0; caps_madt_next(build, &at, &listed);)
		if (listed.uid == entry->id) {
			entry->id = listed.hardware_id;
			return true;
		}
	return false;
}

/* Before the end `node` of a CPU is its domain, as indices still change. */
static void place(struct srat *srat, struct cpu_entry *entry) {
	struct caps_machine *machine = srat->build->machine;
	if (!resolve(srat->build, entry) || !node_of(srat, entry->domain))
		return;
	for (size_t i = 0; i < machine->cpu_count; i++)
		if (machine->cpus[i].hardware_id == entry->id) {
			machine->cpus[i].node = entry->domain;
			srat->placed[i] = true;
		}
}

static void read_table(struct srat *srat) {
	const struct caps_bytes *table = &srat->build->tables[CAPS_SRAT];
	struct caps_entry entry;
	struct cpu_entry cpu;
	for (size_t at = SRAT_ENTRIES; caps_entry_next(table, &at, &entry);) {
		if (entry.type == SRAT_MEMORY && entry.length >= SRAT_MEMORY_BYTES)
			add_memory(srat, entry.bytes);
		else if (read_cpu(table, &entry, &cpu))
			place(srat, &cpu);
	}
	if (srat->hot_pluggable)
		caps_remark(srat->build->machine, srat->build->arena,
			    "%llu ranges of the SRAT can be plugged in later: they are not counted as memory",
			    (unsigned long long)srat->hot_pluggable);
}

/* ---- what the operating system says ------------------------------------------------------------------------------ */

static void take_told(struct srat *srat) {
	struct caps_machine *machine = srat->build->machine;
	for (size_t i = 0; i < machine->cpu_count; i++) {
		int32_t told = srat->build->cpus[i]->os_node;
		if (told < 0 || !node_of(srat, (uint32_t)told))
			continue;
		machine->cpus[i].node = (uint32_t)told;
		srat->placed[i] = true;
	}
}

/* Linux numbers nodes anew: what can differ is which CPUs are together. */
static void compare_told(const struct srat *srat) {
	struct caps_machine *machine = srat->build->machine;
	for (size_t i = 0; i < machine->cpu_count; i++)
		for (size_t j = 0; j < i; j++) {
			int32_t one = srat->build->cpus[j]->os_node, other = srat->build->cpus[i]->os_node;
			bool same = machine->cpus[j].node == machine->cpus[i].node;
			if (one < 0 || other < 0 || !srat->placed[i] || !srat->placed[j] || same == (one == other))
				continue;
			caps_remark(machine, srat->build->arena,
				    "CPU %u and CPU %u are of %s by the SRAT, which is shown, and of %s by the "
				    "operating system",
				    machine->cpus[j].number, machine->cpus[i].number, same ? "one node" : "two nodes",
				    same ? "two" : "one");
			return;
		}
}

/* Domains become indices. */
static void finish(struct srat *srat) {
	struct caps_machine *machine = srat->build->machine;
	size_t lost = 0;
	for (size_t i = 0; i < machine->cpu_count; i++) {
		struct caps_node *node = srat->placed[i] ? caps_node_find(machine, machine->cpus[i].node) : NULL;
		machine->cpus[i].node = node ? (uint32_t)(node - machine->nodes) : 0;
		lost += !node;
	}
	if (machine->node_count && lost)
		caps_remark(machine, srat->build->arena,
			    "which node %zu CPUs are of is not told: they are counted to the first", lost);
}

int caps_srat_describe(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	struct srat srat = {.build = build, .capacity = CAPS_NODES_MAX};
	machine->nodes = caps_arena_take(build->arena, CAPS_NODES_MAX * sizeof(*machine->nodes));
	srat.placed = caps_arena_take(build->arena, machine->cpu_count * sizeof(*srat.placed));
	if (!machine->nodes || !srat.placed)
		return CAPS_ENOMEM;
	if (build->tables[CAPS_SRAT].length) {
		read_table(&srat);
		compare_told(&srat);
	} else {
		take_told(&srat);
	}
	finish(&srat);
	return 0;
}
