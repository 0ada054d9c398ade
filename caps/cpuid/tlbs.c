/* SPDX-License-Identifier: Apache-2.0
 *
 * TLBs of each kind, from its first CPU: leaf 0x18, else leaf 2; AMD's 0x80000005, 0x80000006 and 0x80000019.
 */
#include "caps/cpuid/cpuid.h"

enum { TLBS_PER_KIND = 32, SUBLEAVES_MAX = 32 };

enum page {
	PAGE_4K = 1u << 12,
	PAGE_2M = 1u << 21,
	PAGE_4M = 1u << 22,
	PAGE_1G = 1u << 30,
};

struct reading {
	struct caps_build *build;
	const struct caps_cpu_raw *cpu;
	uint32_t kind;
	const struct caps_leaf *leaf; /* that is read now */
};

static void add(const struct reading *reading, uint32_t level, enum caps_cache_type type, uint32_t pages,
		uint32_t entries, uint32_t ways) {
	struct caps_machine *machine = reading->build->machine;
	if (entries == 0 || machine->tlb_count == (size_t)TLBS_PER_KIND * machine->kind_count)
		return;
	machine->tlbs[machine->tlb_count++] = (struct caps_tlb){.level = level,
								.type = type,
								.page_sizes = pages,
								.entries = entries,
								.ways = ways,
								.kind = reading->kind,
								.source = cpuid_from(reading->leaf, reading->cpu)};
}

/* ---- leaf 0x18 --------------------------------------------------------------------------------------------------- */

static bool read_parameters(struct reading *reading) {
	static const uint32_t sizes[] = {PAGE_4K, PAGE_2M, PAGE_4M, PAGE_1G};
	/* Data, instruction, unified; TLBs of loads and of stores alone are of data. */
	static const enum caps_cache_type types[] = {
		0, CAPS_CACHE_DATA, CAPS_CACHE_INSTRUCTION, CAPS_CACHE_UNIFIED, CAPS_CACHE_DATA, CAPS_CACHE_DATA};
	bool any = false;
	for (uint32_t i = 0; i < SUBLEAVES_MAX; i++) {
		const struct caps_leaf *leaf = reading->leaf = cpuid_leaf(reading->cpu, 0x18, i);
		uint32_t type = leaf ? cpuid_bits(leaf->edx, 0, 5) : 0, pages = 0;
		if (type == 0 || type >= sizeof(types) / sizeof(types[0]))
			continue;
		for (unsigned bit = 0; bit < 4; bit++)
			pages |= cpuid_bits(leaf->ebx, bit, 1) ? sizes[bit] : 0;
		uint32_t ways = cpuid_bits(leaf->ebx, 16, 16);
		add(reading, cpuid_bits(leaf->edx, 5, 3), types[type], pages, ways * leaf->ecx,
		    cpuid_bits(leaf->edx, 8, 1) ? UINT32_MAX : ways);
		any = true;
	}
	return any;
}

/* ---- leaf 2 ------------------------------------------------------------------------------------------------------ */

static const struct descriptor {
	uint8_t code, level;
	enum caps_cache_type type;
	uint32_t pages, entries, ways;
} descriptors[] = {
	{0x01, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K, 32, 4},
	{0x02, 1, CAPS_CACHE_INSTRUCTION, PAGE_4M, 2, UINT32_MAX},
	{0x03, 1, CAPS_CACHE_DATA, PAGE_4K, 64, 4},
	{0x04, 1, CAPS_CACHE_DATA, PAGE_4M, 8, 4},
	{0x05, 1, CAPS_CACHE_DATA, PAGE_4M, 32, 4},
	{0x0b, 1, CAPS_CACHE_INSTRUCTION, PAGE_4M, 4, 4},
	{0x4f, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K, 32, 0},
	{0x50, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K | PAGE_2M | PAGE_4M, 64, 0},
	{0x51, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K | PAGE_2M | PAGE_4M, 128, 0},
	{0x52, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K | PAGE_2M | PAGE_4M, 256, 0},
	{0x55, 1, CAPS_CACHE_INSTRUCTION, PAGE_2M | PAGE_4M, 7, UINT32_MAX},
	{0x56, 1, CAPS_CACHE_DATA, PAGE_4M, 16, 4},
	{0x57, 1, CAPS_CACHE_DATA, PAGE_4K, 16, 4},
	{0x59, 1, CAPS_CACHE_DATA, PAGE_4K, 16, UINT32_MAX},
	{0x5a, 1, CAPS_CACHE_DATA, PAGE_2M | PAGE_4M, 32, 4},
	{0x5b, 1, CAPS_CACHE_DATA, PAGE_4K | PAGE_4M, 64, 0},
	{0x5c, 1, CAPS_CACHE_DATA, PAGE_4K | PAGE_4M, 128, 0},
	{0x5d, 1, CAPS_CACHE_DATA, PAGE_4K | PAGE_4M, 256, 0},
	{0x61, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K, 48, UINT32_MAX},
	{0x63, 1, CAPS_CACHE_DATA, PAGE_2M | PAGE_4M, 32, 4},
	{0x63, 1, CAPS_CACHE_DATA, PAGE_1G, 4, 4},
	{0x64, 1, CAPS_CACHE_DATA, PAGE_4K, 512, 4},
	{0x6a, 1, CAPS_CACHE_DATA, PAGE_4K, 64, 8},
	{0x6b, 1, CAPS_CACHE_DATA, PAGE_4K, 256, 8},
	{0x6c, 1, CAPS_CACHE_DATA, PAGE_2M | PAGE_4M, 128, 8},
	{0x6d, 1, CAPS_CACHE_DATA, PAGE_1G, 16, UINT32_MAX},
	{0x76, 1, CAPS_CACHE_INSTRUCTION, PAGE_2M | PAGE_4M, 8, UINT32_MAX},
	{0xa0, 1, CAPS_CACHE_DATA, PAGE_4K, 32, UINT32_MAX},
	{0xb0, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K, 128, 4},
	{0xb1, 1, CAPS_CACHE_INSTRUCTION, PAGE_2M, 8, 4},
	{0xb2, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K, 64, 4},
	{0xb3, 1, CAPS_CACHE_DATA, PAGE_4K, 128, 4},
	{0xb4, 1, CAPS_CACHE_DATA, PAGE_4K, 256, 4},
	{0xb5, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K, 64, 8},
	{0xb6, 1, CAPS_CACHE_INSTRUCTION, PAGE_4K, 128, 8},
	{0xba, 1, CAPS_CACHE_DATA, PAGE_4K, 64, 4},
	{0xc0, 1, CAPS_CACHE_DATA, PAGE_4K | PAGE_4M, 8, 4},
	{0xc1, 2, CAPS_CACHE_UNIFIED, PAGE_4K | PAGE_2M, 1024, 8},
	{0xc2, 1, CAPS_CACHE_DATA, PAGE_4K | PAGE_2M, 16, 4},
	{0xc3, 2, CAPS_CACHE_UNIFIED, PAGE_4K | PAGE_2M, 1536, 6},
	{0xc3, 2, CAPS_CACHE_UNIFIED, PAGE_1G, 16, 4},
	{0xc4, 1, CAPS_CACHE_DATA, PAGE_2M | PAGE_4M, 32, 4},
	{0xca, 2, CAPS_CACHE_UNIFIED, PAGE_4K, 512, 4},
};

