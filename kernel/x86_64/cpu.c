/* SPDX-License-Identifier: Apache-2.0
 *
 * The processor: descriptor tables, control registers, and what CPUID says. No floating-point or vector instruction
 * is executed here: a host that emulates this ring may not know it.
 */
#include "kernel/console/console.h"
#include "kernel/core_list.h"
#include "kernel/end.h"
#include "kernel/format.h"
#include "kernel/image.h"
#include "kernel/x86_64/core.h"
#include "kernel/x86_64/frame.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/nx.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/elf.h"

#include <stddef.h>
#include <string.h>

const char arch_name[] = "x86_64";
const uint16_t arch_elf_machine = ELF_MACHINE_X86_64;

/* CPUID bits, Intel SDM volume 2A, tables 3-10 and 3-11; AMD APM volume 3, appendix E. */
enum {
	CPUID_80000001_EDX_PAGE1GB = 1u << 26,
};
static const uint32_t CPUID_1_ECX_HYPERVISOR = UINT32_C(1) << 31;

/* SELECTOR_TSS's two entries are segments_start's. */
static struct segments first = {.gdt = {
					[SELECTOR_KERNEL_CODE / 8] = UINT64_C(0x00af9b000000ffff),
					[SELECTOR_KERNEL_DATA / 8] = UINT64_C(0x00cf93000000ffff),
					[SELECTOR_USER_DATA / 8] = UINT64_C(0x00cff3000000ffff),
					[SELECTOR_USER_CODE / 8] = UINT64_C(0x00affb000000ffff),
				}};

/* Traps of the programme go to the frame, those with a stack of their own to ist[]. */
static void segments_start(struct segments *segments, const struct arch_frame *frame) {
	segments->tss.rsp[0] = (uint64_t)(uintptr_t)(frame + 1);
	segments->tss.io_map = sizeof(segments->tss);
	uint64_t base = (uint64_t)(uintptr_t)&segments->tss;
	uint64_t limit = sizeof(segments->tss) - 1;
	uint64_t *gdt = segments->gdt;
	gdt[SELECTOR_TSS / 8] = limit | (base & 0xffffff) << 16 | UINT64_C(0x89) << 40 | (base >> 24 & 0xff) << 56;
	gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdtr = {sizeof(segments->gdt) - 1, (uint64_t)(uintptr_t)gdt};
	__asm__ volatile("lgdt %0\n\t"
			 "push %1\n\t"
			 "lea 1f(%%rip), %%rax\n\t"
			 "push %%rax\n\t"
			 "lretq\n"
			 "1:\n\t"
			 "mov %w2, %%ss\n\t"
			 "xor %%eax, %%eax\n\t"
			 "mov %%eax, %%ds\n\t"
			 "mov %%eax, %%es\n\t"
			 "mov %%eax, %%fs\n\t"
			 "mov %%eax, %%gs\n\t"
			 "ltr %w3"
			 :
			 : "m"(gdtr), "i"(SELECTOR_KERNEL_CODE), "r"(SELECTOR_KERNEL_DATA), "r"(SELECTOR_TSS)
			 : "rax", "memory");
}

