/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines of x86_64 as their CPUID answers, made up by the manuals' rules, and what has to come of them.
 */
#include "host-tests/caps_fixture.h"

#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1024) * 1024)

enum { LEAVES_MAX = 64, EXTENDED = 0x80000000u };

static struct caps_leaf leaves[FIXTURE_CPUS][LEAVES_MAX];

struct vendor {
	uint32_t ebx, ecx, edx;
};
static const struct vendor intel = {0x756e6547, 0x6c65746e, 0x49656e69};
static const struct vendor via = {0x746e6543, 0x736c7561, 0x48727561};
static const struct vendor amd = {0x68747541, 0x444d4163, 0x69746e65};

static void leaf(size_t cpu, uint32_t number, uint32_t subleaf, uint32_t eax, uint32_t ebx, uint32_t ecx,
		 uint32_t edx) {
	struct caps_cpu_raw *to = &fixture_cpus[cpu];
	cr_assert(to->leaf_count < LEAVES_MAX);
	leaves[cpu][to->leaf_count++] = (struct caps_leaf){number, subleaf, eax, ebx, ecx, edx};
	to->leaves = leaves[cpu];
}

/* Leaves 0, 1 and 0x80000000. */
static void identity(size_t cpu, struct vendor vendor, uint32_t signature, uint32_t apic, uint32_t count) {
	leaf(cpu, 0, 0, 0x24, vendor.ebx, vendor.ecx, vendor.edx);
	leaf(cpu, 1, 0, signature, (apic & 0xff) << 24 | (count & 0xff) << 16, 0, 0x178bfbff | (count > 1) << 28);
	leaf(cpu, EXTENDED, 0, EXTENDED + 0x26, 0, 0, 0);
}

/* Of leaf 4 or 0x8000001d; `ids`: how many can share it. */
static void cache(size_t cpu, uint32_t number, uint32_t subleaf, uint32_t level, uint32_t type, uint32_t kib,
		  uint32_t ways, uint32_t ids) {
	leaf(cpu, number, subleaf, type | level << 5 | (ids - 1) << 14, 63 | (ways - 1) << 22, kib * 16 / ways - 1, 0);
}

/* A level of leaf 0xb and its likes. */
static void level(size_t cpu, uint32_t number, uint32_t subleaf, uint32_t type, uint32_t shift, uint32_t count,
		  uint32_t apic) {
	leaf(cpu, number, subleaf, shift, count, subleaf | type << 8, apic);
}

static unsigned width(uint32_t count) {
	unsigned bits = 0;
	while (1u << bits < count)
		bits++;
	return bits;
}

static void expect_counts(uint64_t packages, uint64_t dies, uint64_t cores, uint64_t threads) {
	cr_expect_eq(machine->packages.value, packages, "packages: %llu", (unsigned long long)machine->packages.value);
	cr_expect_eq(machine->dies.value, dies, "dies: %llu", (unsigned long long)machine->dies.value);
	cr_expect_eq(machine->cores.value, cores, "cores: %llu", (unsigned long long)machine->cores.value);
	cr_expect_eq(machine->threads.value, threads, "threads: %llu", (unsigned long long)machine->threads.value);
}

static void expect_kind(size_t kind, const char *name, uint64_t cores, uint64_t threads, const char *design) {
	cr_assert(kind < machine->kind_count, "kinds: %zu", machine->kind_count);
	cr_expect_str_eq(machine->kinds[kind].name.value, name);
	cr_expect_eq(machine->kinds[kind].cores.value, cores, "%s", name);
	cr_expect_eq(machine->kinds[kind].threads.value, threads, "%s", name);
	cr_expect_str_eq(machine->kinds[kind].microarchitecture.value, design);
}

static bool has_feature(size_t kind, const char *name) {
	const char *known;
	for (size_t i = 0; (known = caps_feature_name(CAPS_X86_64, i)); i++)
		if (strcmp(known, name) == 0)
			return machine->kinds[kind].features[i / 64] >> (i % 64) & 1;
	cr_assert(false, "%s is no feature", name);
	return false;
}

/* ---- QEMU -------------------------------------------------------------------------------------------------------- */

struct smp {
	uint32_t sockets, dies, cores, threads;
};

static void qemu_amd(size_t cpu, const struct smp *smp, uint32_t apic, const unsigned *shift) {
	uint32_t package = smp->dies * smp->cores * smp->threads;
	leaf(cpu, EXTENDED + 8, 0, 0x3028, 0, (package - 1) | shift[2] << 12, 0);
	cache(cpu, EXTENDED + 0x1d, 0, 1, 1, 32, 8, smp->threads);
	cache(cpu, EXTENDED + 0x1d, 1, 3, 3, 16384, 16, 1u << shift[1]);
	leaf(cpu, EXTENDED + 0x1e, 0, apic, (smp->threads - 1) << 8, (smp->dies - 1) << 8 | (apic >> shift[1] & 0xff),
	     0);
}

