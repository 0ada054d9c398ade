/* SPDX-License-Identifier: Apache-2.0
 *
 * Dumps of CPUID in each spelling, whole and cut, and such as nobody should believe.
 */
#include "caps/dump/dump.h"

#include "caps/machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct caps_raw raw;
static char complaint[128];

/* In memory of its own size, so that a checker sees what is read beyond. */
static int read_bytes(const char *text, size_t length) {
	static struct caps_arena arena;
	char *copy = malloc(length ? length : 1);
	free(arena.memory);
	arena = (struct caps_arena){.bytes = caps_dump_bytes(length)};
	arena.memory = malloc(arena.bytes);
	cr_assert(copy && arena.memory);
	memcpy(copy, text, length);
	complaint[0] = '\0';
	int error = caps_dump_read(copy, length, &arena, &raw, complaint, sizeof(complaint));
	free(copy);
	return error;
}

static void read_good(const char *text, size_t cpus) {
	cr_assert_eq(read_bytes(text, strlen(text)), 0, "%s", complaint);
	cr_expect_eq(raw.cpu_count, cpus, "%zu CPUs", raw.cpu_count);
}

static void expect_complaint(const char *text, const char *words) {
	cr_expect_eq(read_bytes(text, strlen(text)), CAPS_EINVAL, "%s", text);
	cr_expect_str_eq(complaint, words);
}

static void expect_leaf(size_t cpu, size_t at, struct caps_leaf want) {
	cr_assert(cpu < raw.cpu_count && at < raw.cpus[cpu].leaf_count);
	cr_expect_arr_eq(&raw.cpus[cpu].leaves[at], &want, sizeof(want), "CPU %zu, reading %zu", cpu, at);
}

static const char plain[] = "CPU 0:\n"
			    "   0x00000000 0x00: eax=0x0000000d ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69\n"
			    "   0x00000004 0x01: eax=0x00000122 ebx=0x01c0003f ecx=0x0000003f edx=0x00000000\n"
			    "CPU 7:\n"
			    "   0x00000001 0x00: eax=0x00050657 ebx=0x07100800 ecx=0x7ffefbff edx=0xbfebfbff\n";

Test(caps_dump, of_cpuid_r) {
	read_good(plain, 2);
	expect_leaf(0, 0, (struct caps_leaf){0, 0, 0xd, 0x756e6547, 0x6c65746e, 0x49656e69});
	expect_leaf(0, 1, (struct caps_leaf){4, 1, 0x122, 0x1c0003f, 0x3f, 0});
	cr_expect_eq(raw.cpus[1].number, 7);
	expect_leaf(1, 0, (struct caps_leaf){1, 0, 0x50657, 0x7100800, 0x7ffefbff, 0xbfebfbff});
	/* `cpuid -1 -r` has no number. */
	read_good("CPU:\n   0x00000000 0x00: eax=0x00000001 ebx=0x00000002 ecx=0x00000003 edx=0x00000004\n", 1);
}

Test(caps_dump, of_aida64_with_the_ends_of_lines_of_dos) {
	read_good("------[ Versions ]------\r\n\r\nProgram Version : AIDA64\r\n\r\n"
		  "------[ CPUID Registers / Logical CPU #0 ]------\r\n\r\n"
		  "CPUID 00000000: 0000000D-756E6547-6C65746E-49656E69 [GenuineIntel]\r\n"
		  "CPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL 00]\r\n"
		  "CPUID 00000004: 1C004122-01C0003F-0000003F-00000000 [SL 01]\r\n"
		  "------[ CPUID Registers / Logical CPU #1 ]------\r\n"
		  "CPUID 00000004: 1C004121-01C0003F-0000003F-00000000\r\n"
		  "CPUID 00000004: 1C004122-01C0003F-0000003F-00000000\r\n"
		  "------[ MSR Registers / Logical CPU #0 ]------\r\n"
		  "CPUID 00000001: 00000000-00000000-00000000-00000000\r\n",
		  2);
	cr_expect_eq(raw.cpus[0].leaf_count, 3, "MSRs are no readings");
	expect_leaf(0, 2, (struct caps_leaf){4, 1, 0x1c004122, 0x1c0003f, 0x3f, 0});
	expect_leaf(1, 1, (struct caps_leaf){4, 1, 0x1c004122, 0x1c0003f, 0x3f, 0});
}

Test(caps_dump, of_everest_without_colons) {
	read_good("CPUID Registers (CPU #1):\n  CPUID 00000000  \t00000005-756E6547-6C65746E-49656E69  [GenuineIntel]\n"
		  "  CPUID 00000004  \t00004121-01C0003F-0000001F-00000000\nCPUID is an instruction\n",
		  1);
	cr_expect_eq(raw.cpus[0].leaf_count, 2);
}

