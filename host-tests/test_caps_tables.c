/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory by node and by module, and tables that are not to be believed. The CPUs are handed over as a decoder would.
 */
#include "caps/tables/tables.h"
#include "host-tests/caps_fixture.h"

static struct caps_build build;

/* CPUs 0 to `cpus` - 1 with these ids; then the tables are read. */
static void describe_tables(const uint64_t *hardware_ids) {
	static struct caps_arena arena;
	free(arena.memory);
	arena = (struct caps_arena){.bytes = caps_describe_bytes(&raw) + FIXTURE_CPUS * sizeof(void *)};
	arena.memory = malloc(arena.bytes);
	build = (struct caps_build){.raw = &raw, .arena = &arena};
	build.machine = machine = caps_arena_take(&arena, sizeof(*machine));
	machine->architecture = raw.architecture;
	machine->remarks = caps_arena_take(&arena, CAPS_REMARKS_MAX * sizeof(*machine->remarks));
	machine->cpus = caps_arena_take(&arena, raw.cpu_count * sizeof(*machine->cpus));
	machine->cpu_count = raw.cpu_count;
	build.cpus = caps_arena_take(&arena, raw.cpu_count * sizeof(void *));
	for (size_t i = 0; i < raw.cpu_count; i++) {
		build.cpus[i] = &fixture_cpus[i];
		machine->cpus[i].number = (uint32_t)i;
		machine->cpus[i].hardware_id = hardware_ids[i];
	}
	caps_tables_check(&build);
	cr_assert_eq(caps_tables_describe(&build), 0);
}

/* ---- SRAT, SLIT, HMAT -------------------------------------------------------------------------------------------- */

static void srat_memory(size_t srat, uint32_t domain, uint64_t base, uint64_t bytes, uint32_t flags) {
	uint8_t *entry = fixture_entry(srat, 1, 40);
	put(entry + 2, domain, 4);
	put(entry + 8, base, 8);
	put(entry + 16, bytes, 8);
	put(entry + 28, flags, 4);
}

static void srat_apic(size_t srat, uint32_t domain, uint8_t id) {
	uint8_t *entry = fixture_entry(srat, 0, 16);
	entry[2] = (uint8_t)domain;
	entry[3] = id;
	put(entry + 4, 1, 4);
	put(entry + 9, domain >> 8, 3);
}

static void srat_x2apic(size_t srat, uint32_t domain, uint32_t id) {
	uint8_t *entry = fixture_entry(srat, 2, 24);
	put(entry + 4, domain, 4);
	put(entry + 8, id, 4);
	put(entry + 12, 1, 4);
}

/* Two nodes, the second's number first, an entry of each kind. */
static size_t two_nodes(unsigned revision) {
	size_t srat = fixture_table("SRAT", revision, 48);
	srat_memory(srat, 0x101, UINT64_C(4) << 30, UINT64_C(2) << 30, 1);
	srat_memory(srat, 0, 0, UINT64_C(1) << 30, 1);
	srat_memory(srat, 0, UINT64_C(1) << 30, UINT64_C(1) << 30, 1);
	srat_memory(srat, 0, UINT64_C(2) << 30, UINT64_C(1) << 30, 0);
	srat_apic(srat, 0, 0);
	srat_apic(srat, 0x101, 2);
	srat_x2apic(srat, 0x101, 0x1000);
	fixture_seal(srat);
	return srat;
}

Test(caps_tables, two_nodes_of_srat) {
	static const uint64_t ids[] = {0, 2, 0x1000};
	fixture_begin(CAPS_X86_64, 3);
	two_nodes(3);
	describe_tables(ids);
	fixture_expect_no_remark();
	cr_assert_eq(machine->node_count, 2);
	cr_expect_eq(machine->nodes[0].number, 0);
	cr_expect_eq(machine->nodes[1].number, 0x101);
	cr_expect_eq(machine->nodes[0].bytes.value, UINT64_C(2) << 30);
	cr_expect_eq(machine->nodes[1].bytes.value, UINT64_C(2) << 30);
	cr_expect_str_eq(fixture_source(&machine->nodes[0].bytes.source), "SRAT");
	cr_expect_eq(machine->cpus[0].node, 0);
	cr_expect_eq(machine->cpus[1].node, 1);
	cr_expect_eq(machine->cpus[2].node, 1);
	cr_expect_null(machine->distances);
}

/* In its first revision the upper bytes of an APIC's domain are reserved. */
Test(caps_tables, srat_of_revision_1_has_short_domains) {
	static const uint64_t ids[] = {0, 2, 0x1000};
	fixture_begin(CAPS_X86_64, 3);
	two_nodes(1);
	describe_tables(ids);
	cr_expect_eq(machine->node_count, 3);
	cr_expect_eq(machine->nodes[machine->cpus[1].node].number, 1);
}