/* As QEMU 7.2 answers for -smp (target/i386/cpu.c, include/hw/i386/topology.h). */
static void qemu_cpu(size_t cpu, const struct smp *smp, bool is_amd) {
	uint32_t in_die = smp->cores * smp->threads, package = smp->dies * in_die, number = (uint32_t)cpu;
	const unsigned core = width(smp->threads), die = core + width(smp->cores),
		       shift[] = {core, die, die + width(smp->dies)};
	uint32_t apic = number / package << shift[2] | number / in_die % smp->dies << die |
			number / smp->threads % smp->cores << core | number % smp->threads;
	identity(cpu, is_amd ? amd : intel, is_amd ? 0xa20f10 : 0x806f8, apic, package);
	level(cpu, 0xb, 0, 1, core, smp->threads, apic);
	level(cpu, 0xb, 1, 2, shift[2], package, apic);
	level(cpu, 0xb, 2, 0, 0, 0, apic);
	if (is_amd) {
		qemu_amd(cpu, smp, apic, shift);
		return;
	}
	cache(cpu, 4, 0, 1, 1, 32, 8, smp->threads);
	cache(cpu, 4, 1, 3, 3, 16384, 16, 1u << shift[2]);
	if (smp->dies > 1) {
		level(cpu, 0x1f, 0, 1, core, smp->threads, apic);
		level(cpu, 0x1f, 1, 2, die, in_die, apic);
		level(cpu, 0x1f, 2, 5, shift[2], package, apic);
		level(cpu, 0x1f, 3, 0, 0, 0, apic);
	}
}

static void try_qemu(const struct smp *smp, bool is_amd) {
	uint32_t cores = smp->sockets * smp->dies * smp->cores, l3 = smp->cores * smp->threads;
	fixture_begin(CAPS_X86_64, cores * smp->threads);
	for (size_t cpu = 0; cpu < raw.cpu_count; cpu++)
		qemu_cpu(cpu, smp, is_amd);
	fixture_describe();
	fixture_expect_no_remark();
	expect_counts(smp->sockets, smp->sockets * smp->dies, cores, raw.cpu_count);
	cr_expect_eq(machine->kind_count, 1);
	for (size_t cpu = 0; cpu < raw.cpu_count; cpu++) {
		fixture_expect_cache(cpu, 1, CAPS_CACHE_DATA, 32 * KIB, smp->threads);
		fixture_expect_cache(cpu, 3, CAPS_CACHE_UNIFIED, 16 * MIB, is_amd ? l3 : l3 * smp->dies);
		cr_expect_eq(machine->cpus[cpu].core, cpu / smp->threads);
		cr_expect_eq(machine->cpus[cpu].thread, cpu % smp->threads);
	}
}

Test(caps_cpuid, two_hundred_topologies_of_qemus) {
	unsigned tried = 0;
	for (uint32_t i = 0; tried < 200; i++) {
		struct smp smp = {1 + i % 4, 1 + i / 4 % 3, 1 + i / 12 % 9, 1 + i / 108 % 2};
		if (smp.sockets * smp.dies * smp.cores * smp.threads > FIXTURE_CPUS)
			continue;
		try_qemu(&smp, tried % 2);
		tried++;
	}
}

/* ---- Intel ------------------------------------------------------------------------------------------------------- */

enum { ATOM = 0x20, CORE = 0x40 };

static void hybrid_cpu(size_t cpu, uint32_t signature, uint32_t type, uint32_t apic, bool l3) {
	identity(cpu, intel, signature, apic, 128);
	leaf(cpu, 7, 0, 1, 0, 0, 1u << 15);
	leaf(cpu, 0x1a, 0, type << 24 | 1, 0, 0, 0);
	for (uint32_t number = 0xb; number <= 0x1f; number += 0x1f - 0xb) {
		level(cpu, number, 0, 1, 1, type == CORE ? 2 : 1, apic);
		level(cpu, number, 1, 2, 7, (uint32_t)raw.cpu_count, apic);
		level(cpu, number, 2, 0, 0, 0, apic);
	}
	cache(cpu, 4, 0, 1, 1, type == CORE ? 48 : 32, type == CORE ? 12 : 8, type == CORE ? 2 : 1);
	cache(cpu, 4, 1, 2, 3, type == CORE ? 1280 : 2048, type == CORE ? 10 : 16, 8);
	if (l3)
		cache(cpu, 4, 2, 3, 3, 30720, 12, 128);
}

