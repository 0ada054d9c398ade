/* SPDX-License-Identifier: Apache-2.0
 *
 * What a machine counts of the time that it takes from a core by itself: system-management interrupts, and what a
 * hypervisor ran in the core's place. Records and CPUID's leaves in, numbers out: pure.
 *
 * Source: Intel SDM volume 4, MSR_SMI_COUNT (34H), in the tables of Nehalem and of what came after it; Linux,
 * Documentation/virt/kvm/x86/msr.rst (MSR_KVM_STEAL_TIME) and cpuid.rst (KVM_FEATURE_STEAL_TIME); Arm, "Paravirtualized
 * Time for Arm-based Systems" (DEN0057), 3.2 (stolen time).
 */
#pragma once

#include "lib/cpuid.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- system-management interrupts -------------------------------------------------------------------------------- */

/* Bits 31:0 count them, of one thread, since reset. */
#define MSR_SMI_COUNT 0x34

/* NULL: the manual names MSR_SMI_COUNT for this processor; else why nobody counts. */
const char *smi_count_refused(const struct cpuid_leaves *leaves);

/* Whether what is counted would be the guest's own, and the host's are not among it. */
bool smi_count_is_guests(const struct cpuid_leaves *leaves);

/* ---- what the host took ------------------------------------------------------------------------------------------ */

/* Written by KVM: an odd version while it writes. */
struct kvm_steal_time {
	uint64_t steal; /* ns */
	uint32_t version;
	uint32_t flags;
	uint32_t reserved[12];
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct kvm_steal_time) == 64, "as KVM has it");

enum { KVM_STEAL_ENABLED = 1 }; /* in MSR_KVM_STEAL_TIME, beside the record's physical address */

bool cpuid_has_steal_time(const struct cpuid_leaves *leaves);

/* Volatile: the host writes it, on this core before it lets the core go on. false: it is being written for good. */
bool kvm_steal_read(const volatile struct kvm_steal_time *record, uint64_t *ns);

/* The record of an Arm hypervisor, little-endian; stolen time is written at once. */
struct pv_stolen_time {
	uint32_t revision;
	uint32_t attributes;
	uint64_t stolen; /* ns */
};

/* false: of a revision, or with attributes, that are not known. */
bool pv_stolen_read(const volatile struct pv_stolen_time *record, uint64_t *ns);
