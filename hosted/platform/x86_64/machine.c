/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUID, and the register names of a signal frame. Intel SDM volume 2A, CPUID (leaves 1, 80000002H to 80000004H,
 * 80000007H); hypervisor leaf 40000000H as KVM's documentation has it; the TSC's rate is lib/cpuid.h's.
 */
#include "hosted/platform/machine.h"
#include "lib/cpuid_walk.h"
#include "lib/witness.h"

#include <cpuid.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/ucontext.h>

const char machine_architecture[] = "x86_64";
const uint32_t machine_audit_arch = AUDIT_ARCH_X86_64;
const char machine_counter[] = "TSC";
const char machine_level[] = "ring 3";

enum {
	CPUID_1_ECX_HYPERVISOR = 1u << 31,
	CPUID_80000007_EDX_INVARIANT_TSC = 1u << 8,
};
#define LEAF_HYPERVISOR 0x40000000u

static struct cpuid read_leaf(uint32_t leaf, uint32_t subleaf) {
	struct cpuid r;
	__cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
	return r;
}

static struct cpuid cpuid(uint32_t leaf) {
	return read_leaf(leaf, 0);
}

static bool has_hypervisor(void) {
	return cpuid(1).ecx & CPUID_1_ECX_HYPERVISOR;
}

void machine_signal_registers(const void *ucontext, uint64_t *instruction, uint64_t *stack) {
	const ucontext_t *context = ucontext;
	*instruction = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
	*stack = (uint64_t)context->uc_mcontext.gregs[REG_RSP];
}

/* Intel SDM volume 1, "EFLAGS Register": all off but bit 1, which always is on. */
void machine_signal_settle(void) {
	__builtin_ia32_writeeflags_u64(2);
}

const bool machine_trap_is_behind = true; /* INT3 is a trap: Intel SDM volume 3A, "Breakpoint Exception" */

/* MOV r8, r/m8 (8A /r), without a displacement. */
enum { LOAD_BYTES = 2 };

__attribute__((noinline)) void machine_load(const void *address) {
	__asm__ volatile("movb (%0), %%al" : "+a"(address));
}

void machine_signal_step_over_load(void *ucontext) {
	ucontext_t *context = ucontext;
	context->uc_mcontext.gregs[REG_RIP] += LOAD_BYTES;
}

uint64_t machine_counter_hz(const char **source) {
	struct cpuid_leaves leaves;
	cpuid_leaves_read(&leaves, read_leaf);
	return cpuid_tsc_hz(&leaves, NULL, source);
}

bool machine_counter_invariant(void) {
	return cpuid(0x80000000u).eax >= 0x80000007u &&
	       (cpuid(0x80000007u).edx & CPUID_80000007_EDX_INVARIANT_TSC) != 0;
}

const char *machine_smi_refused(void) {
	struct cpuid_leaves leaves;
	cpuid_leaves_read(&leaves, read_leaf);
	return smi_count_refused(&leaves);
}

bool machine_smi_is_guests(void) {
	return has_hypervisor();
}

void machine_hypervisor(char *name, size_t capacity) {
	static const struct {
		char signature[13];
		char name[12];
	} known[] = {{"KVMKVMKVM\0\0\0", "KVM"}, {"TCGTCGTCGTCG", "TCG"}, {"Microsoft Hv", "Hyper-V"},
		     {"VMwareVMware", "VMware"}, {"XenVMMXenVMM", "Xen"}, {"VBoxVBoxVBox", "VirtualBox"}};
	const char *found = "none";
	if (has_hypervisor()) {
		struct cpuid r = cpuid(LEAF_HYPERVISOR);
		unsigned signature[3] = {r.ebx, r.ecx, r.edx};
		found = "unknown";
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (memcmp(signature, known[i].signature, sizeof(signature)) == 0)
				found = known[i].name;
	}
	strncpy(name, found, capacity - 1);
	name[capacity - 1] = '\0';
}

void machine_cpu_model(char *model, size_t capacity) {
	struct cpuid brand[3];
	char text[sizeof(brand) + 1];
	model[0] = '\0';
	if (cpuid(0x80000000u).eax < 0x80000004u)
		return;
	for (unsigned i = 0; i < 3; i++)
		brand[i] = cpuid(0x80000002u + i);
	memcpy(text, brand, sizeof(brand));
	text[sizeof(brand)] = '\0';
	const char *begin = text + strspn(text, " ");
	strncat(model, begin, capacity - 1);
	for (size_t length = strlen(model); length > 0 && model[length - 1] == ' ';)
		model[--length] = '\0';
}

struct reading {
	const struct platform_raw_reader *reader;
	uint32_t cpu;
};

static void take_leaf(void *argument, uint32_t leaf, uint32_t subleaf, struct cpuid answer) {
	const struct reading *reading = argument;
	const struct platform_raw raw = {.kind = PLATFORM_RAW_LEAF,
					 .cpu = reading->cpu,
					 .id = leaf,
					 .sub_id = subleaf,
					 .bytes = &answer,
					 .length = sizeof(answer)};
	reading->reader->take(reading->reader->argument, &raw);
}

void machine_raw_read(const struct platform_raw_reader *reader, uint32_t cpu) {
	struct reading reading = {reader, cpu};
	cpuid_walk(read_leaf, take_leaf, &reading);
}
