/* SPDX-License-Identifier: Apache-2.0
 *
 * The description of a machine that the decoders make of what it says (caps/raw.h). Every field says where it is from;
 * where two sources differ a remark says so. Pure code: no memory but what the caller gives, no state, any input ends
 * in a description or in an error with words.
 */
#pragma once

#include "caps/raw.h"

#include <stdbool.h>

/* ---- fields -------------------------------------------------------------------------------------------------- */

enum caps_from {
	CAPS_FROM_NOWHERE = 0, /* not known */
	CAPS_FROM_LEAF,        /* detail: leaf; subleaf, cpu */
	CAPS_FROM_REGISTER,    /* detail: enum caps_register, CAPS_REGISTER_COUNT for CCSIDR_EL1; cpu */
	CAPS_FROM_TABLE,       /* detail: an ACPI signature, its first letter in the lowest byte */
	CAPS_FROM_SMBIOS,      /* detail: the structure's type */
	CAPS_FROM_OS,          /* word */
	CAPS_FROM_MEASURED,    /* cpu */
	CAPS_FROM_LIST,        /* a list of models of ours (caps/models.h) */
	CAPS_FROM_PRESUMED,    /* follows from nothing that was said; word has why */
};

struct caps_source {
	enum caps_from from;
	uint32_t detail, subleaf, cpu;
	const char *word; /* static, or of caps_raw */
};

/* "leaf 0x1f on CPU 3", "PPTT", "CCSIDR_EL1 on CPU 0", "SMBIOS type 17", "measured on CPU 2"; always terminated. */
void caps_source_text(const struct caps_source *source, char *text, size_t capacity);

struct caps_number {
	uint64_t value;
	struct caps_source source;
};

/* Printable ASCII, terminated; what is not printable has become '?'. */
struct caps_text {
	char value[64];
	struct caps_source source;
};

/* ---- processors ---------------------------------------------------------------------------------------------- */

struct caps_cpu_set {
	uint64_t word[CAPS_CPUS_MAX / 64]; /* bit i: cpus[i] of the description (an index, no number) */
};

static inline void caps_set_add(struct caps_cpu_set *set, size_t index) {
	set->word[index / 64] |= UINT64_C(1) << (index % 64);
}
static inline bool caps_set_has(const struct caps_cpu_set *set, size_t index) {
	return set->word[index / 64] >> (index % 64) & 1;
}
size_t caps_set_count(const struct caps_cpu_set *set);

/* Indices below are dense, from 0 in the order of the lowest CPU in each, over the whole machine. */
struct caps_cpu {
	uint32_t number;
	uint64_t hardware_id; /* x2APIC id, or MPIDR_EL1's affinity fields */
	uint32_t package, die, cluster, core;
	uint32_t thread; /* 0 to n - 1 within its core, in order of hardware_id */
	uint32_t kind;   /* index into kinds */
	uint32_t node;   /* index into nodes; 0 where there are none */
};

enum { CAPS_KINDS_MAX = 16, CAPS_FEATURES_MAX = 256 };

/* CPUs that are alike. Where all are, there is one kind without a name. */
struct caps_kind {
	struct caps_text name; /* "P", "E", "LP-E", "big", "LITTLE", "medium", or empty */
	struct caps_text model;
	struct caps_text microarchitecture;
	struct caps_text stepping; /* "family 6 model 183 stepping 1", "r1p2" */
	struct caps_cpu_set cpus;
	struct caps_number cores, threads;
	struct caps_number base_hz, max_hz, measured_hz; /* measured: the highest of its CPUs' */
	uint64_t features[CAPS_FEATURES_MAX / 64];       /* bit: caps_feature_name's index */
	struct caps_source features_source;
	uint32_t sve_lengths;      /* as in caps_cpu_raw */
	struct caps_text counters; /* "version 5: 8 of 48 bit, 3 fixed" */
	struct caps_number physical_bits, virtual_bits;
	uint32_t page_sizes; /* bit n: pages of 2^n bytes */
	struct caps_source page_sizes_source;
	struct caps_number line_bytes;       /* that CLFLUSH or DC work on: the smallest of its data caches */
	struct caps_number zero_block_bytes; /* that DC ZVA clears; aarch64 */
};