static void i9_12900k(void) {
	fixture_begin(CAPS_X86_64, 24);
	for (uint32_t i = 0; i < 16; i++)
		hybrid_cpu(i, 0x90672, CORE, i / 2 * 8 + i % 2, true);
	for (uint32_t i = 0; i < 8; i++)
		hybrid_cpu(16 + i, 0x90672, ATOM, 64 + 2 * i, true);
}

Test(caps_cpuid, i9_12900k) {
	i9_12900k();
	fixture_describe();
	fixture_expect_no_remark();
	expect_counts(1, 1, 16, 24);
	expect_kind(0, "P", 8, 16, "Golden Cove");
	expect_kind(1, "E", 8, 8, "Gracemont");
	cr_expect_str_eq(machine->microarchitecture.value, "Golden Cove + Gracemont");
	/* P cores share L1s by 2 ids, E cores by 1: P's core of ids 32 and 33 is not E's of id 64. */
	fixture_expect_cache(8, 1, CAPS_CACHE_DATA, 48 * KIB, 2);
	fixture_expect_cache(16, 1, CAPS_CACHE_DATA, 32 * KIB, 1);
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, 1280 * KIB, 2);
	fixture_expect_cache(20, 2, CAPS_CACHE_UNIFIED, 2 * MIB, 4);
	fixture_expect_cache(20, 3, CAPS_CACHE_UNIFIED, 30 * MIB, 24);
	cr_expect_str_eq(fixture_source(&machine->cores.source), "leaf 0x1f on CPU 0");
}

Test(caps_cpuid, caches_of_cores_whose_ids_shift_by_different_widths) {
	fixture_begin(CAPS_X86_64, 3);
	hybrid_cpu(0, 0x90672, CORE, 64, true);
	hybrid_cpu(1, 0x90672, CORE, 65, true);
	hybrid_cpu(2, 0x90672, ATOM, 32, true);
	fixture_describe();
	fixture_expect_no_remark();
	fixture_expect_cache(0, 1, CAPS_CACHE_DATA, 48 * KIB, 2);
	fixture_expect_cache(2, 1, CAPS_CACHE_DATA, 32 * KIB, 1);
}

Test(caps_cpuid, meteor_lake_has_cores_without_l3) {
	fixture_begin(CAPS_X86_64, 10);
	for (uint32_t i = 0; i < 4; i++)
		hybrid_cpu(i, 0xa06a4, CORE, i / 2 * 8 + i % 2, true);
	for (uint32_t i = 0; i < 6; i++)
		hybrid_cpu(4 + i, 0xa06a4, ATOM, 32 + 2 * i, i < 4);
	fixture_describe();
	fixture_expect_no_remark();
	expect_counts(1, 1, 8, 10);
	expect_kind(0, "P", 2, 4, "Redwood Cove");
	expect_kind(1, "E", 4, 4, "Crestmont");
	expect_kind(2, "LP-E", 2, 2, "Crestmont");
	cr_expect_null(fixture_cache(9, 3, CAPS_CACHE_UNIFIED));
}

Test(caps_cpuid, a_first_level_alone_of_leaf_0x1f_is_not_believed) {
	i9_12900k();
	for (size_t cpu = 0; cpu < raw.cpu_count; cpu++)
		for (size_t i = 0; i < fixture_cpus[cpu].leaf_count; i++)
			if (leaves[cpu][i].leaf == 0x1f && leaves[cpu][i].subleaf)
				leaves[cpu][i].leaf = 0x99;
	fixture_describe();
	expect_counts(1, 1, 16, 24);
	cr_expect_str_eq(fixture_source(&machine->cores.source), "leaf 0xb on CPU 0");
}

Test(caps_cpuid, modules_are_clusters) {
	fixture_begin(CAPS_X86_64, 16);
	for (uint32_t i = 0; i < 16; i++) {
		identity(i, intel, 0xa06f3, 2 * i, 32);
		level(i, 0x1f, 0, 1, 1, 1, 2 * i);
		level(i, 0x1f, 1, 2, 3, 4, 2 * i);
		level(i, 0x1f, 2, 3, 5, 16, 2 * i);
		level(i, 0x1f, 3, 0, 0, 0, 2 * i);
	}
	fixture_describe();
	expect_counts(1, 1, 16, 16);
	cr_expect_eq(machine->clusters.value, 4, "%llu", (unsigned long long)machine->clusters.value);
	cr_expect_str_eq(machine->microarchitecture.value, "Crestmont");
}

