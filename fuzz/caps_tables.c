/* SPDX-License-Identifier: Apache-2.0
 *
 * The description of a machine over any registers, tables and words: it ends in an error or is whole. Tables get their
 * length and checksum right, so that what is behind those is reached; each lies in memory of its own size.
 */
#include "caps/machine.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { CPUS_MAX = 16, TABLES_MAX = 8, OS_CACHES_MAX = 32, LEAVES_MAX = 64, KIND_SMBIOS = 5, KIND_OS_CACHE = 6 };

struct input {
	const uint8_t *bytes;
	size_t left;
};

static struct caps_cpu_raw cpus[CPUS_MAX];
static struct caps_leaf leaves[CPUS_MAX][LEAVES_MAX];
static struct caps_bytes tables[TABLES_MAX];
static struct caps_os_cache os_caches[OS_CACHES_MAX];

/* 0 where there is no more. */
static uint64_t take(struct input *input, size_t count) {
	uint64_t value = 0;
	count = count < input->left ? count : input->left;
	memcpy(&value, input->bytes, count);
	input->bytes += count;
	input->left -= count;
	return value;
}

static void take_into(struct input *input, void *to, size_t count) {
	size_t there = count < input->left ? count : input->left;
	memset(to, 0, count);
	memcpy(to, input->bytes, there);
	input->bytes += there;
	input->left -= there;
}

static void take_cpu(struct input *input, size_t i) {
	struct caps_cpu_raw *cpu = &cpus[i];
	*cpu = (struct caps_cpu_raw){.number = (uint32_t)(take(input, 1) + i), .leaves = leaves[i]};
	cpu->known = (uint32_t)take(input, 4);
	for (size_t which = 0; which < CAPS_REGISTER_COUNT; which++)
		if (cpu->known >> which & 1)
			cpu->registers[which] = take(input, 8);
	cpu->ccsidr_known = (uint32_t)take(input, 2);
	for (size_t which = 0; which < (size_t)2 * CAPS_CACHE_LEVELS; which++)
		if (cpu->ccsidr_known >> which & 1)
			cpu->ccsidr[which / 2][which % 2] = take(input, 8);
	cpu->os_package = (int8_t)take(input, 1);
	cpu->os_die = (int8_t)take(input, 1);
	cpu->os_cluster = (int8_t)take(input, 1);
	cpu->os_core = (int8_t)take(input, 1);
	cpu->os_node = (int8_t)take(input, 1);
	cpu->os_capacity = (uint32_t)take(input, 2);
	cpu->leaf_count = take(input, 1) % LEAVES_MAX;
	take_into(input, leaves[i], cpu->leaf_count * sizeof(leaves[i][0]));
}

static uint8_t *take_block(struct input *input, size_t *length) {
	*length = take(input, 2);
	*length = *length < input->left ? *length : input->left;
	uint8_t *bytes = malloc(*length ? *length : 1);
	take_into(input, bytes, *length);
	return bytes;
}

static void make_right(uint8_t *bytes, size_t length, const char *signature) {
	uint8_t sum = 0;
	if (length < 10)
		return;
	memcpy(bytes, signature, 4);
	for (size_t i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(length >> 8 * i);
	bytes[9] = 0;
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[9] = (uint8_t)-sum;
}

static void take_parts(struct input *input, struct caps_raw *raw) {
	static const char *const signatures[] = {"APIC", "PPTT", "SRAT", "SLIT", "HMAT"};
	while (input->left) {
		uint8_t kind = (uint8_t)take(input, 1), which = kind & 7;
		size_t length;
		if (which == KIND_OS_CACHE && raw->os_cache_count < OS_CACHES_MAX) {
			take_into(input, &os_caches[raw->os_cache_count++], 48);
		} else if (which == KIND_SMBIOS && !raw->smbios.bytes) {
			uint8_t *bytes = take_block(input, &length);
			raw->smbios = (struct caps_bytes){bytes, length};
		} else if (which < KIND_SMBIOS && raw->table_count < TABLES_MAX) {
			uint8_t *bytes = take_block(input, &length);
			if (!(kind & 0x80))
				make_right(bytes, length, signatures[which]);
			tables[raw->table_count++] = (struct caps_bytes){bytes, length};
		}
	}
}

/* ---- what must be so --------------------------------------------------------------------------------------------- */

static void check_source(const struct caps_source *source) {
	char text[64];
	caps_source_text(source, text, sizeof(text));
	need(memchr(text, '\0', sizeof(text)));
}

static void check_text(const struct caps_text *text) {
	need(memchr(text->value, '\0', sizeof(text->value)));
	for (const char *at = text->value; *at; at++)
		need(*at >= ' ' && *at <= '~');
	check_source(&text->source);
}

static void check_cpus(const struct caps_machine *machine) {
	for (size_t i = 0; i < machine->cpu_count; i++) {
		const struct caps_cpu *cpu = &machine->cpus[i];
		need(i == 0 || machine->cpus[i - 1].number < cpu->number);
		need(cpu->package < machine->packages.value && cpu->die < machine->dies.value &&
		     cpu->cluster < machine->clusters.value && cpu->core < machine->cores.value);
		need(cpu->kind < machine->kind_count || !machine->kind_count);
		need(cpu->thread < machine->cpu_count);
		need(cpu->node < machine->node_count || (!cpu->node && !machine->node_count));
	}
}

static void check_caches(const struct caps_machine *machine) {
	for (size_t i = 0; i < machine->cache_count; i++) {
		const struct caps_cache *cache = &machine->caches[i];
		struct caps_cpu_set none = {0};
		need(memcmp(&cache->cpus, &none, sizeof(none)) != 0);
		need(i == 0 || machine->caches[i - 1].level <= cache->level);
		check_source(&cache->source);
		check_source(&cache->shared_source);
	}
}

static void check(const struct caps_machine *machine) {
	check_text(&machine->model);
	check_text(&machine->vendor);
	if (machine->cores.source.from != CAPS_FROM_NOWHERE)
		check_cpus(machine);
	check_caches(machine);
	for (size_t i = 0; i < machine->kind_count; i++) {
		check_text(&machine->kinds[i].name);
		check_text(&machine->kinds[i].model);
		check_text(&machine->kinds[i].counters);
		check_source(&machine->kinds[i].page_sizes_source);
	}
	for (size_t i = 0; i < machine->module_count; i++)
		check_text(&machine->modules[i].type);
	for (size_t i = 0; i < machine->remark_count; i++)
		need(strlen(machine->remarks[i]) < 200);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct input input = {bytes, length};
	uint8_t head = (uint8_t)take(&input, 1);
	struct caps_raw raw = {.architecture = head & 0x80 ? CAPS_X86_64 : CAPS_AARCH64,
			       .cpus = cpus,
			       .cpu_count = 1 + head % CPUS_MAX,
			       .tables = tables,
			       .os_caches = os_caches};
	for (size_t i = 0; i < raw.cpu_count; i++)
		take_cpu(&input, i);
	take_parts(&input, &raw);

	struct caps_arena arena = {.bytes = caps_describe_bytes(&raw)};
	arena.memory = malloc(arena.bytes);
	struct caps_machine *machine;
	int error = caps_describe(&raw, &arena, &machine);
	need(error == 0 || error == CAPS_EINVAL);
	if (!error)
		check(machine);
	free(arena.memory);
	for (size_t i = 0; i < raw.table_count; i++)
		free((void *)(uintptr_t)tables[i].bytes);
	free((void *)(uintptr_t)raw.smbios.bytes);
	return 0;
}