/* Floating point and vectors on for ring 3, as far as the processor has them. The IDT is loaded. */
static void vectors_start(struct cpuid_choice *choice) {
	cr0_write((cr0_read() & ~(uint64_t)(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE | CR0_WP);
	uint64_t cr4 = (cr4_read() & (CR4_PAE | CR4_LA57 | CR4_MCE)) | CR4_OSFXSR | CR4_OSXMMEXCPT;
	if (choice->xcr0 == 0) {
		cr4_write(cr4);
		return;
	}
	cr4_write(cr4 | CR4_OSXSAVE);
	if (guarded_xcr0_write(choice->xcr0))
		return;
	choice->xcr0 = 0;
	cr4_write(cr4);
	format_text(choice->left_off, sizeof(choice->left_off), "XSAVE and what needs it (XSETBV is refused)");
}

/* Ends the run where the processor lacks what it cannot do without; else no-execute is on. */
static void needs_check(const struct cpuid_leaves *leaves) {
	char lacks[128];
	if (!cpuid_suffices(leaves, lacks, sizeof(lacks)))
		refuse("this processor lacks %s", lacks);
	if (!nx_start(leaves))
		refuse("this processor lacks %s", cpuid_nx_name);
}

static void text_put(char *to, const uint32_t *words, unsigned count) {
	memcpy(to, words, count * 4);
	to[count * 4] = '\0';
}

static void model_read(const struct cpuid_leaves *leaves, char model[64]) {
	uint32_t words[12];
	if (leaves->extended.eax < 0x80000004) {
		struct cpuid vendor = leaves->basic;
		text_put(model, (const uint32_t[]){vendor.ebx, vendor.edx, vendor.ecx}, 3);
		return;
	}
	for (uint32_t i = 0; i < 3; i++) {
		struct cpuid part = cpuid_read(0x80000002 + i, 0);
		memcpy(words + 4 * i, &part, sizeof(part));
	}
	text_put(model, words, 12);
	size_t blanks = 0, length = 0;
	while (model[blanks] == ' ')
		blanks++;
	while (model[blanks + length] != '\0')
		length++;
	while (length > 0 && model[blanks + length - 1] == ' ')
		length--;
	memmove(model, model + blanks, length);
	model[length] = '\0';
}

static void hypervisor_read(const struct cpuid_leaves *leaves, struct arch_cpu *cpu) {
	if (!(leaves->version.ecx & CPUID_1_ECX_HYPERVISOR)) {
		format_text(cpu->hypervisor, sizeof(cpu->hypervisor), "none");
		return;
	}
	struct cpuid leaf = leaves->hypervisor;
	char signature[13];
	text_put(signature, (const uint32_t[]){leaf.ebx, leaf.ecx, leaf.edx}, 3);
	if (cpuid_hypervisor_is(leaves, "KVMKVMKVM")) {
		format_text(cpu->hypervisor, sizeof(cpu->hypervisor), "KVM");
	} else if (cpuid_hypervisor_is(leaves, "TCGTCGTCGTCG")) {
		format_text(cpu->hypervisor, sizeof(cpu->hypervisor), "TCG");
		format_text(cpu->emulated, sizeof(cpu->emulated), "TCG emulates the CPU");
	} else {
		format_copy(cpu->hypervisor, sizeof(cpu->hypervisor), signature[0] != '\0' ? signature : "unknown");
	}
}

/* Every interrupt of the two 8259s masked: they alone reach the processor past the task priority (timer.c). */
static void interrupts_mask(void) {
	enum { PIC_MASTER_DATA = 0x21, PIC_SLAVE_DATA = 0xa1 };
	port_write8(PIC_MASTER_DATA, 0xff);
	port_write8(PIC_SLAVE_DATA, 0xff);
}

void arch_cpu_start(const struct boot_info *info, struct arch_cpu *cpu) {
	for (unsigned stack = STACK_DOUBLE_FAULT; stack <= STACK_MACHINE_CHECK; stack++)
		first.tss.ist[stack - 1] = stack_top(stack);
	segments_start(&first, arch_program_frame());
	trap_start();
	interrupts_mask();
	const struct cpuid_leaves *leaves = cpu_leaves();
	needs_check(leaves);
	struct cpuid_choice *choice = cpu_choice();
	vectors_start(choice);

	cpu->pages_1gib = leaves->extended_version.edx & CPUID_80000001_EDX_PAGE1GB;
	unsigned physical_bits = leaves->sizes.eax & 0xff;
	cpu->physical_bits = physical_bits != 0 ? physical_bits : 36;
	cpu->levels = cr4_read() & CR4_LA57 ? 5 : 4;
	model_read(leaves, cpu->model);
	hypervisor_read(leaves, cpu);
	format_text(cpu->entry_level, sizeof(cpu->entry_level), "ring 0");
	cpu->timer = leaves->version.edx & CPUID_1_EDX_APIC;
	if (cpu->timer)
		timer_start(info->hold == BOOT_HOLD_TAKEOVER);
	cores_read(info->acpi_rsdp, cpu->timer);
	cpu->cores = core_list.count;
	format_copy(cpu->left_off, sizeof(cpu->left_off), choice->left_off);
}

void cpu_core_start(unsigned cpu, paddr_t root) {
	struct core_arch *core = core_arch(cpu);
	memcpy(core->segments.gdt, first.gdt, sizeof(core->segments.gdt));
	for (unsigned stack = STACK_DOUBLE_FAULT; stack <= STACK_MACHINE_CHECK; stack++)
		core->segments.tss.ist[stack - 1] = core_area(cpu) + CORE_TRAP_TOP;
	core->trap_left = (uint64_t)(uintptr_t)trap_left;
	segments_start(&core->segments, arch_core_frame(cpu));
	trap_table_load();
	vectors_start(cpu_choice());
	arch_mmu_switch(root, 0);
}