Test(caps_cpuid, two_packages_of_cascade_lake_with_gaps_in_their_ids) {
	static const uint32_t core_ids[] = {0, 1, 2, 5, 8, 9};
	fixture_begin(CAPS_X86_64, 24);
	for (uint32_t i = 0; i < 24; i++) {
		uint32_t apic = i / 12 << 5 | core_ids[i / 2 % 6] << 1 | i % 2;
		identity(i, intel, 0x50657, apic, 32);
		level(i, 0xb, 0, 1, 1, 2, apic);
		level(i, 0xb, 1, 2, 5, 12, apic);
		level(i, 0xb, 2, 0, 0, 0, apic);
		cache(i, 4, 0, 2, 3, 1024, 16, 2);
		cache(i, 4, 1, 3, 3, 25344, 11, 24);
		leaf(i, 0x16, 0, 2900, 3900, 100, 0);
		leaf(i, 0xa, 0, 0x7300804, 0, 0, 0x603);
	}
	fixture_describe();
	fixture_expect_no_remark();
	expect_counts(2, 2, 12, 24);
	expect_kind(0, "", 12, 24, "Cascade Lake");
	fixture_expect_cache(23, 2, CAPS_CACHE_UNIFIED, MIB, 2);
	fixture_expect_cache(23, 3, CAPS_CACHE_UNIFIED, 25344 * KIB, 12);
	cr_expect_eq(machine->kinds[0].base_hz.value, UINT64_C(2900000000));
	cr_expect_eq(machine->kinds[0].max_hz.value, UINT64_C(3900000000));
	cr_expect_str_eq(machine->kinds[0].counters.value, "version 4: 8 of 48 bit, 3 fixed");
}

static bool has_tlb(uint32_t tlb_level, enum caps_cache_type type, uint32_t entries) {
	for (size_t i = 0; i < machine->tlb_count; i++)
		if (machine->tlbs[i].level == tlb_level && machine->tlbs[i].type == type &&
		    machine->tlbs[i].entries == entries)
			return true;
	return false;
}

static void nehalem(uint32_t eax, uint32_t ebx) {
	fixture_begin(CAPS_X86_64, 8);
	for (uint32_t i = 0; i < 8; i++) {
		identity(i, intel, 0x106a5, i, 16);
		leaf(i, 2, 0, eax, ebx, 0, 0x09ca212c);
		cache(i, 4, 0, 1, 1, 32, 8, 2);
		leaves[i][fixture_cpus[i].leaf_count - 1].eax |= 7u << 26;
		cache(i, 4, 1, 3, 3, 8192, 16, 16);
	}
	fixture_describe();
}

Test(caps_cpuid, nehalem_by_leaves_1_2_and_4) {
	nehalem(0x55035a01, 0x00f0b2e4);
	fixture_expect_no_remark();
	expect_counts(1, 1, 4, 8);
	expect_kind(0, "", 4, 8, "Nehalem");
	fixture_expect_cache(0, 1, CAPS_CACHE_DATA, 32 * KIB, 2);
	fixture_expect_cache(0, 3, CAPS_CACHE_UNIFIED, 8 * MIB, 8);
	cr_expect(has_tlb(1, CAPS_CACHE_DATA, 64) && has_tlb(2, CAPS_CACHE_UNIFIED, 512));
	cr_expect(has_tlb(1, CAPS_CACHE_INSTRUCTION, 64), "0xb2, of EBX");
}

Test(caps_cpuid, leaf_2_by_its_rules_alone) {
	nehalem(0x55035a01, 0x80f0b2e4);
	cr_expect_not(has_tlb(1, CAPS_CACHE_INSTRUCTION, 64), "EBX has bit 31 set");
	cr_expect(has_tlb(2, CAPS_CACHE_UNIFIED, 512));
	nehalem(0x55035a02, 0x00f0b2e4);
	cr_expect_eq(machine->tlb_count, 0, "AL is not 1");
}

Test(caps_cpuid, tlbs_of_leaf_0x18_count_ways_times_sets) {
	fixture_begin(CAPS_X86_64, 1);
	identity(0, intel, 0x90672, 0, 1);
	leaf(0, 2, 0, 0x00feff01, 0xf0, 0, 0);
	leaf(0, 0x18, 0, 2, 0, 0, 0);
	leaf(0, 0x18, 1, 0, 0x00080001, 0x20, 0x4022);
	leaf(0, 0x18, 2, 0, 0x00080007, 0x100, 0x4043);
	fixture_describe();
	cr_assert_eq(machine->tlb_count, 2);
	cr_expect(has_tlb(1, CAPS_CACHE_INSTRUCTION, 256) && has_tlb(2, CAPS_CACHE_UNIFIED, 2048));
	cr_expect_eq(machine->tlbs[0].page_sizes, 1u << 12);
	cr_expect_eq(machine->tlbs[1].page_sizes, 1u << 12 | 1u << 21 | 1u << 22);
}

