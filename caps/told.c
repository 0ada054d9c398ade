/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operating system says is taken where nothing else tells; where something does, a remark says what differs. It
 * is not believed before: Linux shows on aarch64 what the PPTT or a device tree has, right or wrong.
 */
#include "caps/told.h"

#include <string.h>

/* ---- for the decoders -------------------------------------------------------------------------------------------- */

struct caps_source caps_told_topology_source(void) {
	return (struct caps_source){.from = CAPS_FROM_OS, .word = "/sys/devices/system/cpu/cpu*/topology"};
}

struct caps_source caps_told_cache_source(void) {
	return (struct caps_source){.from = CAPS_FROM_OS, .word = "/sys/devices/system/cpu/cpu*/cache"};
}

enum level { PACKAGE, DIE, CLUSTER, CORE };

/* The ids of a CPU from the package down to this level. A core's number counts within its package or its cluster, as
 * the system likes. */
static bool same_until(const struct caps_cpu_raw *a, const struct caps_cpu_raw *b, enum level level) {
	return a->os_package == b->os_package && (level < DIE || a->os_die == b->os_die) &&
	       (level < CLUSTER || a->os_cluster == b->os_cluster) && (level < CORE || a->os_core == b->os_core);
}

/* A key: the first CPU that lies in the same one. */
static uint64_t key_of(const struct caps_build *build, size_t index, enum level level) {
	size_t first = 0;
	while (!same_until(build->cpus[first], build->cpus[index], level))
		first++;
	return first;
}

bool caps_told_places(const struct caps_build *build, struct caps_place *places) {
	for (size_t i = 0; i < build->machine->cpu_count; i++)
		if (build->cpus[i]->os_core < 0 || build->cpus[i]->os_package < 0)
			return false;
	for (size_t i = 0; i < build->machine->cpu_count; i++)
		places[i] = (struct caps_place){key_of(build, i, PACKAGE), key_of(build, i, DIE),
						key_of(build, i, CLUSTER), key_of(build, i, CORE)};
	return true;
}

const struct caps_os_cache *caps_told_cache(const struct caps_raw *raw, uint32_t number, uint32_t level,
					    enum caps_cache_type type) {
	for (size_t i = 0; i < raw->os_cache_count; i++) {
		const struct caps_os_cache *cache = &raw->os_caches[i];
		if (cache->cpu == number && cache->level == level && cache->type == type)
			return cache;
	}
	return NULL;
}

bool caps_told_cache_key(const struct caps_os_cache *cache, uint64_t *key) {
	for (size_t number = 0; number < CAPS_CPUS_MAX; number++)
		if (cache->shared[number / 64] >> (number % 64) & 1) {
			*key = UINT64_C(1) << 63 | number;
			return true;
		}
	return false;
}

/* ---- topology ---------------------------------------------------------------------------------------------------- */

static uint32_t shown_of(const struct caps_cpu *cpu, enum level level) {
	const uint32_t ids[] = {
		[PACKAGE] = cpu->package, [DIE] = cpu->die, [CLUSTER] = cpu->cluster, [CORE] = cpu->core};
	return ids[level];
}

/* The first pair of CPUs that one of the two has in one core (package) and the other has in two. */
static void compare_level(struct caps_build *build, enum level level, const char *one, const char *two) {
	const struct caps_machine *machine = build->machine;
	char source[80];
	caps_source_text(&machine->cores.source, source, sizeof(source));
	for (size_t i = 0; i < machine->cpu_count; i++) {
		for (size_t j = 0; j < i; j++) {
			bool told = same_until(build->cpus[j], build->cpus[i], level);
			if (told == (shown_of(&machine->cpus[j], level) == shown_of(&machine->cpus[i], level)))
				continue;
			caps_remark(build->machine, build->arena,
				    "CPU %u and CPU %u are of %s by %s, which is shown, and of %s by the operating "
				    "system",
				    machine->cpus[j].number, machine->cpus[i].number, told ? two : one, source,
				    told ? one : two);
			return;
		}
	}
}

static bool topology_is_open(const struct caps_machine *machine) {
	return machine->cores.source.from == CAPS_FROM_NOWHERE || machine->cores.source.from == CAPS_FROM_PRESUMED;
}

static bool take_places(struct caps_build *build, const struct caps_place *places) {
	struct caps_machine *machine = build->machine;
	struct caps_source source = caps_told_topology_source();
	if (!caps_build_places(build, places))
		return false;
	caps_build_kinds_count(machine);
	machine->packages.source = machine->dies.source = machine->clusters.source = machine->cores.source =
		machine->threads.source = source;
	for (size_t i = 0; i < machine->kind_count; i++)
		machine->kinds[i].cores.source = machine->kinds[i].threads.source = source;
	return true;
}

static bool topology(struct caps_build *build) {
	struct caps_place *places = caps_arena_take(build->arena, build->machine->cpu_count * sizeof(*places));
	if (!places)
		return false;
	if (!caps_told_places(build, places))
		return true;
	if (topology_is_open(build->machine))
		return take_places(build, places);
	if (build->machine->cores.source.from != CAPS_FROM_OS) {
		compare_level(build, PACKAGE, "one package", "two packages");
		compare_level(build, CORE, "one core", "two cores");
	}
	return true;
}

