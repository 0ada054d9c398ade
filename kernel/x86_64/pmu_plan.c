/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/x86_64/pmu_plan.h"

#include "kernel/format.h"
#include "kernel/x86_64/x86_64.h"

enum {
	LEAF_PMU = 0xa,
	LEAF_EXTENDED = 0x80000000,
	LEAF_AMD_FEATURES = 0x80000001,
	LEAF_AMD_PMU = 0x80000022,

	MSR_IA32_PMC0 = 0xc1,
	MSR_IA32_PERFEVTSEL0 = 0x186,
	MSR_IA32_FIXED_CTR0 = 0x309,
	MSR_IA32_FIXED_CTR_CTRL = 0x38d,
	MSR_IA32_PERF_GLOBAL_CTRL = 0x38f,

	AMD_COUNTERS = 6, /* of PerfCtrExtCore */
	FIXED_INSTRUCTIONS = 0,
	FIXED_CYCLES = 1,
	FIXED_CONTROL_BITS = 4, /* of each counter */
	FIXED_GLOBAL_SHIFT = 32,
};
#define MSR_PerfEvtSeln0      UINT32_C(0xc0010200) /* and every second one behind it */
#define MSR_PerfCtr0          UINT32_C(0xc0010201)
#define MSR_PerfCntrGlobalCtl UINT32_C(0xc0000301)
#define RDPMC_FIXED           (UINT64_C(1) << 30)

#define ECX_PerfCtrExtCore    (1u << 23)
#define EAX_PerfMonV2         (1u << 0)

#define SEL_USR               (UINT64_C(1) << 16)
#define SEL_EN                (UINT64_C(1) << 22)
#define FIXED_USR             UINT64_C(2)
/* Event, unit mask, E, INV, CMASK. */
#define SEL_CODE     UINT64_C(0xff84ffff)
#define SEL_CODE_AMD (SEL_CODE | UINT64_C(0xf) << 32)

/* Architectural events; AMD's, of all families that have PerfCtrExtCore. */
static const uint64_t INTEL_CYCLES = 0x3c, INTEL_INSTRUCTIONS = 0xc0, AMD_CYCLES = 0x76, AMD_INSTRUCTIONS = 0xc0;

static unsigned at_most(unsigned count) {
	return count < PLATFORM_PMU_EVENTS_MAX ? count : PLATFORM_PMU_EVENTS_MAX;
}

/* EBX says of an event by its bit that it is not there, as far as EAX[31:24] says how many bits there are. */
static bool has_event(struct cpuid leaf, unsigned event) {
	return event < leaf.eax >> 24 && !(leaf.ebx >> event & 1);
}

static void read_intel(struct cpuid leaf, struct pmu_layout *layout) {
	unsigned fixed = leaf.edx & 0x1f;
	*layout = (struct pmu_layout){
		.family = PMU_INTEL,
		.version = leaf.eax & 0xff,
		.general = at_most(leaf.eax >> 8 & 0xff),
		.fixed = (1u << fixed) - 1,
		.cycles = has_event(leaf, 0),
		.instructions = has_event(leaf, 1),
		.global = true,
	};
	if (layout->version >= 5)
		layout->fixed |= leaf.ecx;
}

static bool read_amd(cpuid_reader *read, struct pmu_layout *layout) {
	uint32_t last = read(LEAF_EXTENDED, 0).eax;
	if (last < LEAF_AMD_FEATURES || !(read(LEAF_AMD_FEATURES, 0).ecx & ECX_PerfCtrExtCore))
		return false;
	*layout = (struct pmu_layout){
		.family = PMU_AMD, .version = 1, .general = AMD_COUNTERS, .cycles = true, .instructions = true};
	struct cpuid leaf = last >= LEAF_AMD_PMU ? read(LEAF_AMD_PMU, 0) : (struct cpuid){0};
	if (!(leaf.eax & EAX_PerfMonV2))
		return true;
	layout->version = 2;
	layout->global = true;
	layout->general = at_most(leaf.ebx & 0xf);
	return true;
}

