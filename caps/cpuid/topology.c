/* SPDX-License-Identifier: Apache-2.0
 *
 * Where CPUs are, by the bits of their APIC ids: shifts tell them apart, counts never do, since ids have gaps. The best
 * leaf that the first CPU has is taken for all: AMD's 0x80000026, then 0x1f, 0xb, AMD's 0x8000001e with 0x80000008,
 * last 1 with 4.
 */
#include "caps/cpuid/cpuid.h"

enum { LEVELS_MAX = 16 };

/* How many of an id's low bits tell threads of a core apart, cores of a cluster, ... */
struct shifts {
	unsigned core, cluster, die, package;
	uint32_t threads_per_core, threads_per_package; /* as counted: what a dump of one CPU has to go by */
	struct caps_source source;
	const struct caps_leaf *leaf;
};

/* ---- leaves ------------------------------------------------------------------------------------------------------ */

/* Leaf 0x1f's and 0xb's levels, from 1: threads, cores, modules, tiles, dies, groups of dies. A level's shift leads to
 * the id of the next. */
static bool read_levels(const struct caps_cpu_raw *cpu, uint32_t leaf, struct shifts *shifts) {
	enum { THREAD = 1, MODULE = 3, DIE = 5 };
	const struct caps_leaf *first = cpuid_leaf(cpu, leaf, 0);
	unsigned shift = 0, below_die = 0;
	bool module = false, die = false;
	/* Some dumps have the first level alone; the last, which says that there are no more, is never all 0. */
	if (!first || cpuid_bits(first->ebx, 0, 16) == 0 || !cpuid_leaf(cpu, leaf, 1))
		return false;
	*shifts = (struct shifts){.leaf = first, .source = cpuid_from(first, cpu), .threads_per_core = 1};
	for (uint32_t level = 0; level < LEVELS_MAX; level++) {
		const struct caps_leaf *at = cpuid_leaf(cpu, leaf, level);
		uint32_t type = at ? cpuid_bits(at->ecx, 8, 8) : 0;
		if (type == 0)
			break;
		if (type == MODULE) {
			module = true;
			shifts->cluster = shift;
		}
		if (type >= DIE && !die) {
			die = true;
			below_die = shift;
		}
		shift = cpuid_bits(at->eax, 0, 5);
		shifts->threads_per_package = cpuid_bits(at->ebx, 0, 16);
		if (type == THREAD) {
			shifts->core = shift;
			shifts->threads_per_core = cpuid_bits(at->ebx, 0, 16);
		}
	}
	shifts->package = shift;
	shifts->die = die ? below_die : shift;
	/* Modules are what cores of one shift share; without them a cluster is a die. */
	shifts->cluster = module ? shifts->cluster : shifts->die;
	return true;
}

/* Leaf 0x80000026's levels: core, complex, die, socket. A level's shift leads to its own id. */
static bool read_amd_levels(const struct caps_cpu_raw *cpu, struct shifts *shifts) {
	enum { CORE = 1, COMPLEX = 2, DIE = 3, SOCKET = 4 };
	const struct caps_leaf *first = cpuid_leaf(cpu, UINT32_C(0x80000026), 0);
	unsigned shift[SOCKET + 1] = {0}, last = 0;
	if (!first || cpuid_bits(first->ebx, 0, 16) == 0 || !cpuid_is_amd(cpu))
		return false;
	*shifts = (struct shifts){.leaf = first, .source = cpuid_from(first, cpu), .threads_per_core = 1};
	for (uint32_t level = 0; level < LEVELS_MAX; level++) {
		const struct caps_leaf *at = cpuid_leaf(cpu, UINT32_C(0x80000026), level);
		uint32_t type = at ? cpuid_bits(at->ecx, 8, 8) : 0;
		if (type == 0)
			break;
		if (type > SOCKET)
			continue;
		shift[type] = last = cpuid_bits(at->eax, 0, 5);
		shifts->threads_per_package = cpuid_bits(at->ebx, 0, 16);
		if (type == CORE)
			shifts->threads_per_core = cpuid_bits(at->ebx, 0, 16);
	}
	shifts->package = last;
	shifts->core = shift[CORE];
	shifts->die = shift[DIE] ? shift[DIE] : shifts->package;
	shifts->cluster = shift[COMPLEX] ? shift[COMPLEX] : shifts->die;
	return true;
}

/* The L3's sharing is a complex on Zen: leaf 0x8000001d. */
static unsigned amd_complex_shift(const struct caps_cpu_raw *cpu, unsigned otherwise) {
	for (uint32_t i = 0; i < LEVELS_MAX; i++) {
		const struct caps_leaf *cache = cpuid_leaf(cpu, UINT32_C(0x8000001d), i);
		if (!cache || cpuid_bits(cache->eax, 0, 5) == 0)
			break;
		if (cpuid_bits(cache->eax, 5, 3) == 3)
			return cpuid_width(cpuid_bits(cache->eax, 14, 12) + 1);
	}
	return otherwise;
}

