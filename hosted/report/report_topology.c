/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine drawn: packages, dies, clusters and cores as boxes, caches as bars over the cores that share them, of
 * boxes that are alike one with a count. HTML without a script; report.css gives it its looks.
 */
#include "bench/machine/words.h"
#include "hosted/report/report.h"
#include "hosted/report/topology.h"

#include <string.h>

/* More boxes in a row than `BESIDE_MOST` are folded, and any that are alike on a machine of more CPUs than these. */
enum { BESIDE_MOST = 8, CPUS_UNFOLDED = 32 };

struct drawing {
	struct text *text;
	const struct topology *topology;
	uint32_t measured_on; /* UINT32_MAX: not known */
	bool folded;          /* within one that stands for several: no CPU has a number there */
};

static const char *string_of(const json_t *object, const char *name) {
	const char *string = json_string_value(json_object_get(object, name));
	return string ? string : "";
}

/* "CPUs 0-15, 64" */
static void add_cpus(const struct drawing *drawing, const struct topology_set *set) {
	const struct topology *topology = drawing->topology;
	const char *before = "CPUs ";
	size_t count = 0;
	for (size_t i = 0; i < topology->cpu_count; i++)
		count += topology_has(set, i);
	if (count == 1)
		before = "CPU ";
	for (size_t i = 0; i < topology->cpu_count; i++) {
		size_t last = i;
		if (!topology_has(set, i))
			continue;
		while (last + 1 < topology->cpu_count && topology_has(set, last + 1) &&
		       topology->cpus[last + 1].number == topology->cpus[last].number + 1)
			last++;
		text_format(drawing->text, last > i ? "%s%u–%u" : "%s%u", before, topology->cpus[i].number,
			    topology->cpus[last].number);
		before = ", ";
		i = last;
	}
}

/* ---- one box ----------------------------------------------------------------------------------------------------- */

static void add_bar(const struct drawing *drawing, const json_t *cache) {
	static const struct { const char *type, *suffix; } types[] = {{"data", "d"}, {"instruction", "i"}};
	const char *type = string_of(cache, "type"), *suffix = "";
	const json_t *bytes = json_object_get(cache, "bytes");
	uint32_t level = topology_number(cache, "level", 9, 0);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i].type) == 0)
			suffix = types[i].suffix;
	text_format(drawing->text, "<span class=\"bar l%u\">L%u%s ", level < 4 ? level : 4, level, suffix);
	if (json_integer_value(bytes) > 0)
		machine_add_bytes(drawing->text, (uint64_t)json_integer_value(bytes));
	else
		text_add_string(drawing->text, "size not known");
	text_add_string(drawing->text, "</span>");
}

/* What the box is, its count and CPUs where it stands for several, and the bars of its caches. */
static void add_head(const struct drawing *drawing, const struct topology_group *group, size_t count,
		     const struct topology_set *cpus) {
	static const char *const names[TOPOLOGY_CACHE] = {"Node", "Package", "Die", "Cluster", "Core"};
	struct text *text = drawing->text;
	const char *before = "<p class=\"name\">";
	for (size_t i = group->item; i; i = drawing->topology->items[i].next) {
		const struct topology_item *item = &drawing->topology->items[i];
		if (item->part == TOPOLOGY_CACHE)
			continue;
		text_format(text, count > 1 ? "%s%s" : "%s%s %u", before, names[item->part], item->number);
		before = " · ";
	}
	if (count > 1) {
		text_format(text, "%s<b>× %zu</b> <small>", before[0] == '<' ? before : " ", count);
		if (!drawing->folded)
			add_cpus(drawing, cpus);
		text_add_string(text, "</small>");
		before = "";
	}
	text_add_string(text, before[0] == '<' ? "" : "</p>");
	for (size_t i = group->item; i; i = drawing->topology->items[i].next)
		if (drawing->topology->items[i].cache)
			add_bar(drawing, drawing->topology->items[i].cache);
}

static void add_threads(const struct drawing *drawing, const struct topology_group *group) {
	size_t count = 0;
	text_add_string(drawing->text, "<p class=\"threads\">");
	for (size_t i = 0; i < drawing->topology->cpu_count; i++) {
		uint32_t number = drawing->topology->cpus[i].number;
		if (!topology_has(&group->cpus, i))
			continue;
		count++;
		if (!drawing->folded)
			text_format(drawing->text, "<span class=\"cpu%s\">CPU %u</span>",
				    number == drawing->measured_on ? " on" : "", number);
	}
	if (drawing->folded)
		text_format(drawing->text, "<span class=\"cpu\">%zu thread%s</span>", count, count == 1 ? "" : "s");
	text_add_string(drawing->text, "</p>");
}

static bool is_core(const struct topology *topology, const struct topology_group *group) {
	for (size_t i = group->item; i; i = topology->items[i].next)
		if (topology->items[i].part == TOPOLOGY_CORE)
			return true;
	return false;
}

