/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operating system says: taken where nothing else tells, remarked on where something else does.
 */
#include "host-tests/caps_fixture.h"

#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1024) * 1024)

static void os_cache(uint32_t cpu, uint32_t level, enum caps_cache_type type, uint64_t bytes, uint64_t shared) {
	struct caps_os_cache *cache = &fixture_os_caches[raw.os_cache_count++];
	*cache = (struct caps_os_cache){
		.cpu = cpu, .level = level, .type = type, .bytes = bytes, .line_bytes = 64, .shared = {shared}};
}

/* Four CPUs, two threads a core, of which only MIDR_EL1 can be read: what Linux lets a process see. */
static void under_linux(void) {
	fixture_begin(CAPS_AARCH64, 4);
	for (uint32_t i = 0; i < 4; i++) {
		fixture_set(i, CAPS_MIDR_EL1, 0x410fd4a0);
		fixture_cpus[i].os_package = 0;
		fixture_cpus[i].os_core = (int32_t)i / 2;
	}
}

Test(caps_told, topology_and_caches_where_nothing_else_tells) {
	under_linux();
	for (uint32_t i = 0; i < 4; i++) {
		os_cache(i, 1, CAPS_CACHE_DATA, 32 * KIB, UINT64_C(3) << (i & 2));
		os_cache(i, 2, CAPS_CACHE_UNIFIED, 256 * KIB, UINT64_C(3) << (i & 2));
		os_cache(i, 3, CAPS_CACHE_UNIFIED, 0, 0xf);
	}
	os_cache(0, 9, CAPS_CACHE_UNIFIED, MIB, 0xf);
	os_cache(77, 3, CAPS_CACHE_UNIFIED, MIB, 0xf);
	fixture_describe();
	fixture_expect_no_remark();
	cr_expect_eq(machine->cores.value, 2);
	cr_expect_eq(machine->threads.value, 4);
	cr_expect_eq(machine->kinds[0].cores.value, 2);
	cr_expect_str_eq(fixture_source(&machine->cores.source), "/sys/devices/system/cpu/cpu*/topology");
	cr_expect_eq(machine->cpus[3].thread, 1);
	cr_expect_eq(machine->cache_count, 5);
	fixture_expect_cache(3, 1, CAPS_CACHE_DATA, 32 * KIB, 2);
	fixture_expect_cache(3, 2, CAPS_CACHE_UNIFIED, 256 * KIB, 2);
	fixture_expect_cache(3, 3, CAPS_CACHE_UNIFIED, 0, 4);
	cr_expect_str_eq(fixture_source(&fixture_cache(3, 1, CAPS_CACHE_DATA)->source),
			 "/sys/devices/system/cpu/cpu*/cache");
}

static void with_registers(void) {
	under_linux();
	for (uint32_t i = 0; i < 4; i++) {
		fixture_set(i, CAPS_CLIDR_EL1, 0x23);
		fixture_ccsidr(i, 1, 0, 64, 4, 128);
		fixture_ccsidr(i, 1, 1, 64, 4, 128);
	}
}

Test(caps_told, caches_that_differ_from_the_registers) {
	with_registers();
	for (uint32_t i = 0; i < 4; i++) {
		os_cache(i, 1, CAPS_CACHE_DATA, 64 * KIB, UINT64_C(3) << (i & 2));
		os_cache(i, 2, CAPS_CACHE_UNIFIED, 256 * KIB, UINT64_C(3) << (i & 2));
		os_cache(i, 3, CAPS_CACHE_UNIFIED, 4 * MIB, UINT64_C(3) << (i & 2));
		os_cache(i, 4, CAPS_CACHE_UNIFIED, 8 * MIB, 0xf);
	}
	fixture_describe();
	cr_expect_eq(machine->remark_count, 2);
	cr_expect(fixture_remarked(
		"the L1 data cache of CPU 0 has 65536 bytes by the operating system, and 32768 by CCSIDR_EL1 on "
		"CPU 0, which is shown"));
	cr_expect(fixture_remarked(
		"gives CPU 0 an L3 unified cache of 4194304 bytes that nothing else tells of: it is not shown"));
	fixture_expect_cache(0, 1, CAPS_CACHE_DATA, 32 * KIB, 2);
	fixture_expect_cache(0, 2, CAPS_CACHE_UNIFIED, 256 * KIB, 2);
	fixture_expect_cache(0, 4, CAPS_CACHE_UNIFIED, 8 * MIB, 4);
	cr_expect_null(fixture_cache(0, 3, CAPS_CACHE_UNIFIED));
}

/* A PPTT of one core with four threads. */
static void add_pptt(void) {
	size_t madt = fixture_table("APIC", 5, 44), pptt = fixture_table("PPTT", 2, 36);
	uint8_t *node = fixture_entry(pptt, 0, 20);
	put(node + 4, 1, 4);
	uint32_t package = 36, core = 56;
	node = fixture_entry(pptt, 0, 20);
	put(node + 8, package, 4);
	for (uint32_t i = 0; i < 4; i++) {
		fixture_set(i, CAPS_MPIDR_EL1, i);
		uint8_t *gicc = fixture_entry(madt, 0xb, 80);
		put(gicc + 8, i, 4);
		put(gicc + 12, 1, 4);
		put(gicc + 68, i, 8);
		node = fixture_entry(pptt, 0, 20);
		put(node + 4, 6, 4);
		put(node + 8, core, 4);
		put(node + 12, i, 4);
	}
	fixture_seal(madt);
	fixture_seal(pptt);
}

Test(caps_told, topology_that_differs) {
	with_registers();
	add_pptt();
	fixture_describe();
	cr_expect_eq(machine->cores.value, 1);
	cr_expect_eq(machine->remark_count, 1);
	cr_expect(fixture_remarked("CPU 0 and CPU 2 are of one core by PPTT, which is shown, and of two cores by the "
				   "operating system"));
}

Test(caps_told, words_and_frequencies) {
	static const struct caps_os_word words[] = {
		{"mitigation spectre_v2", "Mitigation: CSV2, BHB\n", "/sys/v"},
		{"microcode", "0x2b", "/proc/cpuinfo"},
		{"microcode", "0x2a", "/proc/cpuinfo"},
		{"hypervisor", "kvm", "/sys/hypervisor"},
		{"mitigation meltdown", NULL, "/sys/v"},
		{"colour", "blue", "/dev/null"},
		{NULL, NULL, NULL},
	};
	under_linux();
	raw.os_words = words;
	raw.os_word_count = sizeof(words) / sizeof(words[0]);
	fixture_cpus[1].os_max_hz = 3000000000;
	fixture_cpus[2].os_max_hz = 2900000000;
	fixture_cpus[2].measured_hz = 2950000000;
	fixture_describe();
	cr_assert_eq(machine->mitigation_count, 1);
	cr_expect_str_eq(machine->mitigations[0].name.value, "spectre_v2");
	cr_expect_str_eq(machine->mitigations[0].state.value, "Mitigation: CSV2, BHB");
	cr_expect_str_eq(fixture_source(&machine->mitigations[0].state.source), "/sys/v");
	cr_expect_str_eq(machine->microcode.value, "0x2b");
	cr_expect_str_eq(machine->hypervisor.value, "kvm");
	cr_expect_eq(machine->kinds[0].max_hz.value, 3000000000);
	cr_expect_eq(machine->kinds[0].measured_hz.value, 2950000000);
	cr_expect_str_eq(fixture_source(&machine->kinds[0].measured_hz.source), "measured on CPU 2");
	cr_expect_eq(machine->kinds[0].base_hz.source.from, CAPS_FROM_NOWHERE);
}
