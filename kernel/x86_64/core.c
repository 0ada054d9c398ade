/* SPDX-License-Identifier: Apache-2.0
 *
 * Another core, started by INIT and a start-up interrupt: of those that the MADT names the first that is no sibling
 * thread of this one, as far as there is one (lib/topology.h); without an MADT of the ids that the package can have.
 * Two pages below 1 MiB, where the rest of the kernel leaves memory alone, carry the trampoline and a copy of our root
 * table: the 32-bit part of the way cannot name one above 4 GiB. Its own local APIC stays as INIT leaves it, off: no
 * interrupt reaches it but NMI.
 *
 * Source: Intel SDM volume 3A, 8.4.4 and 10.6 (interrupt command register).
 */
#include "kernel/acpi.h"
#include "kernel/format.h"
#include "kernel/kernel.h"
#include "kernel/machine.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/nx.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/trap.h"
#include "lib/topology.h"

#include <stddef.h>
#include <string.h>

enum {
	ICR_INIT = 5u << 8 | 1u << 14,     /* level: assert */
	ICR_START_UP = 6u << 8 | 1u << 14, /* | page number */
	INIT_WAIT_MS = 10,
	START_UPS = 5,
	START_UP_WAIT_MS = 20,
	CODE_BYTES = 4096,
	LOW_BYTES = 2 * 4096,
};
static const uint64_t LOW_END = UINT64_C(0xa0000); /* above: the VGA's and the firmware's */

/* trampoline.S */
extern const uint8_t trampoline[], trampoline_end[], trampoline_32[], trampoline_64[], trampoline_gdt[];
extern const uint8_t trampoline_gdt_base[], trampoline_to_32[], trampoline_to_64[];
extern const uint8_t trampoline_cr0[], trampoline_cr3[], trampoline_cr4[], trampoline_nx_hidden[];
extern const uint8_t trampoline_stack[], trampoline_entry[];

static struct trap_place place __attribute__((aligned(16)));
static struct topology_pick other; /* its APIC id */
static uint64_t low;               /* the two pages; 0: not looked for yet */
static paddr_t root;

/* Stored by the other core as it enters C, with release. */
static bool arrived;

struct arch_frame *arch_core_frame(void) {
	return &place.frame;
}

void arch_core_tlb_flush(void) {
	cr3_write(cr3_read()); /* nothing is global */
}

void arch_core_pause(void) {
	__asm__ volatile("pause");
}

/* INIT alone ends it. */
_Noreturn void arch_core_halt(void) {
	for (;;)
		__asm__ volatile("cli; hlt");
}

static _Noreturn void core_enter(void) {
	cpu_core_start(root);
	__atomic_store_n(&arrived, true, __ATOMIC_RELEASE);
	core_main();
}

static struct cpuid leaf_read(uint32_t leaf, uint32_t subleaf) {
	return cpuid_read(leaf, subleaf);
}

static void consider(const struct topology_apic *topology, uint32_t own, uint32_t id) {
	struct topology_place here = topology_place_of_apic(topology, own),
			      there = topology_place_of_apic(topology, id);
	if (id != own)
		topology_consider(&other, id, topology_relation(&here, &there));
}

void core_find(uint64_t rsdp, unsigned cores) {
	if (cores < 2)
		return;
	uint32_t own = timer_apic_id();
	struct topology_apic topology;
	topology_apic_read(&topology, cpu_leaves(), leaf_read);
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	if (!acpi_madt_open(rsdp, &madt)) {
		for (uint32_t id = 0; id < cores; id++)
			consider(&topology, own, id);
		return;
	}
	while (acpi_madt_next(&madt, &entry)) {
		bool is_core = entry.type == ACPI_MADT_LOCAL_APIC || entry.type == ACPI_MADT_LOCAL_X2APIC;
		if (is_core && entry.enabled)
			consider(&topology, own, (uint32_t)entry.id);
	}
}

