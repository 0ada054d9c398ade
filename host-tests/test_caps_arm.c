/* SPDX-License-Identifier: Apache-2.0
 *
 * The aarch64 decoder on machines as their manuals and firmware describe them.
 */
#include "host-tests/caps_fixture.h"

#define KIB 1024u
#define MIB (1024u * 1024u)

/* Kinds of cores, as registers say. */
struct core {
	uint64_t midr, clidr;
	struct {
		unsigned line, ways, sets;
	} l1i, l1d, l2, l3;
};

enum { CLIDR_L2 = 0x23, CLIDR_L3 = 0x123 }; /* L1 separate, then unified ones */

static const struct core cortex_a53 = {0x410fd034, CLIDR_L2, {64, 2, 256}, {64, 4, 128}, {64, 16, 512}, {0, 0, 0}};
static const struct core cortex_a57 = {0x411fd070, CLIDR_L2, {64, 3, 256}, {64, 2, 256}, {64, 16, 2048}, {0, 0, 0}};
static const struct core cortex_a55 = {0x412fd050, CLIDR_L3, {64, 4, 128}, {64, 4, 128}, {64, 4, 512}, {64, 12, 4096}};
static const struct core cortex_a76 = {0x414fd0b0, CLIDR_L3, {64, 4, 256}, {64, 4, 256}, {64, 8, 1024}, {64, 12, 4096}};
static const struct core neoverse_n1 = {0x413fd0c1, CLIDR_L2, {64, 4, 256}, {64, 4, 256}, {64, 8, 2048}, {0, 0, 0}};
static const struct core a64fx = {0x461f0010, CLIDR_L2, {256, 4, 64}, {256, 4, 64}, {256, 16, 2048}, {0, 0, 0}};

static void set_core(size_t cpu, const struct core *core, uint64_t mpidr) {
	fixture_set(cpu, CAPS_MIDR_EL1, core->midr);
	fixture_set(cpu, CAPS_MPIDR_EL1, 1u << 31 | mpidr);
	fixture_set(cpu, CAPS_CLIDR_EL1, core->clidr);
	fixture_ccsidr(cpu, 1, 0, core->l1d.line, core->l1d.ways, core->l1d.sets);
	fixture_ccsidr(cpu, 1, 1, core->l1i.line, core->l1i.ways, core->l1i.sets);
	fixture_ccsidr(cpu, 2, 0, core->l2.line, core->l2.ways, core->l2.sets);
	if (core->clidr == CLIDR_L3)
		fixture_ccsidr(cpu, 3, 0, core->l3.line, core->l3.ways, core->l3.sets);
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

enum { PACKAGE = 1 << 0, UID = 1 << 1, THREAD = 1 << 2, MT = 1 << 24 };
enum { CACHE_DATA = 0, CACHE_INSTRUCTION = 1, CACHE_UNIFIED = 2, CACHE_ALL_VALID = 0x57, CACHE_TYPE_VALID = 0x10 };

static size_t madt_begin(void) {
	return fixture_table("APIC", 5, 44);
}

static void madt_gicc(size_t madt, uint32_t uid, uint64_t mpidr) {
	uint8_t *entry = fixture_entry(madt, 0xb, 80);
	put(entry + 8, uid, 4);
	put(entry + 12, 1, 4);
	put(entry + 68, mpidr, 8);
}

static uint32_t pptt_cache(size_t pptt, uint32_t next, unsigned type, uint32_t flags, uint32_t bytes, unsigned ways) {
	uint8_t *entry = fixture_entry(pptt, 1, 24);
	put(entry + 4, flags, 4);
	put(entry + 8, next, 4);
	put(entry + 12, bytes, 4);
	put(entry + 16, ways ? bytes / ways / 64 : 0, 4);
	entry[20] = (uint8_t)ways;
	entry[21] = (uint8_t)(type << 2);
	put(entry + 22, 64, 2);
	return (uint32_t)(entry - fixture_bytes[pptt]);
}

static uint32_t pptt_node(size_t pptt, uint32_t flags, uint32_t parent, uint32_t uid, const uint32_t *caches,
			  unsigned count) {
	uint8_t *entry = fixture_entry(pptt, 0, (uint8_t)(20 + 4 * count));
	put(entry + 4, flags, 4);
	put(entry + 8, parent, 4);
	put(entry + 12, uid, 4);
	put(entry + 16, count, 4);
	for (unsigned i = 0; i < count; i++)
		put(entry + 20 + 4 * i, caches[i], 4);
	return (uint32_t)(entry - fixture_bytes[pptt]);
}

static uint32_t pptt_core(size_t pptt, uint32_t parent, uint32_t uid, uint32_t l2_bytes) {
	uint32_t l2 = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_ALL_VALID, l2_bytes, 8);
	uint32_t l1[] = {pptt_cache(pptt, l2, CACHE_DATA, CACHE_ALL_VALID, 64 * KIB, 4),
			 pptt_cache(pptt, l2, CACHE_INSTRUCTION, CACHE_ALL_VALID, 64 * KIB, 4)};
	return pptt_node(pptt, UID, parent, uid, l1, 2);
}

