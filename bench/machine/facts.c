/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/machine/facts.h"

#include "bench/machine/clock.h"
#include "lib/cpuid.h"
#include "lib/number_list.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

/* Whatever was kept: a chain of blocks. */
struct facts_memory {
	struct facts_memory *next;
	_Alignas(16) uint8_t bytes[];
};

void *facts_keep_room(struct facts *facts, size_t length) {
	struct facts_memory *block = length < SIZE_MAX / 2 ? calloc(1, sizeof(*block) + length) : NULL;
	if (!block)
		return NULL;
	block->next = facts->memory;
	facts->memory = block;
	return block->bytes;
}

void *facts_keep(struct facts *facts, const void *bytes, size_t length) {
	void *kept = facts_keep_room(facts, length + 1);
	if (kept && length)
		memcpy(kept, bytes, length);
	return kept;
}

void facts_free(struct facts *facts) {
	while (facts->memory) {
		struct facts_memory *next = facts->memory->next;
		free(facts->memory);
		facts->memory = next;
	}
	*facts = (struct facts){0};
}

/* A growing array in the making; its elements move. */
struct list {
	uint8_t *elements;
	size_t count, capacity, size;
	bool failed;
};

/* The new one, zeroed; NULL without memory. */
static void *list_add(struct list *list) {
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 64;
		uint8_t *grown = realloc(list->elements, capacity * list->size);
		if (!grown) {
			list->failed = true;
			return NULL;
		}
		list->elements = grown;
		list->capacity = capacity;
	}
	return memset(list->elements + list->count++ * list->size, 0, list->size);
}

struct gathering {
	struct facts *facts;
	struct list cpus, leaves, tables, caches, words, refused;
	struct list first_leaf; /* of each CPU, an index */
	struct caps_os_cache *cache;
	unsigned cache_index;
	bool failed;
};

static struct caps_cpu_raw *last_cpu(struct gathering *gathering) {
	return gathering->cpus.count ? (struct caps_cpu_raw *)gathering->cpus.elements + gathering->cpus.count - 1
				     : NULL;
}

static void take_cpu(struct gathering *gathering, const struct platform_raw *raw) {
	struct caps_cpu_raw *cpu = list_add(&gathering->cpus);
	size_t *first = list_add(&gathering->first_leaf);
	gathering->cache = NULL;
	if (!cpu || !first)
		return;
	cpu->number = raw->cpu;
	if (raw->id) {
		gathering->facts->stays = true;
		gathering->facts->stays_on = raw->cpu;
	}
	cpu->os_package = cpu->os_die = cpu->os_cluster = cpu->os_core = cpu->os_node = -1;
	*first = gathering->leaves.count;
}

static void take_leaf(struct gathering *gathering, const struct platform_raw *raw) {
	struct caps_leaf *leaf = list_add(&gathering->leaves);
	struct cpuid answer;
	if (!leaf || raw->length != sizeof(answer))
		return;
	memcpy(&answer, raw->bytes, sizeof(answer));
	*leaf = (struct caps_leaf){raw->id, raw->sub_id, answer.eax, answer.ebx, answer.ecx, answer.edx};
	last_cpu(gathering)->leaf_count++;
}

static uint64_t number_of(const struct platform_raw *raw) {
	uint64_t number = 0;
	if (raw->length == sizeof(number))
		memcpy(&number, raw->bytes, sizeof(number));
	return number;
}

static void take_register(struct gathering *gathering, const struct platform_raw *raw) {
#define NAME(name) #name,
	static const char *const names[] = {CAPS_REGISTERS(NAME)};
#undef NAME
	struct caps_cpu_raw *cpu = last_cpu(gathering);
	if (strcmp(raw->name, "CCSIDR_EL1") == 0 && raw->id / 2 < CAPS_CACHE_LEVELS) {
		cpu->ccsidr[raw->id / 2][raw->id % 2] = number_of(raw);
		cpu->ccsidr_known |= 1u << raw->id;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(raw->name, names[i]) == 0) {
			cpu->registers[i] = number_of(raw);
			cpu->known |= 1u << i;
		}
}

/* ---- words of an operating system -------------------------------------------------------------------------------- */

static void add_to_set(void *set, unsigned number) {
	if (number < CAPS_CPUS_MAX)
		((uint64_t *)set)[number / 64] |= UINT64_C(1) << (number % 64);
}