static void add_children(const struct drawing *drawing, const struct topology_group *group);

/* `count` boxes that are alike, of `cpus`, as the first of them. */
static void add_box(const struct drawing *drawing, const struct topology_group *group, size_t count,
		    const struct topology_set *cpus) {
	bool core = is_core(drawing->topology, group);
	struct drawing inside = *drawing;
	inside.folded |= count > 1;
	if (core)
		text_format(drawing->text, "<div class=\"box core k%u\">",
			    drawing->topology->cpus[group->first_cpu].kind % 6);
	else
		text_add_string(drawing->text, "<div class=\"box\">");
	add_head(drawing, group, count, cpus);
	if (core)
		add_threads(&inside, group);
	else
		add_children(&inside, group);
	text_add_string(drawing->text, "</div>\n");
}

/* ---- boxes beside each other ------------------------------------------------------------------------------------- */

/* Of the children that look like the one at `index`: their CPUs, and how many stand before it. */
static size_t count_alike(const struct topology *topology, const struct topology_group *group, size_t index,
			  struct topology_set *cpus, size_t *before) {
	const size_t *children = topology->order + group->children;
	uint64_t likeness = topology->groups[children[index]].likeness;
	size_t count = 0;
	*before = 0;
	*cpus = (struct topology_set){{0}};
	for (size_t i = 0; i < group->child_count; i++) {
		const struct topology_group *other = &topology->groups[children[i]];
		if (other->likeness != likeness)
			continue;
		*before += i < index;
		count++;
		for (size_t word = 0; word < TOPOLOGY_CPUS_MAX / 64; word++)
			cpus->word[word] |= other->cpus.word[word];
	}
	return count;
}

static void add_children(const struct drawing *drawing, const struct topology_group *group) {
	const struct topology *topology = drawing->topology;
	const size_t *children = topology->order + group->children;
	bool in_row = false;
	text_add_string(drawing->text, "<div class=\"inside\">\n");
	for (size_t i = 0; i < group->child_count; i++) {
		const struct topology_group *child = &topology->groups[children[i]];
		struct topology_set cpus;
		size_t before, count = count_alike(topology, group, i, &cpus, &before);
		bool fold = count > BESIDE_MOST || (count > 1 && topology->cpu_count > CPUS_UNFOLDED);
		bool core = is_core(topology, child);
		if (fold && before > 0)
			continue;
		if (core != in_row)
			text_add_string(drawing->text, core ? "<div class=\"cores\">" : "</div>");
		in_row = core;
		add_box(drawing, child, fold ? count : 1, fold ? &cpus : &child->cpus);
	}
	text_add_string(drawing->text, in_row ? "</div></div>\n" : "</div>\n");
}

static void add_legend(const struct drawing *drawing, const json_t *kinds) {
	struct text *text = drawing->text;
	text_add_string(text, "<ul class=\"legend\">");
	for (size_t kind = 0; kind < json_array_size(kinds) && kind < TOPOLOGY_KINDS_MAX; kind++) {
		const json_t *json = json_array_get(kinds, kind);
		const char *name = string_of(json_object_get(json, "name"), "value");
		const char *design = string_of(json_object_get(json, "microarchitecture"), "value");
		struct topology_set cpus = {{0}};
		for (size_t i = 0; i < drawing->topology->cpu_count; i++)
			if (drawing->topology->cpus[i].kind == kind)
				cpus.word[i / 64] |= UINT64_C(1) << (i % 64);
		text_format(text, "<li class=\"kind k%zu\"><i></i>", kind % 6);
		report_text(text, name);
		text_add_string(text, name[0] && design[0] ? ", " : "");
		report_text(text, design);
		text_add_string(text, name[0] || design[0] ? ": " : "");
		add_cpus(drawing, &cpus);
		text_add_string(text, "</li>");
	}
	if (drawing->measured_on != UINT32_MAX)
		text_format(text, "<li>measured on <span class=\"cpu on\">CPU %u</span></li>", drawing->measured_on);
	text_add_string(text, "</ul>\n");
}

void report_topology(struct text *text, const json_t *context) {
	const json_t *machine = json_object_get(context, "machine");
	struct topology *topology = topology_read(machine);
	if (!topology)
		return;
	const struct drawing drawing = {
		text, topology, topology_number(json_object_get(context, "measured_on"), "cpu", UINT16_MAX, UINT32_MAX),
		false};
	add_legend(&drawing, json_object_get(machine, "kinds"));
	text_add_string(text, "<div class=\"topology\">\n");
	if (topology->groups[0].item)
		add_box(&drawing, &topology->groups[0], 1, &topology->groups[0].cpus);
	else
		add_children(&drawing, &topology->groups[0]);
	text_add_string(text, "</div>\n");
	if (topology->crossing)
		text_format(text, "<p class=\"note\">Not drawn, as they cross these borders: %zu cache%s.</p>\n",
			    topology->crossing, topology->crossing == 1 ? "" : "s");
	topology_free(topology);
}