/* Names of both architectures, in lower case as /proc/cpuinfo spells them where it has them; NULL beyond the last.
 * A feature is there where the processor says so; whether an operating system keeps its state (XCR0) is not asked. */
const char *caps_feature_name(enum caps_architecture architecture, size_t index);
enum caps_feature_group { CAPS_FEATURES_SIMD, CAPS_FEATURES_CRYPTO, CAPS_FEATURES_OTHER };
enum caps_feature_group caps_feature_group(enum caps_architecture architecture, size_t index);

/* ---- caches, TLBs, memory ------------------------------------------------------------------------------------ */

struct caps_cache {
	uint32_t level;
	enum caps_cache_type type;
	uint64_t bytes;
	uint32_t ways; /* 0: not known; UINT32_MAX: fully associative */
	uint32_t sets, line_bytes;
	struct caps_cpu_set cpus; /* who shares it */
	struct caps_source source;
	struct caps_source shared_source;
};

struct caps_tlb {
	uint32_t level;
	enum caps_cache_type type;
	uint32_t page_sizes; /* as in caps_kind: these share its entries */
	uint32_t entries;
	uint32_t ways; /* as in caps_cache */
	uint32_t kind;
	struct caps_source source;
};

struct caps_node {
	uint32_t number; /* SRAT's proximity domain, or the operating system's */
	struct caps_number bytes;
	struct caps_number distance;               /* to itself; SLIT */
	struct caps_number latency_ps;             /* HMAT, from its own CPUs */
	struct caps_number bandwidth_bytes_second; /* likewise */
};

struct caps_module {
	struct caps_number bytes, mt_second, width_bits; /* SMBIOS type 17; of a module that is there */
	struct caps_text type;                           /* "DDR5" */
};

struct caps_mitigation {
	struct caps_text name, state;
};

/* ---- all of it ----------------------------------------------------------------------------------------------- */

struct caps_machine {
	enum caps_architecture architecture;
	struct caps_text vendor, model, microarchitecture, microcode, hypervisor;
	struct caps_number packages, dies, clusters, cores, threads;
	struct caps_number timer_hz;         /* of the counter that counts time: CNTPCT_EL0, the TSC */
	struct caps_number memory_bandwidth; /* bytes a second on paper: modules' speed times width */

	struct caps_cpu *cpus; /* in order of their numbers */
	size_t cpu_count;
	struct caps_kind *kinds;
	size_t kind_count;
	struct caps_cache *caches; /* one an instance; by level, type, first CPU */
	size_t cache_count;
	struct caps_tlb *tlbs;
	size_t tlb_count;
	struct caps_node *nodes;
	size_t node_count;
	struct caps_number *distances; /* node_count * node_count, row: from; NULL: no SLIT */
	struct caps_module *modules;
	size_t module_count;
	struct caps_mitigation *mitigations;
	size_t mitigation_count;

	/* Lines for a reader: what contradicts itself, which of two sources is shown, what was not believed and why. */
	const char **remarks;
	size_t remark_count;
};

/* Memory for a description; grows upwards, nothing is given back. */
struct caps_arena {
	uint8_t *memory;
	size_t bytes, used;
	bool exhausted;
};

/* Zeroed, aligned to 16; NULL, and `exhausted`, where it does not fit. */
void *caps_arena_take(struct caps_arena *arena, size_t bytes);

/* Adds a remark, formatted as printf does; dropped without memory or beyond 256 of them. Longer than 199 bytes: cut. */
__attribute__((format(printf, 3, 4))) void caps_remark(struct caps_machine *machine, struct caps_arena *arena,
						       const char *format, ...);

enum caps_error {
	CAPS_ENOMEM = -1, /* the arena is too small */
	CAPS_EINVAL = -2, /* no CPU, too many, a number twice, or nothing in it that could be read */
};

/* How large an arena is enough for this. */
size_t caps_describe_bytes(const struct caps_raw *raw);

/* The description lies in the arena. 0 or an enum caps_error. */
int caps_describe(const struct caps_raw *raw, struct caps_arena *arena, struct caps_machine **machine);
