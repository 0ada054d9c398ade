/* SPDX-License-Identifier: Apache-2.0
 *
 * Caches by leaf 4 (Intel, Zhaoxin), else leaf 2; by 0x8000001d (AMD); else by 0x80000005 and 0x80000006. Who shares
 * one is said by the bits of APIC ids that its sharers differ in.
 */
#include "caps/cpuid/cpuid.h"

#include <string.h>

enum { INDICES_MAX = 16, TYPE_UNIFIED = 3 };

/* More than any cache of one instance that is known: a hypervisor has told of an L3 of 1 TiB, and programmes that
 * believed it crashed (glibc, bug 32470). */
static const uint64_t BYTES_MAX = UINT64_C(4) << 30;

struct reading {
	struct caps_build *build;
	size_t index;          /* of the CPU */
	uint32_t id;           /* its APIC id */
	uint64_t *seen;        /* bit: a level and type that a list has told of */
	uint32_t *disbelieved; /* bit: a level of which a remark has told */
};

static const struct caps_cpu_raw *cpu_of(const struct reading *reading) {
	return reading->build->cpus[reading->index];
}

static bool add(const struct reading *reading, struct caps_cache *cache, uint64_t key) {
	if (cache->bytes > BYTES_MAX) {
		if (!(*reading->disbelieved >> cache->level & 1))
			caps_remark(reading->build->machine, reading->build->arena,
				    "an L%u of %llu MiB is not believed (leaf 0x%x on CPU %u): its size counts as not "
				    "known",
				    cache->level, (unsigned long long)(cache->bytes >> 20), cache->source.detail,
				    cache->source.cpu);
		*reading->disbelieved |= 1u << cache->level;
		cache->bytes = 0;
		cache->sets = 0;
	}
	cache->shared_source = cache->source;
	return caps_build_cache(reading->build, reading->index, cache, key);
}

/* ---- leaves 4 and 0x8000001d ------------------------------------------------------------------------------------- */

/* Equal for those that share it. */
static uint64_t sharing_key(const struct reading *reading, uint32_t level, unsigned shift) {
	const struct caps_leaf *node = cpuid_leaf(cpu_of(reading), UINT32_C(0x8000001e), 0);
	struct cpuid_identity identity;
	cpuid_identity_read(cpu_of(reading), &identity);
	/* Before Zen an L3 is a node's, and the ids of nodes are not aligned: six and six of twelve. */
	if (level == 3 && node && identity.family == 0x15 && cpuid_bits(node->ecx, 8, 3))
		return UINT64_C(1) << 32 | cpuid_bits(node->ecx, 0, 8);
	/* The first id that shares it: kinds of cores shift by different widths. */
	return (uint64_t)reading->id >> shift << shift;
}

static bool add_parameters(const struct reading *reading, const struct caps_leaf *leaf) {
	uint32_t line = cpuid_bits(leaf->ebx, 0, 12) + 1, partitions = cpuid_bits(leaf->ebx, 12, 10) + 1,
		 ways = cpuid_bits(leaf->ebx, 22, 10) + 1;
	uint64_t sets = (uint64_t)leaf->ecx + 1;
	unsigned shift = cpuid_width(cpuid_bits(leaf->eax, 14, 12) + 1);
	uint32_t type = cpuid_bits(leaf->eax, 0, 5);
	struct caps_cache cache = {
		.level = cpuid_bits(leaf->eax, 5, 3),
		.type = type <= TYPE_UNIFIED ? (enum caps_cache_type)type : CAPS_CACHE_UNIFIED,
		.bytes = sets * ways * partitions * line,
		.ways = cpuid_bits(leaf->eax, 9, 1) ? UINT32_MAX : ways,
		.sets = (uint32_t)sets,
		.line_bytes = line * partitions,
		.source = cpuid_from(leaf, cpu_of(reading)),
	};
	*reading->seen |= UINT64_C(1) << (cache.level << 2 | cache.type);
	return cache.level == 0 || add(reading, &cache, sharing_key(reading, cache.level, shift));
}

