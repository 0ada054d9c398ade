/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines for tests of caps/: CPUs as they would be read, and firmware tables built byte by byte.
 */
#pragma once

#include "caps/machine.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { FIXTURE_CPUS = 256, FIXTURE_TABLES = 8, FIXTURE_TABLE_BYTES = 32768, FIXTURE_OS_CACHES = 64 };

static struct caps_cpu_raw fixture_cpus[FIXTURE_CPUS];
static struct caps_os_cache fixture_os_caches[FIXTURE_OS_CACHES];
static uint8_t fixture_bytes[FIXTURE_TABLES][FIXTURE_TABLE_BYTES];
static struct caps_bytes fixture_tables[FIXTURE_TABLES];
static struct caps_raw raw;
static struct caps_machine *machine;

static inline void fixture_begin(enum caps_architecture architecture, size_t cpus) {
	memset(fixture_cpus, 0, sizeof(fixture_cpus));
	memset(fixture_os_caches, 0, sizeof(fixture_os_caches));
	for (size_t i = 0; i < FIXTURE_CPUS; i++) {
		struct caps_cpu_raw *cpu = &fixture_cpus[i];
		cpu->number = (uint32_t)i;
		cpu->os_package = cpu->os_die = cpu->os_cluster = cpu->os_core = cpu->os_node = -1;
	}
	raw = (struct caps_raw){.architecture = architecture,
				.cpus = fixture_cpus,
				.cpu_count = cpus,
				.tables = fixture_tables,
				.os_caches = fixture_os_caches};
}

static inline int fixture_describe_error(void) {
	static struct caps_arena arena;
	free(arena.memory);
	arena = (struct caps_arena){.bytes = caps_describe_bytes(&raw)};
	arena.memory = malloc(arena.bytes);
	cr_assert(arena.memory);
	machine = NULL;
	return caps_describe(&raw, &arena, &machine);
}

static inline void fixture_describe(void) {
	cr_assert_eq(fixture_describe_error(), 0);
}

/* ---- registers --------------------------------------------------------------------------------------------------- */

static inline void fixture_set(size_t cpu, enum caps_register which, uint64_t value) {
	fixture_cpus[cpu].registers[which] = value;
	fixture_cpus[cpu].known |= 1u << which;
}

/* CCSIDR_EL1 without FEAT_CCIDX. */
static inline void fixture_ccsidr(size_t cpu, unsigned level, unsigned instruction, unsigned line, unsigned ways,
				  unsigned sets) {
	fixture_cpus[cpu].ccsidr[level - 1][instruction] =
		((uint64_t)(sets - 1) << 13) | ((ways - 1) << 3) | (unsigned)(__builtin_ctz(line) - 4);
	fixture_cpus[cpu].ccsidr_known |= 1u << (2 * (level - 1) + instruction);
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static inline void put(uint8_t *at, uint64_t value, unsigned bytes) {
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static inline void fixture_seal(size_t table) {
	uint8_t *bytes = fixture_bytes[table], sum = 0;
	put(bytes + 4, fixture_tables[table].length, 4);
	bytes[9] = 0;
	for (size_t i = 0; i < fixture_tables[table].length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[9] = (uint8_t)-sum;
}

/* A table of `length` bytes, all after the header zero; its index. */
static inline size_t fixture_table(const char *signature, unsigned revision, size_t length) {
	size_t table = raw.table_count++;
	cr_assert(table < FIXTURE_TABLES && length <= FIXTURE_TABLE_BYTES);
	memset(fixture_bytes[table], 0, FIXTURE_TABLE_BYTES);
	memcpy(fixture_bytes[table], signature, 4);
	fixture_bytes[table][8] = (uint8_t)revision;
	fixture_tables[table] = (struct caps_bytes){fixture_bytes[table], length};
	fixture_seal(table);
	return table;
}

/* Room of `length` bytes at the table's end, for an entry of this type with its length in byte 1. */
static inline uint8_t *fixture_entry(size_t table, uint8_t type, uint8_t length) {
	uint8_t *entry = fixture_bytes[table] + fixture_tables[table].length;
	fixture_tables[table].length += length;
	cr_assert(fixture_tables[table].length <= FIXTURE_TABLE_BYTES);
	entry[0] = type;
	entry[1] = length;
	return entry;
}

/* ---- what came of it --------------------------------------------------------------------------------------------- */

static inline bool fixture_remarked(const char *part) {
	for (size_t i = 0; i < machine->remark_count; i++)
		if (strstr(machine->remarks[i], part))
			return true;
	return false;
}

static inline void fixture_expect_no_remark(void) {
	for (size_t i = 0; i < machine->remark_count; i++)
		cr_expect(false, "remark: %s", machine->remarks[i]);
}

static inline const char *fixture_source(const struct caps_source *source) {
	static char text[128];
	caps_source_text(source, text, sizeof(text));
	return text;
}

/* The cache of this level and type at the CPU of this index; NULL: none. */
static inline const struct caps_cache *fixture_cache(size_t index, uint32_t level, enum caps_cache_type type) {
	for (size_t i = 0; i < machine->cache_count; i++) {
		const struct caps_cache *cache = &machine->caches[i];
		if (cache->level == level && cache->type == type && cache->cpus.word[index / 64] >> (index % 64) & 1)
			return cache;
	}
	return NULL;
}

static inline size_t fixture_sharers(const struct caps_cache *cache) {
	size_t count = 0;
	for (size_t i = 0; i < CAPS_CPUS_MAX / 64; i++)
		count += (size_t)__builtin_popcountll(cache->cpus.word[i]);
	return count;
}

static inline void fixture_expect_cache(size_t index, uint32_t level, enum caps_cache_type type, uint64_t bytes,
					size_t sharers) {
	const struct caps_cache *cache = fixture_cache(index, level, type);
	cr_expect(cache, "CPU %zu has no L%u", index, level);
	if (!cache)
		return;
	cr_expect_eq(cache->bytes, bytes, "L%u of CPU %zu: %llu", level, index, (unsigned long long)cache->bytes);
	cr_expect_eq(fixture_sharers(cache), sharers, "L%u of CPU %zu: shared by %zu", level, index,
		     fixture_sharers(cache));
}
