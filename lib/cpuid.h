/* SPDX-License-Identifier: Apache-2.0
 *
 * What CPUID's leaves say to whoever is privileged: whether the image can run at all, which state it may switch on, and
 * how fast the TSC counts. Leaves in, decision out: pure, so that every odd set of leaves can be tried where no such
 * processor is. Leaves contradict each other under hypervisors that cut some of them: what is in doubt stays off, and
 * is named.
 *
 * Deliberately not here: what the programme may use (simd/features.h reads that where it runs), and where cores are
 * (lib/topology.h).
 * Source: Intel SDM volume 2A, CPUID; volume 1, 13.2 to 13.3 (XCR0); volume 4 (IA32_MISC_ENABLE); AMD APM volume 3,
 * appendix E; Linux, Documentation/virt/kvm/x86/cpuid.rst; VMware's and KVM's leaf 40000010H.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

/* Executes CPUID, or stands for a machine that does. */
typedef struct cpuid cpuid_reader(uint32_t leaf, uint32_t subleaf);

/* As read; all 0 where the leaf is beyond the last of its range: there a processor may answer with another leaf. */
struct cpuid_leaves {
	struct cpuid basic;               /* 0 */
	struct cpuid version;             /* 1 */
	struct cpuid structured;          /* 7.0 */
	struct cpuid xsave;               /* 0xd.0 */
	struct cpuid tsc;                 /* 0x15 */
	struct cpuid frequency;           /* 0x16 */
	struct cpuid hypervisor;          /* 0x40000000 */
	struct cpuid hypervisor_features; /* 0x40000001 */
	struct cpuid hypervisor_timing;   /* 0x40000010 */
	struct cpuid extended;            /* 0x80000000 */
	struct cpuid extended_version;    /* 0x80000001 */
	struct cpuid power;               /* 0x80000007 */
	struct cpuid sizes;               /* 0x80000008 */
};
void cpuid_leaves_read(struct cpuid_leaves *leaves, cpuid_reader *read);

/* Whether a hypervisor's signature begins so, as in "KVMKVMKVM". */
bool cpuid_hypervisor_is(const struct cpuid_leaves *leaves, const char *signature);

/* false: the processor lacks what the image cannot do without. Its names, ", " between them, are in `lacks`, cut off
 * and terminated where they do not fit. Not named are 64-bit mode, in which whoever asks is, and NX where only the MSRs
 * can tell. */
bool cpuid_suffices(const struct cpuid_leaves *leaves, char *lacks, size_t capacity);

/* What NX is called there. */
extern const char cpuid_nx_name[];

/* Whether the processor says that it has no NX. Where it has no leaf to say it with, it does not. */
bool cpuid_nx_absent(const struct cpuid_leaves *leaves);

/* Whether IA32_MISC_ENABLE[34] (XD Bit Disable) may be why: GenuineIntel, families 6 and 15. */
bool cpuid_nx_may_be_hidden(const struct cpuid_leaves *leaves);

/* What to switch on, and in words what stays off though the processor claims it; empty: nothing does. */
struct cpuid_choice {
	uint64_t xcr0; /* 0: CR4.OSXSAVE stays off */
	bool smep, umip, pat;
	char left_off[96];
};
void cpuid_choose(const struct cpuid_leaves *leaves, struct cpuid_choice *choice);

/* Whether KVM says that its clocks can be asked for: MSR_KVM_WALL_CLOCK_NEW and MSR_KVM_SYSTEM_TIME_NEW. */
bool cpuid_has_kvmclock(const struct cpuid_leaves *leaves);

/* Ticks a second of the TSC as somebody states them, 0 where nobody does: the hypervisor first (leaf 40000010H, then
 * `kvmclock` where the hypervisor offers it; NULL: that cannot be asked), whose TSC may be scaled while the processor's
 * own leaves are passed through; then leaf 15H. *source names who, and is left alone at 0. */
uint64_t cpuid_tsc_hz(const struct cpuid_leaves *leaves, uint64_t (*kvmclock)(void), const char **source);

/* Leaf 16H: the nominal frequency, to a MHz; 0: unsaid. */
uint64_t cpuid_nominal_hz(const struct cpuid_leaves *leaves);
