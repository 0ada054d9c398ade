/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds: CPUs of one MIDR_EL1, and of one capacity where an operating system tells it. Their names rank them: by
 * capacity, else by the class that the list of models has.
 */
#include "caps/arm/arm.h"

#include <stdio.h>
#include <string.h>

/* Capacities follow from each CPU's own highest frequency: a little apart is the same kind. */
enum { CAPACITY_TOLERANCE_SHIFT = 4 };

static uint64_t midr_of(const struct caps_cpu_raw *cpu) {
	return caps_arm_known(cpu, CAPS_MIDR_EL1) ? cpu->registers[CAPS_MIDR_EL1] : UINT64_MAX;
}

static bool alike(const struct caps_cpu_raw *a, const struct caps_cpu_raw *b) {
	uint32_t less = a->os_capacity < b->os_capacity ? a->os_capacity : b->os_capacity;
	uint32_t more = a->os_capacity < b->os_capacity ? b->os_capacity : a->os_capacity;
	return midr_of(a) == midr_of(b) && (more == less || (less && more - less <= more >> CAPACITY_TOLERANCE_SHIFT));
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

struct ranks {
	uint32_t rank[CAPS_KINDS_MAX];
	uint32_t lowest, highest;
	struct caps_source source;
};

static const struct caps_cpu_raw *first_cpu(const struct caps_build *build, const struct caps_kind *kind) {
	for (size_t i = 0; i < build->machine->cpu_count; i++)
		if (caps_set_has(&kind->cpus, i))
			return build->cpus[i];
	return NULL;
}

static uint32_t class_of(const struct caps_cpu_raw *cpu) {
	const struct caps_arm_model *model = caps_arm_model_find(midr_of(cpu));
	return model ? model->class : CAPS_ARM_CLASS_UNKNOWN;
}

/* false: a kind has no rank. */
static bool rank_kinds(const struct caps_build *build, bool by_capacity, struct ranks *ranks) {
	*ranks = (struct ranks){.lowest = UINT32_MAX};
	ranks->source = by_capacity ? (struct caps_source){.from = CAPS_FROM_OS,
							   .word = "/sys/devices/system/cpu/cpu*/cpu_capacity"}
				    : (struct caps_source){.from = CAPS_FROM_LIST};
	for (size_t i = 0; i < build->machine->kind_count; i++) {
		const struct caps_cpu_raw *cpu = first_cpu(build, &build->machine->kinds[i]);
		uint32_t rank = by_capacity ? cpu->os_capacity : class_of(cpu);
		if (!rank)
			return false;
		ranks->rank[i] = rank;
		ranks->lowest = rank < ranks->lowest ? rank : ranks->lowest;
		ranks->highest = rank > ranks->highest ? rank : ranks->highest;
	}
	return ranks->lowest != ranks->highest;
}

static void name_kinds(const struct caps_build *build) {
	struct ranks ranks;
	if (build->machine->kind_count < 2 || (!rank_kinds(build, true, &ranks) && !rank_kinds(build, false, &ranks)))
		return;
	for (size_t i = 0; i < build->machine->kind_count; i++) {
		const char *name = ranks.rank[i] == ranks.highest  ? "big"
				   : ranks.rank[i] == ranks.lowest ? "LITTLE"
								   : "medium";
		caps_text_set(&build->machine->kinds[i].name, name, strlen(name), ranks.source);
	}
}

/* ---- what its registers say -------------------------------------------------------------------------------------- */

static void set_model(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	if (!caps_arm_known(cpu, CAPS_MIDR_EL1))
		return;
	uint64_t midr = cpu->registers[CAPS_MIDR_EL1];
	const struct caps_arm_model *model = caps_arm_model_find(midr);
	struct caps_source list = {.from = CAPS_FROM_LIST}, from = caps_arm_from(CAPS_MIDR_EL1, cpu);
	char text[sizeof(kind->model.value)];
	if (model) {
		const char *name = model->microarchitecture ? model->microarchitecture : model->model;
		caps_text_set(&kind->model, model->model, strlen(model->model), list);
		caps_text_set(&kind->microarchitecture, name, strlen(name), list);
	} else {
		snprintf(text, sizeof(text), "implementer 0x%02x part 0x%03x", caps_arm_field(midr, 24, 8),
			 caps_arm_field(midr, 4, 12));
		caps_text_set(&kind->model, text, sizeof(text), from);
	}
	snprintf(text, sizeof(text), "r%up%u", caps_arm_field(midr, 20, 4), caps_arm_field(midr, 0, 4));
	caps_text_set(&kind->stepping, text, sizeof(text), from);
}

static void set_widths(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	static const uint8_t pa_bits[] = {32, 36, 40, 42, 44, 48, 52, 56}, va_bits[] = {48, 52, 56};
	if (caps_arm_known(cpu, CAPS_ID_AA64MMFR0_EL1)) {
		unsigned range = caps_arm_field(cpu->registers[CAPS_ID_AA64MMFR0_EL1], 0, 4);
		if (range < sizeof(pa_bits))
			kind->physical_bits =
				(struct caps_number){pa_bits[range], caps_arm_from(CAPS_ID_AA64MMFR0_EL1, cpu)};
	}
	if (caps_arm_known(cpu, CAPS_ID_AA64MMFR2_EL1)) {
		unsigned range = caps_arm_field(cpu->registers[CAPS_ID_AA64MMFR2_EL1], 16, 4);
		if (range < sizeof(va_bits))
			kind->virtual_bits =
				(struct caps_number){va_bits[range], caps_arm_from(CAPS_ID_AA64MMFR2_EL1, cpu)};
	}
}

/* Granules of ID_AA64MMFR0_EL1, each with the blocks that its tables can map, up to 1 GiB. */
static void set_page_sizes(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	if (!caps_arm_known(cpu, CAPS_ID_AA64MMFR0_EL1))
		return;
	uint64_t value = cpu->registers[CAPS_ID_AA64MMFR0_EL1];
	if (caps_arm_field(value, 28, 4) < 8)
		kind->page_sizes |= 1u << 12 | 1u << 21 | 1u << 30;
	if (caps_arm_field(value, 20, 4))
		kind->page_sizes |= 1u << 14 | 1u << 25;
	if (caps_arm_field(value, 24, 4) < 8)
		kind->page_sizes |= 1u << 16 | 1u << 29;
	kind->page_sizes_source = caps_arm_from(CAPS_ID_AA64MMFR0_EL1, cpu);
}

static void set_counters(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	static const char *const versions[] = {NULL,      "PMUv3",   NULL,      NULL,      "PMUv3.1",
					       "PMUv3.4", "PMUv3.5", "PMUv3.7", "PMUv3.8", "PMUv3.9"};
	char text[sizeof(kind->counters.value)];
	if (!caps_arm_known(cpu, CAPS_ID_AA64DFR0_EL1))
		return;
	unsigned version = caps_arm_field(cpu->registers[CAPS_ID_AA64DFR0_EL1], 8, 4);
	if (version == 0 || version == 15)
		snprintf(text, sizeof(text), "%s", version ? "of the implementer's own" : "none");
	else if (version < sizeof(versions) / sizeof(versions[0]) && versions[version])
		snprintf(text, sizeof(text), "%s", versions[version]);
	else
		snprintf(text, sizeof(text), "PMUVer %u", version);
	if (version != 0 && version != 15 && caps_arm_known(cpu, CAPS_PMCR_EL0)) {
		size_t end = strlen(text);
		snprintf(text + end, sizeof(text) - end, ": %u event counters, 1 of cycles",
			 caps_arm_field(cpu->registers[CAPS_PMCR_EL0], 11, 5));
	}
	caps_text_set(&kind->counters, text, sizeof(text), caps_arm_from(CAPS_ID_AA64DFR0_EL1, cpu));
}

/* CTR_EL0.DminLine: log2 of the line in words. DCZID_EL0: log2 of the block in words; bit 4 (DZP): not allowed here. */
static void set_lines(struct caps_kind *kind, const struct caps_cpu_raw *cpu) {
	if (caps_arm_known(cpu, CAPS_CTR_EL0))
		kind->line_bytes =
			(struct caps_number){UINT64_C(4) << caps_arm_field(cpu->registers[CAPS_CTR_EL0], 16, 4),
					     caps_arm_from(CAPS_CTR_EL0, cpu)};
	if (caps_arm_known(cpu, CAPS_DCZID_EL0) && !caps_arm_field(cpu->registers[CAPS_DCZID_EL0], 4, 1))
		kind->zero_block_bytes =
			(struct caps_number){UINT64_C(4) << caps_arm_field(cpu->registers[CAPS_DCZID_EL0], 0, 4),
					     caps_arm_from(CAPS_DCZID_EL0, cpu)};
}

/* What all of its CPUs have. */
static void set_features(struct caps_build *build, struct caps_kind *kind) {
	const struct caps_cpu_raw *first = first_cpu(build, kind);
	bool differ = false;
	if (!caps_arm_known(first, CAPS_ID_AA64ISAR0_EL1) && !caps_arm_known(first, CAPS_ID_AA64PFR0_EL1))
		return;
	kind->features_source = caps_arm_from(
		caps_arm_known(first, CAPS_ID_AA64ISAR0_EL1) ? CAPS_ID_AA64ISAR0_EL1 : CAPS_ID_AA64PFR0_EL1, first);
	kind->sve_lengths = first->sve_lengths;
	caps_arm_features_read(first, kind->features);
	for (size_t i = 0; i < build->machine->cpu_count; i++) {
		uint64_t bits[CAPS_FEATURES_MAX / 64] = {0};
		if (!caps_set_has(&kind->cpus, i) || build->cpus[i] == first)
			continue;
		caps_arm_features_read(build->cpus[i], bits);
		differ |= memcmp(bits, kind->features, sizeof(bits)) != 0;
		for (size_t word = 0; word < CAPS_FEATURES_MAX / 64; word++)
			kind->features[word] &= bits[word];
		kind->sve_lengths &= build->cpus[i]->sve_lengths;
	}
	if (differ)
		caps_remark(build->machine, build->arena,
			    "CPUs of one MIDR_EL1 (as CPU %u) differ in their features: what all have is shown",
			    first->number);
}

/* ---- the machine's ----------------------------------------------------------------------------------------------- */

/* The names of all kinds, each once. */
static void join_names(struct caps_text *text, const struct caps_machine *machine, size_t offset) {
	char joined[sizeof(text->value)] = "";
	size_t end = 0;
	for (size_t i = 0; i < machine->kind_count && end < sizeof(joined) - 1; i++) {
		const struct caps_text *name =
			(const struct caps_text *)(const void *)((const char *)&machine->kinds[i] + offset);
		if (!name->value[0] || strstr(joined, name->value))
			continue;
		int added = snprintf(joined + end, sizeof(joined) - end, "%s%.60s", end ? " + " : "", name->value);
		end += added > 0 ? (size_t)added : 0;
		text->source = name->source;
	}
	caps_text_set(text, joined, sizeof(joined), text->source);
}

static void set_machine(struct caps_machine *machine, const struct caps_build *build) {
	const struct caps_cpu_raw *cpu = build->cpus[0];
	const char *vendor = caps_arm_implementer_name(midr_of(cpu));
	if (caps_arm_known(cpu, CAPS_MIDR_EL1) && vendor)
		caps_text_set(&machine->vendor, vendor, strlen(vendor), caps_arm_from(CAPS_MIDR_EL1, cpu));
	join_names(&machine->model, machine, offsetof(struct caps_kind, model));
	join_names(&machine->microarchitecture, machine, offsetof(struct caps_kind, microarchitecture));
}

bool caps_arm_kinds(struct caps_arm *arm) {
	struct caps_build *build = arm->build;
	struct caps_machine *machine = build->machine;
	uint64_t *keys = caps_arena_take(build->arena, machine->cpu_count * sizeof(*keys));
	if (!keys)
		return false;
	for (size_t i = 0; i < machine->cpu_count; i++)
		while (!alike(build->cpus[keys[i]], build->cpus[i]))
			keys[i]++;
	if (!caps_build_kinds(build, keys))
		return false;
	for (size_t i = 0; i < machine->kind_count; i++) {
		struct caps_kind *kind = &machine->kinds[i];
		const struct caps_cpu_raw *cpu = first_cpu(build, kind);
		kind->cores.source = machine->cores.source;
		kind->threads.source = machine->threads.source;
		set_model(kind, cpu);
		set_widths(kind, cpu);
		set_page_sizes(kind, cpu);
		set_counters(kind, cpu);
		set_lines(kind, cpu);
		set_features(build, kind);
	}
	name_kinds(build);
	set_machine(machine, build);
	return true;
}
