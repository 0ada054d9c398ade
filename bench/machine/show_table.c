/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/machine/advice.h"
#include "bench/machine/show.h"
#include "bench/machine/words.h"

#include <stdio.h>
#include <string.h>

enum { NAME_COLUMN = 18, VALUE_COLUMNS = 52, LINE_COLUMNS = 100 };

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

/* A row: name, value, and its source where both fit into the line, else on the next. */
static void add_row(struct text *text, const char *name, const char *value, const struct caps_source *source) {
	char from[64] = "";
	if (source)
		caps_source_text(source, from, sizeof(from));
	size_t length = strlen(value);
	text_format(text, "%-*s", NAME_COLUMN, name);
	text_add_string(text, value);
	if (from[0] && NAME_COLUMN + length + 3 + strlen(from) > LINE_COLUMNS)
		text_format(text, "\n%*s(%s)\n", NAME_COLUMN, "", from);
	else if (from[0])
		text_format(text, "%*s(%s)\n", length < VALUE_COLUMNS ? (int)(VALUE_COLUMNS - length) : 2, "", from);
	else
		text_add_string(text, "\n");
}

/* The same of a value in the making, which it takes. */
static void add_made(struct text *text, const char *name, struct text *value, const struct caps_source *source) {
	text_add(value, "", 1);
	add_row(text, name, value->failed ? "out of memory" : value->bytes, source);
	text_free(value);
}

static void add_text(struct text *text, const char *name, const struct caps_text *value) {
	if (value->value[0])
		add_row(text, name, value->value, &value->source);
}

static void add_hz(struct text *text, const char *name, const struct caps_number *hz) {
	char value[32];
	snprintf(value, sizeof(value), "%.3f GHz", (double)hz->value / 1e9);
	if (hz->value)
		add_row(text, name, value, &hz->source);
}

/* Words behind one another, wrapped into lines of their own. */
struct wrapped {
	struct text *text;
	size_t column;
};

static void add_word(struct wrapped *wrapped, const char *word) {
	size_t length = strlen(word);
	if (wrapped->column + 1 + length > LINE_COLUMNS) {
		text_format(wrapped->text, "\n%*s", NAME_COLUMN, "");
		wrapped->column = NAME_COLUMN;
	}
	text_format(wrapped->text, "%s%s", wrapped->column > NAME_COLUMN ? " " : "", word);
	wrapped->column += length + (wrapped->column > NAME_COLUMN);
}

static const char *plural(uint64_t count) {
	return count == 1 ? "" : "s";
}

/* ---- the machine, its kinds of cores ----------------------------------------------------------------------------- */

static void add_topology(struct text *text, const struct caps_machine *machine) {
	const struct {
		const char *name;
		const struct caps_number *count;
	} levels[] = {{"package", &machine->packages},
		      {"die", &machine->dies},
		      {"cluster", &machine->clusters},
		      {"core", &machine->cores},
		      {"thread", &machine->threads}};
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		char name[16], value[24];
		snprintf(name, sizeof(name), "%s%s", levels[i].name, plural(levels[i].count->value));
		snprintf(value, sizeof(value), "%llu", (unsigned long long)levels[i].count->value);
		if (levels[i].count->value)
			add_row(text, name, value, &levels[i].count->source);
	}
}

static void add_features(struct text *text, const struct caps_machine *machine, const struct caps_kind *kind) {
	static const char *const groups[] = {
		[CAPS_FEATURES_SIMD] = "simd", [CAPS_FEATURES_CRYPTO] = "crypto", [CAPS_FEATURES_OTHER] = "other"};
	for (size_t group = 0; group < sizeof(groups) / sizeof(groups[0]); group++) {
		struct wrapped wrapped = {text, NAME_COLUMN};
		text_format(text, "%-*s", NAME_COLUMN, groups[group]);
		for (size_t i = 0; caps_feature_name(machine->architecture, i); i++)
			if (kind->features[i / 64] >> (i % 64) & 1 &&
			    (size_t)caps_feature_group(machine->architecture, i) == group)
				add_word(&wrapped, caps_feature_name(machine->architecture, i));
		text_add_string(text, "\n");
	}
	if (kind->sve_lengths) {
		struct text value = {0};
		for (unsigned n = 1; n <= 16; n++)
			if (kind->sve_lengths >> (n - 1) & 1)
				text_format(&value, "%s%u", value.length ? ", " : "", n * 128);
		text_add_string(&value, " bit");
		add_made(text, "SVE", &value, NULL);
	}
}

static void add_page_sizes(struct text *text, const struct caps_kind *kind) {
	struct text value = {0};
	for (unsigned bit = 0; bit < 32; bit++)
		if (kind->page_sizes >> bit & 1) {
			text_add_string(&value, value.length ? ", " : "");
			machine_add_bytes(&value, UINT64_C(1) << bit);
		}
	if (value.length)
		add_made(text, "page sizes", &value, &kind->page_sizes_source);
}

static void add_width(struct text *text, const char *name, const struct caps_number *bits) {
	char value[24];
	snprintf(value, sizeof(value), "%llu bit", (unsigned long long)bits->value);
	if (bits->value)
		add_row(text, name, value, &bits->source);
}