/* ---- AMD --------------------------------------------------------------------------------------------------------- */

static void amd_cpu(size_t cpu, uint32_t signature, uint32_t apic, unsigned package_shift, uint32_t l3_ids) {
	identity(cpu, amd, signature, apic, 1u << package_shift);
	leaf(cpu, EXTENDED + 8, 0, 0x3030, 0, ((1u << package_shift) - 1) | package_shift << 12, 0);
	cache(cpu, EXTENDED + 0x1d, 0, 1, 1, 32, 8, 2);
	cache(cpu, EXTENDED + 0x1d, 1, 2, 3, 1024, 8, 2);
	cache(cpu, EXTENDED + 0x1d, 2, 3, 3, 32768, 16, l3_ids);
	leaf(cpu, EXTENDED + 0x1e, 0, apic, 1 << 8 | apic >> 1, 0, 0);
}

Test(caps_cpuid, ryzen_7950x) {
	fixture_begin(CAPS_X86_64, 32);
	for (uint32_t i = 0; i < 32; i++) {
		amd_cpu(i, 0xa60f12, i, 5, 16);
		level(i, 0xb, 0, 1, 1, 2, i);
		level(i, 0xb, 1, 2, 5, 32, i);
		level(i, 0xb, 2, 0, 0, 0, i);
	}
	fixture_describe();
	fixture_expect_no_remark();
	expect_counts(1, 1, 16, 32);
	cr_expect_eq(machine->clusters.value, 2);
	expect_kind(0, "", 16, 32, "Zen 4");
	fixture_expect_cache(31, 2, CAPS_CACHE_UNIFIED, MIB, 2);
	fixture_expect_cache(31, 3, CAPS_CACHE_UNIFIED, 32 * MIB, 16);
}

/* A complex of 6 cores: leaf 0x8000001d counts 12 threads, their ids take 16. */
Test(caps_cpuid, epyc_of_two_sockets_by_leaf_0x80000026) {
	fixture_begin(CAPS_X86_64, 96);
	for (uint32_t i = 0; i < 96; i++) {
		uint32_t apic = i / 48 << 7 | i / 12 % 4 << 4 | i % 12;
		amd_cpu(i, 0xa10f11, apic, 7, 12);
		level(i, EXTENDED + 0x26, 0, 1, 1, 2, apic);
		level(i, EXTENDED + 0x26, 1, 2, 4, 12, apic);
		level(i, EXTENDED + 0x26, 2, 3, 4, 12, apic);
		level(i, EXTENDED + 0x26, 3, 4, 7, 48, apic);
		leaf(i, EXTENDED + 0x26, 4, 0, 0, 4, apic);
	}
	fixture_describe();
	fixture_expect_no_remark();
	expect_counts(2, 8, 48, 96);
	cr_expect_eq(machine->clusters.value, 8);
	fixture_expect_cache(95, 3, CAPS_CACHE_UNIFIED, 32 * MIB, 12);
}

Test(caps_cpuid, first_epyc_has_four_dies_a_package) {
	fixture_begin(CAPS_X86_64, 64);
	for (uint32_t i = 0; i < 64; i++) {
		amd_cpu(i, 0x800f12, i, 5, 8);
		leaves[i][fixture_cpus[i].leaf_count - 1].ecx = 3 << 8 | i / 8;
	}
	fixture_describe();
	expect_counts(2, 8, 32, 64);
	expect_kind(0, "", 32, 64, "Zen");
}

Test(caps_cpuid, cores_of_two_kinds_by_leaf_0x80000026) {
	fixture_begin(CAPS_X86_64, 8);
	for (uint32_t i = 0; i < 8; i++) {
		amd_cpu(i, 0xb20f40, i, 3, 8);
		leaf(i, EXTENDED + 0x26, 0, 1 | 1u << 30, 2 | (i >= 4) << 28, 1 << 8, i);
		level(i, EXTENDED + 0x26, 1, 4, 3, 8, i);
	}
	fixture_describe();
	expect_counts(1, 1, 4, 8);
	expect_kind(0, "P", 2, 4, "Zen 5");
	expect_kind(1, "E", 2, 4, "Zen 5c");
}