Test(caps_dump, of_instlatx64_by_its_other_heads) {
	static const char reading[] = "CPUID 00000000: 00000001-00000002-00000003-00000004\n";
	char text[512];
	snprintf(text, sizeof(text), "%sCPU#000 AffMask: 0x0001\n%sCPU#001 AffMask: 0x0002\n%s", reading, reading,
		 reading);
	read_good(text, 2);
	cr_expect_eq(raw.cpus[1].number, 1);
	snprintf(text, sizeof(text),
		 "CPUID Registers (CPU #1):\n%sCPUID Registers (CPU #1 Virtual):\n%sCPUID Registers (CPU #2):\n%s",
		 reading, reading, reading);
	read_good(text, 3);
	cr_expect_eq(raw.cpus[2].number, 2);
}

Test(caps_dump, of_libcpuid) {
	read_good("version=0.8.1\n\n_________________ Logical CPU #0 _________________\n"
		  "basic_cpuid[0]=0000000d 756e6547 6c65746e 49656e69\n"
		  "basic_cpuid[4]=1c004121 01c0003f 0000003f 00000000\n"
		  "ext_cpuid[8]=00003027 00000000 00000000 00000000\n"
		  "intel_fn4[0]=1c004121 01c0003f 0000003f 00000000\n"
		  "intel_fn11[1]=00000004 00000010 00000201 00000000\n"
		  "amd_fn8000001dh[2]=00000000 00000000 00000000 00000000\n"
		  "_________________ Logical CPU #1 _________________\n"
		  "basic_cpuid[0]=00000001 00000000 00000000 00000000\n",
		  2);
	cr_expect_eq(raw.cpus[0].leaf_count, 5, "leaf 4's first subleaf stands there twice");
	expect_leaf(0, 2, (struct caps_leaf){0x80000008, 0, 0x3027, 0, 0, 0});
	expect_leaf(0, 3, (struct caps_leaf){0xb, 1, 4, 0x10, 0x201, 0});
}

Test(caps_dump, complaints_name_the_line) {
	expect_complaint("", "no dump of CPUID: neither cpuid -r, nor AIDA64's, nor libcpuid's");
	expect_complaint("hello\n", "no dump of CPUID: neither cpuid -r, nor AIDA64's, nor libcpuid's");
	expect_complaint("CPU 0:\n   0x00000000 0x00: eax=0x0000000d ebx=0x75\n",
			 "line 2: a reading without its four registers");
	expect_complaint("\n\nCPUID 00000000: 0000000D-756E6547-6C65746E\n",
			 "line 3: a reading without its four registers");
	expect_complaint("CPUID 00000000: 00000000D-0-0-0\n", "line 1: a reading without its four registers");
	expect_complaint("basic_cpuid[0]=1 2 3\n", "line 1: a reading without its four registers");
	expect_complaint("\nCPU 99999999999999999999:\n", "line 2: no number of a CPU");
	expect_complaint("Logical CPU #x\n", "line 1: no number of a CPU");
}

Test(caps_dump, more_than_can_be) {
	size_t capacity = 200000, length = 0;
	char *text = malloc(capacity);
	for (unsigned i = 0; i <= CAPS_CPUS_MAX; i++)
		length += (size_t)snprintf(text + length, capacity - length, "CPU %u:\nCPUID 0: 1-2-3-4\n", i);
	cr_expect_eq(read_bytes(text, length), CAPS_EINVAL);
	cr_expect_str_eq(complaint, "line 2049: more CPUs than can be described");
	length = 0;
	for (unsigned i = 0; i <= 1024; i++)
		length += (size_t)snprintf(text + length, capacity - length, "CPUID 0: 1-2-3-4\n");
	cr_expect_eq(read_bytes(text, length), CAPS_EINVAL);
	cr_expect_str_eq(complaint, "line 1025: too many readings");
	free(text);
}

Test(caps_dump, cut_anywhere_it_is_read_or_refused) {
	for (size_t length = 0; length < sizeof(plain); length++) {
		int error = read_bytes(plain, length);
		cr_expect(error == 0 || (error == CAPS_EINVAL && complaint[0]), "cut after %zu", length);
		cr_expect(error || raw.cpu_count, "cut after %zu", length);
	}
}

Test(caps_dump, little_memory_is_an_error) {
	uint8_t memory[64];
	struct caps_arena arena = {.memory = memory, .bytes = sizeof(memory)};
	cr_expect_eq(caps_dump_read(plain, sizeof(plain) - 1, &arena, &raw, complaint, sizeof(complaint)), CAPS_ENOMEM);
}
