/* SPDX-License-Identifier: Apache-2.0
 *
 * What a machine says of itself, unread: CPUID leaves and ID registers of each logical CPU, firmware tables, and what
 * an operating system tells. The decoders (caps/machine.h) see nothing else, so that a dump from a stranger's machine
 * is as good as the machine. Everything is borrowed: it must outlive the call that reads it, and nobody writes to it.
 * All of it is untrusted.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum caps_architecture { CAPS_X86_64, CAPS_AARCH64 };

/* One answer of CPUID: leaf in EAX, subleaf in ECX (0 where the leaf has none). */
struct caps_leaf {
	uint32_t leaf, subleaf, eax, ebx, ecx, edx;
};

/* Arm ARM (DDI 0487), D23 "AArch64 System Register Descriptions". */
#define CAPS_REGISTERS(R)   \
	R(MIDR_EL1)         \
	R(MPIDR_EL1)        \
	R(REVIDR_EL1)       \
	R(CTR_EL0)          \
	R(DCZID_EL0)        \
	R(CLIDR_EL1)        \
	R(ID_AA64PFR0_EL1)  \
	R(ID_AA64PFR1_EL1)  \
	R(ID_AA64ZFR0_EL1)  \
	R(ID_AA64SMFR0_EL1) \
	R(ID_AA64DFR0_EL1)  \
	R(ID_AA64ISAR0_EL1) \
	R(ID_AA64ISAR1_EL1) \
	R(ID_AA64ISAR2_EL1) \
	R(ID_AA64MMFR0_EL1) \
	R(ID_AA64MMFR1_EL1) \
	R(ID_AA64MMFR2_EL1) \
	R(PMCR_EL0)         \
	R(CNTFRQ_EL0)

#define CAPS_REGISTER_ENUM(name) CAPS_##name,
enum caps_register { CAPS_REGISTERS(CAPS_REGISTER_ENUM) CAPS_REGISTER_COUNT };
#undef CAPS_REGISTER_ENUM

enum { CAPS_CACHE_LEVELS = 7, CAPS_CPUS_MAX = 1024 };

struct caps_cpu_raw {
	uint32_t number; /* as Linux, the image or the dump counts them; unique, in any order */

	/* x86_64: in any order; a leaf that was not read is missing. */
	const struct caps_leaf *leaves;
	size_t leaf_count;

	/* aarch64: bit i of `known` says that registers[i] was read (not so where Linux shows a process the same
	 * MPIDR_EL1 on each CPU). CCSIDR_EL1 by CSSELR_EL1: level - 1, then 0 data
	 * or unified, 1 instruction; bit 2 * (level - 1) + InD of ccsidr_known. */
	uint64_t registers[CAPS_REGISTER_COUNT];
	uint32_t known;
	uint64_t ccsidr[CAPS_CACHE_LEVELS][2];
	uint32_t ccsidr_known;
	uint32_t sve_lengths; /* bit n - 1: vectors of n * 128 bits can be had; 0: not tried */

	uint64_t measured_hz; /* by a chain of dependent adds; 0: not measured */

	/* What an operating system says; -1, 0 or NULL: nothing. */
	int32_t os_package, os_die, os_cluster, os_core, os_node;
	uint64_t os_base_hz, os_max_hz;
	uint32_t os_capacity; /* of 1024: Linux's cpu_capacity */
};

enum caps_cache_type { CAPS_CACHE_DATA = 1, CAPS_CACHE_INSTRUCTION = 2, CAPS_CACHE_UNIFIED = 3 };

/* A cache as an operating system shows it at one CPU. */
struct caps_os_cache {
	uint32_t cpu; /* its number */
	uint32_t level;
	enum caps_cache_type type;
	uint64_t bytes; /* this and the next: 0 where it does not say */
	uint32_t ways, sets, line_bytes;
	uint64_t shared[CAPS_CPUS_MAX / 64]; /* bit n: CPU number n; empty: not said */
};

/* A word of an operating system about the whole machine. */
struct caps_os_word {
	const char *name;   /* "mitigation spectre_v2", "microcode", "hypervisor" */
	const char *value;  /* printable or not */
	const char *source; /* "/sys/devices/system/cpu/vulnerabilities" */
};

struct caps_bytes {
	const uint8_t *bytes;
	size_t length;
};

struct caps_raw {
	enum caps_architecture architecture;
	const struct caps_cpu_raw *cpus;
	size_t cpu_count; /* 1 to CAPS_CPUS_MAX */
	const struct caps_bytes
		*tables; /* ACPI's, each from its signature on: MADT, PPTT, SRAT, SLIT, HMAT; others too */
	size_t table_count;
	struct caps_bytes smbios; /* the structure table, without its entry point */
	const struct caps_os_cache *os_caches;
	size_t os_cache_count;
	const struct caps_os_word *os_words;
	size_t os_word_count;
};
