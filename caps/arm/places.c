/* SPDX-License-Identifier: Apache-2.0
 *
 * Where CPUs lie: by the PPTT; else by the operating system, which has a device tree; else by MPIDR_EL1, whose affinity
 * levels mean what the implementer likes (Linux gave up to read a topology from them), so that is presumed.
 */
#include "caps/arm/arm.h"
#include "caps/told.h"

#include <string.h>

#define MPIDR_AFFINITY UINT64_C(0xff00ffffff)
#define MPIDR_MT       (UINT64_C(1) << 24)

static const struct caps_source presumed_of_mpidr = {
	.from = CAPS_FROM_PRESUMED,
	.word = "from MPIDR_EL1's affinity levels",
};
static const struct caps_source presumed_of_nothing = {
	.from = CAPS_FROM_PRESUMED,
	.word = "nothing tells, so each CPU is a core of one package",
};

/* ---- who is who -------------------------------------------------------------------------------------------------- */

static bool mpidr_of(const struct caps_cpu_raw *cpu, uint64_t *affinity) {
	*affinity = cpu->registers[CAPS_MPIDR_EL1] & MPIDR_AFFINITY;
	return caps_arm_known(cpu, CAPS_MPIDR_EL1);
}

/* Each CPU has an MPIDR, and no two have the same. */
static bool mpidrs_tell(const struct caps_build *build) {
	uint64_t one, other;
	for (size_t i = 0; i < build->machine->cpu_count; i++) {
		if (!mpidr_of(build->cpus[i], &one))
			return false;
		for (size_t j = 0; j < i; j++) {
			if (mpidr_of(build->cpus[j], &other) && one == other) {
				caps_remark(build->machine, build->arena,
					    "CPU %u and CPU %u have one MPIDR_EL1, 0x%llx: it is not used",
					    build->cpus[j]->number, build->cpus[i]->number, (unsigned long long)one);
				return false;
			}
		}
	}
	return true;
}

static void find_uids(struct caps_arm *arm) {
	struct caps_machine *machine = arm->build->machine;
	struct caps_madt_cpu listed;
	for (size_t at = 0; caps_madt_next(arm->build, &at, &listed);)
		for (size_t i = 0; i < machine->cpu_count; i++)
			if (machine->cpus[i].hardware_id == (listed.hardware_id & MPIDR_AFFINITY)) {
				arm->uid[i] = listed.uid;
				arm->has_leaf[i] = true;
			}
}

/* Two CPUs of one UID would be one in the PPTT. */
static void forget_shared_uids(struct caps_arm *arm) {
	struct caps_machine *machine = arm->build->machine;
	for (size_t i = 0; i < machine->cpu_count; i++)
		for (size_t j = 0; j < i; j++) {
			if (!arm->has_leaf[i] || !arm->has_leaf[j] || arm->uid[i] != arm->uid[j])
				continue;
			caps_remark(machine, arm->build->arena,
				    "CPU %u and CPU %u have one UID in the MADT, %u: the PPTT is not used",
				    machine->cpus[j].number, machine->cpus[i].number, arm->uid[i]);
			memset(arm->has_leaf, 0, machine->cpu_count * sizeof(*arm->has_leaf));
			return;
		}
}

static void find_leaves(struct caps_arm *arm) {
	struct caps_machine *machine = arm->build->machine;
	bool circle = false;
	for (size_t i = 0; i < machine->cpu_count; i++) {
		struct caps_pptt_path path;
		arm->has_leaf[i] = arm->has_leaf[i] && caps_pptt_find(&arm->pptt, arm->uid[i], &path);
		if (arm->has_leaf[i] && path.circle && !circle) {
			circle = true;
			caps_remark(machine, arm->build->arena,
				    "the PPTT's nodes above CPU %u go round in a circle, or have no end",
				    machine->cpus[i].number);
		}
	}
}

bool caps_arm_identify(struct caps_arm *arm) {
	struct caps_build *build = arm->build;
	struct caps_machine *machine = build->machine;
	bool told = mpidrs_tell(build);
	for (size_t i = 0; i < machine->cpu_count; i++)
		machine->cpus[i].hardware_id =
			told ? build->cpus[i]->registers[CAPS_MPIDR_EL1] & MPIDR_AFFINITY : machine->cpus[i].number;
	arm->has_leaf = caps_arena_take(build->arena, machine->cpu_count * sizeof(*arm->has_leaf));
	arm->uid = caps_arena_take(build->arena, machine->cpu_count * sizeof(*arm->uid));
	if (!arm->has_leaf || !arm->uid)
		return false;
	if (!caps_pptt_begin(build, &arm->pptt))
		return !build->arena->exhausted;
	if (told)
		find_uids(arm);
	forget_shared_uids(arm);
	find_leaves(arm);
	return true;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

/* A node between core and package is a cluster, a second one below the package a die. */
static struct caps_place place_of_path(const struct caps_pptt_path *path) {
	size_t core = path->core, package = path->package;
	size_t cluster = core + 1 < package ? core + 1 : package;
	size_t die = package && package - 1 > cluster ? package - 1 : package;
	return (struct caps_place){path->node[package], path->node[die], path->node[cluster], path->node[core]};
}

static bool places_of_pptt(struct caps_arm *arm, struct caps_place *places) {
	struct caps_machine *machine = arm->build->machine;
	if (!arm->pptt.table.length)
		return false;
	for (size_t i = 0; i < machine->cpu_count; i++) {
		struct caps_pptt_path path;
		if (!arm->has_leaf[i] || !caps_pptt_find(&arm->pptt, arm->uid[i], &path)) {
			caps_remark(machine, arm->build->arena,
				    "the PPTT has no node that is known to be CPU %u's: it is not used for topology",
				    machine->cpus[i].number);
			return false;
		}
		places[i] = place_of_path(&path);
	}
	return true;
}

/* With MT the lowest affinity level is a thread's. The highest is taken for the package. */
static struct caps_place place_of_mpidr(uint64_t mpidr) {
	unsigned core_shift = mpidr & MPIDR_MT ? 8 : 0;
	uint64_t affinity = mpidr & MPIDR_AFFINITY;
	uint64_t package = affinity >> 32, cluster = affinity >> (core_shift + 8);
	return (struct caps_place){package, package, cluster, affinity >> core_shift};
}

static bool places_of_mpidr(const struct caps_build *build, struct caps_place *places) {
	for (size_t i = 0; i < build->machine->cpu_count; i++) {
		uint64_t affinity;
		if (!mpidr_of(build->cpus[i], &affinity) || affinity != build->machine->cpus[i].hardware_id)
			return false;
		places[i] = place_of_mpidr(build->cpus[i]->registers[CAPS_MPIDR_EL1]);
	}
	return true;
}

bool caps_arm_places(struct caps_arm *arm) {
	struct caps_build *build = arm->build;
	struct caps_machine *machine = build->machine;
	struct caps_place *places = caps_arena_take(build->arena, machine->cpu_count * sizeof(*places));
	if (!places)
		return false;
	struct caps_source source = presumed_of_nothing;
	if (places_of_pptt(arm, places))
		source = caps_table_source(CAPS_PPTT);
	else if (caps_told_places(build, places))
		source = caps_told_topology_source();
	else if (places_of_mpidr(build, places))
		source = presumed_of_mpidr;
	else
		for (size_t i = 0; i < machine->cpu_count; i++)
			places[i] = (struct caps_place){.core = i};
	if (!caps_build_places(build, places))
		return false;
	machine->packages.source = machine->dies.source = machine->clusters.source = machine->cores.source =
		machine->threads.source = source;
	return true;
}
