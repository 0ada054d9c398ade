/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64. Source: Arm ARM DDI 0487, sections B2.4 (caches and coherency of instructions), D13.2 (CTR_EL0, DAIF), D11.2
 * (CNTVCT_EL0); Semihosting for AArch32 and AArch64 (Arm), SYS_EXIT.
 */
#include "boot/arch.h"
#include "boot/tree/tree.h"

#define CTR_EL0_DMINLINE_SHIFT 16 /* log2 of the words in the smallest data cache line */
#define CTR_EL0_DMINLINE_MASK  0xfu

uint64_t boot_arch_ticks(void) {
	uint64_t ticks;
	__asm__ volatile("isb; mrs %0, CNTVCT_EL0" : "=r"(ticks));
	return ticks;
}

enum elf_machine boot_arch_machine(void) {
	return ELF_MACHINE_AARCH64;
}

const char *boot_arch_name(void) {
	return "aarch64";
}

/* The architecture has no such bit. */
bool boot_arch_says_virtual(void) {
	return false;
}

const struct port_io boot_arch_port_io; /* there are none */

const bool boot_arch_needs_acpi = true;

const size_t boot_arch_tree_bytes = TREE_TABLES_BYTES + sizeof(struct tree_machine);

uint64_t boot_arch_tree_tables(const void *tree, void *room) {
	struct tree_machine *machine = (struct tree_machine *)((uint8_t *)room + TREE_TABLES_BYTES);
	return tree_read(tree, machine) ? tree_tables(machine, room) : 0;
}

/* A64 alone asks for all that there is to ask. */
bool boot_arch_suffices(char *lacks, size_t capacity) {
	(void)lacks, (void)capacity;
	return true;
}

void boot_arch_exit(int status, struct conf_span way) {
	enum { SEMIHOSTING_SYS_EXIT = 0x18, ADP_STOPPED_APPLICATION_EXIT = 0x20026 };
	if (!conf_span_is(way, "semihosting"))
		return;
	const uint64_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint64_t)(int64_t)status};
	register uint64_t x0 __asm__("x0") = SEMIHOSTING_SYS_EXIT;
	register const uint64_t *x1 __asm__("x1") = block;
	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

/* To the point of coherency, not of unification: the kernel may switch the MMU off on its way from EL2 to EL1. */
void boot_arch_publish(const void *bytes, uint64_t length) {
	uint64_t ctr;
	__asm__ volatile("mrs %0, CTR_EL0" : "=r"(ctr));
	uint64_t line = UINT64_C(4) << ((ctr >> CTR_EL0_DMINLINE_SHIFT) & CTR_EL0_DMINLINE_MASK);
	uint64_t end = (uint64_t)bytes + length;
	for (uint64_t at = (uint64_t)bytes & ~(line - 1); at < end; at += line)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb sy; ic ialluis; dsb ish; isb" : : : "memory");
}

void boot_arch_enter_kernel(uint64_t entry, struct boot_info *info, struct kernel_call *call) {
	uint64_t daif, x18; /* X18 is the platform register: a firmware may keep something in it, the kernel need not */
	__asm__ volatile("mrs %0, DAIF; msr DAIFSet, #0xf; mov %1, x18" : "=r"(daif), "=r"(x18) : : "memory");
	((kernel_entry_function *)entry)(info, call);
	__asm__ volatile("mov x18, %1; msr DAIF, %0" : : "r"(daif), "r"(x18) : "memory");
}
