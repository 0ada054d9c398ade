/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/machine/advice.h"
#include "bench/machine/show.h"
#include "bench/machine/words.h"

static void add_source(struct text *text, const char *name, const struct caps_source *source) {
	char from[64];
	caps_source_text(source, from, sizeof(from));
	text_member_string(text, name, from);
}

/* A figure or a word: an object of value and source; not known: left out. */
static void add_number(struct text *text, const char *name, const struct caps_number *number) {
	if (number->source.from == CAPS_FROM_NOWHERE)
		return;
	text_member_object(text, name);
	text_member_u64(text, "value", number->value);
	add_source(text, "source", &number->source);
	text_add_string(text, "}");
}

static void add_text(struct text *text, const char *name, const struct caps_text *word) {
	if (!word->value[0])
		return;
	text_member_object(text, name);
	text_member_string(text, "value", word->value);
	add_source(text, "source", &word->source);
	text_add_string(text, "}");
}

/* Numbers of CPUs. */
static void add_cpus(struct text *text, const struct caps_machine *machine, const struct caps_cpu_set *set) {
	text_member_array(text, "cpus");
	for (size_t i = 0; i < machine->cpu_count; i++)
		if (caps_set_has(set, i))
			text_member_u64(text, NULL, machine->cpus[i].number);
	text_add_string(text, "]");
}

static void add_page_sizes(struct text *text, uint32_t page_sizes) {
	text_member_array(text, "page_sizes");
	for (unsigned bit = 0; bit < 32; bit++)
		if (page_sizes >> bit & 1)
			text_member_u64(text, NULL, UINT64_C(1) << bit);
	text_add_string(text, "]");
}

static void add_features(struct text *text, const struct caps_machine *machine, const struct caps_kind *kind) {
	text_member_array(text, "features");
	for (size_t i = 0; caps_feature_name(machine->architecture, i); i++)
		if (kind->features[i / 64] >> (i % 64) & 1)
			text_member_string(text, NULL, caps_feature_name(machine->architecture, i));
	text_add_string(text, "]");
	add_source(text, "features_source", &kind->features_source);
	if (!kind->sve_lengths)
		return;
	text_member_array(text, "sve_bits");
	for (unsigned n = 1; n <= 32; n++)
		if (kind->sve_lengths >> (n - 1) & 1)
			text_member_u64(text, NULL, n * 128);
	text_add_string(text, "]");
}

static void add_kind(struct text *text, const struct caps_machine *machine, const struct caps_kind *kind) {
	text_member_object(text, NULL);
	add_text(text, "name", &kind->name);
	add_text(text, "model", &kind->model);
	add_text(text, "microarchitecture", &kind->microarchitecture);
	add_text(text, "stepping", &kind->stepping);
	add_cpus(text, machine, &kind->cpus);
	add_number(text, "cores", &kind->cores);
	add_number(text, "threads", &kind->threads);
	add_number(text, "base_hz", &kind->base_hz);
	add_number(text, "max_hz", &kind->max_hz);
	add_number(text, "measured_hz", &kind->measured_hz);
	add_features(text, machine, kind);
	add_text(text, "counters", &kind->counters);
	add_number(text, "physical_bits", &kind->physical_bits);
	add_number(text, "virtual_bits", &kind->virtual_bits);
	add_page_sizes(text, kind->page_sizes);
	add_source(text, "page_sizes_source", &kind->page_sizes_source);
	text_add_string(text, "}");
}

static void add_cpu(struct text *text, const struct caps_cpu *cpu) {
	text_member_object(text, NULL);
	text_member_u64(text, "number", cpu->number);
	text_member_hex(text, "hardware_id", cpu->hardware_id);
	text_member_u64(text, "package", cpu->package);
	text_member_u64(text, "die", cpu->die);
	text_member_u64(text, "cluster", cpu->cluster);
	text_member_u64(text, "core", cpu->core);
	text_member_u64(text, "thread", cpu->thread);
	text_member_u64(text, "kind", cpu->kind);
	text_member_u64(text, "node", cpu->node);
	text_add_string(text, "}");
}

/* null: not known; "full": any entry may hold anything. */
static void add_ways(struct text *text, uint32_t ways) {
	if (ways == UINT32_MAX)
		text_member_string(text, "ways", "full");
	else if (ways)
		text_member_u64(text, "ways", ways);
	else
		text_member_null(text, "ways");
}

static void add_cache(struct text *text, const struct caps_machine *machine, const struct caps_cache *cache) {
	text_member_object(text, NULL);
	text_member_u64(text, "level", cache->level);
	text_member_string(text, "type", machine_cache_type(cache->type));
	text_member_u64(text, "bytes", cache->bytes);
	add_ways(text, cache->ways);
	text_member_u64(text, "sets", cache->sets);
	text_member_u64(text, "line_bytes", cache->line_bytes);
	add_cpus(text, machine, &cache->cpus);
	add_source(text, "source", &cache->source);
	add_source(text, "shared_source", &cache->shared_source);
	text_add_string(text, "}");
}

