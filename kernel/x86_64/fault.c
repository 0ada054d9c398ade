/* SPDX-License-Identifier: Apache-2.0
 *
 * What a fault is called, and what becomes of the kernel's own: but for an instruction that may be refused, they are
 * the end; so are double faults, machine checks and NMIs that tell of an error. Other NMIs are counted, and that is
 * all: a watchdog's, a button's, another guest's of a host that lets them through.
 */
#include "kernel/console/console.h"
#include "kernel/core_list.h"
#include "kernel/end.h"
#include "kernel/format.h"
#include "kernel/image.h"
#include "kernel/memory/core_area.h"
#include "kernel/program/core_state.h"
#include "kernel/x86_64/frame.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"

#include <stddef.h>

enum { EXCEPTIONS = 32 };
enum { PAGE_FAULT_WRITE = 1u << 1, PAGE_FAULT_FETCH = 1u << 4 };

static const char *const exception_names[EXCEPTIONS] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "#9",  "#TS", "#NP", "#SS", "#GP", "#PF", "#15",
	"#MF", "#AC", "#MC", "#XM", "#VE", "#CP", "#22", "#23", "#24", "#25", "#26", "#27", "#28", "#29", "#30", "#31",
};

void fault_describe(const struct arch_frame *from, struct platform_fault *fault) {
	*fault = (struct platform_fault){
		.outcome = PLATFORM_FAULTED,
		.vector = (uint32_t)from->vector,
		.code = from->error,
		.instruction = from->rip,
		.stack = from->rsp,
	};
	const char *access = "";
	if (from->vector == VECTOR_PAGE_FAULT) {
		fault->address = cr2_read();
		access = from->error & PAGE_FAULT_WRITE   ? " write"
			 : from->error & PAGE_FAULT_FETCH ? " fetch"
							  : " read";
	}
	const char *name = from->vector < EXCEPTIONS ? exception_names[from->vector] : "interrupt";
	format_text(fault->name, sizeof(fault->name), "%s%s", name, access);
}

/* Whether an instruction that may be refused was; *from then goes on behind it. */
static bool guarded(struct arch_frame *from) {
	const uint8_t *at = (const uint8_t *)(uintptr_t)from->rip;
	bool refused = from->vector == VECTOR_GENERAL_PROTECTION || from->vector == VECTOR_INVALID_OPCODE;
	if (!refused || (at != guarded_msr_read_at && at != guarded_msr_write_at && at != guarded_xcr0_write_at))
		return false;
	from->rip = (uint64_t)(uintptr_t)guarded_refused;
	return true;
}

/* System control port B (PC AT; Intel chipset data sheets, NMI_SC): SERR# and IOCHK#. All ones: there is none. */
static bool nmi_tells_of_an_error(void) {
	enum { PORT_B = 0x61, NOTHING_THERE = 0xff, SERR = 1u << 7, IOCHK = 1u << 6 };
	uint8_t status = arch_port_io.read8(PORT_B);
	return status != NOTHING_THERE && status & (SERR | IOCHK);
}

void fault_of_kernel(struct arch_frame *from) {
	if (guarded(from))
		return;
	unsigned cpu;
	bool in_area = core_area_of((uint64_t)(uintptr_t)from, &cpu);
	/* The one that woke it may come when it is the first core already. */
	if (in_area && from->vector == VECTOR_NMI) {
		core_signalled(cpu, from);
		return;
	}
	if (from->vector == VECTOR_NMI && !in_area && !nmi_tells_of_an_error()) {
		witness_count_nmi(core_list.home);
		return;
	}
	struct platform_fault fault;
	fault_describe(from, &fault);
	if (in_area && cpu != core_list.home)
		core_broken(cpu, &fault);
	console_print("RAX %lx RBX %lx RCX %lx RDX %lx RSI %lx RDI %lx RBP %lx RSP %lx\n", from->rax, from->rbx,
		      from->rcx, from->rdx, from->rsi, from->rdi, from->rbp, from->rsp);
	console_print("R8 %lx R9 %lx R10 %lx R11 %lx R12 %lx R13 %lx R14 %lx R15 %lx\n", from->r8, from->r9, from->r10,
		      from->r11, from->r12, from->r13, from->r14, from->r15);
	console_print("RFLAGS %lx CS %lx SS %lx CR0 %lx CR3 %lx CR4 %lx\n", from->rflags, from->cs, from->ss,
		      cr0_read(), cr3_read(), cr4_read());
	panic("%s in the kernel (image at %lx): code %lx, address %lx, instruction %lx", fault.name,
	      (uint64_t)(uintptr_t)kernel_image_start, fault.code, fault.address, fault.instruction);
}
