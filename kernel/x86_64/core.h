/* SPDX-License-Identifier: Apache-2.0
 *
 * What another core has of x86_64's own, in its area from CORE_ARCH on.
 */
#pragma once

#include "kernel/memory/core_area.h"
#include "kernel/x86_64/core_start.h"
#include "kernel/x86_64/frame.h"
#include "kernel/x86_64/x86_64.h"

#include "lib/witness.h"

#include <stdbool.h>
#include <stdint.h>

/* What is counted of a core (witness.c). */
struct witness_state {
	struct kvm_steal_time steal;
	uint64_t nmis; /* that came while it was the first, and had no area */
	bool open;     /* the host writes `steal` */
};

struct core_arch {
	struct core_start start;         /* the first member: assembly knows it by its address */
	struct processor_state firmware; /* handback: as the firmware's call found it */
	uint64_t misc_enable;            /* the same, where NX was hidden (nx.h) */
	struct trap_place place __attribute__((aligned(16)));
	struct segments segments;
	struct witness_state witness;
	uint64_t trap_left; /* where the kernel goes on after a trap of the programme's (trap.S) */
	bool arrived;       /* stored by the core as it enters C, with release */
	/* What its TLB is to forget: written by the first core before `asked`, which is one more than `done` until the
	 * core, in its NMI, has done it; each side's last store releases. */
	struct {
		vaddr_t address;
		uint64_t leaf_bytes, count;
		uint32_t asked, done;
	} flush;
};
_Static_assert(sizeof(struct core_arch) <= CORE_SHARED - CORE_ARCH, "core_area.h");

/* Of one that the firmware lends, on the firmware's stack (core_lent.c): its state is kept, and our tables in force. */
void core_lent_enter(struct core_arch *core);

static inline struct core_arch *core_arch(unsigned cpu) {
	return (struct core_arch *)(uintptr_t)(core_area(cpu) + CORE_ARCH);
}
