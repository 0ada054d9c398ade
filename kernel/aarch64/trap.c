/* SPDX-License-Identifier: Apache-2.0
 *
 * Traps of the programme, described; reads of ID registers, served: at EL0 they trap, and the programme detects its
 * features with them as it does on Linux.
 * Source: Arm ARM (DDI 0487), D17.2.37 (ESR_EL1); ID registers at EL0: D8.11, K.a and FEAT_IDST.
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/frame.h"
#include "kernel/aarch64/registers.h"
#include "kernel/format.h"
#include "kernel/gate.h"
#include "kernel/memory/page_work.h"

#include <stddef.h>

_Static_assert(offsetof(struct arch_frame, sp) == FRAME_SP, "frame.h");
_Static_assert(offsetof(struct arch_frame, pc) == FRAME_PC, "frame.h");
_Static_assert(offsetof(struct arch_frame, spsr) == FRAME_SPSR, "frame.h");

enum { ARGUMENTS = 4, GATE_NUMBER_REGISTER = 8, INSTRUCTION_BYTES = 4, REGISTER_ZERO = 31 };

static struct arch_frame program_frame;

struct arch_frame *arch_program_frame(void) {
	return &program_frame;
}

void arch_program_start(struct arch_frame *frame, uint64_t entry, uint64_t stack, uint64_t argument) {
	arch_frame_resume(frame, entry, stack, argument);
}

void arch_frame_set_result(struct arch_frame *frame, uint64_t result) {
	frame->x[0] = result;
}

void arch_frame_resume(struct arch_frame *frame, uint64_t instruction, uint64_t stack, uint64_t argument) {
	*frame = (struct arch_frame){.sp = stack, .pc = instruction, .spsr = SPSR_M_EL0T};
	frame->x[0] = argument;
}

/* ---- ID registers ------------------------------------------------------------------------------------------------ */

/* CRm and op2 of op0 3, op1 0, CRn 0. */
#define ID_KEY(crm, op2) ((crm) << 3 | (op2))

/* What is not listed reads as zero, as the architecture has it for what it has not allocated. SME is not switched on,
 * so it is not shown. */
static uint64_t id_register(unsigned crm, unsigned op2) {
	switch (ID_KEY(crm, op2)) {
	case ID_KEY(0, 0):
		return register_read(MIDR_EL1);
	case ID_KEY(0, 5):
		return register_read(MPIDR_EL1);
	case ID_KEY(0, 6):
		return register_read(REVIDR_EL1);
	case ID_KEY(4, 0):
		return register_read(ID_AA64PFR0_EL1);
	case ID_KEY(4, 1):
		return register_read(ID_AA64PFR1_EL1) & ~(UINT64_C(0xf) << ID_AA64PFR1_SME_SHIFT);
	case ID_KEY(4, 4):
		return register_read(ID_AA64ZFR0_EL1);
	case ID_KEY(5, 0):
		return register_read(ID_AA64DFR0_EL1);
	case ID_KEY(5, 1):
		return register_read(ID_AA64DFR1_EL1);
	case ID_KEY(6, 0):
		return register_read(ID_AA64ISAR0_EL1);
	case ID_KEY(6, 1):
		return register_read(ID_AA64ISAR1_EL1);
	case ID_KEY(6, 2):
		return register_read(ID_AA64ISAR2_EL1);
	case ID_KEY(7, 0):
		return register_read(ID_AA64MMFR0_EL1);
	case ID_KEY(7, 1):
		return register_read(ID_AA64MMFR1_EL1);
	case ID_KEY(7, 2):
		return register_read(ID_AA64MMFR2_EL1);
	default:
		return 0;
	}
}

struct system_access {
	unsigned op0, op1, crn, crm, op2, rt;
	bool read;
};

static bool access_serve(struct arch_frame *frame, struct system_access access) {
	bool identifies = access.op0 == 3 && access.op1 == 0 && access.crn == 0 && access.crm <= 7;
	if (!access.read || !identifies)
		return false;
	if (access.rt != REGISTER_ZERO)
		frame->x[access.rt] = id_register(access.crm, access.op2);
	frame->pc += INSTRUCTION_BYTES;
	return true;
}

/* ISS of EC 0x18. */
static bool trapped_access_serve(struct arch_frame *frame, uint64_t esr) {
	return access_serve(frame, (struct system_access){
					   .op0 = register_field(esr, 20, 2),
					   .op2 = register_field(esr, 17, 3),
					   .op1 = register_field(esr, 14, 3),
					   .crn = register_field(esr, 10, 4),
					   .rt = register_field(esr, 5, 5),
					   .crm = register_field(esr, 1, 4),
					   .read = (esr & 1) != 0,
				   });
}