/* ---- machines ---------------------------------------------------------------------------------------------------- */

/* Ampere Altra: pairs of cores, a system cache behind what CLIDR_EL1 knows. */
Test(caps_arm, neoverse_n1_with_80_cores) {
	fixture_begin(CAPS_AARCH64, 80);
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	uint32_t slc = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_ALL_VALID, 32 * MIB, 16);
	uint32_t package = pptt_node(pptt, PACKAGE, 0, 0, &slc, 1), cluster = 0;
	for (uint32_t i = 0; i < 80; i++) {
		uint64_t mpidr = MT | (i / 2) << 16 | (i % 2) << 8;
		set_core(i, &neoverse_n1, mpidr);
		madt_gicc(madt, i, mpidr & ~(uint64_t)MT);
		if (i % 2 == 0)
			cluster = pptt_node(pptt, 0, package, i / 2, NULL, 0);
		pptt_core(pptt, cluster, i, MIB);
	}
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	fixture_expect_no_remark();
	cr_expect_eq(machine->packages.value, 1);
	cr_expect_eq(machine->clusters.value, 40);
	cr_expect_eq(machine->cores.value, 80);
	cr_expect_str_eq(fixture_source(&machine->cores.source), "PPTT");
	cr_expect_eq(machine->kind_count, 1);
	cr_expect_str_eq(machine->kinds[0].name.value, "");
	cr_expect_str_eq(machine->kinds[0].model.value, "Neoverse-N1");
	cr_expect_str_eq(machine->kinds[0].stepping.value, "r3p1");
	cr_expect_str_eq(machine->vendor.value, "Arm");
	fixture_expect_cache(79, 1, CAPS_CACHE_DATA, 64 * KIB, 1);
	fixture_expect_cache(79, 2, CAPS_CACHE_UNIFIED, MIB, 1);
	fixture_expect_cache(79, 3, CAPS_CACHE_UNIFIED, 32 * MIB, 80);
	cr_expect_str_eq(fixture_source(&fixture_cache(0, 2, CAPS_CACHE_UNIFIED)->source), "CCSIDR_EL1 on CPU 0");
	cr_expect_str_eq(fixture_source(&fixture_cache(0, 3, CAPS_CACHE_UNIFIED)->source), "PPTT");
	cr_expect_eq(machine->tlb_count, 0);
}

/* A device tree's machine under Linux: no tables, ids and capacities from the system. */
Test(caps_arm, rk3588_is_four_little_and_four_big) {
	fixture_begin(CAPS_AARCH64, 8);
	for (uint32_t i = 0; i < 8; i++) {
		set_core(i, i < 4 ? &cortex_a55 : &cortex_a76, MT | i << 8);
		fixture_cpus[i].os_package = 0;
		fixture_cpus[i].os_cluster = i < 4 ? 0 : i < 6 ? 1 : 2;
		fixture_cpus[i].os_core = (int32_t)i % (i < 4 ? 4 : 2);
		fixture_cpus[i].os_capacity = i < 4 ? 530 : i < 6 ? 1024 : 1008;
		fixture_cpus[i].os_max_hz = i < 4 ? 1800000000 : 2400000000;
	}
	fixture_describe();
	fixture_expect_no_remark();
	cr_expect_eq(machine->packages.value, 1);
	cr_expect_eq(machine->clusters.value, 3);
	cr_expect_eq(machine->cores.value, 8);
	cr_expect_eq(machine->kind_count, 2);
	cr_expect_str_eq(machine->kinds[0].name.value, "LITTLE");
	cr_expect_str_eq(machine->kinds[1].name.value, "big");
	cr_expect_str_eq(fixture_source(&machine->kinds[1].name.source), "/sys/devices/system/cpu/cpu*/cpu_capacity");
	cr_expect_eq(machine->kinds[0].cores.value, 4);
	cr_expect_eq(machine->kinds[1].max_hz.value, 2400000000);
	cr_expect_str_eq(machine->model.value, "Cortex-A55 + Cortex-A76");
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, 128 * KIB, 1);
	fixture_expect_cache(7, 2, CAPS_CACHE_UNIFIED, 512 * KIB, 1);
	cr_expect_str_eq(fixture_source(&fixture_cache(7, 3, CAPS_CACHE_UNIFIED)->shared_source),
			 "presumed: an L3 is of a cluster");
}

