/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/report/topology.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 65536, NOT_A_CPU = UINT16_MAX };

uint32_t topology_number(const json_t *object, const char *name, uint32_t most, uint32_t otherwise) {
	const json_t *value = json_object_get(object, name);
	json_int_t number = json_integer_value(value);
	return json_is_integer(value) && number >= 0 && number <= most ? (uint32_t)number : otherwise;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static void read_cpus(struct topology *topology, const json_t *cpus, uint16_t *index_of) {
	static const char *const parts[TOPOLOGY_CACHE] = {"node", "package", "die", "cluster", "core"};
	for (size_t i = 0; i < json_array_size(cpus) && topology->cpu_count < TOPOLOGY_CPUS_MAX; i++) {
		const json_t *json = json_array_get(cpus, i);
		uint32_t number = topology_number(json, "number", NUMBERS - 1, NUMBERS);
		if (number == NUMBERS || index_of[number] != NOT_A_CPU)
			continue;
		struct topology_cpu *cpu = &topology->cpus[topology->cpu_count];
		index_of[number] = (uint16_t)topology->cpu_count++;
		cpu->number = number;
		cpu->kind = topology_number(json, "kind", TOPOLOGY_KINDS_MAX - 1, 0);
		for (size_t part = 0; part < TOPOLOGY_CACHE; part++)
			cpu->part[part] = topology_number(json, parts[part], TOPOLOGY_CPUS_MAX - 1, 0);
	}
}

static void add_cpu(struct topology_item *item, size_t cpu) {
	if (topology_has(&item->cpus, cpu))
		return;
	item->cpus.word[cpu / 64] |= UINT64_C(1) << (cpu % 64);
	item->size++;
}

static void read_caches(struct topology *topology, const json_t *caches, const uint16_t *index_of) {
	for (size_t i = 0; i < json_array_size(caches) && i < TOPOLOGY_CACHES_MAX; i++) {
		const json_t *cache = json_array_get(caches, i), *cpus = json_object_get(cache, "cpus");
		struct topology_item *item = &topology->items[topology->item_count];
		*item = (struct topology_item){.part = TOPOLOGY_CACHE, .number = (uint32_t)i, .cache = cache};
		for (size_t j = 0; j < json_array_size(cpus) && j < TOPOLOGY_CPUS_MAX; j++) {
			const json_t *number = json_array_get(cpus, j);
			json_int_t value = json_integer_value(number);
			if (json_is_integer(number) && value >= 0 && value < NUMBERS && index_of[value] != NOT_A_CPU)
				add_cpu(item, index_of[value]);
		}
		topology->item_count += item->size > 0;
	}
}

/* ---- items of the CPUs' own words -------------------------------------------------------------------------------- */

static size_t count_part(const struct topology *topology, enum topology_part part) {
	bool seen[TOPOLOGY_CPUS_MAX] = {false};
	size_t count = 0;
	for (size_t i = 0; i < topology->cpu_count; i++) {
		count += !seen[topology->cpus[i].part[part]];
		seen[topology->cpus[i].part[part]] = true;
	}
	return count;
}

static void add_part(struct topology *topology, enum topology_part part) {
	size_t item_of[TOPOLOGY_CPUS_MAX] = {0};
	for (size_t i = 0; i < topology->cpu_count; i++) {
		uint32_t number = topology->cpus[i].part[part];
		if (!item_of[number]) {
			item_of[number] = topology->item_count;
			topology->items[topology->item_count++] =
				(struct topology_item){.part = part, .number = number};
		}
		add_cpu(&topology->items[item_of[number]], i);
	}
}

/* Dies and the like where they are not simply the packages over again. */
static void add_parts(struct topology *topology) {
	size_t packages = count_part(topology, TOPOLOGY_PACKAGE), dies = count_part(topology, TOPOLOGY_DIE);
	size_t clusters = count_part(topology, TOPOLOGY_CLUSTER), cores = count_part(topology, TOPOLOGY_CORE);
	if (count_part(topology, TOPOLOGY_NODE) > 1)
		add_part(topology, TOPOLOGY_NODE);
	add_part(topology, TOPOLOGY_PACKAGE);
	if (dies > packages)
		add_part(topology, TOPOLOGY_DIE);
	if (clusters > dies && clusters < cores)
		add_part(topology, TOPOLOGY_CLUSTER);
	add_part(topology, TOPOLOGY_CORE);
}

/* ---- boxes ------------------------------------------------------------------------------------------------------- */

static size_t first_of(const struct topology_set *set) {
	for (size_t i = 0; i < TOPOLOGY_CPUS_MAX / 64; i++)
		if (set->word[i])
			return 64 * i + (size_t)__builtin_ctzll(set->word[i]);
	return 0;
}

/* Large ones first; what stands above stands first; of caches the highest level, data before instructions. */
static int by_size(const void *left, const void *right) {
	const struct topology_item *a = left, *b = right;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	uint32_t level_a = topology_number(a->cache, "level", 9, 0), level_b = topology_number(b->cache, "level", 9, 0);
	if (level_a != level_b)
		return level_a > level_b ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static bool within(const struct topology_set *inner, const struct topology_set *outer) {
	for (size_t i = 0; i < TOPOLOGY_CPUS_MAX / 64; i++)
		if (inner->word[i] & ~outer->word[i])
			return false;
	return true;
}

static uint64_t mix(uint64_t hash, uint64_t value) {
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t item_likeness(const struct topology_item *item) {
	uint64_t hash = mix(1, item->part);
	const char *type = json_string_value(json_object_get(item->cache, "type"));
	if (!item->cache)
		return hash;
	hash = mix(hash, topology_number(item->cache, "level", 9, 0));
	hash = mix(hash, (uint64_t)json_integer_value(json_object_get(item->cache, "bytes")));
	return mix(hash, type ? (unsigned char)type[0] : 0);
}

static void attach(struct topology *topology, struct topology_group *group, size_t item) {
	if (group->last_item)
		topology->items[group->last_item].next = item;
	else
		group->item = item;
	group->last_item = item;
	group->likeness += item_likeness(&topology->items[item]);
}

static size_t new_group(struct topology *topology, const struct topology_set *cpus, size_t parent, uint16_t *owner) {
	size_t index = topology->group_count++;
	struct topology_group *group = &topology->groups[index];
	*group = (struct topology_group){.cpus = *cpus, .first_cpu = first_of(cpus), .parent = parent};
	group->depth = index ? topology->groups[parent].depth + 1 : 0;
	group->likeness = topology->cpus[group->first_cpu].kind;
	for (size_t i = 0; i < topology->cpu_count; i++)
		if (topology_has(cpus, i))
			owner[i] = (uint16_t)index;
	return index;
}

/* From the largest down, each within the smallest box so far that has its first CPU. */
static void nest(struct topology *topology) {
	uint16_t owner[TOPOLOGY_CPUS_MAX];
	struct topology_set all = {{0}};
	for (size_t i = 0; i < topology->cpu_count; i++)
		all.word[i / 64] |= UINT64_C(1) << (i % 64);
	new_group(topology, &all, 0, owner);
	qsort(topology->items + 1, topology->item_count - 1, sizeof(*topology->items), by_size);
	for (size_t i = 1; i < topology->item_count; i++) {
		struct topology_item *item = &topology->items[i];
		size_t parent = owner[first_of(&item->cpus)];
		const struct topology_group *around = &topology->groups[parent];
		bool is_within = within(&item->cpus, &around->cpus);
		if (is_within && within(&around->cpus, &item->cpus))
			attach(topology, &topology->groups[parent], i);
		else if (is_within && (item->part != TOPOLOGY_CACHE || around->depth < TOPOLOGY_DEPTH_MAX))
			attach(topology, &topology->groups[new_group(topology, &item->cpus, parent, owner)], i);
		else
			topology->crossing += item->part == TOPOLOGY_CACHE;
	}
}

/* qsort gives no argument: keys beside the indices. */
struct key {
	size_t parent, first, group;
};

static int by_place(const void *left, const void *right) {
	const struct key *a = left, *b = right;
	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

static bool put_in_order(struct topology *topology) {
	struct key *keys = calloc(topology->group_count, sizeof(*keys));
	if (!keys)
		return false;
	for (size_t i = 1; i < topology->group_count; i++)
		keys[i - 1] = (struct key){topology->groups[i].parent, topology->groups[i].first_cpu, i};
	qsort(keys, topology->group_count - 1, sizeof(*keys), by_place);
	for (size_t i = 0; i + 1 < topology->group_count; i++) {
		struct topology_group *parent = &topology->groups[keys[i].parent];
		if (parent->child_count++ == 0)
			parent->children = i;
		topology->order[i] = keys[i].group;
	}
	free(keys);
	for (size_t i = topology->group_count - 1; i > 0; i--)
		topology->groups[topology->groups[i].parent].likeness += mix(2, topology->groups[i].likeness);
	return true;
}

static bool build(struct topology *topology, const json_t *machine, const uint16_t *index_of) {
	size_t capacity = 1 + TOPOLOGY_CACHE * topology->cpu_count + TOPOLOGY_CACHES_MAX;
	topology->items = calloc(capacity, sizeof(*topology->items));
	topology->groups = calloc(capacity, sizeof(*topology->groups));
	topology->order = calloc(capacity, sizeof(*topology->order));
	if (!topology->items || !topology->groups || !topology->order)
		return false;
	topology->item_count = 1;
	add_parts(topology);
	read_caches(topology, json_object_get(machine, "caches"), index_of);
	nest(topology);
	return put_in_order(topology);
}

struct topology *topology_read(const json_t *machine) {
	struct topology *topology = calloc(1, sizeof(*topology));
	uint16_t *index_of = malloc(NUMBERS * sizeof(*index_of));
	bool good = topology && index_of;
	if (good) {
		memset(index_of, 0xff, NUMBERS * sizeof(*index_of));
		read_cpus(topology, json_object_get(machine, "cpus"), index_of);
		good = topology->cpu_count && build(topology, machine, index_of);
	}
	free(index_of);
	if (good)
		return topology;
	topology_free(topology);
	return NULL;
}

void topology_free(struct topology *topology) {
	if (!topology)
		return;
	free(topology->items);
	free(topology->groups);
	free(topology->order);
	free(topology);
}
