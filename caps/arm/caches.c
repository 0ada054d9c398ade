/* SPDX-License-Identifier: Apache-2.0
 *
 * Which caches there are: what CLIDR_EL1 says, and beyond its last level what the PPTT has. How large: CCSIDR_EL1, else
 * the PPTT. Who shares one: the PPTT, else the operating system, else what is usual for the model. Arm ARM (DDI 0487),
 * D23.2.29 (CLIDR_EL1), D23.2.23 (CCSIDR_EL1, with FEAT_CCIDX and without).
 */
#include "caps/arm/arm.h"
#include "caps/told.h"

#include <string.h>

enum { CLIDR_INSTRUCTION = 1, CLIDR_DATA = 2, CLIDR_UNIFIED = 4, CACHES_MAX = 2 * CAPS_CACHE_LEVELS };

/* Keys of caches by where their owner is known from: the same one has one key only where both are. */
enum key_space { KEY_PPTT, KEY_CORE, KEY_CLUSTER };

struct caches {
	struct caps_arm *arm;
	const struct caps_cpu_raw *cpu;
	size_t index; /* of the CPU */

	struct caps_cache said[CACHES_MAX]; /* by CLIDR_EL1 */
	size_t said_count;
	uint32_t last_level; /* of those; 0: CLIDR_EL1 is not known */

	struct caps_pptt_path path; /* count 0: no leaf */
};

/* What was remarked on is so on each CPU of a kind. */
struct told_once {
	bool fabricated;
	uint64_t sizes, denied; /* bit: 16 * kind + level */
};

static bool first_time(uint64_t *seen, const struct caches *caches, uint32_t level) {
	uint32_t kind = caches->arm->build->machine->cpus[caches->index].kind;
	uint64_t bit = UINT64_C(1) << (kind % 8 * 8 + level % 8);
	bool first = !(*seen & bit);
	*seen |= bit;
	return first;
}

/* ---- registers --------------------------------------------------------------------------------------------------- */

static void read_ccsidr(struct caps_cache *cache, uint64_t ccsidr, bool ccidx, const struct caps_cpu_raw *cpu) {
	cache->line_bytes = 1u << (caps_arm_field(ccsidr, 0, 3) + 4);
	cache->ways = (ccidx ? caps_arm_field(ccsidr, 3, 21) : caps_arm_field(ccsidr, 3, 10)) + 1;
	cache->sets = (ccidx ? caps_arm_field(ccsidr, 32, 24) : caps_arm_field(ccsidr, 13, 15)) + 1;
	cache->bytes = (uint64_t)cache->line_bytes * cache->ways * cache->sets;
	cache->source = (struct caps_source){CAPS_FROM_REGISTER, CAPS_REGISTER_COUNT, 0, cpu->number, NULL};
}

static void add_said(struct caches *caches, uint32_t level, enum caps_cache_type type) {
	const struct caps_cpu_raw *cpu = caches->cpu;
	struct caps_cache *cache = &caches->said[caches->said_count++];
	unsigned instruction = type == CAPS_CACHE_INSTRUCTION;
	bool ccidx = caps_arm_known(cpu, CAPS_ID_AA64MMFR2_EL1) &&
		     caps_arm_field(cpu->registers[CAPS_ID_AA64MMFR2_EL1], 20, 4);
	*cache = (struct caps_cache){.level = level, .type = type, .source = caps_arm_from(CAPS_CLIDR_EL1, cpu)};
	if (cpu->ccsidr_known >> (2 * (level - 1) + instruction) & 1)
		read_ccsidr(cache, cpu->ccsidr[level - 1][instruction], ccidx, cpu);
	caches->last_level = level;
}

static void read_clidr(struct caches *caches) {
	if (!caps_arm_known(caches->cpu, CAPS_CLIDR_EL1))
		return;
	for (uint32_t level = 1; level <= CAPS_CACHE_LEVELS; level++) {
		unsigned type = caps_arm_field(caches->cpu->registers[CAPS_CLIDR_EL1], 3 * (level - 1), 3);
		if (!type || type > CLIDR_UNIFIED)
			break;
		if (type == CLIDR_UNIFIED)
			add_said(caches, level, CAPS_CACHE_UNIFIED);
		if (type != CLIDR_UNIFIED && type & CLIDR_DATA)
			add_said(caches, level, CAPS_CACHE_DATA);
		if (type != CLIDR_UNIFIED && type & CLIDR_INSTRUCTION)
			add_said(caches, level, CAPS_CACHE_INSTRUCTION);
	}
}

/* KVM makes the registers up: a line is all of a cache, and levels of the processor are missing. */
static bool fabricated(const struct caches *caches) {
	for (size_t i = 0; i < caches->said_count; i++)
		if (caches->said[i].sets == 1 && caches->said[i].ways == 1)
			return true;
	return false;
}