/* As Snapdragon 8 Gen 2: 3, 2 + 2 and 1 core of four models. */
Test(caps_arm, four_models_have_three_names) {
	static const uint64_t midr[8] = {0x411fd461, 0x411fd461, 0x411fd461, 0x411fd4d0,
					 0x411fd4d0, 0x412fd471, 0x412fd471, 0x411fd4e0};
	static const uint32_t capacity[8] = {280, 280, 280, 800, 800, 780, 780, 1024};
	for (unsigned with_capacity = 0; with_capacity < 2; with_capacity++) {
		fixture_begin(CAPS_AARCH64, 8);
		for (uint32_t i = 0; i < 8; i++) {
			fixture_set(i, CAPS_MIDR_EL1, midr[i]);
			fixture_set(i, CAPS_MPIDR_EL1, MT | i << 8);
			fixture_cpus[i].os_capacity = with_capacity ? capacity[i] : 0;
		}
		fixture_describe();
		static const char *const names[] = {"LITTLE", "medium", "medium", "big"};
		cr_assert_eq(machine->kind_count, 4);
		for (size_t i = 0; i < 4; i++)
			cr_expect_str_eq(machine->kinds[i].name.value, names[i]);
		cr_expect_eq(machine->kinds[3].name.source.from, with_capacity ? CAPS_FROM_OS : CAPS_FROM_LIST);
		cr_expect_str_eq(machine->kinds[3].model.value, "Cortex-X3");
		cr_expect_eq(machine->kinds[0].cores.value, 3);
	}
}

Test(caps_arm, apple_m1_shares_an_l2_a_cluster) {
	static const struct core icestorm = {0x611f0221,   CLIDR_L2,        {64, 8, 256},
					     {64, 8, 128}, {128, 16, 2048}, {0, 0, 0}};
	static const struct core firestorm = {0x611f0231,   CLIDR_L2,        {64, 6, 512},
					      {64, 8, 256}, {128, 12, 8192}, {0, 0, 0}};
	fixture_begin(CAPS_AARCH64, 8);
	for (uint32_t i = 0; i < 8; i++)
		set_core(i, i < 4 ? &icestorm : &firestorm, i % 4 | (i < 4 ? 0 : 0x10100));
	fixture_describe();
	fixture_expect_no_remark();
	cr_expect_eq(machine->packages.value, 1);
	cr_expect_eq(machine->clusters.value, 2);
	cr_expect_str_eq(fixture_source(&machine->clusters.source), "presumed: from MPIDR_EL1's affinity levels");
	cr_expect_str_eq(machine->kinds[0].microarchitecture.value, "Icestorm");
	cr_expect_str_eq(machine->kinds[1].name.value, "big");
	cr_expect_str_eq(machine->vendor.value, "Apple");
	cr_expect_str_eq(machine->model.value, "M1");
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, 4 * MIB, 4);
	fixture_expect_cache(7, 2, CAPS_CACHE_UNIFIED, 12 * MIB, 4);
	cr_expect_str_eq(fixture_source(&fixture_cache(7, 2, CAPS_CACHE_UNIFIED)->shared_source),
			 "presumed: this model has an L2 a cluster");
}