/* Without FEAT_IDST an ID register is simply undefined at EL0. The instruction was just fetched from there, so it can
 * be read. */
static bool undefined_access_serve(struct arch_frame *frame) {
	uint32_t instruction = *(const uint32_t *)frame->pc;
	if (register_field(instruction, 22, 10) != 0x354) /* system instructions */
		return false;
	return access_serve(frame, (struct system_access){
					   .op0 = 2 + register_field(instruction, 19, 1),
					   .op1 = register_field(instruction, 16, 3),
					   .crn = register_field(instruction, 12, 4),
					   .crm = register_field(instruction, 8, 4),
					   .op2 = register_field(instruction, 5, 3),
					   .rt = register_field(instruction, 0, 5),
					   .read = register_field(instruction, 20, 2) == 3,
				   });
}

static bool far_is_valid(unsigned ec, uint64_t esr) {
	bool abort = ec == ESR_EC_IABT_LOWER || ec == ESR_EC_DABT_LOWER;
	return ec == ESR_EC_PC_ALIGNMENT || (abort && (esr & ESR_ABORT_FNV) == 0);
}

/* ---- the programme runs ------------------------------------------------------------------------------------------ */

static void synchronous(struct arch_frame *frame, struct arch_trap *trap, uint64_t esr) {
	unsigned ec = register_field(esr, ESR_EC_SHIFT, ESR_EC_BITS);
	if (ec == ESR_EC_SVC64 && frame->pc == GATE_STUB + INSTRUCTION_BYTES) {
		trap->kind = ARCH_TRAP_GATE;
		trap->number = frame->x[GATE_NUMBER_REGISTER];
		for (unsigned i = 0; i < ARGUMENTS; i++)
			trap->arguments[i] = frame->x[i];
		return;
	}
	if ((ec == ESR_EC_SYS64 && trapped_access_serve(frame, esr)) ||
	    (ec == ESR_EC_UNKNOWN && undefined_access_serve(frame))) {
		trap->kind = ARCH_TRAP_EMULATED;
		return;
	}
	trap->fault.address = far_is_valid(ec, esr) ? register_read(FAR_EL1) : 0;
	if (ec == ESR_EC_DABT_LOWER && frame == &program_frame && page_work_give(trap->fault.address)) {
		trap->kind = ARCH_TRAP_EMULATED;
		return;
	}
	if (ec == ESR_EC_SVC64)
		trap->fault.instruction -= INSTRUCTION_BYTES; /* ELR lies behind it */
	trap->kind = ARCH_TRAP_FAULT;
	trap->fault.outcome = PLATFORM_FAULTED;
	fault_name(&trap->fault, esr);
}

static void asynchronous(struct arch_trap *trap, enum vector vector) {
	if (vector == VECTOR_SERROR) {
		trap->kind = ARCH_TRAP_PANIC;
		trap->fault.outcome = PLATFORM_FAULTED;
		fault_name(&trap->fault, trap->fault.code);
		return;
	}
	trap->fault.vector = 0;
	trap->fault.code = 0;
	enum gic_interrupt interrupt = vector == VECTOR_FIQ ? GIC_NONE : gic_acknowledge();
	if (interrupt != GIC_TIMER) {
		trap->kind = interrupt == GIC_SIGNAL ? ARCH_TRAP_STOP : ARCH_TRAP_SPURIOUS;
		return;
	}
	trap->kind = ARCH_TRAP_TIMER;
	trap->fault.outcome = PLATFORM_TIMED_OUT;
	format_copy(trap->fault.name, sizeof(trap->fault.name), "time-out");
}

void arch_program_run(struct arch_frame *frame, struct arch_trap *trap) {
	/* What the kernel has written to translation tables since is seen by the programme's first access. */
	barrier_memory();
	barrier_instruction();
	enum vector vector = vectors_enter_program(frame);
	uint64_t ticks = vector == VECTOR_IRQ ? arch_ticks() : 0;
	uint64_t esr = register_read(ESR_EL1);
	*trap = (struct arch_trap){
		.ticks = ticks,
		.fault =
			{
				.vector = register_field(esr, ESR_EC_SHIFT, ESR_EC_BITS),
				.code = esr,
				.instruction = frame->pc,
				.stack = frame->sp,
			},
	};
	if (vector == VECTOR_SYNCHRONOUS)
		synchronous(frame, trap, esr);
	else
		asynchronous(trap, vector);
}