static void add_descriptor(const struct reading *reading, uint8_t code) {
	for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++)
		if (descriptors[i].code == code)
			add(reading, descriptors[i].level, descriptors[i].type, descriptors[i].pages,
			    descriptors[i].entries, descriptors[i].ways);
}

static void read_descriptors(struct reading *reading) {
	const struct caps_leaf *leaf = reading->leaf = cpuid_leaf(reading->cpu, 2, 0);
	if (!leaf || cpuid_bits(leaf->eax, 0, 8) != 1)
		return;
	for (unsigned i = 0; i < 4; i++) {
		uint32_t value = cpuid_of(leaf, (enum cpuid_register)i);
		for (unsigned byte = i == 0; byte < 4 && !cpuid_bits(value, 31, 1); byte++)
			add_descriptor(reading, (uint8_t)(value >> 8 * byte));
	}
}

/* ---- AMD --------------------------------------------------------------------------------------------------------- */

/* Of the first level: a byte each for entries and ways, instructions below data. */
static void add_first(const struct reading *reading, uint32_t value, uint32_t pages) {
	static const enum caps_cache_type types[] = {CAPS_CACHE_INSTRUCTION, CAPS_CACHE_DATA};
	for (unsigned half = 0; half < 2; half++) {
		uint32_t ways = cpuid_bits(value, 16 * half + 8, 8);
		add(reading, 1, types[half], pages, cpuid_bits(value, 16 * half, 8), ways == 0xff ? UINT32_MAX : ways);
	}
}

/* Of the second, and of 1 GiB: twelve bits of entries, four of a code for the ways. */
static void add_coded(const struct reading *reading, uint32_t value, uint32_t level, uint32_t pages) {
	static const enum caps_cache_type types[] = {CAPS_CACHE_INSTRUCTION, CAPS_CACHE_DATA};
	static const uint32_t ways[] = {0, 1, 2, 3, 4, 6, 8, 0, 16, 0, 32, 48, 64, 96, 128, UINT32_MAX};
	for (unsigned half = 0; half < 2; half++) {
		uint32_t code = cpuid_bits(value, 16 * half + 12, 4);
		if (code)
			add(reading, level, types[half], pages, cpuid_bits(value, 16 * half, 12), ways[code]);
	}
}

static void read_amd(struct reading *reading) {
	if ((reading->leaf = cpuid_leaf(reading->cpu, UINT32_C(0x80000005), 0))) {
		add_first(reading, reading->leaf->ebx, PAGE_4K);
		add_first(reading, reading->leaf->eax, PAGE_2M | PAGE_4M);
	}
	if ((reading->leaf = cpuid_leaf(reading->cpu, UINT32_C(0x80000006), 0))) {
		add_coded(reading, reading->leaf->ebx, 2, PAGE_4K);
		add_coded(reading, reading->leaf->eax, 2, PAGE_2M | PAGE_4M);
	}
	if ((reading->leaf = cpuid_leaf(reading->cpu, UINT32_C(0x80000019), 0))) {
		add_coded(reading, reading->leaf->eax, 1, PAGE_1G);
		add_coded(reading, reading->leaf->ebx, 2, PAGE_1G);
	}
}

bool cpuid_tlbs_describe(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	machine->tlbs = caps_arena_take(build->arena, TLBS_PER_KIND * machine->kind_count * sizeof(*machine->tlbs));
	if (!machine->tlbs)
		return false;
	for (uint32_t kind = 0; kind < machine->kind_count; kind++) {
		size_t first = 0;
		while (first + 1 < machine->cpu_count && !caps_set_has(&machine->kinds[kind].cpus, first))
			first++;
		struct reading reading = {.build = build, .cpu = build->cpus[first], .kind = kind};
		if (cpuid_is_amd(reading.cpu))
			read_amd(&reading);
		else if (!read_parameters(&reading))
			read_descriptors(&reading);
	}
	return true;
}
