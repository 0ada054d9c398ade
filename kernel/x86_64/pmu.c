/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan on this processor.
 */
#include "kernel/format.h"
#include "kernel/gate.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/pmu_plan.h"
#include "kernel/x86_64/x86_64.h"

/* Of the one start. */
static struct pmu_plan plan;
static struct pmu_found found;

/* Written and put back at once: whether a hypervisor lets us. */
static bool is_let(const struct pmu_layout *layout, struct pmu_refusal *refusal) {
	struct gate_pmu pmu = {.count = 2, .events = {{PLATFORM_PMU_CYCLES, 0}, {PLATFORM_PMU_INSTRUCTIONS, 0}}};
	struct pmu_plan two;
	struct pmu_found tried;
	bool let = pmu_plan_make(layout, &pmu, &two) > 0 && pmu_plan_carry_out(&two, &tried, refusal);
	if (let)
		pmu_plan_put_back(&two, &tried);
	return let;
}

void arch_pmu_describe(struct platform_pmu *pmu) {
	struct pmu_layout layout;
	const char *reason;
	pmu_layout_read(cpu_leaf_read, &layout, &reason);
	format_text(pmu->source, sizeof(pmu->source), "CPUID");
	if (layout.family == PMU_NONE) {
		format_copy(pmu->reason, sizeof(pmu->reason), reason);
		return;
	}
	unsigned fixed = (layout.fixed & 1) + (layout.fixed >> 1 & 1);
	if (layout.family == PMU_INTEL)
		format_text(pmu->source, sizeof(pmu->source), "CPUID 0xA, version %u: %u counters, %u fixed",
			    layout.version, layout.general, fixed);
	else
		format_text(pmu->source, sizeof(pmu->source), "CPUID %s: %u counters",
			    layout.version == 2 ? "0x80000022, PerfMonV2" : "0x80000001, PerfCtrExtCore",
			    layout.general);
	struct pmu_refusal refusal = {0};
	if (!is_let(&layout, &refusal)) {
		pmu_refusal_text(&refusal, pmu->reason, sizeof(pmu->reason));
		return;
	}
	pmu->own = fixed;
	pmu->at_once = layout.general - (2 - fixed);
}

int arch_pmu_start(struct gate_pmu *pmu) {
	struct pmu_layout layout;
	const char *reason;
	pmu_layout_read(cpu_leaf_read, &layout, &reason);
	int placed = pmu_plan_make(&layout, pmu, &plan);
	if (placed <= 0)
		return placed;
	struct pmu_refusal refusal;
	if (!pmu_plan_carry_out(&plan, &found, &refusal))
		return 0;
	cr4_write(cr4_read() | CR4_PCE);
	return placed;
}

void arch_pmu_stop(void) {
	cr4_write(cr4_read() & ~(uint64_t)CR4_PCE);
	pmu_plan_put_back(&plan, &found);
}
