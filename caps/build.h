/* SPDX-License-Identifier: Apache-2.0
 *
 * What the decoders of both architectures share while a description is made. Internal to caps/.
 */
#pragma once

#include "caps/machine.h"

/* ACPI tables that are read. */
enum caps_table { CAPS_MADT, CAPS_PPTT, CAPS_SRAT, CAPS_SLIT, CAPS_HMAT, CAPS_TABLES };

enum { CAPS_REMARKS_MAX = 256 };
enum { CAPS_BUILD_CACHES_PER_CPU = 6 }; /* L1 twice, L2, L3, L4; one to spare */

struct caps_build {
	const struct caps_raw *raw;
	struct caps_arena *arena;
	struct caps_machine *machine;
	const struct caps_cpu_raw **cpus; /* in order of their numbers, as machine->cpus */
	uint64_t *cache_keys;             /* of each instance in machine->caches */
	size_t cache_capacity;
	bool caches_left_out;
	struct caps_cache *cache_spare; /* this and the next: to sort */
	uint64_t *cache_ranks;
	struct caps_bytes tables[CAPS_TABLES]; /* whole, their checksums right; length 0: none */
};

/* Where a CPU lies, as keys: CPUs with equal keys are in the same one. A key says all: a core's holds its package's. */
struct caps_place {
	uint64_t package, die, cluster, core;
};

/* Indices and thread numbers of all CPUs, whose hardware_id is set, and the counts; their sources are the caller's.
 * false: no memory. */
bool caps_build_places(struct caps_build *build, const struct caps_place *places);

/* The CPU at `index` has this cache (whose `cpus` is ignored): joins the instance of the same level, type and key, or
 * begins one. Where the instance was said to be another one, a remark tells. Beyond six caches a CPU it is left out,
 * with a remark. false: no memory. */
bool caps_build_cache(struct caps_build *build, size_t index, const struct caps_cache *cache, uint64_t key);

/* "data", "instruction", "unified". */
const char *caps_cache_type_name(enum caps_cache_type type);

/* Sorted as machine.h says. After the last caps_build_cache; caches may be added and sorted again. */
void caps_build_caches_end(struct caps_build *build);

/* Kinds: CPUs with equal keys are of one. Sets kind, kinds' cpus, threads and cores (after caps_build_places), at most
 * CAPS_KINDS_MAX: further ones join the last, with a remark. The rest of a kind is the caller's, from the first CPU of
 * its set. Sources of the counts are the caller's. false: no memory. */
bool caps_build_kinds(struct caps_build *build, const uint64_t *keys);

/* The kinds' threads and cores anew, where the places of CPUs became others since. */
void caps_build_kinds_count(struct caps_machine *machine);

/* Printable ASCII of at most `length` bytes, ended by a NUL before, without blanks at both ends. */
void caps_text_set(struct caps_text *text, const char *bytes, size_t length, struct caps_source source);

/* Finds the tables that can be believed, before any decoder; remarks tell of the others. */
void caps_tables_check(struct caps_build *build);

/* What caps_tables_describe may take of an arena. */
size_t caps_tables_bytes(const struct caps_raw *raw);

/* The decoders; 0 or an enum caps_error. */
int caps_cpuid_describe(struct caps_build *build);  /* caps/cpuid/: processors, caches, TLBs of x86_64 */
int caps_arm_describe(struct caps_build *build);    /* caps/arm/: the same of aarch64, from registers and PPTT */
int caps_tables_describe(struct caps_build *build); /* caps/tables/: nodes and modules; both architectures */
int caps_told_describe(struct caps_build *build);   /* caps/told.c: what an OS says, set against the rest */
