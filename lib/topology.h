/* SPDX-License-Identifier: Apache-2.0
 *
 * Where cores are to each other, and which one to take beside the one that one is on: a core of its own first, as a
 * sibling thread shares the caches, ports and buffers whose traffic is measured. Pure.
 *
 * Source: Intel SDM volume 3A, 8.9 (leaves 1FH, 0BH and 4); AMD APM volume 3, E.4.15 (8000001DH), E.4.17 (8000001EH)
 * and E.4.7 (80000008H); Arm ARM (DDI 0487), MPIDR_EL1.
 */
#pragma once

#include "lib/cpuid.h"

#include <stdbool.h>
#include <stdint.h>

enum topology_relation {
	TOPOLOGY_UNKNOWN,
	TOPOLOGY_SIBLING,
	TOPOLOGY_CLUSTER,    /* another core: they share a cache or a die that not all of the package share */
	TOPOLOGY_OTHER_CORE, /* of the same package, and of no common cluster that is known */
	TOPOLOGY_OTHER_PACKAGE,
};

/* "sibling thread", "same cluster", "other core", "other package", "unknown" */
const char *topology_relation_name(enum topology_relation relation);

/* Which is the better one to take, 0 the best: another core of the package, of another package, of unknown relation, a
 * sibling. Of equals the one with the lower number is taken. */
enum { TOPOLOGY_RANKS = 4 };
unsigned topology_rank(enum topology_relation relation);

/* Numbers that are equal for two threads of one core, of one cluster, and of one package. Where no clusters are known
 * the cluster is the core. */
struct topology_place {
	bool known;
	uint64_t core, cluster; /* over all packages */
	uint64_t package;
};
enum topology_relation topology_relation(const struct topology_place *one, const struct topology_place *another);

/* Of cores, each by a number that stands for its kind: the first that is of another kind than all before it, `index` of
 * such further ones behind the first; -1: there is none. */
int topology_find_kind(const uint64_t *kinds, unsigned count, unsigned index);

/* How many low bits of an x2APIC id number the threads of a core, of a cluster (as many where there is none),
 * and all of a package. */
struct topology_apic {
	bool known;
	unsigned thread_bits, cluster_bits, package_bits;
};
void topology_apic_read(struct topology_apic *apic, const struct cpuid_leaves *leaves, cpuid_reader *read);
struct topology_place topology_place_of_apic(const struct topology_apic *apic, uint32_t id);

/* By affinity alone: with MT the lowest level numbers the threads of a core. Packages are not told apart. `mpidr` gives
 * MT, which is the same for all; `affinity` has Aff3 to Aff0 where MPIDR_EL1 has them. */
struct topology_place topology_place_of_mpidr(uint64_t mpidr, uint64_t affinity);
