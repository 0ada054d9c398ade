/* SPDX-License-Identifier: Apache-2.0
 *
 * hwloc wants a tree in which each object's CPUs are part of its parent's, sets in hexadecimal, and a type for every
 * level. What contains what is decided by the sets alone: packages, nodes' memory, dies, caches, cores, PUs.
 */
#include "hosted/export/export_hwloc.h"

#include <stdlib.h>
#include <string.h>

enum { OBJECTS_PER_CPU = 12 };

struct object {
	const char *type;
	struct caps_cpu_set cpus;
	uint32_t index;
	const struct caps_cache *cache;
	size_t size;   /* of the set */
	size_t first;  /* index of its first CPU */
	unsigned rank; /* among equal sets: the lower stands outside */
};

struct tree {
	const struct caps_machine *machine;
	struct object *objects;
	size_t count;
	unsigned next_gp_index;
};

/* ---- sets -------------------------------------------------------------------------------------------------------- */

static bool set_is_within(const struct caps_cpu_set *inner, const struct caps_cpu_set *outer) {
	for (size_t i = 0; i < sizeof(inner->word) / sizeof(inner->word[0]); i++)
		if (inner->word[i] & ~outer->word[i])
			return false;
	return true;
}

/* By the CPUs' numbers, in words of 32 bits, the highest first, as hwloc_bitmap_snprintf writes it. */
static void add_set(struct text *text, const char *name, const struct tree *tree, const struct caps_cpu_set *set) {
	uint32_t words[CAPS_CPUS_MAX / 32] = {0};
	size_t last = 0;
	for (size_t i = 0; i < tree->machine->cpu_count; i++) {
		uint32_t number = tree->machine->cpus[i].number;
		if (!caps_set_has(set, i) || number >= CAPS_CPUS_MAX)
			continue;
		words[number / 32] |= UINT32_C(1) << (number % 32);
		last = number / 32 > last ? number / 32 : last;
	}
	text_format(text, " %s=\"", name);
	for (size_t i = last + 1; i-- > 0;)
		text_format(text, "0x%08x%s", words[i], i ? "," : "");
	text_add_string(text, "\"");
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

static struct object *add_object(struct tree *tree, const char *type, unsigned rank, uint32_t index,
				 const struct caps_cpu_set *cpus) {
	struct object *object = &tree->objects[tree->count++];
	*object = (struct object){
		.type = type, .cpus = *cpus, .index = index, .size = caps_set_count(cpus), .rank = rank};
	while (object->first < CAPS_CPUS_MAX && !caps_set_has(cpus, object->first))
		object->first++;
	return object;
}

/* An object for each value of an index of struct caps_cpu. A dump of one CPU may count more than it has. */
static void add_level(struct tree *tree, const char *type, unsigned rank, size_t offset, uint64_t count) {
	const struct caps_machine *machine = tree->machine;
	for (uint32_t index = 0; index < count && index < machine->cpu_count; index++) {
		struct caps_cpu_set set = {0};
		for (size_t i = 0; i < machine->cpu_count; i++) {
			uint32_t of_cpu;
			memcpy(&of_cpu, (const char *)&machine->cpus[i] + offset, sizeof(of_cpu));
			if (of_cpu == index)
				caps_set_add(&set, i);
		}
		if (caps_set_count(&set))
			add_object(tree, type, rank, index, &set);
	}
}

static const char *cache_type(const struct caps_cache *cache) {
	static const char *const data[] = {"L1Cache", "L2Cache", "L3Cache", "L4Cache", "L5Cache"};
	static const char *const instruction[] = {"L1iCache", "L2iCache", "L3iCache"};
	if (cache->type == CAPS_CACHE_INSTRUCTION)
		return cache->level >= 1 && cache->level <= 3 ? instruction[cache->level - 1] : NULL;
	return cache->level >= 1 && cache->level <= 5 ? data[cache->level - 1] : NULL;
}

static void add_caches(struct tree *tree) {
	for (size_t i = 0; i < tree->machine->cache_count; i++) {
		const struct caps_cache *cache = &tree->machine->caches[i];
		unsigned instruction = cache->type == CAPS_CACHE_INSTRUCTION;
		if (cache_type(cache))
			add_object(tree, cache_type(cache), 20 - 2 * cache->level + instruction, (uint32_t)i,
				   &cache->cpus)
				->cache = cache;
	}
}

/* Siblings in the order of their first CPUs, and whatever contains an object before it. */
static int compare(const void *left, const void *right) {
	const struct object *a = left, *b = right;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? 1 : -1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* ---- XML --------------------------------------------------------------------------------------------------------- */

static void add_info(struct text *text, const char *name, const char *value) {
	if (!value[0])
		return;
	text_format(text, "<info name=\"%s\" value=\"", name);
	for (; *value; value++)
		if (strchr("<>&\"'", *value))
			text_format(text, "&#%u;", (unsigned)*value);
		else
			text_add(text, value, 1);
	text_add_string(text, "\"/>\n");
}

static void open_object(struct text *text, struct tree *tree, const struct object *object) {
	text_format(text, "<object type=\"%s\"", object->type);
	if (strcmp(object->type, "PU") == 0)
		text_format(text, " os_index=\"%u\"", tree->machine->cpus[object->index].number);
	else if (!object->cache)
		text_format(text, " os_index=\"%u\"", object->index);
	add_set(text, "cpuset", tree, &object->cpus);
	add_set(text, "complete_cpuset", tree, &object->cpus);
	text_format(text, " nodeset=\"0x00000001\" complete_nodeset=\"0x00000001\" gp_index=\"%u\"",
		    tree->next_gp_index++);
	const struct caps_cache *cache = object->cache;
	if (cache)
		text_format(text,
			    " cache_size=\"%llu\" depth=\"%u\" cache_linesize=\"%u\" cache_associativity=\"%d\" "
			    "cache_type=\"%u\"",
			    (unsigned long long)cache->bytes, cache->level, cache->line_bytes,
			    cache->ways == UINT32_MAX ? -1 : (int)cache->ways,
			    cache->type == CAPS_CACHE_UNIFIED ? 0 : (unsigned)cache->type);
	text_add_string(text, ">\n");
}

/* Of those from *next on, what lies within `outer`; an object that lies across it stays outside and is dropped. */
static void add_within(struct text *text, struct tree *tree, const struct caps_cpu_set *outer, bool *done,
		       size_t from) {
	for (size_t i = from; i < tree->count; i++) {
		const struct object *object = &tree->objects[i];
		if (done[i] || !set_is_within(&object->cpus, outer))
			continue;
		done[i] = true;
		open_object(text, tree, object);
		add_within(text, tree, &object->cpus, done, i + 1);
		text_add_string(text, "</object>\n");
	}
}

static void add_machine(struct text *text, struct tree *tree, bool *done) {
	const struct caps_machine *machine = tree->machine;
	struct caps_cpu_set all = {0};
	uint64_t memory = 0;
	for (size_t i = 0; i < machine->cpu_count; i++)
		caps_set_add(&all, i);
	for (size_t i = 0; i < machine->node_count; i++)
		memory += machine->nodes[i].bytes.value;
	const struct object root = {.type = "Machine", .cpus = all};
	open_object(text, tree, &root);
	add_info(text, "CPUModel", machine->model.value);
	add_info(text, "CPUVendor", machine->vendor.value);
	add_info(text, "Architecture", machine->architecture == CAPS_AARCH64 ? "aarch64" : "x86_64");
	text_add_string(text, "<object type=\"NUMANode\" os_index=\"0\"");
	add_set(text, "cpuset", tree, &all);
	add_set(text, "complete_cpuset", tree, &all);
	text_format(text,
		    " nodeset=\"0x00000001\" complete_nodeset=\"0x00000001\" gp_index=\"%u\" local_memory=\"%llu\"/>\n",
		    tree->next_gp_index++, (unsigned long long)memory);
	add_within(text, tree, &all, done, 0);
	text_add_string(text, "</object>\n");
}

void export_hwloc(const struct facts *facts, struct text *text) {
	const struct caps_machine *machine = facts->machine;
	struct tree tree = {.machine = machine, .next_gp_index = 1};
	size_t capacity = machine->cpu_count * OBJECTS_PER_CPU + machine->cache_count;
	tree.objects = calloc(capacity, sizeof(*tree.objects));
	bool *done = calloc(capacity, sizeof(*done));
	if (tree.objects && done) {
		add_level(&tree, "Package", 0, offsetof(struct caps_cpu, package), machine->packages.value);
		if (machine->dies.value > machine->packages.value)
			add_level(&tree, "Die", 1, offsetof(struct caps_cpu, die), machine->dies.value);
		add_caches(&tree);
		add_level(&tree, "Core", 30, offsetof(struct caps_cpu, core), machine->cores.value);
		for (size_t i = 0; i < machine->cpu_count; i++) {
			struct caps_cpu_set own = {0};
			caps_set_add(&own, i);
			add_object(&tree, "PU", 40, (uint32_t)i, &own);
		}
		qsort(tree.objects, tree.count, sizeof(*tree.objects), compare);
		text_add_string(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				      "<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n<topology version=\"2.0\">\n");
		add_machine(text, &tree, done);
		text_add_string(text, "</topology>");
	} else {
		text->failed = true;
	}
	free(tree.objects);
	free(done);
}
