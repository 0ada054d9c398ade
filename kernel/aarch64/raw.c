/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: Arm ARM (DDI 0487), D23.2 (CLIDR_EL1, CSSELR_EL1, CCSIDR_EL1).
 */
#include "kernel/aarch64/core.h"
#include "kernel/aarch64/registers.h"

/* CLIDR_EL1.Ctype: what there is at a level. */
static bool has_cache(uint64_t clidr, unsigned select) {
	enum { NONE = 0, INSTRUCTION = 1, SEPARATE = 3 };
	uint64_t type = register_field(clidr, select / 2 * 3, 3);
	return select & 1 ? type == INSTRUCTION || type == SEPARATE : type != NONE && type != INSTRUCTION;
}

void arch_registers_read(struct gate_registers *registers) {
#define READ(name) registers->values[ID_REGISTER_##name] = register_read(name);
	ID_REGISTERS(READ)
#undef READ
	registers->known = true;
	registers->caches_known = 0;
	uint64_t before = register_read(CSSELR_EL1);
	for (unsigned select = 0; select < ID_CACHES; select++) {
		if (!has_cache(registers->values[ID_REGISTER_CLIDR_EL1], select))
			continue;
		register_write(CSSELR_EL1, select);
		barrier_instruction();
		registers->caches[select] = register_read(CCSIDR_EL1);
		registers->caches_known |= UINT64_C(1) << select;
	}
	register_write(CSSELR_EL1, before);
}

const struct gate_registers *arch_core_registers(unsigned cpu) {
	return &core_arch(cpu)->registers;
}
