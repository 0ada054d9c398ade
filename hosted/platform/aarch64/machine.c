/* SPDX-License-Identifier: Apache-2.0
 *
 * The generic timer's registers, and the register names of a signal frame. Arm ARM (DDI 0487), D19: CNTFRQ_EL0,
 * MIDR_EL1 (which Linux lets EL0 read where HWCAP_CPUID says so).
 */
#include "hosted/platform/machine.h"

#include "hosted/platform/sysfs.h"

#include <linux/audit.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ucontext.h>

const char machine_architecture[] = "aarch64";
const uint32_t machine_audit_arch = AUDIT_ARCH_AARCH64;
const char machine_counter[] = "CNTVCT";
const char machine_level[] = "EL0";

enum { LINUX_HWCAP_CPUID = 1u << 11 };

void machine_signal_registers(const void *ucontext, uint64_t *instruction, uint64_t *stack) {
	const ucontext_t *context = ucontext;
	*instruction = context->uc_mcontext.pc;
	*stack = context->uc_mcontext.sp;
}

void machine_signal_settle(void) {
}

const bool machine_trap_is_behind = false;

enum { INSTRUCTION_BYTES = 4 };

__attribute__((noinline)) void machine_load(const void *address) {
	__asm__ volatile("ldrb w8, [%0]" : : "r"(address) : "x8");
}

void machine_signal_step_over_load(void *ucontext) {
	ucontext_t *context = ucontext;
	context->uc_mcontext.pc += INSTRUCTION_BYTES;
}

uint64_t machine_counter_hz(const char **source) {
	uint64_t hz;
	__asm__("mrs %0, cntfrq_el0" : "=r"(hz));
	*source = "CNTFRQ";
	return hz;
}

/* The architecture does: Arm ARM D11.1, the system counter has a fixed frequency. */
bool machine_counter_invariant(void) {
	return true;
}

/* 0 where EL0 cannot read it. */
static uint64_t read_midr(void) {
	uint64_t midr;
	if (!(getauxval(AT_HWCAP) & LINUX_HWCAP_CPUID))
		return 0;
	__asm__("mrs %0, midr_el1" : "=r"(midr));
	return midr;
}

/* EL0 has no way to ask the hypervisor. Implementer 0 is reserved for software, and is what QEMU's `max` says; else
 * firmware tables name those that matter. */
const char *machine_smi_refused(void) {
	return "what EL3 does nobody counts";
}

bool machine_smi_is_guests(void) {
	return false;
}

void machine_hypervisor(char *name, size_t capacity) {
	char vendor[64];
	uint64_t midr = read_midr();
	sysfs_read_line("/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor));
	const char *found = strncmp(vendor, "QEMU", 4) == 0 ? "QEMU" : "unknown";
	snprintf(name, capacity, "%s", midr && (midr >> 24 & 0xff) == 0 ? "TCG" : found);
}

void machine_cpu_model(char *model, size_t capacity) {
	uint64_t midr = read_midr();
	model[0] = '\0';
	if (midr)
		snprintf(model, capacity, "implementer 0x%02x part 0x%03x r%up%u", (unsigned)(midr >> 24 & 0xff),
			 (unsigned)(midr >> 4 & 0xfff), (unsigned)(midr >> 20 & 0xf), (unsigned)(midr & 0xf));
}

/* Those that Linux answers for EL0 (Documentation/arm64/cpu-feature-registers.rst), and those that EL0 has; not
 * MPIDR_EL1, for which it has one answer on all CPUs. */
#define READABLE(R)         \
	R(MIDR_EL1)         \
	R(REVIDR_EL1)       \
	R(ID_AA64PFR0_EL1)  \
	R(ID_AA64PFR1_EL1)  \
	R(ID_AA64ISAR0_EL1) \
	R(ID_AA64ISAR1_EL1) \
	R(ID_AA64MMFR0_EL1) \
	R(ID_AA64MMFR1_EL1) \
	R(ID_AA64MMFR2_EL1)
#define READABLE_ALWAYS(R) R(CTR_EL0) R(DCZID_EL0) R(CNTFRQ_EL0)

void machine_raw_read(const struct platform_raw_reader *reader, uint32_t cpu) {
	uint64_t value;
	struct platform_raw raw = {.kind = PLATFORM_RAW_REGISTER, .cpu = cpu, .bytes = &value, .length = sizeof(value)};
#define READ(register)                               \
	__asm__("mrs %0, " #register : "=r"(value)); \
	raw.name = #register;                        \
	reader->take(reader->argument, &raw);
	READABLE_ALWAYS(READ)
	if (getauxval(AT_HWCAP) & LINUX_HWCAP_CPUID) {
		READABLE(READ)
	}
#undef READ
}
