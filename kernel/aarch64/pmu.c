/* SPDX-License-Identifier: Apache-2.0
 *
 * PMUv3, for EL0 alone: read there, written here. No interrupt of it is let through. What the registers held is kept
 * from the start to the stop; the counts of those in use too, as somebody may have them counting.
 * Source: Arm ARM (DDI 0487), D13 (the PMU), D24.5 (its registers).
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/registers.h"
#include "kernel/format.h"
#include "kernel/gate.h"

#include <stddef.h>

enum {
	ID_AA64DFR0_PMUVER_SHIFT = 8,
	PMUVER_NONE = 0,
	PMUVER_OTHER = 0xf, /* counters of the implementer's own */
	PMCR_N_SHIFT = 11,
	PMCR_N_BITS = 5,
	CODE_MASK = 0xffff,
	COMMON_EVENTS = 64, /* that PMCEID0_EL0 and PMCEID1_EL0 tell of, 32 each */
};
#define PMCR_E       (UINT64_C(1) << 0)
#define PMCR_P       (UINT64_C(1) << 1)
#define PMCR_C       (UINT64_C(1) << 2)
#define PMCR_LC      (UINT64_C(1) << 6)
#define FILTER_P     (UINT64_C(1) << 31) /* not at EL1; EL2 is not counted unless asked for */
#define PMUSERENR_CR (UINT64_C(1) << 2)
#define PMUSERENR_ER (UINT64_C(1) << 3)
#define CYCLES_BIT   (UINT64_C(1) << GATE_PMU_CYCLES)
#define ALL_COUNTERS UINT64_C(0xffffffff)

/* INST_RETIRED */
static const uint64_t EVENT_INSTRUCTIONS = 0x08;

static struct {
	uint64_t pmcr, pmselr, pmuserenr, pmcntenset, pmintenset, pmovsset, pmccfiltr, pmccntr;
	uint64_t types[PLATFORM_PMU_EVENTS_MAX], counts[PLATFORM_PMU_EVENTS_MAX];
	unsigned used; /* event counters */
} found;

static bool present(void) {
	unsigned version = register_field(register_read(ID_AA64DFR0_EL1), ID_AA64DFR0_PMUVER_SHIFT, ID_FIELD_BITS);
	return version != PMUVER_NONE && version != PMUVER_OTHER;
}

static unsigned event_counters(void) {
	unsigned count = register_field(register_read(PMCR_EL0), PMCR_N_SHIFT, PMCR_N_BITS);
	return count < PLATFORM_PMU_EVENTS_MAX ? count : PLATFORM_PMU_EVENTS_MAX;
}

void arch_pmu_describe(struct platform_pmu *pmu) {
	format_text(pmu->source, sizeof(pmu->source), "ID_AA64DFR0_EL1.PMUVer");
	if (!present()) {
		format_text(pmu->reason, sizeof(pmu->reason), "ID_AA64DFR0_EL1.PMUVer says that there is no PMUv3");
		return;
	}
	unsigned counters = event_counters();
	format_text(pmu->source, sizeof(pmu->source), "PMUv3, %u event counters and one of cycles",
		    register_field(register_read(PMCR_EL0), PMCR_N_SHIFT, PMCR_N_BITS));
	if (counters < 2)
		format_text(pmu->reason, sizeof(pmu->reason), "PMCR_EL0.N says %u event counters: two are needed",
			    counters);
	else
		pmu->at_once = counters - 1;
	pmu->own = 1;
}

/* The architecture's own events, as far as it says which of them there are; others are the implementer's. */
static bool is_counted(uint64_t code) {
	if (code >= COMMON_EVENTS)
		return true;
	uint64_t there = code < 32 ? register_read(PMCEID0_EL0) : register_read(PMCEID1_EL0);
	return there >> code % 32 & 1;
}

