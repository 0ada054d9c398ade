/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/topology.h"

enum { LEAF_CACHES = 4, LEAF_TOPOLOGY = 0xb, LEAF_TOPOLOGY_2 = 0x1f, LEVELS_MAX = 8 };
enum { LEVEL_NONE = 0, LEVEL_THREAD = 1, LEVEL_CORE = 2 };
static const uint32_t LEAF_TOPOLOGY_AMD = UINT32_C(0x8000001e);
static const uint32_t LEAF_CACHES_AMD = UINT32_C(0x8000001d);
static const uint32_t CPUID_1_EDX_HTT = UINT32_C(1) << 28;
static const uint32_t CPUID_80000001_ECX_CMP_LEGACY = UINT32_C(1) << 1;
static const uint32_t CPUID_80000001_ECX_TOPOLOGY = UINT32_C(1) << 22;

static const uint64_t MPIDR_MT = UINT64_C(1) << 24;

const char *topology_relation_name(enum topology_relation relation) {
	static const char *const names[] = {
		[TOPOLOGY_UNKNOWN] = "unknown",
		[TOPOLOGY_SIBLING] = "sibling thread",
		[TOPOLOGY_CLUSTER] = "same cluster",
		[TOPOLOGY_OTHER_CORE] = "other core",
		[TOPOLOGY_OTHER_PACKAGE] = "other package",
	};
	return names[relation];
}

enum topology_relation topology_relation(const struct topology_place *one, const struct topology_place *another) {
	if (!one->known || !another->known)
		return TOPOLOGY_UNKNOWN;
	if (one->package != another->package)
		return TOPOLOGY_OTHER_PACKAGE;
	if (one->core == another->core)
		return TOPOLOGY_SIBLING;
	return one->cluster == another->cluster ? TOPOLOGY_CLUSTER : TOPOLOGY_OTHER_CORE;
}

int topology_find_kind(const uint64_t *kinds, unsigned count, unsigned index) {
	for (unsigned core = 1; core < count; core++) {
		unsigned before = 0;
		while (before < core && kinds[before] != kinds[core])
			before++;
		if (before == core && index-- == 0)
			return (int)core;
	}
	return -1;
}

unsigned topology_rank(enum topology_relation relation) {
	static const unsigned ranks[] = {
		[TOPOLOGY_UNKNOWN] = 2,       [TOPOLOGY_SIBLING] = TOPOLOGY_RANKS - 1,
		[TOPOLOGY_CLUSTER] = 0,       [TOPOLOGY_OTHER_CORE] = 0,
		[TOPOLOGY_OTHER_PACKAGE] = 1,
	};
	return ranks[relation];
}

/* Bits that number `count` things. */
static unsigned bits_of(unsigned count) {
	unsigned bits = 0;
	while (bits < 31 && UINT32_C(1) << bits < count)
		bits++;
	return bits;
}

/* Leaves 1FH and 0BH: a level a subleaf, the last shift that of the package. */
static bool levels_read(struct topology_apic *apic, cpuid_reader *read, uint32_t leaf) {
	*apic = (struct topology_apic){0};
	for (uint32_t level = 0; level < LEVELS_MAX; level++) {
		struct cpuid at = read(leaf, level);
		unsigned type = at.ecx >> 8 & 0xff, shift = at.eax & 0x1f;
		if (type == LEVEL_NONE || (at.ebx & 0xffff) == 0)
			break;
		apic->known = true;
		if (type == LEVEL_THREAD)
			apic->thread_bits = shift;
		if (type == LEVEL_CORE)
			apic->cluster_bits = shift; /* numbers what is above a core: modules, tiles, dies */
		apic->package_bits = shift;
	}
	return apic->known;
}

