/* SPDX-License-Identifier: Apache-2.0
 *
 * What another core has of aarch64's own, in its area from CORE_ARCH on.
 */
#pragma once

#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/frame.h"
#include "kernel/gate.h"
#include "kernel/memory/core_area.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_BYTES_MAX = 2048 };

/* What it finds in X0. Alone in its lines: it is read past the caches, at its physical address. */
struct core_boot {
	struct regime regime;
	uint64_t stack;          /* its end, in our regime */
	uint64_t stack_physical; /* the same memory before that */
	/* What core_entry.S calls: the first at EL2 without the MMU, for HCR_EL2; the other at EL1 with it. */
	uint64_t (*open_el2)(const struct core_boot *boot);
	void (*enter)(const struct core_boot *boot);
	uint64_t gic_registers; /* gic_has_registers, whose own memory is in the caches */
	uint64_t cpu;
};
_Static_assert(offsetof(struct core_boot, regime.ttbr0) == CORE_BOOT_TTBR0, "frame.h");
_Static_assert(offsetof(struct core_boot, regime.tcr) == CORE_BOOT_TCR, "frame.h");
_Static_assert(offsetof(struct core_boot, regime.sctlr) == CORE_BOOT_SCTLR, "frame.h");
_Static_assert(offsetof(struct core_boot, stack) == CORE_BOOT_STACK, "frame.h");
_Static_assert(offsetof(struct core_boot, stack_physical) == CORE_BOOT_STACK_PHYSICAL, "frame.h");
_Static_assert(offsetof(struct core_boot, open_el2) == CORE_BOOT_OPEN_EL2, "frame.h");
_Static_assert(offsetof(struct core_boot, enter) == CORE_BOOT_ENTER, "frame.h");

struct witness_state {
	uint64_t record; /* of stolen time; 0: there is none */
	bool asked;
};

struct core_arch {
	struct core_boot boot;
	struct arch_frame frame __attribute__((aligned(LINE_BYTES_MAX)));
	struct gic_core gic;             /* written by both, by turns */
	struct gate_registers registers; /* stored by the core before `arrived` */
	struct witness_state witness;    /* witness.c */
	void (*run)(unsigned cpu);       /* what one that waits to be wanted goes on with; the first core's */
	bool stays_on;                   /* nobody can switch it off; stored by the first core before it halts */
	bool started;                    /* the first core's: it was off, and has been ours since */
	bool arrived;                    /* stored by the core as it enters C in our regime, with release */
	bool wanted;                     /* of one that stays on: it goes on; stored by both, by turns */
};
_Static_assert(sizeof(struct core_arch) <= CORE_SHARED - CORE_ARCH, "core_area.h");

/* On a core that has an area: run(cpu) on its stack, which is empty then. */
_Noreturn void core_run(unsigned cpu, void (*run)(unsigned cpu));

static inline struct core_arch *core_arch(unsigned cpu) {
	return (struct core_arch *)(core_area(cpu) + CORE_ARCH);
}