/* How many there are; negative: no memory. */
static int add_indices(const struct reading *reading, uint32_t number) {
	int count = 0;
	for (uint32_t i = 0; i < INDICES_MAX; i++) {
		const struct caps_leaf *leaf = cpuid_leaf(cpu_of(reading), number, i);
		if (!leaf || cpuid_bits(leaf->eax, 0, 5) == 0)
			break;
		if (!add_parameters(reading, leaf))
			return -1;
		count++;
	}
	return count;
}

/* ---- 0x80000005 and 0x80000006 ----------------------------------------------------------------------------------- */

/* Of an L2, an L3 and their TLBs; 0: none, or not known. */
static uint32_t ways_of(uint32_t code) {
	static const uint32_t ways[] = {0, 1, 2, 3, 4, 6, 8, 0, 16, 0, 32, 48, 64, 96, 128, UINT32_MAX};
	return ways[code & 0xf];
}

static bool add_plain(const struct reading *reading, const struct caps_leaf *leaf, uint32_t level,
		      enum caps_cache_type type, uint64_t bytes, uint32_t ways, uint32_t line) {
	const struct caps_machine *machine = reading->build->machine;
	const struct caps_cpu *cpu = &machine->cpus[reading->index];
	if (bytes == 0 || *reading->seen >> (level << 2 | type) & 1)
		return true;
	struct caps_cache cache = {.level = level,
				   .type = type,
				   .bytes = bytes,
				   .ways = ways,
				   .line_bytes = line,
				   .source = cpuid_from(leaf, cpu_of(reading))};
	if (ways && ways != UINT32_MAX && line)
		cache.sets = (uint32_t)(bytes / line / ways);
	/* These leaves say nothing of sharing: an L3 is a package's, all else a core's. */
	return add(reading, &cache, level >= 3 ? cpu->package : cpu->core);
}

static bool is_via(const struct cpuid_identity *identity) {
	return strcmp(identity->vendor, "CentaurHauls") == 0 || strcmp(identity->vendor, "  Shanghai  ") == 0;
}

static uint32_t ways_of_l1(uint32_t value) {
	return value == 0xff ? UINT32_MAX : value;
}

/* VIA's C3 before Nehemiah. */
static bool tells_l2_as_l1(const struct caps_cpu_raw *cpu) {
	struct cpuid_identity identity;
	cpuid_identity_read(cpu, &identity);
	return is_via(&identity) && identity.family == 6 && (identity.model == 7 || identity.model == 8);
}

static bool add_amd(const struct reading *reading, int *count) {
	const struct caps_leaf *first = cpuid_leaf(cpu_of(reading), UINT32_C(0x80000005), 0),
			       *second = cpuid_leaf(cpu_of(reading), UINT32_C(0x80000006), 0);
	bool good = true;
	if (first && (first->ecx | first->edx)) {
		*count += 1;
		good = add_plain(reading, first, 1, CAPS_CACHE_DATA, (uint64_t)cpuid_bits(first->ecx, 24, 8) << 10,
				 ways_of_l1(cpuid_bits(first->ecx, 16, 8)), cpuid_bits(first->ecx, 0, 8)) &&
		       add_plain(reading, first, 1, CAPS_CACHE_INSTRUCTION,
				 (uint64_t)cpuid_bits(first->edx, 24, 8) << 10,
				 ways_of_l1(cpuid_bits(first->edx, 16, 8)), cpuid_bits(first->edx, 0, 8));
	}
	if (good && second && tells_l2_as_l1(cpu_of(reading)))
		return add_plain(reading, second, 2, CAPS_CACHE_UNIFIED, (uint64_t)cpuid_bits(second->ecx, 24, 8) << 10,
				 ways_of_l1(cpuid_bits(second->ecx, 16, 8)), cpuid_bits(second->ecx, 0, 8));
	if (good && second && second->ecx) {
		*count += 1;
		good = add_plain(reading, second, 2, CAPS_CACHE_UNIFIED,
				 (uint64_t)cpuid_bits(second->ecx, 16, 16) << 10,
				 ways_of(cpuid_bits(second->ecx, 12, 4)), cpuid_bits(second->ecx, 0, 8)) &&
		       add_plain(reading, second, 3, CAPS_CACHE_UNIFIED,
				 (uint64_t)cpuid_bits(second->edx, 18, 14) << 19,
				 ways_of(cpuid_bits(second->edx, 12, 4)), cpuid_bits(second->edx, 0, 8));
	}
	return good;
}