static void forget_fabricated(struct caches *caches, struct told_once *once) {
	if (!fabricated(caches))
		return;
	if (!once->fabricated)
		caps_remark(caches->arm->build->machine, caches->arm->build->arena,
			    "CCSIDR_EL1 on CPU %u has a cache of one line, as a hypervisor makes up: it and CLIDR_EL1 "
			    "are not believed",
			    caches->cpu->number);
	once->fabricated = true;
	caches->said_count = caches->last_level = 0;
}

/* ---- who shares -------------------------------------------------------------------------------------------------- */

static struct caps_source presumed(const char *why) {
	return (struct caps_source){.from = CAPS_FROM_PRESUMED, .word = why};
}

static uint64_t key(enum key_space space, uint64_t owner) {
	return (uint64_t)space << 40 | owner;
}

static uint64_t presume_sharing(const struct caches *caches, struct caps_cache *cache) {
	const struct caps_cpu *cpu = &caches->arm->build->machine->cpus[caches->index];
	const struct caps_arm_model *model = caps_arm_known(caches->cpu, CAPS_MIDR_EL1)
						     ? caps_arm_model_find(caches->cpu->registers[CAPS_MIDR_EL1])
						     : NULL;
	bool own = cache->level == 1 || (cache->level == 2 && !(model && model->l2_of_cluster));
	if (cache->level == 1)
		cache->shared_source = presumed("an L1 is a core's own");
	else if (cache->level > 2)
		cache->shared_source = presumed("an L3 is of a cluster");
	else if (!model)
		cache->shared_source = presumed("the model is not known, and most have an L2 a core");
	else
		cache->shared_source =
			own ? presumed("this model has an L2 a core") : presumed("this model has an L2 a cluster");
	return own ? key(KEY_CORE, cpu->core) : key(KEY_CLUSTER, cpu->cluster);
}

/* The key of the cache's instance; sets shared_source. `pptt`: its PPTT's entry or NULL. */
static uint64_t find_sharing(const struct caches *caches, struct caps_cache *cache,
			     const struct caps_pptt_cache *pptt) {
	uint64_t told;
	if (pptt) {
		cache->shared_source = caps_table_source(CAPS_PPTT);
		return key(KEY_PPTT, pptt->owner);
	}
	const struct caps_os_cache *os =
		caps_told_cache(caches->arm->build->raw, caches->cpu->number, cache->level, cache->type);
	if (os && caps_told_cache_key(os, &told)) {
		cache->shared_source = caps_told_cache_source();
		return told;
	}
	return presume_sharing(caches, cache);
}

/* ---- the two together -------------------------------------------------------------------------------------------- */

static struct caps_pptt_cache *pptt_cache(struct caches *caches, uint32_t level, enum caps_cache_type type) {
	for (size_t i = 0; i < caches->path.cache_count; i++)
		if (caches->path.caches[i].level == level && caches->path.caches[i].type == type)
			return &caches->path.caches[i];
	return NULL;
}

static void fill_from_pptt(struct caps_cache *cache, const struct caps_pptt_cache *pptt) {
	cache->bytes = pptt->bytes ? pptt->bytes : (uint64_t)pptt->sets * pptt->ways * pptt->line_bytes;
	cache->ways = pptt->ways;
	cache->sets = pptt->sets;
	cache->line_bytes = pptt->line_bytes ? pptt->line_bytes : cache->line_bytes;
	cache->source = caps_table_source(CAPS_PPTT);
}

/* Where CLIDR_EL1's last level is as large as the PPTT's next one, that is the same cache, and the PPTT invented the
 * one before: cores without an L2 of their own count the L3 that they share as their second level. */
static struct caps_pptt_cache *level_that_was_meant(struct caches *caches, const struct caps_cache *cache,
						    struct caps_pptt_cache *pptt) {
	struct caps_pptt_cache *next = pptt_cache(caches, cache->level + 1, cache->type);
	bool invented = pptt && pptt->private && next && !next->private && cache->level == caches->last_level &&
			cache->bytes && cache->bytes != pptt->bytes && cache->bytes == next->bytes;
	return invented ? next : NULL;
}

static void tell_sizes(struct caches *caches, const struct caps_cache *cache, const struct caps_pptt_cache *pptt,
		       struct told_once *once) {
	if (!cache->bytes || !pptt->bytes || cache->bytes == pptt->bytes ||
	    !first_time(&once->sizes, caches, cache->level))
		return;
	caps_remark(caches->arm->build->machine, caches->arm->build->arena,
		    "the L%u %s cache of CPU %u has %llu bytes by CCSIDR_EL1 and %llu by the PPTT: the register's are "
		    "shown",
		    cache->level, caps_cache_type_name(cache->type), caches->cpu->number,
		    (unsigned long long)cache->bytes, (unsigned long long)pptt->bytes);
}

