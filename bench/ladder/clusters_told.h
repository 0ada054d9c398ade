/* SPDX-License-Identifier: Apache-2.0
 *
 * The groups of cores that the machine tells of, beside those that were found (clusters.h). Pure.
 */
#pragma once

#include "bench/ladder/clusters.h"
#include "caps/machine.h"

#include <stdbool.h>

/* From the nearest on. */
enum clusters_kind {
	CLUSTERS_KIND_CORE,    /* threads of one */
	CLUSTERS_KIND_L2,      /* sharers of a second-level cache */
	CLUSTERS_KIND_CLUSTER, /* as the machine calls it */
	CLUSTERS_KIND_L3,
	CLUSTERS_KIND_DIE,
	CLUSTERS_KIND_NODE,
	CLUSTERS_KIND_PACKAGE,
	CLUSTERS_KIND_COUNT,
};

/* "core", "L2", "cluster", "L3", "die", "node", "package". */
const char *clusters_kind_name(enum clusters_kind kind);

/* told[i]: the group of the CPU whose number is cpus[i]. false: the machine does not say it of one of them. */
bool clusters_told(const struct caps_machine *machine, enum clusters_kind kind, const uint32_t *cpus, size_t count,
		   uint32_t *told);

/* Bit `kind`: the machine tells of the same groups. 0: of none such. `count` as in what the level was found of, and at
 * most CLUSTERS_CORES_MOST. */
uint32_t clusters_agree(const struct caps_machine *machine, const struct clusters_level *level, const uint32_t *cpus,
			size_t count);
