/* SPDX-License-Identifier: Apache-2.0
 *
 * What takes this core's time unseen. KVM writes what it ran in our place to a record of each core's, as long as it is
 * asked to; the record is in the kernel's image or in the core's area, and is taken back before that memory is anybody
 * else's. NMIs are counted as they come (fault.c), but for our own signals. Source: lib/witness.h.
 */
#include "lib/witness.h"
#include "kernel/format.h"
#include "kernel/x86_64/core.h"
#include "kernel/x86_64/x86_64.h"

#include <stddef.h>

static struct witness_state first;

/* The one that started needs no area. */
static struct witness_state *state_of(unsigned cpu) {
	return cpu == 0 ? &first : &core_arch(cpu)->witness;
}

static uint64_t record_of(unsigned cpu) {
	return cpu == 0 ? (uint64_t)(uintptr_t)&first.steal
			: core_area_physical(cpu, CORE_ARCH + offsetof(struct core_arch, witness.steal));
}

static bool ask(unsigned cpu) {
	return guarded_msr_write(MSR_KVM_STEAL_TIME, record_of(cpu) | KVM_STEAL_ENABLED);
}

void arch_witness_open(unsigned cpu) {
	struct witness_state *state = state_of(cpu);
	if (!state->open && cpuid_has_steal_time(cpu_leaves()))
		state->open = ask(cpu);
}

void arch_witness_close(unsigned cpu) {
	struct witness_state *state = state_of(cpu);
	if (state->open)
		guarded_msr_write(MSR_KVM_STEAL_TIME, 0);
	state->open = false;
}

void witness_leave(void) {
	if (first.open)
		guarded_msr_write(MSR_KVM_STEAL_TIME, 0);
}

void witness_take_up(void) {
	if (first.open)
		first.open = ask(0);
}

void witness_count_nmi(unsigned cpu) {
	state_of(cpu)->nmis++;
}

static void refuse_count(struct platform_counted *counted, const char *why) {
	format_copy(counted->reason, sizeof(counted->reason), why);
}

static void read_smis(struct platform_counted *counted) {
	const struct cpuid_leaves *leaves = cpu_leaves();
	const char *refused = smi_count_refused(leaves);
	uint64_t value;
	if (refused == NULL && !guarded_msr_read(MSR_SMI_COUNT, &value))
		refused = "RDMSR of MSR_SMI_COUNT is refused";
	if (refused != NULL) {
		refuse_count(counted, refused);
		return;
	}
	counted->counting = smi_count_is_guests(leaves) ? PLATFORM_COUNTING_GUESTS : PLATFORM_COUNTING;
	counted->value = value & UINT32_MAX;
	if (counted->counting == PLATFORM_COUNTING_GUESTS)
		refuse_count(counted, "a guest's own count, in which the host's are not");
}

static void read_stolen(const struct witness_state *state, struct platform_counted *counted) {
	if (!cpuid_has_steal_time(cpu_leaves()))
		refuse_count(counted, smi_count_is_guests(cpu_leaves()) ? "the hypervisor does not tell"
									: "no hypervisor is named");
	else if (!state->open)
		refuse_count(counted, "WRMSR of MSR_KVM_STEAL_TIME is refused");
	else if (!kvm_steal_read(&state->steal, &counted->value))
		refuse_count(counted, "the host does not end writing it");
	else
		counted->counting = PLATFORM_COUNTING;
}

void arch_witness_read(unsigned cpu, struct platform_witness *witness) {
	const struct witness_state *state = state_of(cpu);
	*witness = (struct platform_witness){.elsewhere = 0};
	witness->counts[PLATFORM_COUNT_NMIS].counting = PLATFORM_COUNTING;
	witness->counts[PLATFORM_COUNT_NMIS].value = state->nmis;
	read_smis(&witness->counts[PLATFORM_COUNT_SMIS]);
	refuse_count(&witness->counts[PLATFORM_COUNT_SWITCHES], "there is nothing to switch to");
	read_stolen(state, &witness->counts[PLATFORM_COUNT_STOLEN_NS]);
}