static void tell_denied(struct caches *caches, const struct caps_pptt_cache *pptt, struct told_once *once) {
	if (first_time(&once->denied, caches, pptt->level))
		caps_remark(
			caches->arm->build->machine, caches->arm->build->arena,
			"the PPTT gives CPU %u an L%u %s cache of %llu bytes that CLIDR_EL1 denies: it is not shown",
			caches->cpu->number, pptt->level, caps_cache_type_name(pptt->type),
			(unsigned long long)pptt->bytes);
}

static bool add_from_registers(struct caches *caches, struct told_once *once) {
	for (size_t i = 0; i < caches->said_count; i++) {
		struct caps_cache cache = caches->said[i];
		struct caps_pptt_cache *pptt = pptt_cache(caches, cache.level, cache.type);
		struct caps_pptt_cache *meant = level_that_was_meant(caches, &cache, pptt);
		if (meant) {
			tell_denied(caches, pptt, once);
			pptt->level = 0;
			pptt = meant;
			cache.level = meant->level;
		}
		if (pptt) {
			tell_sizes(caches, &cache, pptt, once);
			if (!cache.bytes)
				fill_from_pptt(&cache, pptt);
			pptt->level = 0;
		}
		uint64_t instance = find_sharing(caches, &cache, pptt);
		if (!caps_build_cache(caches->arm->build, caches->index, &cache, instance))
			return false;
	}
	return true;
}

/* What the registers have not: behind their last level caches that nobody can clean by set and way, as a system's are.
 * An entry that was taken has level 0. */
static bool add_from_pptt(struct caches *caches, struct told_once *once) {
	for (size_t i = 0; i < caches->path.cache_count; i++) {
		const struct caps_pptt_cache *pptt = &caches->path.caches[i];
		if (!pptt->level)
			continue;
		if (caches->last_level && (pptt->level <= caches->last_level || pptt->private)) {
			tell_denied(caches, pptt, once);
			continue;
		}
		struct caps_cache cache = {.level = pptt->level, .type = pptt->type};
		fill_from_pptt(&cache, pptt);
		uint64_t instance = find_sharing(caches, &cache, pptt);
		if (!caps_build_cache(caches->arm->build, caches->index, &cache, instance))
			return false;
	}
	return true;
}

static void tell_geometry(struct caps_build *build) {
	for (size_t i = 0; i < build->machine->cache_count; i++) {
		const struct caps_cache *cache = &build->machine->caches[i];
		uint64_t product = (uint64_t)cache->sets * cache->ways * cache->line_bytes;
		if (cache->source.from == CAPS_FROM_TABLE && product && product != cache->bytes) {
			caps_remark(build->machine, build->arena,
				    "the PPTT's L%u %s cache has %llu bytes, but its sets, ways and lines make %llu",
				    cache->level, caps_cache_type_name(cache->type), (unsigned long long)cache->bytes,
				    (unsigned long long)product);
			return;
		}
	}
}

static bool sets_meet(const struct caps_cpu_set *one, const struct caps_cpu_set *other) {
	for (size_t i = 0; i < sizeof(one->word) / sizeof(one->word[0]); i++)
		if (one->word[i] & other->word[i])
			return true;
	return false;
}

/* CTR_EL0 has the smallest line of all, so no cache can have a smaller one. */
static void tell_lines(struct caps_build *build) {
	for (size_t i = 0; i < build->machine->cache_count; i++) {
		const struct caps_cache *cache = &build->machine->caches[i];
		for (size_t kind = 0; kind < build->machine->kind_count; kind++) {
			uint64_t least = build->machine->kinds[kind].line_bytes.value;
			if (cache->type == CAPS_CACHE_INSTRUCTION || !cache->line_bytes || cache->line_bytes >= least ||
			    !sets_meet(&cache->cpus, &build->machine->kinds[kind].cpus))
				continue;
			caps_remark(
				build->machine, build->arena,
				"lines of an L%u have %u bytes, but by CTR_EL0 no cache has lines of less than %llu",
				cache->level, cache->line_bytes, (unsigned long long)least);
			return;
		}
	}
}

bool caps_arm_caches(struct caps_arm *arm) {
	struct told_once once = {0};
	for (size_t i = 0; i < arm->build->machine->cpu_count; i++) {
		struct caches caches = {.arm = arm, .cpu = arm->build->cpus[i], .index = i};
		if (arm->has_leaf[i])
			caps_pptt_find(&arm->pptt, arm->uid[i], &caches.path);
		read_clidr(&caches);
		forget_fabricated(&caches, &once);
		if (!add_from_registers(&caches, &once) || !add_from_pptt(&caches, &once))
			return false;
	}
	tell_geometry(arm->build);
	tell_lines(arm->build);
	caps_build_caches_end(arm->build);
	return true;
}