/* VirtualBox: topology in leaf 1 alone, leaf 0x80000008 without a count. */
Test(caps_cpuid, amd_guest_that_counts_in_leaf_1_alone) {
	fixture_begin(CAPS_X86_64, 4);
	for (uint32_t i = 0; i < 4; i++) {
		identity(i, amd, 0xa20f10, i, 4);
		leaves[i][1].ecx |= 1u << 31;
		leaf(i, 0x40000000, 0, 0x40000001, 0x786f4256, 0x786f4256, 0x786f4256);
		leaf(i, EXTENDED + 8, 0, 0x3030, 0, 0, 0);
		leaf(i, EXTENDED + 5, 0, 0, 0, 0x20080140, 0x20080140);
	}
	fixture_describe();
	expect_counts(1, 1, 4, 4);
	cr_expect_str_eq(machine->hypervisor.value, "VirtualBox");
	fixture_expect_cache(3, 1, CAPS_CACHE_DATA, 32 * KIB, 1);
}

/* ---- guests and oddities ----------------------------------------------------------------------------------------- */

static void kvm_guest(void) {
	fixture_begin(CAPS_X86_64, 4);
	for (uint32_t i = 0; i < 4; i++) {
		identity(i, intel, 0x50657, i, 4);
		leaves[i][1].ecx |= 1u << 31;
		leaf(i, 0xb, 0, 0, 0, 0, i);
		cache(i, 4, 0, 1, 1, 32, 8, 1);
		leaves[i][fixture_cpus[i].leaf_count - 1].eax |= 3u << 26;
		leaf(i, 4, 1, 3 | 3 << 5 | 3 << 14, 0x3f | 1023u << 22, 0xffffff, 0);
		leaf(i, 0x40000000, 0, 0, 0x4b4d564b, 0x564b4d56, 0x4d);
		leaf(i, 0x40000010, 0, 2500000, 0, 0, 0);
	}
}

Test(caps_cpuid, kvm_guest_with_an_empty_leaf_0xb_and_an_l3_of_1_tib) {
	kvm_guest();
	fixture_describe();
	expect_counts(1, 1, 4, 4);
	cr_expect_str_eq(machine->hypervisor.value, "KVM");
	cr_expect_str_eq(fixture_source(&machine->cores.source), "leaf 0x1 on CPU 0");
	cr_expect(fixture_remarked("not believed"));
	cr_expect_eq(machine->remark_count, 1, "one for all CPUs");
	fixture_expect_cache(0, 3, CAPS_CACHE_UNIFIED, 0, 4);
	cr_expect_eq(machine->kinds[0].base_hz.value, UINT64_C(2500000000));
	cr_expect_str_eq(fixture_source(&machine->kinds[0].base_hz.source), "leaf 0x40000010 on CPU 0");
}

Test(caps_cpuid, base_clock_by_the_crystals_ratio) {
	fixture_begin(CAPS_X86_64, 1);
	identity(0, intel, 0xa06a4, 0, 1);
	leaf(0, 0x15, 0, 2, 156, 38400000, 0);
	fixture_describe();
	cr_expect_eq(machine->kinds[0].base_hz.value, UINT64_C(2995200000));
}

Test(caps_cpuid, a_cpu_that_could_not_be_asked_spoils_no_other) {
	i9_12900k();
	fixture_cpus[0].leaf_count = 0;
	fixture_cpus[20].leaf_count = 0;
	fixture_describe();
	cr_expect(fixture_remarked("CPU 0 could not be asked") && fixture_remarked("CPU 20 could not be asked"));
	expect_counts(1, 1, 17, 24);
	cr_expect_eq(machine->kind_count, 3);
	expect_kind(1, "P", 8, 15, "Golden Cove");
	expect_kind(2, "E", 7, 7, "Gracemont");
	cr_expect_str_eq(machine->vendor.value, "GenuineIntel");
	cr_expect_str_eq(fixture_source(&machine->cores.source), "leaf 0x1f on CPU 1");
}

Test(caps_cpuid, nothing_that_could_be_asked_is_an_error) {
	fixture_begin(CAPS_X86_64, 2);
	cr_expect_eq(fixture_describe_error(), CAPS_EINVAL);
}

Test(caps_cpuid, one_id_for_several_cpus_is_told) {
	kvm_guest();
	leaves[2][1].ebx = leaves[1][1].ebx;
	fixture_describe();
	expect_counts(1, 1, 4, 4);
	cr_expect(fixture_remarked("one APIC id"));
	cr_expect_eq(machine->cores.source.from, CAPS_FROM_PRESUMED);
}