/* Leaf 0x80000008: cores of a package (threads, from Zen on); 0x8000001e: threads of a core. */
static bool read_amd_counts(const struct caps_cpu_raw *cpu, struct shifts *shifts) {
	const struct caps_leaf *sizes = cpuid_leaf(cpu, UINT32_C(0x80000008), 0),
			       *place = cpuid_leaf(cpu, UINT32_C(0x8000001e), 0);
	struct cpuid_identity identity;
	if (!sizes || !sizes->ecx || !cpuid_is_amd(cpu))
		return false;
	cpuid_identity_read(cpu, &identity);
	uint32_t count = cpuid_bits(sizes->ecx, 0, 8) + 1, width = cpuid_bits(sizes->ecx, 12, 4);
	bool has_threads = place && identity.family >= 0x17;
	*shifts = (struct shifts){.leaf = sizes, .source = cpuid_from(sizes, cpu)};
	shifts->threads_per_core = has_threads ? cpuid_bits(place->ebx, 8, 8) + 1 : 1;
	shifts->threads_per_package = count;
	shifts->package = width ? width : cpuid_width(count);
	shifts->core = cpuid_width(shifts->threads_per_core);
	shifts->die = shifts->package;
	shifts->cluster = amd_complex_shift(cpu, shifts->package);
	return true;
}

static bool read_counts(const struct caps_cpu_raw *cpu, struct shifts *shifts) {
	const struct caps_leaf *version = cpuid_leaf(cpu, 1, 0), *cache = cpuid_leaf(cpu, 4, 0);
	if (!version)
		return false;
	bool many = cpuid_bits(version->edx, 28, 1);
	uint32_t count = many ? cpuid_bits(version->ebx, 16, 8) : 1, cores = 1;
	if (cache && cpuid_bits(cache->eax, 0, 5))
		cores = cpuid_bits(cache->eax, 26, 6) + 1;
	count = count ? count : 1;
	/* AMD's count cores here (CmpLegacy). */
	if (cpuid_is_amd(cpu))
		cores = count;
	*shifts = (struct shifts){.leaf = version, .source = cpuid_from(version, cpu)};
	shifts->package = cpuid_width(count);
	unsigned width = cpuid_width(cores);
	shifts->core = shifts->package > width ? shifts->package - width : 0;
	shifts->die = shifts->cluster = shifts->package;
	shifts->threads_per_core = cores < count ? count / cores : 1;
	shifts->threads_per_package = count;
	return true;
}

static bool read_shifts(const struct caps_cpu_raw *cpu, struct shifts *shifts) {
	if (read_amd_levels(cpu, shifts) || read_levels(cpu, 0x1f, shifts))
		return true;
	if (read_levels(cpu, 0xb, shifts)) {
		if (cpuid_is_amd(cpu))
			shifts->cluster = amd_complex_shift(cpu, shifts->cluster);
		return true;
	}
	return read_amd_counts(cpu, shifts) || read_counts(cpu, shifts);
}

/* ---- ids --------------------------------------------------------------------------------------------------------- */

static bool read_id(const struct caps_cpu_raw *cpu, uint32_t *id) {
	static const uint32_t x2apic[] = {0x80000026, 0x1f, 0xb};
	for (size_t i = 0; i < sizeof(x2apic) / sizeof(x2apic[0]); i++) {
		const struct caps_leaf *leaf = cpuid_leaf(cpu, x2apic[i], 0);
		if (leaf && cpuid_bits(leaf->ebx, 0, 16)) {
			*id = leaf->edx;
			return true;
		}
	}
	const struct caps_leaf *place = cpuid_is_amd(cpu) ? cpuid_leaf(cpu, UINT32_C(0x8000001e), 0) : NULL,
			       *version = cpuid_leaf(cpu, 1, 0);
	*id = place ? place->eax : version ? cpuid_bits(version->ebx, 24, 8) : 0;
	return place || version;
}

/* Ids of CPUs that could not be asked: far from all that are in use. */
static const uint32_t UNASKED = UINT32_C(0xffff0000);

static bool all_differ(const uint32_t *ids, size_t count) {
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (ids[i] == ids[j])
				return false;
	return true;
}

