/* SPDX-License-Identifier: Apache-2.0
 *
 * x86_64. Source: Intel SDM volume 2 (CPUID, RDTSC), volume 3 section 12.6 (self-modifying code), volume 1
 * section 3.4.3 (RFLAGS).
 */
#include "boot/arch.h"
#include "lib/cpuid.h"

#define CPUID_1_ECX_HYPERVISOR (1u << 31) /* reserved for software: "running on a hypervisor" */

typedef void __attribute__((sysv_abi)) sysv_kernel_entry_function(struct boot_info *info, struct kernel_call *call);

uint64_t boot_arch_ticks(void) {
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

enum elf_machine boot_arch_machine(void) {
	return ELF_MACHINE_X86_64;
}

const char *boot_arch_name(void) {
	return "x86_64";
}

static struct cpuid leaf_read(uint32_t leaf, uint32_t subleaf) {
	struct cpuid r;
	__asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
	return r;
}

bool boot_arch_says_virtual(void) {
	return (leaf_read(1, 0).ecx & CPUID_1_ECX_HYPERVISOR) != 0;
}

bool boot_arch_suffices(char *lacks, size_t capacity) {
	struct cpuid_leaves leaves;
	cpuid_leaves_read(&leaves, leaf_read);
	return cpuid_suffices(&leaves, lacks, capacity);
}

static uint8_t port_read8(uint16_t port) {
	uint8_t value;
	__asm__ volatile("inb %w1, %b0" : "=a"(value) : "Nd"(port));
	return value;
}

static void port_write8(uint16_t port, uint8_t value) {
	__asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(port));
}

static uint32_t port_read32(uint16_t port) {
	uint32_t value;
	__asm__ volatile("inl %w1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void port_write32(uint16_t port, uint32_t value) {
	__asm__ volatile("outl %0, %w1" : : "a"(value), "Nd"(port));
}

const struct port_io boot_arch_port_io = {port_read8, port_write8, NULL, port_read32, port_write32};

const bool boot_arch_needs_acpi = false;

const size_t boot_arch_tree_bytes = 0;

uint64_t boot_arch_tree_tables(const void *tree, void *room) {
	(void)tree, (void)room;
	return 0;
}

/* QEMU's isa-debug-exit at its usual port: it ends with (value << 1) | 1, and the offset keeps a status apart
 * from its own errors. */
void boot_arch_exit(int status, struct conf_span way) {
	enum { EXIT_PORT = 0xf4, EXIT_BASE = 0x10 };
	if (conf_span_is(way, "isa-debug-exit"))
		port_write8(EXIT_PORT, (uint8_t)(EXIT_BASE + status));
}

/* Caches are coherent with instruction fetch; the kernel's entry is reached by a jump, which is enough on the same
 * core. */
void boot_arch_publish(const void *bytes, uint64_t length) {
	(void)bytes;
	(void)length;
}

void boot_arch_enter_kernel(uint64_t entry, struct boot_info *info, struct kernel_call *call) {
	uint64_t rflags;
	__asm__ volatile("pushfq; popq %0; cli" : "=r"(rflags) : : "memory");
	((sysv_kernel_entry_function *)entry)(info, call);
	__asm__ volatile("pushq %0; popfq" : : "r"(rflags) : "memory", "cc");
}