/* Its PPTT has caches without sizes. */
Test(caps_arm, a64fx_without_sizes_in_the_pptt) {
	fixture_begin(CAPS_AARCH64, 48);
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	uint32_t package = pptt_node(pptt, PACKAGE, 0, 0, NULL, 0), group = 0;
	for (uint32_t i = 0; i < 48; i++) {
		uint32_t l1[2] = {0}, l2 = 0;
		set_core(i, &a64fx, i % 12 | i / 12 << 8);
		madt_gicc(madt, i, i % 12 | i / 12 << 8);
		if (i % 12 == 0) {
			l2 = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_TYPE_VALID, 0, 0);
			group = pptt_node(pptt, 0, package, 100 + i, &l2, 1);
		}
		l1[0] = pptt_cache(pptt, 0, CACHE_DATA, CACHE_TYPE_VALID, 0, 0);
		l1[1] = pptt_cache(pptt, 0, CACHE_INSTRUCTION, CACHE_TYPE_VALID, 0, 0);
		pptt_node(pptt, UID, group, i, l1, 2);
	}
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	fixture_expect_no_remark();
	fixture_expect_cache(13, 2, CAPS_CACHE_UNIFIED, 8 * MIB, 12);
	fixture_expect_cache(13, 1, CAPS_CACHE_DATA, 64 * KIB, 1);
	cr_expect_eq(fixture_cache(13, 1, CAPS_CACHE_DATA)->line_bytes, 256);

	for (size_t i = 0; i < 48; i++)
		fixture_cpus[i].known &= ~(1u << CAPS_CLIDR_EL1);
	fixture_describe();
	fixture_expect_cache(13, 2, CAPS_CACHE_UNIFIED, 0, 12);
}

/* As Grace: an L3 whose geometry in the PPTT does not make its size, and an L2 that contradicts CCSIDR_EL1. */
Test(caps_arm, wrong_sizes_are_remarked) {
	static const struct core neoverse_v2 = {0x410fd4f0,   CLIDR_L2,      {64, 4, 256},
						{64, 4, 256}, {64, 8, 2048}, {0, 0, 0}};
	fixture_begin(CAPS_AARCH64, 72);
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	uint32_t l3 = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_ALL_VALID, 114 * MIB, 12);
	put(fixture_bytes[pptt] + l3 + 16, 65536, 4);
	uint32_t package = pptt_node(pptt, PACKAGE, 0, 0, &l3, 1);
	for (uint32_t i = 0; i < 72; i++) {
		set_core(i, &neoverse_v2, MT | i << 8);
		madt_gicc(madt, i, i << 8);
		pptt_core(pptt, package, i, 2 * MIB);
	}
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	cr_expect_eq(machine->remark_count, 2);
	cr_expect(fixture_remarked("1048576 bytes by CCSIDR_EL1 and 2097152 by the PPTT: the register's are shown"));
	cr_expect(fixture_remarked("the PPTT's L3 unified cache has 119537664 bytes, but its sets, ways and lines make "
				   "50331648"));
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, MIB, 1);
	fixture_expect_cache(0, 3, CAPS_CACHE_UNIFIED, 114 * MIB, 72);
}

/* Little cores without an L2 of their own, for which the PPTT has one (as CIX P1). */
Test(caps_arm, l2_that_clidr_denies_is_not_shown) {
	static const struct core a520 = {0x410fd801, CLIDR_L2, {64, 4, 128}, {64, 4, 128}, {64, 12, 16384}, {0, 0, 0}};
	static const struct core a720 = {0x410fd811,   CLIDR_L3,      {64, 4, 256},
					 {64, 4, 256}, {64, 8, 1024}, {64, 12, 16384}};
	fixture_begin(CAPS_AARCH64, 8);
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	uint32_t l3 = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_ALL_VALID, 12 * MIB, 12);
	uint32_t package = pptt_node(pptt, PACKAGE, 0, 0, &l3, 1);
	for (uint32_t i = 0; i < 8; i++) {
		set_core(i, i < 4 ? &a520 : &a720, MT | i << 8);
		madt_gicc(madt, i, i << 8);
		pptt_core(pptt, package, i, 512 * KIB);
	}
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	cr_expect(fixture_remarked("the PPTT gives CPU 0 an L2 unified cache of 524288 bytes that CLIDR_EL1 denies"));
	cr_expect_null(fixture_cache(0, 2, CAPS_CACHE_UNIFIED));
	fixture_expect_cache(0, 3, CAPS_CACHE_UNIFIED, 12 * MIB, 8);
	fixture_expect_cache(7, 2, CAPS_CACHE_UNIFIED, 512 * KIB, 1);
}

