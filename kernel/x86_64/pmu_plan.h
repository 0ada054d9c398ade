/* SPDX-License-Identifier: Apache-2.0
 *
 * The core's counters as CPUID lays them out, and which MSR gets which value so that events are counted in ring 3
 * alone. Leaves in, MSRs out: pure, so that processors can be tried that are not here. No MSR is named whose counter
 * CPUID does not tell of: architectural performance monitoring from version 2 on (Intel and who follows it), and AMD's
 * PerfCtrExtCore with or without PerfMonV2. Version 1 and the four counters of old AMD processors are left alone.
 * Source: Intel SDM volume 2A, CPUID 0AH; volume 3B, 20.2 (architectural performance monitoring); volume 4; AMD APM
 * volume 2, 13.2 (performance monitoring counters), and volume 3, E.4.2 and E.4.24 (8000_0001H, 8000_0022H).
 */
#pragma once

#include "kernel/gate.h"
#include "lib/cpuid.h"
#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pmu_family { PMU_NONE, PMU_INTEL, PMU_AMD };

struct pmu_layout {
	enum pmu_family family;
	unsigned version;
	unsigned general;          /* counters that count anything, at most PLATFORM_PMU_EVENTS_MAX of them */
	unsigned fixed;            /* bit n: fixed-function counter n is there */
	bool cycles, instructions; /* the architectural events are there */
	bool global;               /* counters begin together, by an MSR of all */
};

/* What CPUID says; where there are none, *reason has why, a static text. `read` is asked for no leaf that is not
 * there. */
void pmu_layout_read(cpuid_reader *read, struct pmu_layout *layout, const char **reason);

struct pmu_write {
	uint32_t msr;
	uint64_t value;
	bool stays; /* it reads as it was written: no count */
};

/* MSRs in the order in which they are to be written; one that stands there twice stops all counting first and begins it
 * last. */
enum { PMU_WRITES_MAX = 5 + 2 * PLATFORM_PMU_EVENTS_MAX };
struct pmu_plan {
	uint32_t global; /* the MSR that stops all counting at once, by 0; 0: there is none */
	unsigned count;
	struct pmu_write writes[PMU_WRITES_MAX];
};

/* Places the events from the first on, as many as go, with the place for RDPMC of each in pmu->slots: how many.
 * PLATFORM_EINVAL: a code with bits that are no event's. */
int pmu_plan_make(const struct pmu_layout *layout, struct gate_pmu *pmu, struct pmu_plan *plan);

/* What the MSRs of a plan held, each once, in its order. */
struct pmu_found {
	unsigned count;
	struct pmu_write writes[PMU_WRITES_MAX];
};

/* The MSR that a hypervisor does not let us have. */
struct pmu_refusal {
	uint32_t msr;
	uint64_t lost; /* bits that read otherwise than they were written; 0: the access itself was refused */
};

/* Writes them, by guarded_msr_write, and reads back what stays. false: *refusal has the first that did not go, and all
 * are as they were. */
bool pmu_plan_carry_out(const struct pmu_plan *plan, struct pmu_found *found, struct pmu_refusal *refusal);
void pmu_plan_put_back(const struct pmu_plan *plan, const struct pmu_found *found);

/* In words, the MSR by the name that its maker gives it; `bytes` >= 1. */
void pmu_refusal_text(const struct pmu_refusal *refusal, char *text, size_t bytes);
