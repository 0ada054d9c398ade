/* SPDX-License-Identifier: Apache-2.0
 *
 * Hardware prefetchers off, and back. Only bits of the plan (lib/prefetchers.h) are ever changed, one after the other,
 * and only those are put back that were clear when they were found: whatever else is in their registers, or comes into
 * them meanwhile, stays. Each is read back, as a processor or an emulator may take a write and forget it.
 */
#include "lib/prefetchers.h"
#include "kernel/console/console.h"
#include "kernel/format.h"
#include "kernel/x86_64/x86_64.h"

#include <stddef.h>

static struct {
	bool planned;
	struct prefetch_plan plan;
	const char *reason; /* why it is empty */
	uint64_t wanted;    /* off, as long as the firmware has not the machine */
	uint64_t set;       /* of them those that were set by us just now */
	bool lost;          /* not all of them came back after the firmware */
} state;

static const struct prefetch_plan *plan_of(void) {
	if (!state.planned)
		state.reason = prefetch_plan_make(cpu_leaf_read, &state.plan);
	state.planned = true;
	return &state.plan;
}

static uint64_t bit_of(const struct prefetch_switch *one) {
	return UINT64_C(1) << one->bit;
}

static void put_back_one(const struct prefetch_switch *one) {
	uint64_t value;
	if (!guarded_msr_read(one->msr, &value) || !guarded_msr_write(one->msr, value & ~bit_of(one)))
		console_print("anechoic: prefetcher %s stays off: MSR %x is refused\n", one->name, one->msr);
}

static void put_back(void) {
	for (unsigned i = 0; i < state.plan.count; i++)
		if (state.set >> i & 1)
			put_back_one(&state.plan.switches[i]);
	state.set = 0;
}

/* What is set is noted before it is known to be kept: a bit that only reads as clear is put back all the same. */
static bool switch_off(unsigned number, char *reason, size_t capacity) {
	const struct prefetch_switch *one = &state.plan.switches[number];
	uint64_t value, kept;
	if (!guarded_msr_read(one->msr, &value)) {
		format_text(reason, capacity, "%s: RDMSR of %x is refused", one->name, one->msr);
		return false;
	}
	if (value & bit_of(one))
		return true;
	if (!guarded_msr_write(one->msr, value | bit_of(one))) {
		format_text(reason, capacity, "%s: WRMSR of %x is refused", one->name, one->msr);
		return false;
	}
	state.set |= UINT64_C(1) << number;
	if (guarded_msr_read(one->msr, &kept) && kept == (value | bit_of(one)))
		return true;
	format_text(reason, capacity, "%s: bit %u of MSR %x does not keep what is written", one->name, one->bit,
		    one->msr);
	return false;
}

/* All of them or none. */
static bool apply(char *reason, size_t capacity) {
	for (unsigned i = 0; i < state.plan.count; i++) {
		if (!(state.wanted >> i & 1) || switch_off(i, reason, capacity))
			continue;
		put_back();
		state.wanted = 0;
		return false;
	}
	return true;
}

int arch_prefetchers_switch(uint64_t off, struct platform_prefetchers *prefetchers) {
	const struct prefetch_plan *plan = plan_of();
	*prefetchers = (struct platform_prefetchers){.count = plan->count};
	for (unsigned i = 0; i < plan->count; i++)
		format_copy(prefetchers->names[i], sizeof(prefetchers->names[i]), plan->switches[i].name);
	if (off >> plan->count != 0 && plan->count != 0)
		return PLATFORM_EINVAL;
	arch_prefetchers_put_back();
	if (plan->count == 0) {
		format_copy(prefetchers->reason, sizeof(prefetchers->reason), state.reason);
		return 0;
	}
	state.wanted = off;
	apply(prefetchers->reason, sizeof(prefetchers->reason));
	prefetchers->off = state.wanted;
	return 0;
}

void arch_prefetchers_put_back(void) {
	put_back();
	state.wanted = 0;
	state.lost = false;
}

bool arch_prefetchers_lost(void) {
	return state.lost;
}

void prefetchers_leave(void) {
	put_back();
}

void prefetchers_take_up(void) {
	char reason[sizeof(((struct platform_prefetchers *)NULL)->reason)];
	if (state.wanted == 0 || apply(reason, sizeof(reason)))
		return;
	console_print("anechoic: after the firmware had the machine: %s\n", reason);
	state.lost = true;
}