Test(caps_cpuid, leaves_of_one_cpu_presume_the_others) {
	i9_12900k();
	raw.cpu_count = 1;
	fixture_describe();
	cr_expect_eq(machine->threads.value, 24);
	cr_expect_eq(machine->threads.source.from, CAPS_FROM_PRESUMED);
	cr_expect_eq(machine->cores.value, 1, "one core of a hybrid cannot say");
	cr_expect(strstr(fixture_source(&machine->cores.source), "one core read"));
	expect_kind(0, "P", 1, 1, "Golden Cove");
	nehalem(0x55035a01, 0x00f0b2e4);
	raw.cpu_count = 1;
	fixture_describe();
	expect_counts(1, 1, 8, 16);
	expect_kind(0, "", 8, 16, "Nehalem");
	cr_expect_eq(machine->kinds[0].cores.source.from, CAPS_FROM_PRESUMED);
}

Test(caps_cpuid, names_by_vendor_family_and_model) {
	static const struct vendor zhaoxin = {0x68532020, 0x20206961, 0x68676e61};
	const struct {
		struct vendor vendor;
		uint32_t signature;
		const char *name;
	} known[] = {{zhaoxin, 0x307b0, "LuJiaZui"},
		     {amd, 0x600f20, "Piledriver"},
		     {amd, 0x600f12, "Bulldozer"},
		     {amd, 0x850f00, "Zen"},
		     {amd, 0x870f10, "Zen 2"},
		     {amd, 0x200f31, "K8"},
		     {amd, 0x800f82, "Zen+"},
		     {amd, 0xa40f41, "Zen 3+"},
		     {intel, 0x6ec, "Yonah"},
		     {intel, 0x6d8, "Pentium M"},
		     {intel, 0x50654, "Skylake (server)"},
		     {intel, 0x306c3, "Haswell"},
		     {intel, 0x400f10, "Panther Cove"}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		fixture_begin(CAPS_X86_64, 1);
		identity(0, known[i].vendor, known[i].signature, 0, 1);
		fixture_describe();
		cr_expect_str_eq(machine->microarchitecture.value, known[i].name);
	}
}

Test(caps_cpuid, caches_of_leaf_2_where_leaf_4_is_not) {
	fixture_begin(CAPS_X86_64, 1);
	identity(0, intel, 0xf48, 0, 1);
	leaf(0, 2, 0, 0x605b5101, 0x003c7047, 0, 0x7c);
	leaf(0, EXTENDED + 6, 0, 0, 0, 0x04006040, 0);
	fixture_describe();
	fixture_expect_cache(0, 1, CAPS_CACHE_DATA, 16 * KIB, 1);
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, MIB, 1);
	fixture_expect_cache(0, 3, CAPS_CACHE_UNIFIED, 8 * MIB, 1);
}

/* 12 ids of two nodes, six each: 0x20 to 0x25 and 0x26 to 0x2b. */
Test(caps_cpuid, l3_of_a_node_whose_ids_are_not_aligned) {
	fixture_begin(CAPS_X86_64, 12);
	for (uint32_t i = 0; i < 12; i++) {
		identity(i, amd, 0x600f12, 0x20 + i, 12);
		leaf(i, EXTENDED + 8, 0, 0x3030, 0, 11 | 4 << 12, 0);
		cache(i, EXTENDED + 0x1d, 0, 2, 3, 2048, 16, 2);
		cache(i, EXTENDED + 0x1d, 1, 3, 3, 6144, 48, 6);
		leaf(i, EXTENDED + 0x1e, 0, 0x20 + i, 1 << 8 | i / 2, 1 << 8 | i / 6, 0);
	}
	fixture_describe();
	fixture_expect_cache(0, 3, CAPS_CACHE_UNIFIED, 6144 * KIB, 6);
	fixture_expect_cache(11, 3, CAPS_CACHE_UNIFIED, 6144 * KIB, 6);
	cr_expect_eq(machine->clusters.value, 2);
}

/* What old dumps have: the first line of the list. */
Test(caps_cpuid, the_rest_of_a_list_that_has_its_first_cache_alone) {
	fixture_begin(CAPS_X86_64, 1);
	identity(0, amd, 0x600f12, 0, 1);
	cache(0, EXTENDED + 0x1d, 0, 1, 1, 16, 4, 1);
	leaf(0, EXTENDED + 5, 0, 0, 0, 16 << 24 | 4 << 16 | 64, 64 << 24 | 2 << 16 | 64);
	leaf(0, EXTENDED + 6, 0, 0, 0, 2048 << 16 | 8 << 12 | 64, 16 << 18 | 0xc << 12 | 64);
	fixture_describe();
	fixture_expect_cache(0, 1, CAPS_CACHE_DATA, 16 * KIB, 1);
	fixture_expect_cache(0, 1, CAPS_CACHE_INSTRUCTION, 64 * KIB, 1);
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, 2 * MIB, 1);
	fixture_expect_cache(0, 3, CAPS_CACHE_UNIFIED, 8 * MIB, 1);
	cr_expect_eq(machine->cache_count, 4, "L1 data once");
}

