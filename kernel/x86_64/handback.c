/* SPDX-License-Identifier: Apache-2.0
 *
 * Handback's switch of the processor's state. Put back for the firmware is all that the kernel and its programme
 * change: CR0, CR3, CR4, EFER, PAT, XCR0, where it hides NX IA32_MISC_ENABLE, x87 and vector registers with MXCSR,
 * GDTR, IDTR, selectors, FS and GS bases, the 8259s' masks, the local APIC (timer.c), the UART (uart.c) and the
 * prefetchers (prefetchers.c); at the end, what the clock took of the PIT (clock.c). STAR, LSTAR and the other MSRs of
 * SYSCALL are never touched. TR is put back where the firmware had one; where it had none (a null TR cannot be loaded)
 * ours stays, a selector beyond the end of the firmware's GDT (registers.h), and the loader keeps our image reserved.
 *
 * The firmware's state is taken anew at each entry, ours at each exit. Interrupts stay masked on both sides; the
 * loader opens them.
 */
#include "kernel/arch.h"
#include "kernel/console/uart.h"
#include "kernel/machine.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/nx.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/units.h"

#include <stddef.h>

enum { PIC_MASTER_DATA = 0x21, PIC_SLAVE_DATA = 0xa1 };

/* The components whose place in XSAVE's standard form ends within VECTORS_BYTES (Intel SDM volume 1, 13.4.3). */
static const uint64_t XSAVE_COMPONENTS = XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_OPMASK | XCR0_ZMM_HI256 | XCR0_HI16_ZMM;

static struct state {
	struct processor_state processor;
	uint8_t pic_master, pic_slave;
} firmware, ours;

static bool has_xsave(void) {
	return cpu_choice()->xcr0 != 0;
}

/* With XCR0 and CR0 of whoever is saved in force. Bits that the area has no place for are somebody else's: the
 * firmware's compilers do not use them. */
static void vectors_save(struct processor_state *state) {
	if (!has_xsave()) {
		__asm__ volatile("fxsave64 %0" : "=m"(state->vectors));
		return;
	}
	uint64_t components = state->xcr0 & XSAVE_COMPONENTS;
	__asm__ volatile("xsave64 %0"
			 : "+m"(state->vectors)
			 : "a"((uint32_t)components), "d"((uint32_t)(components >> 32)));
}

static void vectors_load(const struct processor_state *state) {
	if (!has_xsave()) {
		__asm__ volatile("fxrstor64 %0" : : "m"(state->vectors));
		return;
	}
	uint64_t components = state->xcr0 & XSAVE_COMPONENTS;
	__asm__ volatile("xrstor64 %0"
			 :
			 : "m"(state->vectors), "a"((uint32_t)components), "d"((uint32_t)(components >> 32)));
}