Test(caps_arm, qemu_virt_without_and_with_a_pptt) {
	fixture_begin(CAPS_AARCH64, 4);
	for (uint32_t i = 0; i < 4; i++)
		set_core(i, &cortex_a57, i);
	fixture_describe();
	fixture_expect_no_remark();
	cr_expect_eq(machine->cores.value, 4);
	fixture_expect_cache(0, 1, CAPS_CACHE_INSTRUCTION, 48 * KIB, 1);
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, 2 * MIB, 4);

	/* -smp 4,sockets=2,cores=1,threads=2: QEMU names no caches. */
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	uint32_t core = 0;
	for (uint32_t i = 0; i < 4; i++) {
		madt_gicc(madt, i, i);
		if (i % 2 == 0)
			core = pptt_node(pptt, 0, pptt_node(pptt, PACKAGE, 0, i / 2, NULL, 0), 0, NULL, 0);
		pptt_node(pptt, UID | THREAD, core, i, NULL, 0);
	}
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	fixture_expect_no_remark();
	cr_expect_eq(machine->packages.value, 2);
	cr_expect_eq(machine->cores.value, 2);
	cr_expect_eq(machine->threads.value, 4);
	cr_expect_eq(machine->cpus[3].thread, 1);
	fixture_expect_cache(0, 1, CAPS_CACHE_DATA, 32 * KIB, 2);
}

/* KVM shows guests a cache of one line. */
Test(caps_arm, made_up_geometry_is_not_believed) {
	static const struct core guest = {0x410fd034, 0x3, {64, 1, 1}, {64, 1, 1}, {64, 1, 1}, {0, 0, 0}};
	fixture_begin(CAPS_AARCH64, 2);
	set_core(0, &guest, 0);
	set_core(1, &guest, 1);
	fixture_describe();
	cr_expect_eq(machine->cache_count, 0);
	cr_expect_eq(machine->remark_count, 1);
	cr_expect(fixture_remarked("a cache of one line, as a hypervisor makes up"));
}

/* With MT the lowest affinity level is a thread. */
Test(caps_arm, threads_of_mpidr) {
	fixture_begin(CAPS_AARCH64, 8);
	for (uint32_t i = 0; i < 8; i++) {
		fixture_set(i, CAPS_MIDR_EL1, 0x410fd4a0);
		fixture_set(i, CAPS_MPIDR_EL1, MT | i / 4 << 16 | i / 2 % 2 << 8 | i % 2);
	}
	fixture_describe();
	cr_expect_eq(machine->packages.value, 1);
	cr_expect_eq(machine->clusters.value, 2);
	cr_expect_eq(machine->cores.value, 4);
	cr_expect_eq(machine->threads.value, 8);
	cr_expect_eq(machine->cpus[7].thread, 1);
	cr_expect_eq(machine->kinds[0].cores.value, 4);
}

/* An L2 that the L1s name as their next level, and the cluster as its own. */
Test(caps_arm, cache_that_two_levels_of_the_pptt_name) {
	fixture_begin(CAPS_AARCH64, 4);
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	uint32_t l3 = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_ALL_VALID, 4 * MIB, 16);
	uint32_t package = pptt_node(pptt, PACKAGE, 0, 0, &l3, 1), l2 = 0, cluster = 0;
	for (uint32_t i = 0; i < 4; i++) {
		fixture_set(i, CAPS_MIDR_EL1, cortex_a53.midr);
		fixture_set(i, CAPS_MPIDR_EL1, i);
		madt_gicc(madt, i, i);
		if (i % 2 == 0) {
			l2 = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_ALL_VALID, MIB, 8);
			cluster = pptt_node(pptt, 0, package, 0, &l2, 1);
		}
		uint32_t l1 = pptt_cache(pptt, l2, CACHE_DATA, CACHE_ALL_VALID, 32 * KIB, 4);
		pptt_node(pptt, UID, cluster, i, &l1, 1);
	}
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	fixture_expect_no_remark();
	cr_expect_eq(machine->cache_count, 7);
	fixture_expect_cache(3, 1, CAPS_CACHE_DATA, 32 * KIB, 1);
	fixture_expect_cache(3, 2, CAPS_CACHE_UNIFIED, MIB, 2);
	fixture_expect_cache(3, 3, CAPS_CACHE_UNIFIED, 4 * MIB, 4);
}

/* ---- registers --------------------------------------------------------------------------------------------------- */

static bool has(const struct caps_kind *kind, const char *name) {
	for (size_t i = 0;; i++) {
		const char *known = caps_feature_name(CAPS_AARCH64, i);
		cr_assert(known, "no feature %s", name);
		if (strcmp(known, name) == 0)
			return kind->features[i / 64] >> (i % 64) & 1;
	}
}