static void add_kind(struct text *text, const struct caps_machine *machine, const struct caps_kind *kind) {
	struct text value = {0};
	bool is_named = kind->name.value[0], is_one_of_several = is_named || machine->kind_count > 1;
	if (is_one_of_several)
		text_format(&value, "%llu core%s, CPUs ", (unsigned long long)kind->cores.value,
			    plural(kind->cores.value));
	machine_add_cpus(&value, machine, &kind->cpus);
	text_format(text, "\n");
	add_made(text,
		 is_named            ? kind->name.value
		 : is_one_of_several ? "a kind of core"
				     : "CPUs",
		 &value, is_named ? &kind->name.source : NULL);
	if (machine->kind_count > 1) {
		add_text(text, "model", &kind->model);
		add_text(text, "design", &kind->microarchitecture);
	}
	add_text(text, "stepping", &kind->stepping);
	add_hz(text, "clock, base", &kind->base_hz);
	add_hz(text, "clock, highest", &kind->max_hz);
	add_hz(text, "clock, measured", &kind->measured_hz);
	add_features(text, machine, kind);
	add_text(text, "counters", &kind->counters);
	add_width(text, "physical", &kind->physical_bits);
	add_width(text, "virtual", &kind->virtual_bits);
	add_page_sizes(text, kind);
}

/* ---- caches and TLBs --------------------------------------------------------------------------------------------- */

static uint32_t cache_kind(const struct caps_machine *machine, const struct caps_cache *cache) {
	for (size_t i = 0; i < machine->cpu_count; i++)
		if (caps_set_has(&cache->cpus, i))
			return machine->cpus[i].kind;
	return 0;
}

/* Whether no other kind shares it. */
static bool is_of_kind(const struct caps_cache *cache, const struct caps_kind *kind) {
	for (size_t i = 0; i < sizeof(kind->cpus.word) / sizeof(kind->cpus.word[0]); i++)
		if (cache->cpus.word[i] & ~kind->cpus.word[i])
			return false;
	return true;
}

static bool cache_alike(const struct caps_machine *machine, const struct caps_cache *a, const struct caps_cache *b) {
	return a->level == b->level && a->type == b->type && a->bytes == b->bytes && a->ways == b->ways &&
	       a->sets == b->sets && a->line_bytes == b->line_bytes &&
	       caps_set_count(&a->cpus) == caps_set_count(&b->cpus) && cache_kind(machine, a) == cache_kind(machine, b);
}

static void add_ways(struct text *text, uint32_t ways) {
	if (ways == UINT32_MAX)
		text_add_string(text, ", full");
	else if (ways)
		text_format(text, ", %u way%s", ways, plural(ways));
}

static void add_cache(struct text *text, const struct caps_machine *machine, size_t index) {
	const struct caps_cache *cache = &machine->caches[index];
	struct text value = {0};
	char name[32];
	size_t count = 0, shared = caps_set_count(&cache->cpus);
	for (size_t i = 0; i < machine->cache_count; i++) {
		bool alike = cache_alike(machine, cache, &machine->caches[i]);
		if (alike && i < index)
			return;
		count += alike;
	}
	snprintf(name, sizeof(name), "L%u %s", cache->level, machine_cache_type(cache->type));
	if (count > 1)
		text_format(&value, "%zu x ", count);
	if (cache->bytes)
		machine_add_bytes(&value, cache->bytes);
	else
		text_add_string(&value, "size not known");
	add_ways(&value, cache->ways);
	if (cache->line_bytes)
		text_format(&value, ", lines of %u B", cache->line_bytes);
	text_format(&value, ", for %zu CPU%s", shared, plural(shared));
	const struct caps_kind *kind = &machine->kinds[cache_kind(machine, cache)];
	if (machine->kind_count > 1 && kind->name.value[0] && is_of_kind(cache, kind))
		text_format(&value, " (%s)", kind->name.value);
	add_made(text, name, &value, &cache->source);
}

static void add_tlb(struct text *text, const struct caps_machine *machine, const struct caps_tlb *tlb) {
	struct text value = {0};
	char name[32];
	snprintf(name, sizeof(name), "TLB %u %s", tlb->level, machine_cache_type(tlb->type));
	text_format(&value, "%u entries", tlb->entries);
	add_ways(&value, tlb->ways);
	text_add_string(&value, ", pages of");
	for (unsigned bit = 0; bit < 32; bit++)
		if (tlb->page_sizes >> bit & 1) {
			text_add_string(&value, " ");
			machine_add_bytes(&value, UINT64_C(1) << bit);
		}
	if (machine->kind_count > 1 && machine->kinds[tlb->kind].name.value[0])
		text_format(&value, " (%s)", machine->kinds[tlb->kind].name.value);
	add_made(text, name, &value, &tlb->source);
}

/* ---- memory and the rest ----------------------------------------------------------------------------------------- */

