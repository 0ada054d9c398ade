/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/build.h"

enum {
	ARENA_FIXED = 256 * 1024,
	ARENA_PER_CPU = sizeof(struct caps_cpu) + CAPS_BUILD_CACHES_PER_CPU * 2 * (sizeof(struct caps_cache) + 8) + 256,
};

size_t caps_describe_bytes(const struct caps_raw *raw) {
	size_t cpus = raw->cpu_count < CAPS_CPUS_MAX ? raw->cpu_count : CAPS_CPUS_MAX;
	return ARENA_FIXED + cpus * ARENA_PER_CPU + caps_tables_bytes(raw);
}

static int order_cpus(struct caps_build *build) {
	const struct caps_raw *raw = build->raw;
	struct caps_machine *machine = build->machine;
	for (size_t i = 0; i < raw->cpu_count; i++) {
		size_t at = i;
		for (; at && build->cpus[at - 1]->number > raw->cpus[i].number; at--)
			build->cpus[at] = build->cpus[at - 1];
		if (at && build->cpus[at - 1]->number == raw->cpus[i].number)
			return CAPS_EINVAL;
		build->cpus[at] = &raw->cpus[i];
	}
	for (size_t i = 0; i < raw->cpu_count; i++)
		machine->cpus[i].number = build->cpus[i]->number;
	machine->cpu_count = raw->cpu_count;
	return 0;
}

static int begin(struct caps_build *build) {
	const struct caps_raw *raw = build->raw;
	struct caps_machine *machine = build->machine = caps_arena_take(build->arena, sizeof(*build->machine));
	if (!machine)
		return CAPS_ENOMEM;
	build->cache_capacity = raw->cpu_count * CAPS_BUILD_CACHES_PER_CPU;
	machine->architecture = raw->architecture;
	machine->remarks = caps_arena_take(build->arena, CAPS_REMARKS_MAX * sizeof(*machine->remarks));
	machine->cpus = caps_arena_take(build->arena, raw->cpu_count * sizeof(*machine->cpus));
	machine->caches = caps_arena_take(build->arena, build->cache_capacity * sizeof(*machine->caches));
	build->cache_keys = caps_arena_take(build->arena, build->cache_capacity * sizeof(*build->cache_keys));
	build->cache_spare = caps_arena_take(build->arena, build->cache_capacity * sizeof(*build->cache_spare));
	build->cache_ranks = caps_arena_take(build->arena, build->cache_capacity * sizeof(*build->cache_ranks));
	build->cpus = caps_arena_take(build->arena, raw->cpu_count * sizeof(*build->cpus));
	return build->arena->exhausted ? CAPS_ENOMEM : order_cpus(build);
}

int caps_describe(const struct caps_raw *raw, struct caps_arena *arena, struct caps_machine **machine) {
	struct caps_build build = {.raw = raw, .arena = arena};
	if (!raw->cpu_count || raw->cpu_count > CAPS_CPUS_MAX)
		return CAPS_EINVAL;
	int error = begin(&build);
	if (!error)
		caps_tables_check(&build);
	if (!error)
		error = raw->architecture == CAPS_AARCH64 ? caps_arm_describe(&build) : caps_cpuid_describe(&build);
	if (!error)
		error = caps_tables_describe(&build);
	if (!error)
		error = caps_told_describe(&build);
	if (!error)
		*machine = build.machine;
	return error;
}
