/* SPDX-License-Identifier: Apache-2.0
 *
 * What a fault is called, and what becomes of the kernel's own: they are the end.
 * Source: Arm ARM (DDI 0487), D17.2.37 (ESR_EL1).
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/frame.h"
#include "kernel/aarch64/registers.h"
#include "kernel/console/console.h"
#include "kernel/core_list.h"
#include "kernel/end.h"
#include "kernel/format.h"
#include "kernel/image.h"
#include "kernel/machine.h"
#include "kernel/memory/core_area.h"
#include "kernel/program/core_state.h"

_Noreturn void fault_of_kernel(uint64_t stack);
_Noreturn void fault_at_el2(uint64_t esr, uint64_t instruction, uint64_t far);

static void name_set(struct platform_fault *fault, const char *first, const char *second) {
	size_t length = 0;
	const char *parts[] = {first, second};
	for (unsigned i = 0; i < 2; i++) {
		for (const char *at = parts[i]; *at != '\0' && length + 1 < sizeof(fault->name); at++)
			fault->name[length++] = *at;
	}
	fault->name[length] = '\0';
}

/* Fault status code, levels left out. */
static const char *abort_cause(unsigned fsc) {
	if (fsc == 0x21)
		return "alignment fault";
	switch (fsc >> 2) {
	case 0x0:
		return "address size fault";
	case 0x1:
		return "translation fault";
	case 0x2:
		return "access flag fault";
	case 0x3:
		return "permission fault";
	case 0x4:
	case 0x5:
		return "external abort";
	default:
		return "abort";
	}
}

void fault_name(struct platform_fault *fault, uint64_t esr) {
	bool writes = (esr & ESR_ABORT_WNR) != 0 && (esr & ESR_ABORT_CM) == 0;
	switch (fault->vector) {
	case ESR_EC_UNKNOWN:
		name_set(fault, "undefined instruction", "");
		break;
	case ESR_EC_ILLEGAL_STATE:
		name_set(fault, "illegal state", "");
		break;
	case ESR_EC_SYS64:
		name_set(fault, "system register access", "");
		break;
	case ESR_EC_IABT_LOWER:
		name_set(fault, "fetch ", abort_cause(esr & ESR_FSC_MASK));
		break;
	case ESR_EC_DABT_LOWER:
		name_set(fault, writes ? "write " : "read ", abort_cause(esr & ESR_FSC_MASK));
		break;
	case ESR_EC_PC_ALIGNMENT:
		name_set(fault, "PC alignment fault", "");
		break;
	case ESR_EC_SP_ALIGNMENT:
		name_set(fault, "SP alignment fault", "");
		break;
	case ESR_EC_FP64:
		name_set(fault, "floating-point exception", "");
		break;
	case ESR_EC_SERROR:
		name_set(fault, "SError", "");
		break;
	case ESR_EC_SVC64:
		name_set(fault, "SVC", "");
		break;
	case ESR_EC_BRK64:
		name_set(fault, "BRK", "");
		break;
	default:
		name_set(fault, "exception", "");
		break;
	}
}

/* On another core of ours, at EL1: the fault becomes that of its task. */
static void core_panic(uint64_t esr, uint64_t instruction, uint64_t far, uint64_t stack) {
	unsigned cpu;
	if (!core_area_of(register_read(TPIDR_EL1), &cpu) || cpu == core_list.home)
		return;
	struct platform_fault fault = {
		.outcome = PLATFORM_FAULTED,
		.vector = register_field(esr, ESR_EC_SHIFT, ESR_EC_BITS),
		.code = esr,
		.address = far,
		.instruction = instruction,
		.stack = stack,
	};
	format_copy(fault.name, sizeof(fault.name), "in the kernel");
	core_broken(cpu, &fault);
}

/* From vectors.S, on the trap stack. */
_Noreturn void fault_of_kernel(uint64_t stack) {
	uint64_t at = register_read(ELR_EL1), esr = register_read(ESR_EL1), far = register_read(FAR_EL1);
	core_panic(esr, at, far, stack);
	panic("exception in the kernel: ESR %lx, FAR %lx, instruction %lx (image + 0x%lx), stack %lx", esr, far, at,
	      at - (uint64_t)kernel_image_start, stack);
}

/* From vectors_el2.S, on the trap stack, at EL2 in the firmware's regime or at EL1 in ours. Half of what the firmware
 * needs may be changed: it is not asked any more. */
_Noreturn void fault_at_el2(uint64_t esr, uint64_t instruction, uint64_t far) {
	bool at_el2 = register_read(CurrentEL) == CURRENTEL_EL2;
	if (!at_el2)
		core_panic(esr, instruction, far, 0);
	console_print("anechoic: kernel panic: exception %s EL2: ESR %lx, FAR %lx, instruction %lx (image + 0x%lx)\n",
		      at_el2 ? "at" : "taken to", esr, far, instruction, instruction - (uint64_t)kernel_image_start);
	arch_exit(STATUS_FAILED, machine.exit_way);
}
