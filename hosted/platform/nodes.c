/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_memory_place on Linux: mbind(2), which moves the pages that are there already. The C
 * library has no name for it.
 */
#include "hosted/platform/sysfs.h"
#include "lib/number_list.h"
#include "lib/units.h"
#include "platform.h"

#include <linux/mempolicy.h>
#include <sched.h>
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

int platform_memory_place(void *memory, size_t bytes, enum platform_place place) {
	struct nodes nodes;
	unsigned long one[NODES_MAX / LONG_BITS] = {0};
	find_nodes(&nodes);
	if (nodes.count < 2 || !nodes.local_is_known)
		return PLATFORM_EUNSUPPORTED;
	unsigned node = place == PLATFORM_PLACE_LOCAL ? nodes.local : nodes.other;
	one[node / LONG_BITS] = 1ul << node % LONG_BITS;
	bool spread = place == PLATFORM_PLACE_INTERLEAVE;
	/* Whole pages: scattered memory lies behind a page's begin. */
	size_t behind = (size_t)memory % PAGE_BYTES;
	long status = syscall(SYS_mbind, (char *)memory - behind, bytes + behind, spread ? MPOL_INTERLEAVE : MPOL_BIND,
			      spread ? nodes.bits : one, (unsigned long)NODES_MAX,
			      (unsigned long)(MPOL_MF_STRICT | MPOL_MF_MOVE));
	return status == 0 ? 0 : PLATFORM_ENOMEM;
}