/* Leaf 2 is a copy of another's. */
Test(caps_cpuid, via_means_its_own_leaves) {
	fixture_begin(CAPS_X86_64, 1);
	identity(0, via, 0x6f2, 0, 1);
	leaf(0, 2, 0, 0x02b3b001, 0, 0, 0x2c04307d);
	leaf(0, EXTENDED + 5, 0, 0, 0, 64 << 24 | 16 << 16 | 64, 64 << 24 | 16 << 16 | 64);
	leaf(0, EXTENDED + 6, 0, 0, 0, 1024 << 16 | 8 << 12 | 64, 0);
	fixture_describe();
	fixture_expect_cache(0, 1, CAPS_CACHE_DATA, 64 * KIB, 1);
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, MIB, 1);
}

Test(caps_cpuid, levels_that_contradict_each_other_are_told) {
	fixture_begin(CAPS_X86_64, 8);
	for (uint32_t i = 0; i < 8; i++) {
		identity(i, intel, 0x806f8, i, 8);
		level(i, 0xb, 0, 1, 4, 8, i);
		level(i, 0xb, 1, 2, 1, 8, i);
		level(i, 0xb, 2, 0, 0, 0, i);
	}
	fixture_describe();
	cr_expect(fixture_remarked("contradict each other"));
}

Test(caps_cpuid, a_part_of_a_package_is_told) {
	fixture_begin(CAPS_X86_64, 2);
	for (uint32_t i = 0; i < 2; i++) {
		identity(i, intel, 0x806f8, i, 8);
		level(i, 0xb, 0, 1, 0, 1, i);
		level(i, 0xb, 1, 2, 3, 8, i);
		level(i, 0xb, 2, 0, 0, 0, i);
	}
	fixture_describe();
	cr_expect(fixture_remarked("counts 8 threads a package; of the first 2 were read"));
}

Test(caps_cpuid, leaves_beyond_the_last_are_another_leafs) {
	fixture_begin(CAPS_X86_64, 1);
	identity(0, intel, 0x106a5, 0, 1);
	leaf(0, 7, 0, 0, 1u << 5, 0, 0);
	fixture_describe();
	cr_expect(has_feature(0, "avx2") && has_feature(0, "sse2"));
	leaves[0][0].eax = 6;
	fixture_describe();
	cr_expect_not(has_feature(0, "avx2"));
}

Test(caps_cpuid, hypervisors_by_their_signatures) {
	static const struct {
		const char signature[13], *name;
	} known[] = {{"KVMKVMKVM", "KVM"},
		     {"TCGTCGTCGTCG", "TCG"},
		     {"Microsoft Hv", "Hyper-V"},
		     {"VMwareVMware", "VMware"},
		     {"XenVMMXenVMM", "Xen"},
		     {"bhyve bhyve ", "bhyve"},
		     {"VBoxVBoxVBox", "VirtualBox"},
		     {" lrpepyh  vr", "Parallels"},
		     {"Nobody knows", "unknown (Nobody knows)"}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint32_t words[3];
		memcpy(words, known[i].signature, sizeof(words));
		fixture_begin(CAPS_X86_64, 1);
		identity(0, intel, 0x50657, 0, 1);
		leaf(0, 0x40000000, 0, 0x40000001, words[0], words[1], words[2]);
		fixture_describe();
		cr_expect_str_eq(machine->hypervisor.value, "", "leaf 1 has no bit of it");
		leaves[0][1].ecx |= 1u << 31;
		fixture_describe();
		cr_expect_str_eq(machine->hypervisor.value, known[i].name);
	}
}

Test(caps_cpuid, features_have_one_name_each) {
	const char *name;
	size_t count = 0;
	for (; (name = caps_feature_name(CAPS_X86_64, count)); count++)
		for (size_t i = 0; i < count; i++)
			cr_expect_str_neq(name, caps_feature_name(CAPS_X86_64, i));
	cr_expect(count > 100 && count <= CAPS_FEATURES_MAX);
	cr_expect_eq(caps_feature_group(CAPS_X86_64, count), CAPS_FEATURES_OTHER);
}