static uint64_t xcr0_read(void) {
	uint32_t low, high;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

void processor_save(struct processor_state *state) {
	state->cr0 = cr0_read();
	state->cr3 = cr3_read();
	state->cr4 = cr4_read();
	state->efer = msr_read(MSR_IA32_EFER);
	state->pat = cpu_choice()->pat ? msr_read(MSR_IA32_PAT) : 0;
	state->fs_base = msr_read(MSR_IA32_FS_BASE);
	state->gs_base = msr_read(MSR_IA32_GS_BASE);
	__asm__ volatile("sgdt %0" : "=m"(state->gdtr));
	__asm__ volatile("sidt %0" : "=m"(state->idtr));
	__asm__ volatile("mov %%cs, %0" : "=r"(state->cs));
	__asm__ volatile("mov %%ss, %0" : "=r"(state->ss));
	__asm__ volatile("mov %%ds, %0" : "=r"(state->ds));
	__asm__ volatile("mov %%es, %0" : "=r"(state->es));
	__asm__ volatile("mov %%fs, %0" : "=r"(state->fs));
	__asm__ volatile("mov %%gs, %0" : "=r"(state->gs));
	__asm__ volatile("str %0" : "=r"(state->tr));
	/* For the saving only: the state's own CR0 and CR4 are noted. */
	cr0_write(state->cr0 & ~(uint64_t)(CR0_EM | CR0_TS));
	if (has_xsave()) {
		cr4_write(state->cr4 | CR4_OSXSAVE);
		state->xcr0 = xcr0_read();
	}
	vectors_save(state);
}

/* LTR wants a descriptor that is not busy, and leaves it busy: SDM volume 3A, 7.2.2. */
static void task_register_load(const struct processor_state *state) {
	static const uint64_t BUSY = UINT64_C(1) << 41;
	uint16_t now;
	__asm__ volatile("str %0" : "=r"(now));
	if (state->tr == 0 || state->tr == now)
		return;
	uint64_t *descriptor = (uint64_t *)(uintptr_t)(state->gdtr.base + (state->tr & ~7u));
	*descriptor &= ~BUSY;
	__asm__ volatile("ltr %0" : : "r"(state->tr) : "memory");
}

static void segments_load(const struct processor_state *state) {
	__asm__ volatile("lgdt %0\n\t"
			 "movzwl %1, %%eax\n\t"
			 "push %%rax\n\t"
			 "lea 1f(%%rip), %%rax\n\t"
			 "push %%rax\n\t"
			 "lretq\n"
			 "1:"
			 :
			 : "m"(state->gdtr), "r"(state->cs)
			 : "rax", "memory");
	__asm__ volatile("mov %0, %%ss" : : "r"(state->ss));
	__asm__ volatile("mov %0, %%ds" : : "r"(state->ds));
	__asm__ volatile("mov %0, %%es" : : "r"(state->es));
	__asm__ volatile("mov %0, %%fs" : : "r"(state->fs));
	__asm__ volatile("mov %0, %%gs" : : "r"(state->gs));
	msr_write(MSR_IA32_FS_BASE, state->fs_base);
	msr_write(MSR_IA32_GS_BASE, state->gs_base);
	task_register_load(state);
	__asm__ volatile("lidt %0" : : "m"(state->idtr));
}

/* The order matters: no-execute bits are in our tables as long as EFER must know them; PCIDE can be set only while
 * CR3 has no PCID, and user pages of the firmware's must not meet our SMEP. Our image is identity-mapped on both
 * sides. */
void processor_load(const struct processor_state *state, bool hides_nx) {
	msr_write(MSR_IA32_EFER, state->efer | (msr_read(MSR_IA32_EFER) & EFER_NXE));
	cr0_write(state->cr0 & ~(uint64_t)(CR0_EM | CR0_TS));
	cr4_write((state->cr4 & ~(uint64_t)(CR4_SMEP | CR4_SMAP)) | (has_xsave() ? CR4_OSXSAVE : 0));
	cr3_write(state->cr3);
	msr_write(MSR_IA32_EFER, state->efer);
	if (cpu_choice()->pat)
		msr_write(MSR_IA32_PAT, state->pat);
	if (has_xsave())
		xcr0_write(state->xcr0);
	vectors_load(state);
	cr4_write(state->cr4);
	cr0_write(state->cr0);
	/* Guarded: while our IDT is there. */
	if (hides_nx)
		nx_leave();
	segments_load(state);
}

static void state_save(struct state *state) {
	state->pic_master = port_read8(PIC_MASTER_DATA);
	state->pic_slave = port_read8(PIC_SLAVE_DATA);
	processor_save(&state->processor);
}

static void state_load(const struct state *state) {
	processor_load(&state->processor, state == &firmware);
	port_write8(PIC_MASTER_DATA, state->pic_master);
	port_write8(PIC_SLAVE_DATA, state->pic_slave);
}

void handback_firmware_save(void) {
	state_save(&firmware);
	timer_firmware_save();
}

void arch_handback(void) {
	prefetchers_leave();
	witness_leave();
	state_save(&ours);
	timer_leave();
	uart_leave();
	if (machine.call->request == KERNEL_REQUEST_EXIT)
		clock_leave();
	state_load(&firmware);
	handback_switch();
	handback_firmware_save();
	nx_take_up();
	state_load(&ours);
	timer_take_up();
	uart_take_up();
	prefetchers_take_up();
	witness_take_up();
}