/* ---- leaf 2 ------------------------------------------------------------------------------------------------------ */

static const struct descriptor {
	uint8_t code, level;
	enum caps_cache_type type;
	uint32_t kib;
	uint32_t ways, line;
} descriptors[] = {
	{0x06, 1, CAPS_CACHE_INSTRUCTION, 8, 4, 32},  {0x08, 1, CAPS_CACHE_INSTRUCTION, 16, 4, 32},
	{0x0a, 1, CAPS_CACHE_DATA, 8, 2, 32},         {0x0c, 1, CAPS_CACHE_DATA, 16, 4, 32},
	{0x2c, 1, CAPS_CACHE_DATA, 32, 8, 64},        {0x30, 1, CAPS_CACHE_INSTRUCTION, 32, 8, 64},
	{0x60, 1, CAPS_CACHE_DATA, 16, 8, 64},        {0x66, 1, CAPS_CACHE_DATA, 8, 4, 64},
	{0x67, 1, CAPS_CACHE_DATA, 16, 4, 64},        {0x68, 1, CAPS_CACHE_DATA, 32, 4, 64},
	{0x41, 2, CAPS_CACHE_UNIFIED, 128, 4, 32},    {0x42, 2, CAPS_CACHE_UNIFIED, 256, 4, 32},
	{0x43, 2, CAPS_CACHE_UNIFIED, 512, 4, 32},    {0x44, 2, CAPS_CACHE_UNIFIED, 1024, 4, 32},
	{0x45, 2, CAPS_CACHE_UNIFIED, 2048, 4, 32},   {0x78, 2, CAPS_CACHE_UNIFIED, 1024, 4, 64},
	{0x79, 2, CAPS_CACHE_UNIFIED, 128, 8, 64},    {0x7a, 2, CAPS_CACHE_UNIFIED, 256, 8, 64},
	{0x7b, 2, CAPS_CACHE_UNIFIED, 512, 8, 64},    {0x7c, 2, CAPS_CACHE_UNIFIED, 1024, 8, 64},
	{0x7d, 2, CAPS_CACHE_UNIFIED, 2048, 8, 64},   {0x7f, 2, CAPS_CACHE_UNIFIED, 512, 2, 64},
	{0x82, 2, CAPS_CACHE_UNIFIED, 256, 8, 32},    {0x83, 2, CAPS_CACHE_UNIFIED, 512, 8, 32},
	{0x84, 2, CAPS_CACHE_UNIFIED, 1024, 8, 32},   {0x85, 2, CAPS_CACHE_UNIFIED, 2048, 8, 32},
	{0x48, 2, CAPS_CACHE_UNIFIED, 3072, 12, 64},  {0x4e, 2, CAPS_CACHE_UNIFIED, 6144, 24, 64},
	{0x80, 2, CAPS_CACHE_UNIFIED, 512, 8, 64},    {0x22, 3, CAPS_CACHE_UNIFIED, 512, 4, 64},
	{0x23, 3, CAPS_CACHE_UNIFIED, 1024, 8, 64},   {0x25, 3, CAPS_CACHE_UNIFIED, 2048, 8, 64},
	{0x29, 3, CAPS_CACHE_UNIFIED, 4096, 8, 64},   {0x46, 3, CAPS_CACHE_UNIFIED, 4096, 4, 64},
	{0x47, 3, CAPS_CACHE_UNIFIED, 8192, 8, 64},   {0x4a, 3, CAPS_CACHE_UNIFIED, 6144, 12, 64},
	{0x4b, 3, CAPS_CACHE_UNIFIED, 8192, 16, 64},  {0x4c, 3, CAPS_CACHE_UNIFIED, 12288, 12, 64},
	{0x4d, 3, CAPS_CACHE_UNIFIED, 16384, 16, 64}, {0xd0, 3, CAPS_CACHE_UNIFIED, 512, 4, 64},
	{0xd1, 3, CAPS_CACHE_UNIFIED, 1024, 4, 64},   {0xd2, 3, CAPS_CACHE_UNIFIED, 2048, 4, 64},
	{0xd6, 3, CAPS_CACHE_UNIFIED, 1024, 8, 64},   {0xd7, 3, CAPS_CACHE_UNIFIED, 2048, 8, 64},
	{0xd8, 3, CAPS_CACHE_UNIFIED, 4096, 8, 64},   {0xdc, 3, CAPS_CACHE_UNIFIED, 1536, 12, 64},
	{0xdd, 3, CAPS_CACHE_UNIFIED, 3072, 12, 64},  {0xde, 3, CAPS_CACHE_UNIFIED, 6144, 12, 64},
	{0xe2, 3, CAPS_CACHE_UNIFIED, 2048, 16, 64},  {0xe3, 3, CAPS_CACHE_UNIFIED, 4096, 16, 64},
	{0xe4, 3, CAPS_CACHE_UNIFIED, 8192, 16, 64},  {0xea, 3, CAPS_CACHE_UNIFIED, 12288, 24, 64},
	{0xeb, 3, CAPS_CACHE_UNIFIED, 18432, 24, 64}, {0xec, 3, CAPS_CACHE_UNIFIED, 24576, 24, 64},
	{0x39, 2, CAPS_CACHE_UNIFIED, 128, 4, 64},    {0x3a, 2, CAPS_CACHE_UNIFIED, 192, 6, 64},
	{0x3b, 2, CAPS_CACHE_UNIFIED, 128, 2, 64},    {0x86, 2, CAPS_CACHE_UNIFIED, 512, 4, 64},
	{0x87, 2, CAPS_CACHE_UNIFIED, 1024, 8, 64},
};