void core_describe(char *text, size_t size) {
	if (other.found)
		format_text(text, size, "APIC id %u, %s", (uint32_t)other.id, topology_relation_name(other.relation));
}

/* The highest two pages of RAM below 1 MiB that nobody has. */
static uint64_t low_pages_find(const struct boot_info *info) {
	const struct boot_range *range = (const struct boot_range *)(uintptr_t)info->ranges;
	uint64_t found = 0;
	for (uint64_t i = 0; i < info->range_count; i++, range++) {
		uint64_t base = range->base != 0 ? range->base : CODE_BYTES;
		uint64_t end = range->base + range->length;
		end = end < LOW_END ? end : LOW_END;
		bool ours = range->kind == BOOT_RANGE_USABLE || range->kind == BOOT_RANGE_RECLAIMABLE;
		if (ours && base < end && end - base >= LOW_BYTES)
			found = end - LOW_BYTES;
	}
	return found;
}

static void put(const uint8_t *where, uint64_t value, size_t bytes) {
	memcpy((void *)(uintptr_t)(low + (uint64_t)(where - trampoline)), &value, bytes);
}

static uint64_t low_address(const uint8_t *where) {
	return low + (uint64_t)(where - trampoline);
}

/* Written once, and executable from then on; the copy of the root is taken anew each time. */
static bool low_pages_fill(const struct boot_info *info) {
	static const unsigned writable = PAGE_READ | PAGE_WRITE;
	if (low == 0) {
		low = low_pages_find(info);
		if (low == 0)
			return false;
		kernel_device_map((paddr_t){low}, LOW_BYTES, writable);
		memcpy((void *)(uintptr_t)low, trampoline, (size_t)(trampoline_end - trampoline));
		put(trampoline_gdt_base, low_address(trampoline_gdt), 4);
		put(trampoline_to_32, low_address(trampoline_32), 4);
		put(trampoline_to_64, low_address(trampoline_64), 4);
		put(trampoline_cr0, cr0_read(), 4);
		put(trampoline_cr3, low + CODE_BYTES, 4);
		put(trampoline_cr4, cr4_read() & (CR4_PAE | CR4_LA57), 4);
		put(trampoline_nx_hidden, nx_was_hidden(), 4);
		put(trampoline_stack, cpu_stack_top(STACK_CORE), 8);
		put(trampoline_entry, (uint64_t)(uintptr_t)core_enter, 8);
		space_kernel_protect((paddr_t){low}, CODE_BYTES, PAGE_READ | PAGE_EXECUTE);
	}
	memcpy((void *)(uintptr_t)(low + CODE_BYTES), (const void *)(uintptr_t)root.value, CODE_BYTES);
	return true;
}

static bool wait_arrival(uint64_t ticks) {
	uint64_t since = tsc_read();
	while (!__atomic_load_n(&arrived, __ATOMIC_ACQUIRE)) {
		if (tsc_read() - since > ticks)
			return false;
		arch_core_pause();
	}
	return true;
}

/* A start-up that comes to a core that is under way already does nothing. */
int arch_core_start(const struct boot_info *info, paddr_t our_root, uint64_t ms_ticks) {
	root = our_root;
	if (info->hold != BOOT_HOLD_TAKEOVER || !other.found || !low_pages_fill(info))
		return PLATFORM_EUNSUPPORTED;
	arrived = false;
	if (!timer_apic_command((uint32_t)other.id, ICR_INIT))
		return PLATFORM_EIO;
	wait_arrival(INIT_WAIT_MS * ms_ticks);
	for (unsigned i = 0; i < START_UPS; i++) {
		if (!timer_apic_command((uint32_t)other.id, ICR_START_UP | (uint32_t)(low >> 12)))
			return PLATFORM_EIO;
		if (wait_arrival(START_UP_WAIT_MS * ms_ticks))
			return 0;
	}
	/* It must not come later, when nobody waits. */
	timer_apic_command((uint32_t)other.id, ICR_INIT);
	return PLATFORM_EIO;
}
