/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine of a results file (schema anechoic-machine/1, docs/formats.md) as boxes within boxes. The JSON is a
 * stranger's: what is of another type or beyond the bounds is left out.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOPOLOGY_CPUS_MAX = 1024,
	TOPOLOGY_CACHES_MAX = 4096,
	TOPOLOGY_KINDS_MAX = 16,
	TOPOLOGY_DEPTH_MAX = 10 /* of caches */
};

struct topology_set {
	uint64_t word[TOPOLOGY_CPUS_MAX / 64]; /* bit i: cpus[i] */
};

static inline bool topology_has(const struct topology_set *set, size_t cpu) {
	return set->word[cpu / 64] >> (cpu % 64) & 1;
}

/* In the order in which they stand in a box that is several of them. */
enum topology_part {
	TOPOLOGY_NODE,
	TOPOLOGY_PACKAGE,
	TOPOLOGY_DIE,
	TOPOLOGY_CLUSTER,
	TOPOLOGY_CORE,
	TOPOLOGY_CACHE,
	TOPOLOGY_PARTS
};

/* What a box is or has. */
struct topology_item {
	enum topology_part part;
	uint32_t number;     /* of a cache: its place in the JSON */
	const json_t *cache; /* NULL: none */
	struct topology_set cpus;
	size_t size; /* how many those are */
	size_t next; /* of the same box; 0: the last */
};

struct topology_group {
	struct topology_set cpus;
	size_t first_cpu, parent, depth;
	size_t item, last_item;       /* 0: none */
	size_t children, child_count; /* a range of `order` */
	uint64_t likeness;            /* the same in boxes that differ in numbers only */
};

struct topology {
	struct topology_cpu {
		uint32_t number, kind;
		uint32_t part[TOPOLOGY_CACHE]; /* its package's number and so on */
	} cpus[TOPOLOGY_CPUS_MAX];
	size_t cpu_count;
	struct topology_item *items; /* from 1 on */
	size_t item_count;
	struct topology_group *groups; /* the first is all CPUs */
	size_t group_count;
	size_t *order;   /* of groups, as they stand beside each other; the first is not in it */
	size_t crossing; /* caches left out, as their CPUs are neither within a box nor all of one */
};

/* Of a description of a machine; NULL: there is no CPU in it, or no memory. The JSON must outlive it. */
struct topology *topology_read(const json_t *machine);
void topology_free(struct topology *topology);

/* A member that is an integer from 0 to `most`; else `otherwise`. */
uint32_t topology_number(const json_t *object, const char *name, uint32_t most, uint32_t otherwise);