Test(caps_arm, features_have_their_names_in_linux) {
	static const char *const yes[] = {"fp",   "asimd",   "fphp",  "asimdhp", "aes",     "pmull", "sha1",
					  "sha2", "sha512",  "crc32", "atomics", "asimddp", "lrcpc", "sve",
					  "sve2", "svebf16", "paca",  "pacg",    "bti",     "rng",   "ssbs"};
	static const char *const no[] = {"lse128", "sm3", "ilrcpc", "svei8mm", "sme", "smef32f32", "mte"};
	fixture_begin(CAPS_AARCH64, 1);
	fixture_set(0, CAPS_MIDR_EL1, neoverse_n1.midr);
	fixture_set(0, CAPS_ID_AA64PFR0_EL1, UINT64_C(0x0000000100110000));
	fixture_set(0, CAPS_ID_AA64PFR1_EL1, 0x0000000000000121);
	fixture_set(0, CAPS_ID_AA64ZFR0_EL1, UINT64_C(0x0000000000100001));
	fixture_set(0, CAPS_ID_AA64SMFR0_EL1, UINT64_C(0x0000000100000000));
	fixture_set(0, CAPS_ID_AA64ISAR0_EL1, UINT64_C(0x1000100000212120));
	fixture_set(0, CAPS_ID_AA64ISAR1_EL1, UINT64_C(0x0000000000100000));
	fixture_set(0, CAPS_ID_AA64ISAR2_EL1, 0x1100);
	fixture_describe();
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		cr_expect(has(&machine->kinds[0], yes[i]), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		cr_expect_not(has(&machine->kinds[0], no[i]), "%s", no[i]);

	/* No floating point (15, a negative number), and no SVE behind which ZFR0 counts. */
	fixture_set(0, CAPS_ID_AA64PFR0_EL1, 0x0000000000ff0000);
	fixture_describe();
	cr_expect_not(has(&machine->kinds[0], "fp"));
	cr_expect_not(has(&machine->kinds[0], "fphp"));
	cr_expect_not(has(&machine->kinds[0], "sve2"));
}

Test(caps_arm, ccidx_widens_ccsidr) {
	fixture_begin(CAPS_AARCH64, 1);
	fixture_set(0, CAPS_MIDR_EL1, neoverse_n1.midr);
	fixture_set(0, CAPS_CLIDR_EL1, 4);
	fixture_set(0, CAPS_ID_AA64MMFR2_EL1, 1 << 20);
	fixture_cpus[0].ccsidr[0][0] = UINT64_C(0x7ffff) << 32 | (16 - 1) << 3 | 2;
	fixture_cpus[0].ccsidr_known = 1;
	fixture_describe();
	fixture_expect_cache(0, 1, CAPS_CACHE_UNIFIED, UINT64_C(512) * MIB, 1);
	cr_expect_eq(fixture_cache(0, 1, CAPS_CACHE_UNIFIED)->sets, 0x80000);
}

Test(caps_arm, widths_pages_and_counters) {
	fixture_begin(CAPS_AARCH64, 1);
	fixture_set(0, CAPS_MIDR_EL1, cortex_a53.midr);
	fixture_set(0, CAPS_ID_AA64MMFR0_EL1, 0x0f100005); /* no 64 KiB, 16 KiB, 4 KiB; 48 bits */
	fixture_set(0, CAPS_ID_AA64MMFR2_EL1, 1 << 16);
	fixture_set(0, CAPS_ID_AA64DFR0_EL1, 5 << 8);
	fixture_set(0, CAPS_PMCR_EL0, 6 << 11);
	fixture_set(0, CAPS_DCZID_EL0, 4);
	fixture_set(0, CAPS_CNTFRQ_EL0, 62500000);
	fixture_set(0, CAPS_CTR_EL0, 0x84448004);
	fixture_describe();
	const struct caps_kind *kind = &machine->kinds[0];
	cr_expect_eq(kind->physical_bits.value, 48);
	cr_expect_eq(kind->virtual_bits.value, 52);
	cr_expect_eq(kind->page_sizes, 1u << 12 | 1u << 21 | 1u << 30 | 1u << 14 | 1u << 25);
	cr_expect_str_eq(kind->counters.value, "PMUv3.4: 6 event counters, 1 of cycles");
	cr_expect_eq(kind->zero_block_bytes.value, 64);
	cr_expect_eq(kind->line_bytes.value, 64);
	cr_expect_eq(machine->timer_hz.value, 62500000);
	cr_expect_str_eq(fixture_source(&kind->physical_bits.source), "ID_AA64MMFR0_EL1 on CPU 0");
}

/* ---- what is wrong ----------------------------------------------------------------------------------------------- */

Test(caps_arm, two_cpus_with_one_mpidr) {
	fixture_begin(CAPS_AARCH64, 3);
	for (uint32_t i = 0; i < 3; i++)
		set_core(i, &cortex_a53, i % 2);
	fixture_describe();
	cr_expect(fixture_remarked("CPU 0 and CPU 2 have one MPIDR_EL1, 0x0: it is not used"));
	cr_expect_eq(machine->cores.value, 3);
	cr_expect_eq(machine->cores.source.from, CAPS_FROM_PRESUMED);
}

Test(caps_arm, two_cpus_with_one_uid) {
	fixture_begin(CAPS_AARCH64, 2);
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	for (uint32_t i = 0; i < 2; i++) {
		set_core(i, &cortex_a53, i);
		madt_gicc(madt, 7, i);
	}
	pptt_node(pptt, UID, pptt_node(pptt, PACKAGE, 0, 0, NULL, 0), 7, NULL, 0);
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	cr_expect(fixture_remarked("CPU 0 and CPU 1 have one UID in the MADT, 7: the PPTT is not used"));
	cr_expect_eq(machine->cores.value, 2);
}

Test(caps_arm, pptt_that_goes_round) {
	fixture_begin(CAPS_AARCH64, 2);
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	uint32_t cache = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_ALL_VALID, MIB, 8);
	put(fixture_bytes[pptt] + cache + 8, cache, 4); /* its own next level */
	uint32_t one = pptt_node(pptt, 0, 0, 0, NULL, 0), two = pptt_node(pptt, 0, one, 0, &cache, 1);
	put(fixture_bytes[pptt] + one + 8, two, 4);
	for (uint32_t i = 0; i < 2; i++) {
		set_core(i, &cortex_a53, i);
		madt_gicc(madt, i, i);
		pptt_node(pptt, UID, two, i, NULL, 0);
	}
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	cr_expect(fixture_remarked("the PPTT's nodes above CPU 0 go round in a circle"));
	cr_expect_eq(machine->cores.value, 2);
	cr_expect_eq(machine->packages.value, 1);
}