void pmu_layout_read(cpuid_reader *read, struct pmu_layout *layout, const char **reason) {
	struct cpuid leaf = read(0, 0).eax >= LEAF_PMU ? read(LEAF_PMU, 0) : (struct cpuid){0};
	unsigned version = leaf.eax & 0xff;
	*reason = "";
	*layout = (struct pmu_layout){.family = PMU_NONE};
	if (version >= 2)
		read_intel(leaf, layout);
	else if (read_amd(read, layout))
		version = 2;
	if (layout->family != PMU_NONE && layout->general >= 2)
		return;
	layout->family = PMU_NONE;
	if (version >= 2)
		*reason = "CPUID says fewer than two counters that can count anything";
	else
		*reason = version == 1 ? "CPUID 0xA says version 1; 2 is the least that is used"
				       : "CPUID 0xA says no counters, 0x80000001 no PerfCtrExtCore: a hypervisor may "
					 "hide them";
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

struct making {
	const struct pmu_layout *layout;
	struct pmu_plan *plan;
	unsigned used; /* general counters */
	uint64_t selects[PLATFORM_PMU_EVENTS_MAX];
	uint64_t fixed_control; /* IA32_FIXED_CTR_CTRL */
	uint64_t enabled;       /* the global control */
};

static void add(struct making *making, uint32_t msr, uint64_t value, bool stays) {
	making->plan->writes[making->plan->count++] = (struct pmu_write){msr, value, stays};
}

static void add_control(struct making *making, uint32_t msr, uint64_t value) {
	add(making, msr, value, true);
}

static void add_count(struct making *making, uint32_t msr) {
	add(making, msr, 0, false);
}

/* The fixed-function counter that an event has to itself; false: there is none, or it counts already. */
static bool place_fixed(struct making *making, uint64_t kind, uint64_t *slot) {
	unsigned counter = kind == PLATFORM_PMU_CYCLES ? FIXED_CYCLES : FIXED_INSTRUCTIONS;
	uint64_t control = FIXED_USR << counter * FIXED_CONTROL_BITS;
	if (kind == PLATFORM_PMU_CODE || !(making->layout->fixed >> counter & 1) || making->fixed_control & control)
		return false;
	making->fixed_control |= control;
	making->enabled |= UINT64_C(1) << (FIXED_GLOBAL_SHIFT + counter);
	*slot = RDPMC_FIXED | counter;
	return true;
}

static bool place_general(struct making *making, const struct platform_pmu_event *event, uint64_t *slot) {
	const struct pmu_layout *layout = making->layout;
	bool amd = layout->family == PMU_AMD;
	uint64_t code = event->code;
	if (making->used == layout->general)
		return false;
	if (event->kind == PLATFORM_PMU_CYCLES) {
		if (!layout->cycles)
			return false;
		code = amd ? AMD_CYCLES : INTEL_CYCLES;
	} else if (event->kind == PLATFORM_PMU_INSTRUCTIONS) {
		if (!layout->instructions)
			return false;
		code = amd ? AMD_INSTRUCTIONS : INTEL_INSTRUCTIONS;
	}
	*slot = making->used;
	making->enabled |= UINT64_C(1) << making->used;
	making->selects[making->used++] = code | SEL_USR | SEL_EN;
	return true;
}

static void write_intel(struct making *making) {
	making->plan->global = MSR_IA32_PERF_GLOBAL_CTRL;
	add_control(making, MSR_IA32_PERF_GLOBAL_CTRL, 0);
	for (unsigned i = 0; i < making->used; i++) {
		add_control(making, MSR_IA32_PERFEVTSEL0 + i, making->selects[i]);
		add_count(making, MSR_IA32_PMC0 + i);
	}
	if (making->fixed_control != 0)
		add_control(making, MSR_IA32_FIXED_CTR_CTRL, making->fixed_control);
	for (unsigned i = 0; i <= FIXED_CYCLES; i++)
		if (making->fixed_control >> i * FIXED_CONTROL_BITS & FIXED_USR)
			add_count(making, MSR_IA32_FIXED_CTR0 + i);
	add_control(making, MSR_IA32_PERF_GLOBAL_CTRL, making->enabled);
}

/* Without the global control each counter begins with its own: the count goes first. */
static void write_amd(struct making *making) {
	making->plan->global = making->layout->global ? MSR_PerfCntrGlobalCtl : 0;
	if (making->layout->global)
		add_control(making, MSR_PerfCntrGlobalCtl, 0);
	for (unsigned i = 0; i < making->used; i++) {
		add_count(making, MSR_PerfCtr0 + 2 * i);
		add_control(making, MSR_PerfEvtSeln0 + 2 * i, making->selects[i]);
	}
	if (making->layout->global)
		add_control(making, MSR_PerfCntrGlobalCtl, making->enabled);
}

int pmu_plan_make(const struct pmu_layout *layout, struct gate_pmu *pmu, struct pmu_plan *plan) {
	uint64_t bits = layout->family == PMU_AMD ? SEL_CODE_AMD : SEL_CODE;
	struct making making = {.layout = layout, .plan = plan};
	unsigned placed = 0;
	*plan = (struct pmu_plan){0};
	for (unsigned i = 0; i < pmu->count; i++) {
		const struct platform_pmu_event *event = &pmu->events[i];
		if (event->kind > PLATFORM_PMU_CODE || (event->kind == PLATFORM_PMU_CODE && event->code & ~bits))
			return PLATFORM_EINVAL;
	}
	while (layout->family != PMU_NONE && placed < pmu->count) {
		const struct platform_pmu_event *event = &pmu->events[placed];
		if (!place_fixed(&making, event->kind, &pmu->slots[placed]) &&
		    !place_general(&making, event, &pmu->slots[placed]))
			break;
		placed++;
	}
	if (placed != 0 && layout->family == PMU_INTEL)
		write_intel(&making);
	else if (placed != 0)
		write_amd(&making);
	return (int)placed;
}

/* ---- carried out ------------------------------------------------------------------------------------------------- */

static bool is_kept(const struct pmu_found *found, uint32_t msr) {
	for (unsigned i = 0; i < found->count; i++)
		if (found->writes[i].msr == msr)
			return true;
	return false;
}

void pmu_plan_put_back(const struct pmu_plan *plan, const struct pmu_found *found) {
	if (plan->global != 0 && found->count != 0)
		guarded_msr_write(plan->global, 0);
	for (unsigned i = found->count; i > 0; i--)
		guarded_msr_write(found->writes[i - 1].msr, found->writes[i - 1].value);
}

/* What it held goes behind those of `found` before it is changed. */
static bool write(const struct pmu_write *wanted, struct pmu_found *found, struct pmu_refusal *refusal) {
	uint64_t now = wanted->value;
	*refusal = (struct pmu_refusal){.msr = wanted->msr};
	if (!is_kept(found, wanted->msr)) {
		struct pmu_write *old = &found->writes[found->count];
		*old = *wanted;
		if (!guarded_msr_read(wanted->msr, &old->value))
			return false;
		found->count++;
	}
	if (!guarded_msr_write(wanted->msr, wanted->value) || (wanted->stays && !guarded_msr_read(wanted->msr, &now)))
		return false;
	refusal->lost = now ^ wanted->value;
	return refusal->lost == 0;
}

bool pmu_plan_carry_out(const struct pmu_plan *plan, struct pmu_found *found, struct pmu_refusal *refusal) {
	found->count = 0;
	for (unsigned i = 0; i < plan->count; i++)
		if (!write(&plan->writes[i], found, refusal)) {
			pmu_plan_put_back(plan, found);
			return false;
		}
	return true;
}

/* ---- in words ---------------------------------------------------------------------------------------------------- */

void pmu_refusal_text(const struct pmu_refusal *refusal, char *text, size_t bytes) {
	static const struct {
		uint32_t first;
		unsigned count, step;
		const char *name; /* its number follows where there are several */
	} names[] = {
		{MSR_IA32_PMC0, PLATFORM_PMU_EVENTS_MAX, 1, "IA32_PMC"},
		{MSR_IA32_PERFEVTSEL0, PLATFORM_PMU_EVENTS_MAX, 1, "IA32_PERFEVTSEL"},
		{MSR_IA32_FIXED_CTR0, FIXED_CYCLES + 1, 1, "IA32_FIXED_CTR"},
		{MSR_IA32_FIXED_CTR_CTRL, 1, 1, "IA32_FIXED_CTR_CTRL"},
		{MSR_IA32_PERF_GLOBAL_CTRL, 1, 1, "IA32_PERF_GLOBAL_CTRL"},
		{MSR_PerfEvtSeln0, AMD_COUNTERS, 2, "PerfEvtSel"},
		{MSR_PerfCtr0, AMD_COUNTERS, 2, "PerfCtr"},
		{MSR_PerfCntrGlobalCtl, 1, 1, "PerfCntrGlobalCtl"},
	};
	char name[32] = "an MSR";
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t off = refusal->msr - names[i].first;
		if (off % names[i].step != 0 || off / names[i].step >= names[i].count)
			continue;
		if (names[i].count == 1)
			format_copy(name, sizeof(name), names[i].name);
		else
			format_text(name, sizeof(name), "%s%u", names[i].name, off / names[i].step);
	}
	if (refusal->lost == 0)
		format_text(text, bytes, "CPUID tells of counters, and %s is refused: a hypervisor keeps it", name);
	else
		format_text(text, bytes,
			    "CPUID tells of counters, and %s does not keep bits 0x%lx: a hypervisor has it", name,
			    refusal->lost);
}