static void amd_read(struct topology_apic *apic, const struct cpuid_leaves *leaves, cpuid_reader *read) {
	uint32_t sizes = leaves->sizes.ecx;
	unsigned package = sizes >> 12 & 0xf;
	if (package == 0)
		package = bits_of((sizes & 0xff) + 1);
	unsigned thread = 0;
	if (leaves->extended.eax >= LEAF_TOPOLOGY_AMD && leaves->extended_version.ecx & CPUID_80000001_ECX_TOPOLOGY)
		thread = bits_of((read(LEAF_TOPOLOGY_AMD, 0).ebx >> 8 & 0xff) + 1);
	thread = thread < package ? thread : package;
	*apic = (struct topology_apic){true, thread, thread, package};
}

/* Before leaf 0BH: ids for all that a package can have, of which leaf 4 says how many are cores. */
static void legacy_read(struct topology_apic *apic, const struct cpuid_leaves *leaves, cpuid_reader *read) {
	unsigned package = bits_of(leaves->version.ebx >> 16 & 0xff);
	unsigned cores = leaves->basic.eax >= LEAF_CACHES ? bits_of((read(LEAF_CACHES, 0).eax >> 26) + 1) : 0;
	unsigned thread = package > cores ? package - cores : 0;
	*apic = (struct topology_apic){true, thread, thread, package};
}

/* The smallest of what more than one core and less than a package share: a cache, or a level of leaf 1FH. Leaf 4 counts
 * ids, in powers of two, and 8000001DH threads. */
static void cluster_read(struct topology_apic *apic, const struct cpuid_leaves *leaves, cpuid_reader *read) {
	bool amd =
		leaves->extended.eax >= LEAF_CACHES_AMD && leaves->extended_version.ecx & CPUID_80000001_ECX_TOPOLOGY;
	if (apic->cluster_bits <= apic->thread_bits || apic->cluster_bits >= apic->package_bits)
		apic->cluster_bits = apic->thread_bits;
	if (!amd && leaves->basic.eax < LEAF_CACHES)
		return;
	for (uint32_t cache = 0; cache < LEVELS_MAX; cache++) {
		struct cpuid at = read(amd ? LEAF_CACHES_AMD : LEAF_CACHES, cache);
		unsigned bits = bits_of((at.eax >> 14 & 0xfff) + 1);
		bool between = bits > apic->thread_bits && bits < apic->package_bits;
		if ((at.eax & 0x1f) == 0)
			break;
		if (between && (apic->cluster_bits == apic->thread_bits || bits < apic->cluster_bits))
			apic->cluster_bits = bits;
	}
}

static void bits_read(struct topology_apic *apic, const struct cpuid_leaves *leaves, cpuid_reader *read) {
	if ((leaves->basic.eax >= LEAF_TOPOLOGY_2 && levels_read(apic, read, LEAF_TOPOLOGY_2)) ||
	    (leaves->basic.eax >= LEAF_TOPOLOGY && levels_read(apic, read, LEAF_TOPOLOGY)))
		return;
	if (leaves->extended_version.ecx & (CPUID_80000001_ECX_TOPOLOGY | CPUID_80000001_ECX_CMP_LEGACY))
		amd_read(apic, leaves, read);
	else if (leaves->version.edx & CPUID_1_EDX_HTT)
		legacy_read(apic, leaves, read);
	else
		*apic = (struct topology_apic){.known = true}; /* a thread a package */
}

void topology_apic_read(struct topology_apic *apic, const struct cpuid_leaves *leaves, cpuid_reader *read) {
	bits_read(apic, leaves, read);
	cluster_read(apic, leaves, read);
}

struct topology_place topology_place_of_apic(const struct topology_apic *apic, uint32_t id) {
	return (struct topology_place){
		.known = apic->known,
		.core = (uint64_t)id >> apic->thread_bits,
		.cluster = (uint64_t)id >> apic->cluster_bits,
		.package = (uint64_t)id >> apic->package_bits,
	};
}

/* The level above a core's is a cluster's where Aff1 or, with MT, Aff2 is used for one: which is not said. */
struct topology_place topology_place_of_mpidr(uint64_t mpidr, uint64_t affinity) {
	uint64_t core = mpidr & MPIDR_MT ? affinity >> 8 : affinity;
	return (struct topology_place){.known = true, .core = core, .cluster = core};
}
