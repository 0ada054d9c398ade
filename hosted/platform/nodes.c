/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_memory_place and _near on Linux: mbind(2), which moves the pages that are there already. The C
 * library has no name for it.
 */
#include "hosted/platform/sysfs.h"
#include "lib/number_list.h"
#include "lib/units.h"
#include "platform.h"

#include <linux/mempolicy.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NODES_MAX = 1024, LONG_BITS = sizeof(unsigned long) * 8 };

struct nodes {
	unsigned long bits[NODES_MAX / LONG_BITS];
	unsigned count;
	unsigned local; /* the first core's */
	unsigned other; /* the lowest that is not */
	bool local_is_known;
};

static void add_node(void *argument, unsigned node) {
	struct nodes *nodes = argument;
	if (node >= NODES_MAX)
		return;
	nodes->bits[node / LONG_BITS] |= 1ul << node % LONG_BITS;
	if (nodes->other == nodes->local)
		nodes->other = node;
	nodes->count++;
}

struct cpu_sought {
	unsigned cpu;
	bool found;
};

static void look_at_cpu(void *argument, unsigned cpu) {
	struct cpu_sought *sought = argument;
	sought->found |= cpu == sought->cpu;
}

static void find_nodes(struct nodes *nodes) {
	char line[256];
	unsigned cpu;
	*nodes = (struct nodes){0};
	platform_describe(); /* pins the process */
	nodes->local_is_known = getcpu(&cpu, &nodes->local) == 0 && nodes->local < NODES_MAX;
	nodes->other = nodes->local;
	sysfs_read_line("/sys/devices/system/node/has_memory", line, sizeof(line));
	number_list_read(line, add_node, nodes);
}

/* Whole pages: scattered memory lies behind a page's begin. */
static int bind_to(void *memory, size_t bytes, int policy, const unsigned long *nodes) {
	size_t behind = (size_t)memory % PAGE_BYTES;
	long status = syscall(SYS_mbind, (char *)memory - behind, bytes + behind, policy, nodes,
			      (unsigned long)NODES_MAX, (unsigned long)(MPOL_MF_STRICT | MPOL_MF_MOVE));
	return status == 0 ? 0 : PLATFORM_ENOMEM;
}

static int bind_to_one(void *memory, size_t bytes, unsigned node) {
	unsigned long one[NODES_MAX / LONG_BITS] = {0};
	one[node / LONG_BITS] = 1ul << node % LONG_BITS;
	return bind_to(memory, bytes, MPOL_BIND, one);
}

int platform_memory_place(void *memory, size_t bytes, enum platform_place place) {
	struct nodes nodes;
	find_nodes(&nodes);
	if (nodes.count < 2 || !nodes.local_is_known)
		return PLATFORM_EUNSUPPORTED;
	if (place == PLATFORM_PLACE_INTERLEAVE)
		return bind_to(memory, bytes, MPOL_INTERLEAVE, nodes.bits);
	return bind_to_one(memory, bytes, place == PLATFORM_PLACE_LOCAL ? nodes.local : nodes.other);
}

/* The node whose list has the CPU; NODES_MAX: none. */
static unsigned node_of(unsigned cpu, const struct nodes *nodes) {
	for (unsigned node = 0; node < NODES_MAX; node++) {
		char path[64], line[256];
		struct cpu_sought sought = {.cpu = cpu};
		if (!(nodes->bits[node / LONG_BITS] >> node % LONG_BITS & 1))
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist", node);
		sysfs_read_line(path, line, sizeof(line));
		number_list_read(line, look_at_cpu, &sought);
		if (sought.found)
			return node;
	}
	return NODES_MAX;
}

int platform_memory_place_near(void *memory, size_t bytes, unsigned core) {
	struct nodes nodes;
	struct platform_core described = {.cpu = 0};
	if (core != 0 && platform_core_describe(core, &described) != 0)
		return PLATFORM_EINVAL;
	find_nodes(&nodes);
	if (nodes.count < 2 || !nodes.local_is_known)
		return PLATFORM_EUNSUPPORTED;
	unsigned node = core == 0 ? nodes.local : node_of((unsigned)described.cpu, &nodes);
	return node == NODES_MAX ? PLATFORM_EUNSUPPORTED : bind_to_one(memory, bytes, node);
}