static uint64_t read_size(const char *text) {
	char *end;
	uint64_t size = strtoull(text, &end, 10);
	return *end == 'K' ? size << 10 : *end == 'M' ? size << 20 : size;
}

static void take_cache_word(struct gathering *gathering, uint32_t cpu, const char *name, const char *text) {
	char *end;
	unsigned index = (unsigned)strtoul(name, &end, 10);
	if (!gathering->cache || gathering->cache_index != index) {
		gathering->cache = list_add(&gathering->caches);
		gathering->cache_index = index;
		if (gathering->cache)
			gathering->cache->cpu = cpu;
	}
	struct caps_os_cache *cache = gathering->cache;
	const char *field = *end == '/' ? end + 1 : "";
	uint32_t number = (uint32_t)strtoul(text, NULL, 10);
	if (!cache)
		return;
	if (strcmp(field, "level") == 0)
		cache->level = number;
	else if (strcmp(field, "type") == 0)
		cache->type = *text == 'D'   ? CAPS_CACHE_DATA
			      : *text == 'I' ? CAPS_CACHE_INSTRUCTION
					     : CAPS_CACHE_UNIFIED;
	else if (strcmp(field, "size") == 0)
		cache->bytes = read_size(text);
	else if (strcmp(field, "ways_of_associativity") == 0)
		cache->ways = number;
	else if (strcmp(field, "number_of_sets") == 0)
		cache->sets = number;
	else if (strcmp(field, "coherency_line_size") == 0)
		cache->line_bytes = number;
	else if (strcmp(field, "shared_cpu_list") == 0)
		number_list_read(text, add_to_set, cache->shared);
}

static void take_cpu_word(struct gathering *gathering, const struct platform_raw *raw, const char *text) {
	static const char cache[] = "cache/index";
	struct caps_cpu_raw *cpu = last_cpu(gathering);
	int32_t number = (int32_t)strtol(text, NULL, 10);
	if (strncmp(raw->name, cache, sizeof(cache) - 1) == 0)
		take_cache_word(gathering, raw->cpu, raw->name + sizeof(cache) - 1, text);
	else if (strcmp(raw->name, "topology/physical_package_id") == 0)
		cpu->os_package = number;
	else if (strcmp(raw->name, "topology/die_id") == 0)
		cpu->os_die = number;
	else if (strcmp(raw->name, "topology/cluster_id") == 0)
		cpu->os_cluster = number;
	else if (strcmp(raw->name, "topology/core_id") == 0)
		cpu->os_core = number;
	else if (strcmp(raw->name, "node") == 0)
		cpu->os_node = number;
	else if (strcmp(raw->name, "cpufreq/base_frequency") == 0)
		cpu->os_base_hz = strtoull(text, NULL, 10) * 1000; /* in kHz */
	else if (strcmp(raw->name, "cpufreq/cpuinfo_max_freq") == 0)
		cpu->os_max_hz = strtoull(text, NULL, 10) * 1000;
	else if (strcmp(raw->name, "cpu_capacity") == 0)
		cpu->os_capacity = (uint32_t)number;
}

/* ---- the machine's ----------------------------------------------------------------------------------------------- */

static void take_table(struct gathering *gathering, const struct platform_raw *raw) {
	struct caps_bytes *table =
		raw->kind == PLATFORM_RAW_SMBIOS ? &gathering->facts->raw.smbios : list_add(&gathering->tables);
	if (table)
		*table = (struct caps_bytes){facts_keep(gathering->facts, raw->bytes, raw->length), raw->length};
}

static void take_word(struct gathering *gathering, const struct platform_raw *raw, const char *text) {
	struct caps_os_word *word = list_add(&gathering->words);
	if (word)
		*word = (struct caps_os_word){
			.name = facts_keep(gathering->facts, raw->name, strlen(raw->name)),
			.value = text,
			.source = facts_keep(gathering->facts, raw->source, strlen(raw->source)),
		};
}

static void take_refusal(struct gathering *gathering, const struct platform_raw *raw, const char *text) {
	struct facts_refusal *refusal = list_add(&gathering->refused);
	if (!refusal)
		return;
	strncpy(refusal->what, raw->name, sizeof(refusal->what) - 1);
	strncpy(refusal->why, text, sizeof(refusal->why) - 1);
}

