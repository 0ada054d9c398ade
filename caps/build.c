/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { REMARK_BYTES = 200 };

/* ---- memory, remarks, text --------------------------------------------------------------------------------------- */

void *caps_arena_take(struct caps_arena *arena, size_t bytes) {
	size_t begin = (arena->used + 15) & ~(size_t)15;
	if (begin > arena->bytes || bytes > arena->bytes - begin) {
		arena->exhausted = true;
		return NULL;
	}
	arena->used = begin + bytes;
	return memset(arena->memory + begin, 0, bytes);
}

static void make_printable(char *text) {
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

void caps_remark(struct caps_machine *machine, struct caps_arena *arena, const char *format, ...) {
	char *bytes = machine->remarks && machine->remark_count < CAPS_REMARKS_MAX
			      ? caps_arena_take(arena, REMARK_BYTES)
			      : NULL;
	if (!bytes)
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(bytes, REMARK_BYTES, format, arguments);
	va_end(arguments);
	make_printable(bytes);
	machine->remarks[machine->remark_count++] = bytes;
}

static bool is_blank(char byte) {
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

void caps_text_set(struct caps_text *text, const char *bytes, size_t length, struct caps_source source) {
	size_t end = 0, begin = 0;
	while (end < length && bytes[end])
		end++;
	while (begin < end && is_blank(bytes[begin]))
		begin++;
	while (end > begin && is_blank(bytes[end - 1]))
		end--;
	bool cut = end - begin >= sizeof(text->value);
	int shown = (int)(cut ? sizeof(text->value) - sizeof("...") : end - begin);
	snprintf(text->value, sizeof(text->value), "%.*s%s", shown, bytes + begin, cut ? "..." : "");
	make_printable(text->value);
	text->source = source;
}

#define REGISTER_NAME(name) #name,
static const char *const register_names[] = {CAPS_REGISTERS(REGISTER_NAME) "CCSIDR_EL1"};
#undef REGISTER_NAME

void caps_source_text(const struct caps_source *source, char *text, size_t capacity) {
	uint32_t detail = source->detail;
	switch (source->from) {
	case CAPS_FROM_NOWHERE:
		snprintf(text, capacity, "not known");
		break;
	case CAPS_FROM_LEAF:
		snprintf(text, capacity, "leaf 0x%x on CPU %u", detail, source->cpu);
		break;
	case CAPS_FROM_REGISTER:
		snprintf(text, capacity, "%s on CPU %u",
			 register_names[detail < CAPS_REGISTER_COUNT ? detail : CAPS_REGISTER_COUNT], source->cpu);
		break;
	case CAPS_FROM_TABLE:
		snprintf(text, capacity, "%c%c%c%c", (char)detail, (char)(detail >> 8), (char)(detail >> 16),
			 (char)(detail >> 24));
		break;
	case CAPS_FROM_SMBIOS:
		snprintf(text, capacity, "SMBIOS type %u", detail);
		break;
	case CAPS_FROM_OS:
		snprintf(text, capacity, "%s", source->word);
		break;
	case CAPS_FROM_MEASURED:
		snprintf(text, capacity, "measured on CPU %u", source->cpu);
		break;
	case CAPS_FROM_LIST:
		snprintf(text, capacity, "list of models");
		break;
	case CAPS_FROM_PRESUMED:
		snprintf(text, capacity, "presumed: %s", source->word);
		break;
	}
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

size_t caps_set_count(const struct caps_cpu_set *set) {
	size_t count = 0;
	for (size_t i = 0; i < sizeof(set->word) / sizeof(set->word[0]); i++)
		count += (size_t)__builtin_popcountll(set->word[i]);
	return count;
}

/* Numbers each different key in the order of its first CPU; how many there are. `offset`: of the key in a place. */
static uint32_t number_keys(const struct caps_build *build, const struct caps_place *places, size_t offset,
			    uint32_t *numbers, uint64_t *seen) {
	uint32_t count = 0;
	for (size_t i = 0; i < build->machine->cpu_count; i++) {
		uint64_t key;
		memcpy(&key, (const char *)&places[i] + offset, sizeof(key));
		uint32_t found = 0;
		while (found < count && seen[found] != key)
			found++;
		if (found == count)
			seen[count++] = key;
		numbers[i] = found;
	}
	return count;
}

static void number_threads(struct caps_machine *machine) {
	for (size_t i = 0; i < machine->cpu_count; i++)
		machine->cpus[i].thread = 0;
	for (size_t i = 0; i < machine->cpu_count; i++)
		for (size_t j = 0; j < machine->cpu_count; j++)
			if (machine->cpus[j].core == machine->cpus[i].core &&
			    machine->cpus[j].hardware_id < machine->cpus[i].hardware_id)
				machine->cpus[i].thread++;
}

bool caps_build_places(struct caps_build *build, const struct caps_place *places) {
	struct caps_machine *machine = build->machine;
	size_t count = machine->cpu_count;
	uint32_t *numbers = caps_arena_take(build->arena, count * sizeof(*numbers));
	uint64_t *seen = caps_arena_take(build->arena, count * sizeof(*seen));
	if (!numbers || !seen)
		return false;
#define NUMBER(level, total)                                                                                  \
	machine->total.value = number_keys(build, places, offsetof(struct caps_place, level), numbers, seen); \
	for (size_t i = 0; i < count; i++)                                                                    \
		machine->cpus[i].level = numbers[i];
	NUMBER(package, packages)
	NUMBER(die, dies)
	NUMBER(cluster, clusters)
	NUMBER(core, cores)
#undef NUMBER
	machine->threads.value = count;
	number_threads(machine);
	return true;
}

/* ---- caches ------------------------------------------------------------------------------------------------------ */

const char *caps_cache_type_name(enum caps_cache_type type) {
	return type == CAPS_CACHE_DATA ? "data" : type == CAPS_CACHE_INSTRUCTION ? "instruction" : "unified";
}

static void tell_of_difference(struct caps_build *build, const struct caps_cache *one, const struct caps_cache *other) {
	char first[48], second[48];
	caps_source_text(&one->source, first, sizeof(first));
	caps_source_text(&other->source, second, sizeof(second));
	caps_remark(build->machine, build->arena, "the same L%u cache has %llu bytes by %s and %llu by %s", one->level,
		    (unsigned long long)one->bytes, first, (unsigned long long)other->bytes, second);
}

bool caps_build_cache(struct caps_build *build, size_t index, const struct caps_cache *cache, uint64_t key) {
	struct caps_machine *machine = build->machine;
	for (size_t i = 0; i < machine->cache_count; i++) {
		struct caps_cache *known = &machine->caches[i];
		if (known->level != cache->level || known->type != cache->type || build->cache_keys[i] != key)
			continue;
		if (known->bytes != cache->bytes)
			tell_of_difference(build, known, cache);
		caps_set_add(&known->cpus, index);
		return true;
	}
	if (machine->cache_count == build->cache_capacity) {
		if (!build->caches_left_out)
			caps_remark(machine, build->arena, "more than %zu caches: not all are shown",
				    build->cache_capacity);
		build->caches_left_out = true;
		return true;
	}
	struct caps_cache *added = &machine->caches[machine->cache_count];
	build->cache_keys[machine->cache_count++] = key;
	*added = *cache;
	memset(&added->cpus, 0, sizeof(added->cpus));
	caps_set_add(&added->cpus, index);
	return true;
}

static size_t set_first(const struct caps_cpu_set *set) {
	for (size_t i = 0; i < sizeof(set->word) / sizeof(set->word[0]); i++)
		if (set->word[i])
			return 64 * i + (size_t)__builtin_ctzll(set->word[i]);
	return CAPS_CPUS_MAX;
}

enum { RANK_INDEX_BITS = 24, RANK_CPU_BITS = 16, RANK_TYPE_BITS = 8 };
_Static_assert((uint64_t)CAPS_CPUS_MAX *CAPS_BUILD_CACHES_PER_CPU < 1 << RANK_INDEX_BITS, "an index fits");

static uint64_t cache_rank(const struct caps_cache *cache, size_t index) {
	uint64_t rank = (uint64_t)cache->level << RANK_TYPE_BITS | cache->type;
	return (rank << RANK_CPU_BITS | set_first(&cache->cpus)) << RANK_INDEX_BITS | index;
}

static void sort_ranks(uint64_t *ranks, size_t count) {
	for (size_t i = 1; i < count; i++) {
		uint64_t rank = ranks[i];
		size_t at = i;
		for (; at && ranks[at - 1] > rank; at--)
			ranks[at] = ranks[at - 1];
		ranks[at] = rank;
	}
}

/* Caches are large: what is sorted is a number each. */
void caps_build_caches_end(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	struct caps_cache *sorted = build->cache_spare;
	for (size_t i = 0; i < machine->cache_count; i++)
		build->cache_ranks[i] = cache_rank(&machine->caches[i], i);
	sort_ranks(build->cache_ranks, machine->cache_count);
	for (size_t i = 0; i < machine->cache_count; i++) {
		size_t from = build->cache_ranks[i] & ((1 << RANK_INDEX_BITS) - 1);
		sorted[i] = machine->caches[from];
		build->cache_ranks[i] = build->cache_keys[from];
	}
	memcpy(build->cache_keys, build->cache_ranks, machine->cache_count * sizeof(*build->cache_keys));
	build->cache_spare = machine->caches;
	machine->caches = sorted;
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

static void count_cores(struct caps_machine *machine, struct caps_kind *kind) {
	struct caps_cpu_set cores = {0};
	for (size_t i = 0; i < machine->cpu_count; i++)
		if (caps_set_has(&kind->cpus, i))
			caps_set_add(&cores, machine->cpus[i].core);
	kind->cores.value = caps_set_count(&cores);
	kind->threads.value = caps_set_count(&kind->cpus);
}

bool caps_build_kinds(struct caps_build *build, const uint64_t *keys) {
	struct caps_machine *machine = build->machine;
	uint64_t seen[CAPS_KINDS_MAX];
	bool told = false;
	machine->kinds = caps_arena_take(build->arena, CAPS_KINDS_MAX * sizeof(*machine->kinds));
	if (!machine->kinds)
		return false;
	for (size_t i = 0; i < machine->cpu_count; i++) {
		size_t kind = 0;
		while (kind < machine->kind_count && seen[kind] != keys[i])
			kind++;
		if (kind == CAPS_KINDS_MAX) {
			kind--;
			if (!told)
				caps_remark(machine, build->arena,
					    "more than %u kinds of cores: CPU %u, and what follows it, is counted to "
					    "the last",
					    (unsigned)CAPS_KINDS_MAX, machine->cpus[i].number);
			told = true;
		} else if (kind == machine->kind_count) {
			seen[machine->kind_count++] = keys[i];
		}
		machine->cpus[i].kind = (uint32_t)kind;
		caps_set_add(&machine->kinds[kind].cpus, i);
	}
	caps_build_kinds_count(machine);
	return true;
}

void caps_build_kinds_count(struct caps_machine *machine) {
	for (size_t kind = 0; kind < machine->kind_count; kind++)
		count_cores(machine, &machine->kinds[kind]);
}