static bool add_descriptor(const struct reading *reading, const struct caps_leaf *leaf, uint8_t code, int *count) {
	for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++)
		if (descriptors[i].code == code && ++*count)
			return add_plain(reading, leaf, descriptors[i].level, descriptors[i].type,
					 (uint64_t)descriptors[i].kib << 10, descriptors[i].ways, descriptors[i].line);
	return true;
}

/* AL is 1 on every processor that is known; a register with bit 31 set holds none. */
static bool add_descriptors(const struct reading *reading, int *count) {
	const struct caps_leaf *leaf = cpuid_leaf(cpu_of(reading), 2, 0);
	if (!leaf || cpuid_bits(leaf->eax, 0, 8) != 1)
		return true;
	for (unsigned i = 0; i < 4; i++) {
		uint32_t value = cpuid_of(leaf, (enum cpuid_register)i);
		for (unsigned byte = i == 0; byte < 4 && !cpuid_bits(value, 31, 1); byte++)
			if (!add_descriptor(reading, leaf, (uint8_t)(value >> 8 * byte), count))
				return false;
	}
	return true;
}

/* A list of caches first. AMD's may hold some of them only, where an old dump has its first line; VIA copies Intel's
 * leaf 2 and means its own leaves. */
static bool describe_cpu(const struct reading *reading) {
	const struct caps_cpu_raw *cpu = cpu_of(reading);
	struct cpuid_identity identity;
	cpuid_identity_read(cpu, &identity);
	bool amd = cpuid_is_amd(cpu);
	int count = add_indices(reading, amd ? UINT32_C(0x8000001d) : 4);
	if (count < 0)
		return false;
	if ((amd || (is_via(&identity) && count == 0)) && !add_amd(reading, &count))
		return false;
	if (count == 0 && !add_descriptors(reading, &count))
		return false;
	return count != 0 || add_amd(reading, &count);
}

bool cpuid_caches_describe(struct caps_build *build, const uint32_t *ids) {
	uint32_t disbelieved = 0;
	for (size_t i = 0; i < build->machine->cpu_count; i++) {
		uint64_t seen = 0;
		const struct reading reading = {build, i, ids[i], &seen, &disbelieved};
		if (!describe_cpu(&reading))
			return false;
	}
	caps_build_caches_end(build);
	return true;
}