static void take_text(struct gathering *gathering, const struct platform_raw *raw) {
	const char *text = facts_keep(gathering->facts, raw->bytes, raw->length);
	if (!text)
		gathering->failed = true;
	else if (raw->kind == PLATFORM_RAW_CPU_WORD)
		take_cpu_word(gathering, raw, text);
	else if (raw->kind == PLATFORM_RAW_WORD)
		take_word(gathering, raw, text);
	else
		take_refusal(gathering, raw, text);
}

static void take(void *argument, const struct platform_raw *raw) {
	struct gathering *gathering = argument;
	bool of_cpu = raw->kind == PLATFORM_RAW_LEAF || raw->kind == PLATFORM_RAW_REGISTER ||
		      raw->kind == PLATFORM_RAW_PROBE || raw->kind == PLATFORM_RAW_CPU_WORD;
	if (of_cpu && !last_cpu(gathering))
		return;
	switch (raw->kind) {
	case PLATFORM_RAW_CPU:
		take_cpu(gathering, raw);
		break;
	case PLATFORM_RAW_LEAF:
		take_leaf(gathering, raw);
		break;
	case PLATFORM_RAW_REGISTER:
		take_register(gathering, raw);
		break;
	case PLATFORM_RAW_PROBE:
		last_cpu(gathering)->measured_hz = machine_clock_hz(number_of(raw));
		break;
	case PLATFORM_RAW_TABLE:
	case PLATFORM_RAW_SMBIOS:
		take_table(gathering, raw);
		break;
	case PLATFORM_RAW_CPU_WORD:
	case PLATFORM_RAW_WORD:
	case PLATFORM_RAW_REFUSED:
		take_text(gathering, raw);
		break;
	}
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* The list's elements, which are the facts' from here on. */
static void *settle(struct gathering *gathering, struct list *list, size_t *count) {
	void *kept = list->failed ? NULL : facts_keep(gathering->facts, list->elements, list->count * list->size);
	if (!kept)
		gathering->failed = true;
	*count = kept ? list->count : 0;
	free(list->elements);
	return kept;
}

int facts_read(struct facts *facts, enum facts_depth depth) {
	struct gathering gathering = {
		.facts = facts,
		.cpus = {.size = sizeof(struct caps_cpu_raw)},
		.leaves = {.size = sizeof(struct caps_leaf)},
		.tables = {.size = sizeof(struct caps_bytes)},
		.caches = {.size = sizeof(struct caps_os_cache)},
		.words = {.size = sizeof(struct caps_os_word)},
		.refused = {.size = sizeof(struct facts_refusal)},
		.first_leaf = {.size = sizeof(size_t)},
	};
	*facts = (struct facts){0};
	bool whole = depth == FACTS_WHOLE;
	const struct platform_raw_reader reader = {take, &gathering, whole ? machine_clock_probe : NULL, !whole};
	platform_raw_read(&reader);
	struct caps_raw *raw = &facts->raw;
	size_t leaf_count, first_count;
	struct caps_cpu_raw *cpus = settle(&gathering, &gathering.cpus, &raw->cpu_count);
	struct caps_leaf *leaves = settle(&gathering, &gathering.leaves, &leaf_count);
	size_t *first = settle(&gathering, &gathering.first_leaf, &first_count);
	raw->architecture = strcmp(platform_describe()->architecture, "aarch64") == 0 ? CAPS_AARCH64 : CAPS_X86_64;
	raw->cpus = cpus;
	raw->tables = settle(&gathering, &gathering.tables, &raw->table_count);
	raw->os_caches = settle(&gathering, &gathering.caches, &raw->os_cache_count);
	raw->os_words = settle(&gathering, &gathering.words, &raw->os_word_count);
	facts->refused = settle(&gathering, &gathering.refused, &facts->refused_count);
	for (size_t i = 0; !gathering.failed && i < raw->cpu_count; i++)
		cpus[i].leaves = leaves + first[i];
	if (whole)
		platform_pmu_describe(&facts->counts);
	facts->counts_asked = whole;
	if (!gathering.failed)
		return 0;
	facts_free(facts);
	return PLATFORM_ENOMEM;
}

int facts_describe(struct facts *facts, struct text *complaint) {
	size_t bytes = caps_describe_bytes(&facts->raw);
	struct caps_arena arena = {.memory = facts_keep_room(facts, bytes), .bytes = bytes};
	int error = arena.memory ? caps_describe(&facts->raw, &arena, &facts->machine) : CAPS_ENOMEM;
	if (error)
		text_add_string(complaint,
				error == CAPS_ENOMEM ? "out of memory\n" : "nothing in it describes a processor\n");
	return error;
}