/* How many of them, from the first on, with the counter of each; `codes` of event counters. */
static int place(struct gate_pmu *pmu, uint64_t codes[PLATFORM_PMU_EVENTS_MAX], unsigned *used, bool *cycles) {
	unsigned counters = event_counters(), i = 0;
	*used = 0;
	*cycles = false;
	for (; i < pmu->count; i++) {
		const struct platform_pmu_event *event = &pmu->events[i];
		if (event->kind > PLATFORM_PMU_CODE || (event->kind == PLATFORM_PMU_CODE && event->code & ~CODE_MASK))
			return PLATFORM_EINVAL;
		if (event->kind == PLATFORM_PMU_CYCLES && !*cycles) {
			*cycles = true;
			pmu->slots[i] = GATE_PMU_CYCLES;
			continue;
		}
		uint64_t code = event->kind == PLATFORM_PMU_INSTRUCTIONS ? EVENT_INSTRUCTIONS : event->code;
		if (event->kind == PLATFORM_PMU_CYCLES || *used == counters || !is_counted(code))
			break;
		pmu->slots[i] = *used;
		codes[(*used)++] = code;
	}
	return (int)i;
}

static void counter_select(unsigned counter) {
	register_write(PMSELR_EL0, counter);
	barrier_instruction();
}

static void keep(unsigned used) {
	found.pmcr = register_read(PMCR_EL0);
	register_write(PMCR_EL0, found.pmcr & ~PMCR_E);
	barrier_instruction();
	found.pmselr = register_read(PMSELR_EL0);
	found.pmuserenr = register_read(PMUSERENR_EL0);
	found.pmcntenset = register_read(PMCNTENSET_EL0);
	found.pmintenset = register_read(PMINTENSET_EL1);
	found.pmovsset = register_read(PMOVSSET_EL0);
	found.pmccfiltr = register_read(PMCCFILTR_EL0);
	found.pmccntr = register_read(PMCCNTR_EL0);
	found.used = used;
	for (unsigned i = 0; i < used; i++) {
		counter_select(i);
		found.types[i] = register_read(PMXEVTYPER_EL0);
		found.counts[i] = register_read(PMXEVCNTR_EL0);
	}
}

int arch_pmu_start(struct gate_pmu *pmu) {
	uint64_t codes[PLATFORM_PMU_EVENTS_MAX];
	unsigned used;
	bool cycles;
	int placed = present() ? place(pmu, codes, &used, &cycles) : 0;
	if (placed <= 0)
		return placed;
	keep(used);
	register_write(PMCNTENCLR_EL0, ALL_COUNTERS);
	register_write(PMINTENCLR_EL1, ALL_COUNTERS);
	register_write(PMCCFILTR_EL0, FILTER_P);
	register_write(PMCCNTR_EL0, 0);
	for (unsigned i = 0; i < used; i++) {
		counter_select(i);
		register_write(PMXEVTYPER_EL0, FILTER_P | codes[i]);
		register_write(PMXEVCNTR_EL0, 0);
	}
	register_write(PMUSERENR_EL0, PMUSERENR_CR | PMUSERENR_ER);
	register_write(PMCNTENSET_EL0, (cycles ? CYCLES_BIT : 0) | ((UINT64_C(1) << used) - 1));
	register_write(PMCR_EL0, PMCR_LC | PMCR_E);
	barrier_instruction();
	return placed;
}

void arch_pmu_stop(void) {
	register_write(PMCR_EL0, found.pmcr & ~(PMCR_E | PMCR_P | PMCR_C));
	register_write(PMCNTENCLR_EL0, ALL_COUNTERS);
	barrier_instruction();
	register_write(PMUSERENR_EL0, found.pmuserenr);
	register_write(PMCCFILTR_EL0, found.pmccfiltr);
	register_write(PMCCNTR_EL0, found.pmccntr);
	for (unsigned i = 0; i < found.used; i++) {
		counter_select(i);
		register_write(PMXEVTYPER_EL0, found.types[i]);
		register_write(PMXEVCNTR_EL0, found.counts[i]);
	}
	register_write(PMSELR_EL0, found.pmselr);
	register_write(PMOVSCLR_EL0, register_read(PMOVSSET_EL0) & ~found.pmovsset);
	register_write(PMINTENSET_EL1, found.pmintenset);
	register_write(PMCNTENSET_EL0, found.pmcntenset);
	register_write(PMCR_EL0, found.pmcr & ~(PMCR_P | PMCR_C));
	barrier_instruction();
}
