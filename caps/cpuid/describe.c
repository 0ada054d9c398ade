/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/cpuid/cpuid.h"

int caps_cpuid_describe(struct caps_build *build) {
	size_t with_leaves = 0;
	for (size_t i = 0; i < build->machine->cpu_count; i++)
		with_leaves += build->cpus[i]->leaf_count != 0;
	if (with_leaves == 0)
		return CAPS_EINVAL;
	uint32_t *ids = caps_arena_take(build->arena, build->machine->cpu_count * sizeof(*ids));
	if (!ids)
		return CAPS_ENOMEM;
	cpuid_identity_describe(build);
	bool good = cpuid_topology_describe(build, ids) && cpuid_caches_describe(build, ids) &&
		    cpuid_kinds_describe(build) && cpuid_tlbs_describe(build);
	return good ? 0 : CAPS_ENOMEM;
}