static void add_node(struct text *text, const struct caps_machine *machine, size_t index) {
	const struct caps_node *node = &machine->nodes[index];
	struct text value = {0};
	char name[24];
	snprintf(name, sizeof(name), "node %u", node->number);
	if (node->bytes.value)
		machine_add_bytes(&value, node->bytes.value);
	else
		text_add_string(&value, "how much memory is not told");
	if (node->latency_ps.value)
		text_format(&value, ", %.1f ns", (double)node->latency_ps.value / 1e3);
	if (node->bandwidth_bytes_second.value)
		text_format(&value, ", %.1f GB/s", (double)node->bandwidth_bytes_second.value / 1e9);
	for (size_t to = 0; machine->distances && to < machine->node_count; to++)
		text_format(&value, "%s%llu", to ? " " : ", distances ",
			    (unsigned long long)machine->distances[index * machine->node_count + to].value);
	add_made(text, name, &value, &node->bytes.source);
}

static void add_memory(struct text *text, const struct caps_machine *machine) {
	for (size_t i = 0; i < machine->node_count; i++)
		add_node(text, machine, i);
	for (size_t i = 0; i < machine->module_count; i++) {
		const struct caps_module *module = &machine->modules[i];
		struct text value = {0};
		machine_add_bytes(&value, module->bytes.value);
		text_format(&value, " %s", module->type.value);
		if (module->mt_second.value)
			text_format(&value, ", %llu MT/s", (unsigned long long)module->mt_second.value);
		if (module->width_bits.value)
			text_format(&value, ", %llu bit", (unsigned long long)module->width_bits.value);
		add_made(text, "module", &value, &module->bytes.source);
	}
	if (machine->memory_bandwidth.value) {
		char value[48];
		snprintf(value, sizeof(value), "%.1f GB/s on paper", (double)machine->memory_bandwidth.value / 1e9);
		add_row(text, "bandwidth", value, &machine->memory_bandwidth.source);
	}
}

/* Words wrapped; `line` is taken apart. */
static void add_sentence(struct text *text, const char *name, char *line) {
	struct wrapped wrapped = {text, NAME_COLUMN};
	char *rest = line;
	text_format(text, "%-*s", NAME_COLUMN, name);
	while (rest) {
		char *blank = strchr(rest, ' ');
		if (blank)
			*blank = '\0';
		add_word(&wrapped, rest);
		rest = blank ? blank + 1 : NULL;
	}
	text_add_string(text, "\n");
}

static void add_remark(struct text *text, const char *remark) {
	char line[256];
	snprintf(line, sizeof(line), "%s", remark);
	add_sentence(text, "remark", line);
}

static void add_advice(void *argument, const struct advice *advice) {
	struct text *text = argument;
	char line[sizeof(*advice) + 32];
	snprintf(line, sizeof(line), "%s, because %s (%s%s)", advice->text, advice->reason,
		 advice->measured ? "measured: " : "told only", advice->measured ? advice->margin : "");
	text_add_string(text, "\n");
	add_sentence(text, "advice", line);
}

static void add_mitigations(struct text *text, const struct caps_machine *machine) {
	for (size_t i = 0; i < machine->mitigation_count; i++)
		text_format(text, "%-*s%s: %s\n", NAME_COLUMN, i ? "" : "mitigations",
			    machine->mitigations[i].name.value, machine->mitigations[i].state.value);
}

/* What `run --counters` would count with. */
static void add_counting(struct text *text, const struct facts *facts) {
	char line[sizeof(facts->counts.reason) + 8];
	const char *reason = facts->counts.reason;
	snprintf(line, sizeof(line), "%s%s", reason[0] ? "none: " : "", reason[0] ? reason : facts->counts.source);
	if (facts->counts_asked)
		add_sentence(text, "counting", line);
}

void machine_show_table(const struct facts *facts, struct text *text) {
	const struct caps_machine *machine = facts->machine;
	add_row(text, "architecture", machine->architecture == CAPS_AARCH64 ? "aarch64" : "x86_64", NULL);
	add_text(text, "vendor", &machine->vendor);
	add_text(text, "model", &machine->model);
	add_text(text, "design", &machine->microarchitecture);
	add_text(text, "microcode", &machine->microcode);
	add_text(text, "hypervisor", &machine->hypervisor);
	add_topology(text, machine);
	for (size_t i = 0; i < machine->kind_count; i++)
		add_kind(text, machine, &machine->kinds[i]);
	add_counting(text, facts);
	if (machine->cache_count + machine->tlb_count)
		text_add_string(text, "\n");
	for (size_t i = 0; i < machine->cache_count; i++)
		add_cache(text, machine, i);
	for (size_t i = 0; i < machine->tlb_count; i++)
		add_tlb(text, machine, &machine->tlbs[i]);
	if (machine->node_count + machine->module_count + machine->mitigation_count + machine->remark_count)
		text_add_string(text, "\n");
	add_memory(text, machine);
	add_mitigations(text, machine);
	for (size_t i = 0; i < machine->remark_count; i++)
		add_remark(text, machine->remarks[i]);
	for (size_t i = 0; i < facts->refused_count; i++)
		text_format(text, "%-*s%s: %s\n", NAME_COLUMN, "not read", facts->refused[i].what,
			    facts->refused[i].why);
	advice_give(machine, facts->run, add_advice, text);
}
