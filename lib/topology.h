/* SPDX-License-Identifier: Apache-2.0
 *
 * Where cores are to each other, and which one to take beside the one that one is on: a core of its own first, as a
 * sibling thread shares the caches, ports and buffers whose traffic is measured. Pure.
 *
 * Source: Intel SDM volume 3A, 8.9 (leaves 1FH and 0BH); AMD APM volume 3, E.4.17 (8000001EH) and E.4.7 (80000008H);
 * Arm ARM (DDI 0487), MPIDR_EL1.
 */
#pragma once

#include "lib/cpuid.h"

#include <stdbool.h>
#include <stdint.h>

enum topology_relation {
	TOPOLOGY_UNKNOWN,
	TOPOLOGY_SIBLING,
	TOPOLOGY_OTHER_CORE,
	TOPOLOGY_OTHER_PACKAGE,
};

/* "sibling thread", "other core", "other package", "unknown" */
const char *topology_relation_name(enum topology_relation relation);

/* Numbers that are equal for two threads of one core, and of one package. */
struct topology_place {
	bool known;
	uint64_t core; /* over all packages */
	uint64_t package;
};
enum topology_relation topology_relation(const struct topology_place *one, const struct topology_place *another);

/* How many low bits of an x2APIC id number the threads of a core, and all of a package. */
struct topology_apic {
	bool known;
	unsigned thread_bits, package_bits;
};
void topology_apic_read(struct topology_apic *apic, const struct cpuid_leaves *leaves, cpuid_reader *read);
struct topology_place topology_place_of_apic(const struct topology_apic *apic, uint32_t id);

/* By affinity alone: with MT the lowest level numbers the threads of a core. Packages are not told apart. `mpidr` gives
 * MT, which is the same for all; `affinity` has Aff3 to Aff0 where MPIDR_EL1 has them. */
struct topology_place topology_place_of_mpidr(uint64_t mpidr, uint64_t affinity);

/* The best so far of those that were considered: another core of the package, else of another package, else the first
 * of unknown relation, else a sibling; of equals the first. Begins all 0. */
struct topology_pick {
	bool found;
	uint64_t id; /* as the architecture addresses the core */
	enum topology_relation relation;
};
void topology_consider(struct topology_pick *pick, uint64_t id, enum topology_relation relation);
