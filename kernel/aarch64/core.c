/* SPDX-License-Identifier: Apache-2.0
 *
 * Another core, by PSCI: of those that the MADT names the first that is no sibling thread of this one, as far as there
 * is one (lib/topology.h). It comes at the exception level that the first one was entered at, and goes down to EL1 like
 * it. Its interrupt controller's interface stays as reset leaves it, with every group off.
 *
 * Source: PSCI (DEN 0022), 5.1.4 (CPU_ON), 5.1.3 (CPU_OFF).
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/frame.h"
#include "kernel/aarch64/registers.h"
#include "kernel/acpi.h"
#include "kernel/format.h"
#include "kernel/kernel.h"
#include "lib/topology.h"

#include <stddef.h>

enum { ARRIVAL_WAIT_MS = 1000, LINE_BYTES_MAX = 2048 };

/* Aff3, Aff2, Aff1, Aff0 of MPIDR_EL1. */
static const uint64_t AFFINITY = UINT64_C(0xff00ffffff);

/* What it finds in X0. Alone in its lines: it is read past the caches. */
static struct core_boot {
	struct regime regime;
	uint64_t stack;
	uint64_t gic_registers; /* gic_has_registers, whose own memory is in the caches */
} core_boot __attribute__((aligned(LINE_BYTES_MAX)));
_Static_assert(offsetof(struct core_boot, regime.ttbr0) == CORE_BOOT_TTBR0, "frame.h");
_Static_assert(offsetof(struct core_boot, regime.tcr) == CORE_BOOT_TCR, "frame.h");
_Static_assert(offsetof(struct core_boot, regime.sctlr) == CORE_BOOT_SCTLR, "frame.h");
_Static_assert(offsetof(struct core_boot, stack) == CORE_BOOT_STACK, "frame.h");

static struct arch_frame core_frame;

static struct topology_pick other; /* its affinity */

/* Stored by the other core as it enters C in our regime, with release. */
static bool arrived;

/* core_entry.S, and what it calls: the first at EL2 without the MMU, the other at EL1 with it. */
void core_entry(void);
uint64_t core_open_el2(const struct core_boot *boot);
_Noreturn void core_enter(void);

struct arch_frame *arch_core_frame(void) {
	return &core_frame;
}

/* Invalidations are broadcast. */
void arch_core_tlb_flush(void) {
	barrier_instruction();
}

void arch_core_pause(void) {
	__asm__ volatile("yield");
}

_Noreturn void arch_core_halt(void) {
	psci_cpu_off();
	for (;;)
		__asm__ volatile("wfi");
}

/* HCR_EL2 for mmu_descend_to_el1. Without E2H where that can be had: PSCI says nothing of it. */
uint64_t core_open_el2(const struct core_boot *boot) {
	struct el2_found found;
	register_write(HCR_EL2, HCR_OURS);
	barrier_instruction();
	uint64_t fixed = register_read(HCR_EL2) & HCR_E2H;
	register_write(TPIDR_EL2, 0);
	handback_el2_open(fixed != 0, boot->gic_registers != 0, &found);
	return fixed | HCR_OURS;
}

_Noreturn void core_enter(void) {
	handback_el1_open((uint64_t)arch_stacks + CORE_TRAP_STACK_TOP);
	__atomic_store_n(&arrived, true, __ATOMIC_RELEASE);
	core_main();
}

/* By the PPTT, which also tells packages apart; where it does not know the core, by its affinity. */
static struct topology_place place_of(uint64_t rsdp, const struct acpi_madt_entry *core) {
	struct acpi_pptt_place found;
	if (!acpi_pptt_find(rsdp, core->uid, &found))
		return topology_place_of_mpidr(register_read(MPIDR_EL1), core->id & AFFINITY);
	return (struct topology_place){.known = true, .core = found.core, .package = found.package};
}

static bool next_core(struct acpi_madt *madt, struct acpi_madt_entry *entry) {
	while (acpi_madt_next(madt, entry)) {
		if (entry->type == ACPI_MADT_GICC && entry->enabled)
			return true;
	}
	return false;
}

void core_find(uint64_t rsdp) {
	uint64_t own = register_read(MPIDR_EL1) & AFFINITY;
	struct topology_place here = {.known = false};
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	if (!acpi_madt_open(rsdp, &madt))
		return;
	struct acpi_madt again = madt;
	while (next_core(&madt, &entry)) {
		if ((entry.id & AFFINITY) == own)
			here = place_of(rsdp, &entry);
	}
	while (next_core(&again, &entry)) {
		struct topology_place there = place_of(rsdp, &entry);
		if ((entry.id & AFFINITY) != own)
			topology_consider(&other, entry.id & AFFINITY, topology_relation(&here, &there));
	}
}

void core_describe(char *text, size_t size) {
	if (other.found)
		format_text(text, size, "MPIDR 0x%lx, %s", other.id, topology_relation_name(other.relation));
}

static bool wait_arrival(uint64_t ticks) {
	uint64_t since = arch_ticks();
	while (!__atomic_load_n(&arrived, __ATOMIC_ACQUIRE)) {
		if (arch_ticks() - since > ticks)
			return false;
		arch_core_pause();
	}
	return true;
}

int arch_core_start(const struct boot_info *info, paddr_t root, uint64_t ms_ticks) {
	if (info->hold != BOOT_HOLD_TAKEOVER || !other.found)
		return PLATFORM_EUNSUPPORTED;
	handback_regime(root.value, &core_boot.regime);
	core_boot.stack = (uint64_t)arch_stacks + CORE_STACK_TOP;
	core_boot.gic_registers = gic_has_registers();
	arrived = false;
	cache_clean(&core_boot, &core_boot + 1);
	cache_clean(kernel_image_start, kernel_rodata_end);
	const struct kernel_stack *stack = &arch_stacks[2];
	cache_clean_and_invalidate(stack->bytes, stack->bytes + KERNEL_STACK_BYTES);

	/* One that has just been switched off may be on its way still. */
	uint64_t since = arch_ticks();
	enum psci_result result;
	do
		result = psci_cpu_on(other.id, (uint64_t)core_entry, (uint64_t)&core_boot);
	while ((result == PSCI_ALREADY_ON || result == PSCI_ON_PENDING) &&
	       arch_ticks() - since < ARRIVAL_WAIT_MS * ms_ticks);
	if (result == PSCI_NOT_SUPPORTED)
		return PLATFORM_EUNSUPPORTED;
	return result == PSCI_SUCCESS && wait_arrival(ARRIVAL_WAIT_MS * ms_ticks) ? 0 : PLATFORM_EIO;
}
