/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/clusters_told.h"

const char *clusters_kind_name(enum clusters_kind kind) {
	static const char *const names[CLUSTERS_KIND_COUNT] = {
		[CLUSTERS_KIND_CORE] = "core",       [CLUSTERS_KIND_L2] = "L2",   [CLUSTERS_KIND_CLUSTER] = "cluster",
		[CLUSTERS_KIND_L3] = "L3",           [CLUSTERS_KIND_DIE] = "die", [CLUSTERS_KIND_NODE] = "node",
		[CLUSTERS_KIND_PACKAGE] = "package",
	};
	return names[kind];
}

/* false: no cache of data of that level has it. */
static bool cache_of(const struct caps_machine *machine, uint32_t level, size_t index, uint32_t *group) {
	for (size_t i = 0; i < machine->cache_count; i++) {
		const struct caps_cache *cache = &machine->caches[i];
		if (cache->level != level || cache->type == CAPS_CACHE_INSTRUCTION ||
		    !caps_set_has(&cache->cpus, index))
			continue;
		*group = (uint32_t)i;
		return true;
	}
	return false;
}

static bool group_of(const struct caps_machine *machine, enum clusters_kind kind, size_t index, uint32_t *group) {
	const struct caps_cpu *cpu = &machine->cpus[index];
	switch (kind) {
	case CLUSTERS_KIND_CORE:
		*group = cpu->core;
		return true;
	case CLUSTERS_KIND_L2:
		return cache_of(machine, 2, index, group);
	case CLUSTERS_KIND_CLUSTER:
		*group = cpu->cluster;
		return true;
	case CLUSTERS_KIND_L3:
		return cache_of(machine, 3, index, group);
	case CLUSTERS_KIND_DIE:
		*group = cpu->die;
		return true;
	case CLUSTERS_KIND_NODE:
		*group = cpu->node;
		return machine->node_count > 0;
	default:
		*group = cpu->package;
		return true;
	}
}

static bool index_of(const struct caps_machine *machine, uint32_t number, size_t *index) {
	for (*index = 0; *index < machine->cpu_count; ++*index)
		if (machine->cpus[*index].number == number)
			return true;
	return false;
}

bool clusters_told(const struct caps_machine *machine, enum clusters_kind kind, const uint32_t *cpus, size_t count,
		   uint32_t *told) {
	for (size_t i = 0; i < count; i++) {
		size_t index;
		if (!index_of(machine, cpus[i], &index) || !group_of(machine, kind, index, &told[i]))
			return false;
	}
	return true;
}

uint32_t clusters_agree(const struct caps_machine *machine, const struct clusters_level *level, const uint32_t *cpus,
			size_t count) {
	uint32_t told[CLUSTERS_CORES_MOST], kinds = 0;
	for (unsigned kind = 0; kind < CLUSTERS_KIND_COUNT && count <= CLUSTERS_CORES_MOST; kind++)
		if (clusters_told(machine, (enum clusters_kind)kind, cpus, count, told) &&
		    clusters_compare(level, told, count) == CLUSTERS_SAME)
			kinds |= UINT32_C(1) << kind;
	return kinds;
}