Test(caps_tables, gicc_of_srat_is_found_by_the_madt) {
	static const uint64_t ids[] = {0x100, 0x200, 0x300};
	fixture_begin(CAPS_AARCH64, 3);
	size_t madt = fixture_table("APIC", 5, 44), srat = fixture_table("SRAT", 3, 48);
	for (uint32_t i = 0; i < 2; i++) {
		uint8_t *entry = fixture_entry(madt, 0xb, 80);
		put(entry + 8, 7 + i, 4);
		put(entry + 12, 1, 4);
		put(entry + 68, ids[i], 8);
		entry = fixture_entry(srat, 3, 18);
		put(entry + 2, 5 - i, 4);
		put(entry + 6, 7 + i, 4);
		put(entry + 10, 1, 4);
	}
	fixture_seal(madt);
	fixture_seal(srat);
	describe_tables(ids);
	cr_assert_eq(machine->node_count, 2);
	cr_expect_eq(machine->nodes[machine->cpus[0].node].number, 5);
	cr_expect_eq(machine->nodes[machine->cpus[1].node].number, 4);
	cr_expect(fixture_remarked("1 CPUs were read that the MADT does not list"));
	cr_expect(fixture_remarked("which node 1 CPUs are of is not told"));
}

Test(caps_tables, memory_to_be_plugged_in_is_no_memory) {
	static const uint64_t ids[] = {0};
	fixture_begin(CAPS_X86_64, 1);
	size_t srat = fixture_table("SRAT", 3, 48);
	srat_apic(srat, 0, 0);
	srat_memory(srat, 0, 0, UINT64_C(1) << 30, 1);
	srat_memory(srat, 1, UINT64_C(1) << 40, UINT64_C(1) << 40, 3);
	fixture_seal(srat);
	describe_tables(ids);
	cr_expect_eq(machine->node_count, 1);
	cr_expect_eq(machine->nodes[0].bytes.value, UINT64_C(1) << 30);
	cr_expect(fixture_remarked("1 ranges of the SRAT can be plugged in later"));
}

Test(caps_tables, nodes_of_an_operating_system_where_no_srat_is) {
	static const uint64_t ids[] = {0, 1};
	fixture_begin(CAPS_X86_64, 2);
	fixture_cpus[0].os_node = 1;
	fixture_cpus[1].os_node = 0;
	describe_tables(ids);
	cr_expect_eq(machine->node_count, 2);
	cr_expect_eq(machine->cpus[0].node, 1);
	cr_expect_eq(machine->cpus[1].node, 0);
	cr_expect_eq(machine->nodes[0].bytes.source.from, CAPS_FROM_NOWHERE);
}

Test(caps_tables, srat_and_operating_system_differ) {
	static const uint64_t ids[] = {0, 2, 0x1000};
	fixture_begin(CAPS_X86_64, 3);
	two_nodes(3);
	fixture_cpus[0].os_node = 5;
	fixture_cpus[1].os_node = fixture_cpus[2].os_node = 3;
	describe_tables(ids);
	fixture_expect_no_remark();
	fixture_cpus[1].os_node = 5;
	describe_tables(ids);
	cr_expect(fixture_remarked("CPU 0 and CPU 1 are of two nodes by the SRAT, which is shown, and of one by"));
}

static size_t slit_of(unsigned localities, const uint8_t *cells) {
	size_t slit = fixture_table("SLIT", 1, 44 + (size_t)localities * localities);
	put(fixture_bytes[slit] + 36, localities, 8);
	memcpy(fixture_bytes[slit] + 44, cells, (size_t)localities * localities);
	fixture_seal(slit);
	return slit;
}

static size_t nodes_0_and_1(void) {
	size_t srat = fixture_table("SRAT", 3, 48);
	srat_apic(srat, 0, 0);
	srat_apic(srat, 1, 1);
	fixture_seal(srat);
	return srat;
}

Test(caps_tables, distances_of_slit) {
	static const uint64_t ids[] = {0, 1};
	static const uint8_t cells[] = {10, 21, 31, 10}, odd[] = {10, 255, 9, 12};
	fixture_begin(CAPS_X86_64, 2);
	nodes_0_and_1();
	size_t slit = slit_of(2, cells);
	describe_tables(ids);
	fixture_expect_no_remark();
	cr_assert(machine->distances);
	cr_expect_eq(machine->distances[1].value, 21);
	cr_expect_eq(machine->distances[2].value, 31);
	cr_expect_eq(machine->nodes[1].distance.value, 10);

	memcpy(fixture_bytes[slit] + 44, odd, 4);
	fixture_seal(slit);
	describe_tables(ids);
	cr_expect_eq(machine->distances[1].source.from, CAPS_FROM_NOWHERE);
	cr_expect_eq(machine->distances[2].source.from, CAPS_FROM_NOWHERE);
	cr_expect(fixture_remarked("node 1 is 12 from itself by the SLIT"));

	put(fixture_bytes[slit] + 36, 3, 8);
	fixture_seal(slit);
	describe_tables(ids);
	cr_expect_null(machine->distances);
	cr_expect(fixture_remarked("the SLIT is shorter than its 3 localities"));
}