static void add_tlb(struct text *text, const struct caps_tlb *tlb) {
	text_member_object(text, NULL);
	text_member_u64(text, "level", tlb->level);
	text_member_string(text, "type", machine_cache_type(tlb->type));
	text_member_u64(text, "entries", tlb->entries);
	add_ways(text, tlb->ways);
	add_page_sizes(text, tlb->page_sizes);
	text_member_u64(text, "kind", tlb->kind);
	add_source(text, "source", &tlb->source);
	text_add_string(text, "}");
}

static void add_node(struct text *text, const struct caps_machine *machine, size_t index) {
	const struct caps_node *node = &machine->nodes[index];
	text_member_object(text, NULL);
	text_member_u64(text, "number", node->number);
	add_number(text, "bytes", &node->bytes);
	add_number(text, "latency_ps", &node->latency_ps);
	add_number(text, "bandwidth_bytes_second", &node->bandwidth_bytes_second);
	if (machine->distances) {
		text_member_array(text, "distances");
		for (size_t to = 0; to < machine->node_count; to++)
			text_member_u64(text, NULL, machine->distances[index * machine->node_count + to].value);
		text_add_string(text, "]");
	}
	text_add_string(text, "}");
}

static void add_module(struct text *text, const struct caps_module *module) {
	text_member_object(text, NULL);
	add_number(text, "bytes", &module->bytes);
	add_text(text, "type", &module->type);
	add_number(text, "mt_second", &module->mt_second);
	add_number(text, "width_bits", &module->width_bits);
	text_add_string(text, "}");
}

static void add_words(struct text *text, const struct facts *facts) {
	const struct caps_machine *machine = facts->machine;
	text_member_object(text, "mitigations");
	for (size_t i = 0; i < machine->mitigation_count; i++)
		add_text(text, machine->mitigations[i].name.value, &machine->mitigations[i].state);
	text_add_string(text, "}");
	text_member_array(text, "remarks");
	for (size_t i = 0; i < machine->remark_count; i++)
		text_member_string(text, NULL, machine->remarks[i]);
	text_add_string(text, "]");
	text_member_object(text, "not_read");
	for (size_t i = 0; i < facts->refused_count; i++)
		text_member_string(text, facts->refused[i].what, facts->refused[i].why);
	text_add_string(text, "}");
}

static void add_advice(void *argument, const struct advice *advice) {
	struct text *text = argument;
	text_member_object(text, NULL);
	text_member_string(text, "text", advice->text);
	text_member_string(text, "reason", advice->reason);
	text_member_string(text, "basis", advice->measured ? "measured" : "told only");
	if (advice->measured)
		text_member_string(text, "margin", advice->margin);
	text_add_string(text, "}");
}

void machine_show_measured_on(const struct facts *facts, struct text *text) {
	const struct caps_machine *machine = facts->machine;
	for (size_t i = 0; facts->stays && i < machine->cpu_count; i++) {
		if (machine->cpus[i].number != facts->stays_on)
			continue;
		const struct caps_kind *kind = &machine->kinds[machine->cpus[i].kind];
		text_member_object(text, "measured_on");
		text_member_u64(text, "cpu", facts->stays_on);
		if (kind->name.value[0])
			text_member_string(text, "kind", kind->name.value);
		if (kind->microarchitecture.value[0])
			text_member_string(text, "microarchitecture", kind->microarchitecture.value);
		text_add_string(text, "}");
	}
}

void machine_show_json(const struct facts *facts, struct text *text) {
	const struct caps_machine *machine = facts->machine;
	text_add_string(text, "{");
	text_member_string(text, "schema", MACHINE_SCHEMA);
	text_member_string(text, "architecture", machine->architecture == CAPS_AARCH64 ? "aarch64" : "x86_64");
	add_text(text, "vendor", &machine->vendor);
	add_text(text, "model", &machine->model);
	add_text(text, "microarchitecture", &machine->microarchitecture);
	add_text(text, "microcode", &machine->microcode);
	add_text(text, "hypervisor", &machine->hypervisor);
	add_number(text, "packages", &machine->packages);
	add_number(text, "dies", &machine->dies);
	add_number(text, "clusters", &machine->clusters);
	add_number(text, "cores", &machine->cores);
	add_number(text, "threads", &machine->threads);
#define ARRAY(name, count, add)                     \
	text_member_array(text, name);              \
	for (size_t i = 0; i < machine->count; i++) \
		add;                                \
	text_add_string(text, "]")
	ARRAY("kinds", kind_count, add_kind(text, machine, &machine->kinds[i]));
	ARRAY("cpus", cpu_count, add_cpu(text, &machine->cpus[i]));
	ARRAY("caches", cache_count, add_cache(text, machine, &machine->caches[i]));
	ARRAY("tlbs", tlb_count, add_tlb(text, &machine->tlbs[i]));
	ARRAY("nodes", node_count, add_node(text, machine, i));
	ARRAY("modules", module_count, add_module(text, &machine->modules[i]));
#undef ARRAY
	add_number(text, "memory_bandwidth", &machine->memory_bandwidth);
	if (facts->counts_asked) {
		text_member_object(text, "counting");
		text_member_string(text, "source", facts->counts.source);
		if (facts->counts.reason[0])
			text_member_string(text, "missing", facts->counts.reason);
		text_add_string(text, "}");
	}
	add_words(text, facts);
	text_member_array(text, "advice");
	advice_give(machine, facts->run, add_advice, text);
	text_add_string(text, "]");
	text_add_string(text, "}");
}
