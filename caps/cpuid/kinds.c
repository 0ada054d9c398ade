/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds: CPUs of one core type, one signature, the same features and the same caches of their own. Their names are
 * Intel's: P where leaf 0x1a says Core, E where it says Atom, and LP-E where an Atom has no L3 while others have one.
 */
#include "caps/cpuid/cpuid.h"

#include <stdio.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t value) {
	return (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

static bool cache_is_of(const struct caps_cache *cache, size_t index) {
	return caps_set_has(&cache->cpus, index);
}

static bool has_l3(const struct caps_machine *machine, size_t index) {
	for (size_t i = 0; i < machine->cache_count; i++)
		if (machine->caches[i].level == 3 && cache_is_of(&machine->caches[i], index))
			return true;
	return false;
}

/* Equal where CPUs are of a kind. */
static void read_keys(const struct caps_build *build, uint64_t *keys) {
	const struct caps_machine *machine = build->machine;
	for (size_t i = 0; i < machine->cpu_count; i++) {
		struct cpuid_identity identity;
		uint64_t features[CAPS_FEATURES_MAX / 64] = {0};
		cpuid_identity_read(build->cpus[i], &identity);
		cpuid_features_read(build->cpus[i], features);
		keys[i] =
			mix(mix(mix(1, identity.core_type), identity.family << 16 | identity.model), identity.stepping);
		for (size_t word = 0; word < CAPS_FEATURES_MAX / 64; word++)
			keys[i] = mix(keys[i], features[word]);
	}
	for (size_t cache = 0; cache < machine->cache_count; cache++)
		for (size_t i = 0; i < machine->cpu_count; i++)
			if (machine->caches[cache].level < 3 && cache_is_of(&machine->caches[cache], i))
				keys[i] = mix(keys[i], machine->caches[cache].bytes ^ machine->caches[cache].level);
	/* Only of a hybrid: an L3 that a dump has for some CPUs alone makes no kind. */
	for (size_t i = 0; i < machine->cpu_count; i++) {
		struct cpuid_identity identity;
		cpuid_identity_read(build->cpus[i], &identity);
		if (identity.core_type == CPUID_CORE_TYPE_ATOM)
			keys[i] = mix(keys[i], has_l3(machine, i));
	}
}

static size_t first_of(const struct caps_machine *machine, const struct caps_kind *kind) {
	size_t index = 0;
	while (index + 1 < machine->cpu_count && !caps_set_has(&kind->cpus, index))
		index++;
	return index;
}

static void set_name(struct caps_build *build, struct caps_kind *kind, size_t first) {
	struct cpuid_identity identity;
	const struct caps_leaf *leaf = cpuid_leaf(build->cpus[first], 0x1a, 0);
	bool others_have = false;
	cpuid_identity_read(build->cpus[first], &identity);
	for (size_t i = 0; i < build->machine->cpu_count; i++)
		others_have |= has_l3(build->machine, i);
	const char *name = identity.core_type == CPUID_CORE_TYPE_CORE      ? "P"
			   : identity.core_type != CPUID_CORE_TYPE_ATOM    ? ""
			   : others_have && !has_l3(build->machine, first) ? "LP-E"
									   : "E";
	if (*name && leaf)
		caps_text_set(&kind->name, name, strlen(name), cpuid_from(leaf, build->cpus[first]));
}

/* AMD's leaf 0x80000026, level core: EBX[31:28] is 0 for performance, 1 for efficiency where EAX[30] says that cores
 * differ. */
static void set_amd_name(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	const struct caps_leaf *leaf = cpuid_is_amd(cpu) ? cpuid_leaf(cpu, UINT32_C(0x80000026), 0) : NULL;
	if (leaf && cpuid_bits(leaf->eax, 30, 1))
		caps_text_set(&kind->name, cpuid_bits(leaf->ebx, 28, 4) ? "E" : "P", 1, cpuid_from(leaf, cpu));
}

static void set_identity(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	const struct caps_leaf *version = cpuid_leaf(cpu, 1, 0);
	struct cpuid_identity identity;
	char text[64];
	if (!version)
		return;
	cpuid_identity_read(cpu, &identity);
	const char *name = cpuid_microarchitecture(&identity);
	snprintf(text, sizeof(text), "family %u model %u stepping %u", identity.family, identity.model,
		 identity.stepping);
	caps_text_set(&kind->stepping, text, sizeof(text), cpuid_from(version, cpu));
	if (name)
		caps_text_set(&kind->microarchitecture, name, strlen(name),
			      (struct caps_source){.from = CAPS_FROM_LIST});
}

/* The TSC's rate, which is the base clock's but for rounding: leaf 0x15, and a hypervisor's 0x40000010 in kHz. */
static struct caps_number tsc_hz(const struct caps_cpu_raw *cpu) {
	const struct caps_leaf *ratio = cpuid_leaf(cpu, 0x15, 0), *told = cpuid_leaf(cpu, UINT32_C(0x40000010), 0),
			       *version = cpuid_leaf(cpu, 1, 0);
	if (ratio && ratio->eax && ratio->ebx && ratio->ecx)
		return (struct caps_number){(uint64_t)ratio->ecx * ratio->ebx / ratio->eax, cpuid_from(ratio, cpu)};
	if (told && told->eax && version && cpuid_bits(version->ecx, 31, 1))
		return (struct caps_number){told->eax * UINT64_C(1000), cpuid_from(told, cpu)};
	return (struct caps_number){0};
}

/* Leaf 0x16: MHz. */
static void set_clocks(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	const struct caps_leaf *leaf = cpuid_leaf(cpu, 0x16, 0);
	kind->base_hz = tsc_hz(cpu);
	if (leaf && cpuid_bits(leaf->eax, 0, 16))
		kind->base_hz =
			(struct caps_number){cpuid_bits(leaf->eax, 0, 16) * UINT64_C(1000000), cpuid_from(leaf, cpu)};
	if (leaf && cpuid_bits(leaf->ebx, 0, 16))
		kind->max_hz =
			(struct caps_number){cpuid_bits(leaf->ebx, 0, 16) * UINT64_C(1000000), cpuid_from(leaf, cpu)};
}

static void set_counters(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	const struct caps_leaf *intel = cpuid_leaf(cpu, 0xa, 0), *amd = cpuid_leaf(cpu, UINT32_C(0x80000022), 0),
			       *extended = cpuid_leaf(cpu, UINT32_C(0x80000001), 0);
	char text[64] = "";
	const struct caps_leaf *from = intel;
	if (intel && cpuid_bits(intel->eax, 0, 8)) {
		snprintf(text, sizeof(text), "version %u: %u of %u bit, %u fixed", cpuid_bits(intel->eax, 0, 8),
			 cpuid_bits(intel->eax, 8, 8), cpuid_bits(intel->eax, 16, 8), cpuid_bits(intel->edx, 0, 5));
	} else if (cpuid_is_amd(cpu) && amd && cpuid_bits(amd->eax, 0, 1)) {
		from = amd;
		snprintf(text, sizeof(text), "PerfMonV2: %u of 48 bit", cpuid_bits(amd->ebx, 0, 4));
	} else if (cpuid_is_amd(cpu) && extended) {
		from = extended;
		snprintf(text, sizeof(text), "%u of 48 bit", cpuid_bits(extended->ecx, 23, 1) ? 6u : 4u);
	}
	if (text[0])
		caps_text_set(&kind->counters, text, sizeof(text), cpuid_from(from, cpu));
}

static void set_pages(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	const struct caps_leaf *version = cpuid_leaf(cpu, 1, 0), *sizes = cpuid_leaf(cpu, UINT32_C(0x80000008), 0),
			       *extended = cpuid_leaf(cpu, UINT32_C(0x80000001), 0);
	if (sizes) {
		kind->physical_bits = (struct caps_number){cpuid_bits(sizes->eax, 0, 8), cpuid_from(sizes, cpu)};
		kind->virtual_bits = (struct caps_number){cpuid_bits(sizes->eax, 8, 8), cpuid_from(sizes, cpu)};
	}
	if (!version)
		return;
	bool pae = cpuid_bits(version->edx, 6, 1), huge = extended && cpuid_bits(extended->edx, 26, 1);
	kind->page_sizes = 1u << 12 | (pae ? 1u << 21 : 1u << 22) | (huge ? 1u << 30 : 0);
	kind->page_sizes_source = cpuid_from(huge ? extended : version, cpu);
}

static void set_measured(const struct caps_build *build, struct caps_kind *kind) {
	for (size_t i = 0; i < build->machine->cpu_count; i++) {
		uint64_t hz = build->cpus[i]->measured_hz;
		if (caps_set_has(&kind->cpus, i) && hz > kind->measured_hz.value)
			kind->measured_hz =
				(struct caps_number){hz, {.from = CAPS_FROM_MEASURED, .cpu = build->cpus[i]->number}};
	}
}

static void describe_kind(struct caps_build *build, struct caps_kind *kind) {
	size_t first = first_of(build->machine, kind);
	const struct caps_cpu_raw *cpu = build->cpus[first];
	const struct caps_leaf *version = cpuid_leaf(cpu, 1, 0);
	struct cpuid_identity identity;
	cpuid_identity_read(cpu, &identity);
	set_name(build, kind, first);
	set_amd_name(kind, cpu);
	cpuid_brand(&kind->model, cpu);
	kind->cores.source = kind->threads.source = build->machine->cores.source;
	/* A single CPU stands for all that are presumed, where they are of one kind. */
	if (build->machine->cpu_count == 1) {
		kind->cores = build->machine->cores;
		if (identity.core_type == CPUID_CORE_TYPE_NONE)
			kind->threads = build->machine->threads;
	}
	set_identity(kind, cpu);
	set_clocks(kind, cpu);
	set_counters(kind, cpu);
	set_pages(kind, cpu);
	set_measured(build, kind);
	cpuid_features_read(cpu, kind->features);
	if (version)
		kind->features_source = cpuid_from(version, cpu);
}

/* "Golden Cove + Gracemont" */
static void join_names(struct caps_machine *machine) {
	char joined[sizeof(machine->microarchitecture.value)] = "";
	for (size_t i = 0; i < machine->kind_count; i++) {
		const char *name = machine->kinds[i].microarchitecture.value;
		size_t end = strlen(joined);
		if (*name && !strstr(joined, name))
			snprintf(joined + end, sizeof(joined) - end, "%s%.40s", end ? " + " : "", name);
	}
	if (joined[0])
		caps_text_set(&machine->microarchitecture, joined, sizeof(joined),
			      (struct caps_source){.from = CAPS_FROM_LIST});
}

bool cpuid_kinds_describe(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	uint64_t *keys = caps_arena_take(build->arena, machine->cpu_count * sizeof(*keys));
	if (!keys)
		return false;
	read_keys(build, keys);
	if (!caps_build_kinds(build, keys))
		return false;
	for (size_t i = 0; i < machine->kind_count; i++)
		describe_kind(build, &machine->kinds[i]);
	join_names(machine);
	return true;
}