static void hmat_locality(size_t hmat, uint8_t type, uint64_t unit, const uint16_t cells[4]) {
	uint8_t *entry = fixture_bytes[hmat] + fixture_tables[hmat].length;
	fixture_tables[hmat].length += 56;
	put(entry, 1, 2);
	put(entry + 4, 56, 4);
	entry[9] = type;
	put(entry + 12, 2, 4);
	put(entry + 16, 2, 4);
	put(entry + 24, unit, 8);
	for (unsigned i = 0; i < 2; i++) {
		put(entry + 32 + 4 * i, i, 4);
		put(entry + 40 + 4 * i, i, 4);
	}
	for (unsigned i = 0; i < 4; i++)
		put(entry + 48 + 2 * i, cells[i], 2);
}

Test(caps_tables, own_figures_of_hmat) {
	static const uint64_t ids[] = {0, 1};
	static const uint16_t latency[] = {75, 140, 140, 80}, read_latency[] = {70, 1, 1, 70};
	static const uint16_t bandwidth[] = {200, 100, 100, 0xffff}, nothing[] = {0, 0, 0, 0};
	fixture_begin(CAPS_X86_64, 2);
	nodes_0_and_1();
	size_t hmat = fixture_table("HMAT", 2, 40);
	hmat_locality(hmat, 1, 1000, read_latency);
	hmat_locality(hmat, 0, 1000, latency);
	hmat_locality(hmat, 3, 1024, bandwidth);
	hmat_locality(hmat, 4, 1024, nothing);
	fixture_seal(hmat);
	describe_tables(ids);
	fixture_expect_no_remark();
	cr_expect_eq(machine->nodes[0].latency_ps.value, 75000);
	cr_expect_eq(machine->nodes[1].latency_ps.value, 80000);
	cr_expect_eq(machine->nodes[0].bandwidth_bytes_second.value, UINT64_C(204800) * 1000000);
	cr_expect_eq(machine->nodes[1].bandwidth_bytes_second.source.from, CAPS_FROM_NOWHERE);
	cr_expect_str_eq(fixture_source(&machine->nodes[0].latency_ps.source), "HMAT");

	fixture_bytes[hmat][8] = 1;
	fixture_seal(hmat);
	describe_tables(ids);
	cr_expect_eq(machine->nodes[0].latency_ps.source.from, CAPS_FROM_NOWHERE);
	cr_expect(fixture_remarked("the HMAT is of revision 1"));
}

/* ---- SMBIOS ------------------------------------------------------------------------------------------------------ */

static uint8_t smbios_bytes[4096];

static void smbios_begin(void) {
	memset(smbios_bytes, 0, sizeof(smbios_bytes));
	raw.smbios = (struct caps_bytes){smbios_bytes, 0};
}

/* A structure and its strings, which end with an empty one. */
static uint8_t *smbios_add(uint8_t type, uint8_t length, const char *strings, size_t strings_bytes) {
	uint8_t *entry = smbios_bytes + raw.smbios.length;
	entry[0] = type;
	entry[1] = length;
	memcpy(entry + length, strings, strings_bytes);
	raw.smbios.length += length + strings_bytes;
	return entry;
}
#define STRINGS(text) text "\0", sizeof(text "\0")

static void module(uint32_t mebibytes, uint16_t width, uint8_t type, uint16_t speed, uint16_t configured) {
	uint8_t *entry = smbios_add(17, 0x5c, STRINGS("DIMM A1\0BANK 0\0SERIAL-4711"));
	put(entry + 8, 72, 2);
	put(entry + 0xa, width, 2);
	put(entry + 0xc, mebibytes < 0x7fff ? mebibytes : 0x7fff, 2);
	put(entry + 0x1c, mebibytes, 4);
	entry[0x12] = type;
	put(entry + 0x15, speed, 2);
	put(entry + 0x20, configured, 2);
	put(entry + 0x54, 70000, 4);
	put(entry + 0x58, 66000, 4);
}