/* ---- caches ------------------------------------------------------------------------------------------------------ */

/* What was remarked on, by kind, level and type: it is so on each CPU. */
struct told_caches {
	bool bytes[CAPS_KINDS_MAX][CAPS_CACHE_LEVELS + 1][4];
	bool shared[CAPS_KINDS_MAX][CAPS_CACHE_LEVELS + 1][4];
	bool missing[CAPS_KINDS_MAX][CAPS_CACHE_LEVELS + 1][4];
};

static bool first_time(bool seen[CAPS_KINDS_MAX][CAPS_CACHE_LEVELS + 1][4], const struct caps_cpu *cpu,
		       const struct caps_os_cache *told) {
	bool *there = &seen[cpu->kind][told->level][told->type], first = !*there;
	*there = true;
	return first;
}

static size_t index_of(const struct caps_machine *machine, uint32_t number) {
	size_t low = 0, high = machine->cpu_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (machine->cpus[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < machine->cpu_count && machine->cpus[low].number == number ? low : machine->cpu_count;
}

/* Who shares it, of the CPUs that are described. */
static struct caps_cpu_set sharers(const struct caps_machine *machine, const struct caps_os_cache *told) {
	struct caps_cpu_set set = {0};
	for (size_t i = 0; i < machine->cpu_count; i++) {
		uint32_t number = machine->cpus[i].number;
		if (number < CAPS_CPUS_MAX && told->shared[number / 64] >> (number % 64) & 1)
			caps_set_add(&set, i);
	}
	return set;
}

static struct caps_cache *shown_at(struct caps_machine *machine, size_t index, const struct caps_os_cache *told,
				   uint32_t *highest) {
	struct caps_cache *found = NULL;
	*highest = 0;
	for (size_t i = 0; i < machine->cache_count; i++) {
		struct caps_cache *cache = &machine->caches[i];
		if (!caps_set_has(&cache->cpus, index))
			continue;
		*highest = cache->level > *highest ? cache->level : *highest;
		if (cache->level == told->level && cache->type == told->type)
			found = cache;
	}
	return found;
}

static void compare_cache(struct caps_build *build, size_t index, struct caps_cache *cache,
			  const struct caps_os_cache *told, struct told_caches *remarked) {
	const struct caps_cpu *cpu = &build->machine->cpus[index];
	struct caps_cpu_set set = sharers(build->machine, told);
	char source[80];
	caps_source_text(&cache->source, source, sizeof(source));
	if (!cache->bytes && told->bytes) {
		cache->bytes = told->bytes;
		cache->ways = told->ways;
		cache->sets = told->sets;
		cache->line_bytes = told->line_bytes;
		cache->source = caps_told_cache_source();
	}
	if (told->bytes && told->bytes != cache->bytes && first_time(remarked->bytes, cpu, told))
		caps_remark(build->machine, build->arena,
			    "the L%u %s cache of CPU %u has %llu bytes by the operating system, and %llu by %s, which "
			    "is shown",
			    cache->level, caps_cache_type_name(cache->type), cpu->number,
			    (unsigned long long)told->bytes, (unsigned long long)cache->bytes, source);
	caps_source_text(&cache->shared_source, source, sizeof(source));
	if (caps_set_count(&set) && cache->shared_source.from != CAPS_FROM_OS &&
	    memcmp(&set, &cache->cpus, sizeof(set)) != 0 && first_time(remarked->shared, cpu, told))
		caps_remark(build->machine, build->arena,
			    "the L%u %s cache of CPU %u is shared by %zu CPUs by the operating system, and by %zu by "
			    "%s, which "
			    "is shown",
			    cache->level, caps_cache_type_name(cache->type), cpu->number, caps_set_count(&set),
			    caps_set_count(&cache->cpus), source);
}

static bool is_of_one_core(const struct caps_machine *machine, size_t index, const struct caps_os_cache *told) {
	struct caps_cpu_set set = sharers(machine, told);
	for (size_t i = 0; i < machine->cpu_count; i++)
		if (caps_set_has(&set, i) && machine->cpus[i].core != machine->cpus[index].core)
			return false;
	return true;
}

/* A core's own cache that a decoder does not have is not there: it would have said so. */
static bool add_cache(struct caps_build *build, size_t index, const struct caps_os_cache *told, uint32_t highest,
		      struct told_caches *remarked) {
	const struct caps_cpu *cpu = &build->machine->cpus[index];
	if (highest && (told->level <= highest || is_of_one_core(build->machine, index, told))) {
		if (first_time(remarked->missing, cpu, told))
			caps_remark(build->machine, build->arena,
				    "the operating system gives CPU %u an L%u %s cache of %llu bytes that nothing else "
				    "tells "
				    "of: it is not shown",
				    cpu->number, told->level, caps_cache_type_name(told->type),
				    (unsigned long long)told->bytes);
		return true;
	}
	struct caps_source from = caps_told_cache_source();
	struct caps_cache cache = {told->level,      told->type, told->bytes, told->ways, told->sets,
				   told->line_bytes, {{0}},      from,        from};
	uint64_t key;
	if (!caps_told_cache_key(told, &key)) {
		key = UINT64_C(1) << 62 | cpu->core;
		cache.shared_source = (struct caps_source){.from = CAPS_FROM_PRESUMED, .word = "nothing tells"};
	}
	return caps_build_cache(build, index, &cache, key);
}

static bool is_usable(const struct caps_os_cache *told) {
	return told->level >= 1 && told->level <= CAPS_CACHE_LEVELS && told->type >= CAPS_CACHE_DATA &&
	       told->type <= CAPS_CACHE_UNIFIED;
}

/* The highest level that each CPU had before any was added. */
static bool caches(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	struct told_caches remarked = {0};
	uint32_t *before = caps_arena_take(build->arena, machine->cpu_count * sizeof(*before));
	bool *counted = caps_arena_take(build->arena, machine->cpu_count * sizeof(*counted));
	if (!before || !counted)
		return false;
	for (size_t i = 0; i < build->raw->os_cache_count; i++) {
		const struct caps_os_cache *told = &build->raw->os_caches[i];
		size_t index = index_of(machine, told->cpu);
		uint32_t highest;
		if (index == machine->cpu_count || !is_usable(told))
			continue;
		struct caps_cache *cache = shown_at(machine, index, told, &highest);
		if (!counted[index])
			before[index] = highest;
		counted[index] = true;
		if (cache)
			compare_cache(build, index, cache, told, &remarked);
		else if (!add_cache(build, index, told, before[index], &remarked))
			return false;
	}
	caps_build_caches_end(build);
	return true;
}

/* ---- words and frequencies --------------------------------------------------------------------------------------- */

static const char mitigation_prefix[] = "mitigation ";

static bool is_mitigation(const struct caps_os_word *word) {
	return word->name && strncmp(word->name, mitigation_prefix, sizeof(mitigation_prefix) - 1) == 0;
}

static void set_word(struct caps_text *text, const char *value, const struct caps_os_word *word) {
	caps_text_set(text, value, strlen(value), (struct caps_source){.from = CAPS_FROM_OS, .word = word->source});
}

static void set_where_open(struct caps_text *text, const struct caps_os_word *word, const char *name) {
	if (word->name && word->value && strcmp(word->name, name) == 0 && text->source.from == CAPS_FROM_NOWHERE)
		set_word(text, word->value, word);
}

static bool words(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	size_t count = 0;
	for (size_t i = 0; i < build->raw->os_word_count; i++)
		count += is_mitigation(&build->raw->os_words[i]);
	if (count > CAPS_TOLD_MITIGATIONS_MAX)
		count = CAPS_TOLD_MITIGATIONS_MAX;
	machine->mitigations = caps_arena_take(build->arena, count * sizeof(*machine->mitigations));
	if (!machine->mitigations)
		return false;
	for (size_t i = 0; i < build->raw->os_word_count; i++) {
		const struct caps_os_word *word = &build->raw->os_words[i];
		set_where_open(&machine->microcode, word, "microcode");
		set_where_open(&machine->hypervisor, word, "hypervisor");
		if (!is_mitigation(word) || !word->value || machine->mitigation_count == count)
			continue;
		struct caps_mitigation *mitigation = &machine->mitigations[machine->mitigation_count++];
		set_word(&mitigation->name, word->name + sizeof(mitigation_prefix) - 1, word);
		set_word(&mitigation->state, word->value, word);
	}
	return true;
}

static void keep_highest(struct caps_number *number, uint64_t value, struct caps_source source) {
	if (value > number->value)
		*number = (struct caps_number){value, source};
}

static void frequencies(struct caps_build *build, struct caps_kind *kind) {
	struct caps_number base = {0}, max = {0}, measured = {0};
	struct caps_source told = {.from = CAPS_FROM_OS, .word = "/sys/devices/system/cpu/cpu*/cpufreq"};
	for (size_t i = 0; i < build->machine->cpu_count; i++) {
		const struct caps_cpu_raw *cpu = build->cpus[i];
		if (!caps_set_has(&kind->cpus, i))
			continue;
		keep_highest(&base, cpu->os_base_hz, told);
		keep_highest(&max, cpu->os_max_hz, told);
		keep_highest(&measured, cpu->measured_hz,
			     (struct caps_source){.from = CAPS_FROM_MEASURED, .cpu = cpu->number});
	}
	if (kind->base_hz.source.from == CAPS_FROM_NOWHERE)
		kind->base_hz = base;
	if (kind->max_hz.source.from == CAPS_FROM_NOWHERE)
		kind->max_hz = max;
	if (kind->measured_hz.source.from == CAPS_FROM_NOWHERE)
		kind->measured_hz = measured;
}

int caps_told_describe(struct caps_build *build) {
	if (!topology(build) || !caches(build) || !words(build))
		return CAPS_ENOMEM;
	for (size_t i = 0; i < build->machine->kind_count; i++)
		frequencies(build, &build->machine->kinds[i]);
	return 0;
}
