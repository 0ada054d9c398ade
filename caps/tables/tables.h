/* SPDX-License-Identifier: Apache-2.0
 *
 * ACPI tables (ACPI 6.5, chapter 5.2) behind bounds, whatever is in them. Internal to caps/.
 */
#pragma once

#include "caps/build.h"

enum { CAPS_TABLE_HEADER = 36, CAPS_TABLE_REVISION = 8 };

static inline uint16_t caps_read16(const uint8_t *at) {
	return (uint16_t)(at[0] | at[1] << 8);
}
static inline uint32_t caps_read32(const uint8_t *at) {
	return caps_read16(at) | (uint32_t)caps_read16(at + 2) << 16;
}
static inline uint64_t caps_read64(const uint8_t *at) {
	return caps_read32(at) | (uint64_t)caps_read32(at + 4) << 32;
}

struct caps_source caps_table_source(enum caps_table which);

/* A structure within a table: type and length in its first two bytes. */
struct caps_entry {
	const uint8_t *bytes;
	uint32_t length;
	uint8_t type;
};

/* The structure at *at, which is behind it then. Begin with the offset of the first. false: no more, or what follows is
 * cut. */
bool caps_entry_next(const struct caps_bytes *table, size_t *at, struct caps_entry *entry);

/* ---- MADT (madt.c) ----------------------------------------------------------------------------------------------- */

/* A processor that the MADT lists. */
struct caps_madt_cpu {
	uint64_t hardware_id; /* (x2)APIC id, or MPIDR_EL1's affinity fields */
	uint32_t uid;
	bool enabled;
};

/* As caps_entry_next; entries that are no processor are passed over. `at`: 0 to begin. */
bool caps_madt_next(const struct caps_build *build, size_t *at, struct caps_madt_cpu *cpu);

/* Remarks where the processors that were read are not those that it lists. */
void caps_madt_compare(struct caps_build *build);

/* ---- PPTT (pptt.c) ----------------------------------------------------------------------------------------------- */

enum { CAPS_PPTT_LEVELS = 16, CAPS_PPTT_CACHES = 16 };

struct caps_pptt {
	struct caps_bytes table;
	uint64_t *parents; /* bit n: the node at offset n is the parent of one */
};

/* A cache as the PPTT has it for one CPU. */
struct caps_pptt_cache {
	uint32_t at;    /* offset of its structure */
	uint32_t owner; /* offset of the highest processor node that names it: CPUs below share it */
	bool private;   /* the owner is the core or its thread */
	uint32_t level;
	enum caps_cache_type type;
	uint64_t bytes; /* this and the next: 0 where it does not say */
	uint32_t ways, sets, line_bytes;
};

/* Processor nodes from a CPU's own upwards, as offsets, and the caches that they name. */
struct caps_pptt_path {
	uint32_t node[CAPS_PPTT_LEVELS];
	size_t count;
	size_t core, package; /* indices into node */
	bool circle;          /* its nodes go round in a circle, or are more than there is room for */
	struct caps_pptt_cache caches[CAPS_PPTT_CACHES];
	size_t cache_count;
};

/* false: no PPTT, or no memory. */
bool caps_pptt_begin(const struct caps_build *build, struct caps_pptt *pptt);

/* What caps_pptt_begin takes of an arena for a table of this length. */
size_t caps_pptt_bytes(size_t length);

/* false: there is no leaf of this UID. */
bool caps_pptt_find(const struct caps_pptt *pptt, uint32_t uid, struct caps_pptt_path *path);

/* ---- memory ------------------------------------------------------------------------------------------------------ */

enum { CAPS_NODES_MAX = 256, CAPS_MODULES_MAX = 256 };

int caps_srat_describe(struct caps_build *build);   /* machine->nodes, cpus' node (srat.c) */
int caps_slit_describe(struct caps_build *build);   /* distances (slit.c) */
void caps_hmat_describe(struct caps_build *build);  /* nodes' latency and bandwidth (hmat.c) */
int caps_smbios_describe(struct caps_build *build); /* modules, memory_bandwidth (smbios.c) */

/* machine->nodes[] of this number; NULL: none. */
struct caps_node *caps_node_find(struct caps_machine *machine, uint32_t number);