/* Whether ids can be trusted. */
static bool read_ids(struct caps_build *build, uint32_t *ids) {
	struct caps_machine *machine = build->machine;
	bool known = true;
	for (size_t i = 0; i < machine->cpu_count; i++) {
		if (!build->cpus[i]->leaf_count) {
			ids[i] = UNASKED + (uint32_t)i;
			caps_remark(machine, build->arena, "CPU %u could not be asked: it is shown without more",
				    machine->cpus[i].number);
		} else if (!read_id(build->cpus[i], &ids[i])) {
			caps_remark(machine, build->arena, "CPU %u says nothing of where it is",
				    machine->cpus[i].number);
			known = false;
		}
		machine->cpus[i].hardware_id = ids[i];
	}
	if (known && all_differ(ids, machine->cpu_count))
		return true;
	if (known)
		caps_remark(machine, build->arena,
			    "several CPUs have one APIC id: each is taken for a core of its own");
	return false;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static uint64_t above(uint32_t id, unsigned shift) {
	return (uint64_t)id >> shift;
}

/* Packages of several dies before leaf 0x80000026 was: 0x8000001e's ECX numbers the nodes of all packages. */
static struct caps_place place_of(const struct caps_cpu_raw *cpu, uint32_t id, const struct shifts *shifts) {
	struct caps_place place = {above(id, shifts->package), above(id, shifts->die), above(id, shifts->cluster),
				   above(id, shifts->core)};
	const struct caps_leaf *node = cpuid_is_amd(cpu) ? cpuid_leaf(cpu, UINT32_C(0x8000001e), 0) : NULL;
	if (node && cpuid_bits(node->ecx, 8, 3) && shifts->die == shifts->package) {
		struct cpuid_identity identity;
		cpuid_identity_read(cpu, &identity);
		place.die = place.package << 8 | cpuid_bits(node->ecx, 0, 8);
		if (identity.family < 0x17)
			place.cluster = place.die;
	}
	return place;
}

static void set_source(struct caps_machine *machine, struct caps_source source) {
	machine->packages.source = machine->dies.source = machine->clusters.source = source;
	machine->cores.source = machine->threads.source = source;
}

/* A dump of one CPU of many: what its leaves count is all there is, and they count what could be there. */
static void presume_counts(struct caps_machine *machine, const struct shifts *shifts, bool hybrid) {
	static const char why[] = "leaves of one CPU, as many as they allow for";
	static const char alone[] = "one core read, a hybrid's others not told";
	uint32_t threads = shifts->threads_per_package, per_core = shifts->threads_per_core;
	if (machine->cpu_count != 1 || threads <= 1)
		return;
	machine->threads.value = threads;
	machine->cores.value = per_core && per_core <= threads ? threads / per_core : threads;
	set_source(machine, (struct caps_source){.from = CAPS_FROM_PRESUMED, .word = why});
	/* Of a hybrid one core cannot say how many threads the others have. */
	if (hybrid)
		machine->cores = (struct caps_number){1, {.from = CAPS_FROM_PRESUMED, .word = alone}};
}

/* Leaf 1 and 0x80000008 count ids. */
static bool counts_threads(uint32_t leaf) {
	return leaf == 0xb || leaf == 0x1f || leaf == UINT32_C(0x80000026);
}

/* What the levels say of themselves, and of CPUs that were not read: a dump that was cut, or CPUs that are off. */
static void remark_counts(struct caps_build *build, const struct shifts *shifts) {
	struct caps_machine *machine = build->machine;
	size_t of_first = 0;
	for (size_t i = 0; i < machine->cpu_count; i++)
		of_first += machine->cpus[i].package == 0;
	if (machine->packages.value > machine->dies.value || machine->dies.value > machine->clusters.value ||
	    machine->clusters.value > machine->cores.value)
		caps_remark(machine, build->arena,
			    "the levels of leaf 0x%x contradict each other: %llu packages, %llu dies, %llu clusters, "
			    "%llu cores",
			    shifts->source.detail, (unsigned long long)machine->packages.value,
			    (unsigned long long)machine->dies.value, (unsigned long long)machine->clusters.value,
			    (unsigned long long)machine->cores.value);
	else if (machine->cpu_count > 1 && counts_threads(shifts->source.detail) &&
		 of_first < shifts->threads_per_package)
		caps_remark(machine, build->arena, "leaf 0x%x counts %u threads a package; of the first %zu were read",
			    shifts->source.detail, shifts->threads_per_package, of_first);
}

bool cpuid_topology_describe(struct caps_build *build, uint32_t *ids) {
	struct caps_machine *machine = build->machine;
	size_t count = machine->cpu_count;
	struct caps_place *places = caps_arena_take(build->arena, count * sizeof(*places));
	struct shifts shifts = {0};
	size_t asked = 0;
	if (!places)
		return false;
	while (asked + 1 < count && !build->cpus[asked]->leaf_count)
		asked++;
	bool known = read_ids(build, ids) && read_shifts(build->cpus[asked], &shifts);
	for (size_t i = 0; i < count; i++) {
		if (!known)
			ids[i] = (uint32_t)i;
		places[i] = known ? place_of(build->cpus[i], ids[i], &shifts) : (struct caps_place){0, 0, 0, i};
	}
	/* Beside the first that could be asked, a core of its own. */
	for (size_t i = 0; known && i < count; i++)
		if (!build->cpus[i]->leaf_count)
			places[i] = (struct caps_place){places[asked].package, places[asked].die, places[asked].cluster,
							UINT64_MAX - i};
	if (!caps_build_places(build, places))
		return false;
	set_source(machine,
		   known ? shifts.source : (struct caps_source){.from = CAPS_FROM_PRESUMED, .word = "no ids to go by"});
	struct cpuid_identity identity;
	cpuid_identity_read(build->cpus[asked], &identity);
	if (known) {
		presume_counts(machine, &shifts, identity.core_type != CPUID_CORE_TYPE_NONE);
		remark_counts(build, &shifts);
	}
	return true;
}