Test(caps_tables, modules_of_smbios) {
	static const uint64_t ids[] = {0};
	fixture_begin(CAPS_X86_64, 1);
	smbios_begin();
	smbios_add(1, 27, STRINGS("Maker\0HOST-NAME\0SERIAL-4711"));
	module(65536, 64, 0x22, 5600, 4800);
	module(0, 64, 0x22, 0, 0);
	module(16384, 64, 0x1a, 3200, 0);
	module(2048, 32, 0x23, 0xffff, 0xffff);
	smbios_add(127, 4, "\0", 2);
	module(16384, 64, 0x1a, 3200, 3200);
	describe_tables(ids);
	cr_assert_eq(machine->module_count, 3);
	cr_expect_eq(machine->modules[0].bytes.value, UINT64_C(64) << 30);
	cr_expect_eq(machine->modules[0].mt_second.value, 4800);
	cr_expect_str_eq(machine->modules[0].type.value, "DDR5");
	cr_expect_eq(machine->modules[1].mt_second.value, 3200);
	cr_expect_str_eq(machine->modules[1].type.value, "DDR4");
	cr_expect_eq(machine->modules[2].mt_second.value, 66000);
	cr_expect_eq(machine->modules[2].width_bits.value, 32);
	cr_expect_str_eq(machine->modules[2].type.value, "LPDDR5");
	cr_expect_eq(machine->memory_bandwidth.value, UINT64_C(1000000) * (4800 * 8 + 3200 * 8 + 66000 * 4));
	cr_expect_str_eq(fixture_source(&machine->memory_bandwidth.source), "SMBIOS type 17");
	cr_expect(fixture_remarked("adds up 3 modules as told; those on one channel share it"));
	for (size_t i = 0; i < build.arena->used; i++)
		cr_expect_neq(memcmp(build.arena->memory + i, "SERIAL", 6), 0);
}

Test(caps_tables, modules_of_a_virtual_machine_have_no_bandwidth) {
	static const uint64_t ids[] = {0};
	fixture_begin(CAPS_X86_64, 1);
	smbios_begin();
	module(1024, 0xffff, 0x07, 0, 0);
	describe_tables(ids);
	cr_assert_eq(machine->module_count, 1);
	cr_expect_str_eq(machine->modules[0].type.value, "RAM");
	cr_expect_eq(machine->modules[0].width_bits.source.from, CAPS_FROM_NOWHERE);
	cr_expect_eq(machine->memory_bandwidth.source.from, CAPS_FROM_NOWHERE);
	fixture_expect_no_remark();
}

Test(caps_tables, cut_structures_end_the_walk) {
	static const uint64_t ids[] = {0};
	fixture_begin(CAPS_X86_64, 1);
	smbios_begin();
	module(1024, 64, 0x1a, 3200, 3200);
	size_t whole = raw.smbios.length;
	for (size_t length = 0; length <= whole; length++) {
		uint8_t *exact = malloc(length ? length : 1);
		memcpy(exact, smbios_bytes, length);
		raw.smbios = (struct caps_bytes){exact, length};
		describe_tables(ids);
		cr_expect_eq(machine->module_count, length >= 0x5c, "%zu", length);
		free(exact);
	}
}

/* ---- MADT and what is wrong -------------------------------------------------------------------------------------- */

Test(caps_tables, cpus_that_told_nothing) {
	static const uint64_t ids[] = {0, 1};
	fixture_begin(CAPS_X86_64, 2);
	size_t madt = fixture_table("APIC", 5, 44);
	for (uint8_t i = 0; i < 3; i++) {
		uint8_t *entry = fixture_entry(madt, 0, 8);
		entry[3] = i;
		entry[4] = 1;
	}
	fixture_entry(madt, 0, 8)[3] = 9; /* not enabled */
	uint8_t *wide = fixture_entry(madt, 9, 16);
	put(wide + 4, 0x1ff, 4);
	put(wide + 8, 1, 4);
	fixture_seal(madt);
	describe_tables(ids);
	cr_expect_eq(machine->remark_count, 1);
	cr_expect(fixture_remarked("the MADT lists 4 CPUs; 2 of them told nothing, the first with id 0x2"));
}

Test(caps_tables, wrong_checksums_and_lengths) {
	static const uint64_t ids[] = {0, 2, 0x1000};
	fixture_begin(CAPS_X86_64, 3);
	size_t srat = two_nodes(3);
	fixture_bytes[srat][60]++;
	describe_tables(ids);
	cr_expect_eq(machine->node_count, 0);
	cr_expect(fixture_remarked("table SRAT is not used: its checksum is wrong"));

	fixture_bytes[srat][60]--;
	fixture_tables[srat].length--;
	describe_tables(ids);
	cr_expect_eq(machine->node_count, 0);
	cr_expect(fixture_remarked("table SRAT is not used: its length is wrong"));

	fixture_tables[srat].length += 100;
	fixture_table("SRAT", 3, 48);
	describe_tables(ids);
	cr_expect_eq(machine->node_count, 2);
	cr_expect(fixture_remarked("more than one table SRAT: the first is used"));
}
