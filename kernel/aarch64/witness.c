/* SPDX-License-Identifier: Apache-2.0
 *
 * What takes this core's time unseen: what a hypervisor ran in its place, where it tells by a record of its own, whose
 * place is asked of it once for each core. Source: lib/witness.h.
 */
#include "lib/witness.h"
#include "kernel/aarch64/core.h"
#include "kernel/core_list.h"
#include "kernel/format.h"
#include "kernel/memory/device.h"
#include "lib/units.h"

#include <stddef.h>

static struct witness_state first;

/* The one that started needs no area. */
static struct witness_state *state_of(unsigned cpu) {
	return cpu == 0 ? &first : &core_arch(cpu)->witness;
}

/* Page tables are the first core's to change, and it asks before any other: of another's record what is in the same
 * page is mapped. */
static bool reach(unsigned cpu, uint64_t record) {
	if (cpu == core_list.home)
		return device_map((paddr_t){record}, sizeof(struct pv_stolen_time), PAGE_READ);
	return record / PAGE_BYTES == first.record / PAGE_BYTES;
}

void arch_witness_open(unsigned cpu) {
	struct witness_state *state = state_of(cpu);
	if (state->asked)
		return;
	state->asked = true;
	uint64_t record = psci_stolen_time();
	state->record = record != 0 && reach(cpu, record) ? record : 0;
}

/* The record is the hypervisor's own memory, and it writes there in any case. */
void arch_witness_close(unsigned cpu) {
	(void)cpu;
}

static void refuse_count(struct platform_counted *counted, const char *why) {
	format_copy(counted->reason, sizeof(counted->reason), why);
}

static void read_stolen(const struct witness_state *state, struct platform_counted *counted) {
	const volatile struct pv_stolen_time *record = (const volatile struct pv_stolen_time *)state->record;
	if (record == NULL)
		refuse_count(counted, "no hypervisor tells by PV_TIME_ST");
	else if (!pv_stolen_read(record, &counted->value))
		refuse_count(counted, "PV_TIME_ST's record is of a revision that is not known");
	else
		counted->counting = PLATFORM_COUNTING;
}

void arch_witness_read(unsigned cpu, struct platform_witness *witness) {
	*witness = (struct platform_witness){.elsewhere = 0};
	refuse_count(&witness->counts[PLATFORM_COUNT_NMIS], "this architecture has none that we let in");
	refuse_count(&witness->counts[PLATFORM_COUNT_SMIS], "what EL3 does nobody counts");
	refuse_count(&witness->counts[PLATFORM_COUNT_SWITCHES], "there is nothing to switch to");
	read_stolen(state_of(cpu), &witness->counts[PLATFORM_COUNT_STOLEN_NS]);
}