Test(caps_arm, lines_shorter_than_the_shortest) {
	fixture_begin(CAPS_AARCH64, 1);
	set_core(0, &cortex_a53, 0);
	fixture_set(0, CAPS_CTR_EL0, 0x84448004);
	fixture_describe();
	fixture_expect_no_remark();
	fixture_set(0, CAPS_CTR_EL0, 0x84458004);
	fixture_describe();
	cr_expect(fixture_remarked("lines of an L1 have 64 bytes, but by CTR_EL0 no cache has lines of less than 128"));
}

/* The PPTT of one core that is a package: what it names is not only the core's. */
Test(caps_arm, cache_behind_the_registers_of_a_single_core) {
	fixture_begin(CAPS_AARCH64, 1);
	size_t madt = madt_begin(), pptt = fixture_table("PPTT", 2, 36);
	set_core(0, &neoverse_n1, 0);
	madt_gicc(madt, 0, 0);
	uint32_t l3 = pptt_cache(pptt, 0, CACHE_UNIFIED, CACHE_ALL_VALID, 8 * MIB, 16);
	uint32_t l2 = pptt_cache(pptt, l3, CACHE_UNIFIED, CACHE_ALL_VALID, MIB, 8);
	uint32_t l1 = pptt_cache(pptt, l2, CACHE_DATA, CACHE_ALL_VALID, 64 * KIB, 4);
	pptt_node(pptt, PACKAGE | UID, 0, 0, &l1, 1);
	fixture_seal(madt);
	fixture_seal(pptt);
	fixture_describe();
	fixture_expect_no_remark();
	fixture_expect_cache(0, 3, CAPS_CACHE_UNIFIED, 8 * MIB, 1);
}

Test(caps_arm, nothing_is_an_error) {
	fixture_begin(CAPS_AARCH64, 1);
	cr_expect_eq(fixture_describe_error(), CAPS_EINVAL);
}
