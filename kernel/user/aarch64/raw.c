/* SPDX-License-Identifier: Apache-2.0
 *
 * EL0 may read next to nothing of it: the kernel has what a core said as it came.
 */
#include "kernel/user/raw.h"

#include "kernel/user/gate_call.h"

void raw_core_ask(struct raw_core *core) {
	core->leaf_count = 0;
}

void raw_core_tell(const struct raw_core *core, uint32_t cpu) {
#define NAME(name) #name,
	static const char *const names[] = {ID_REGISTERS(NAME)};
#undef NAME
	/* Volatile: the kernel writes it while the compiler believes that nobody does. */
	volatile struct gate_registers registers = {0};
	if (gate_call(GATE_REGISTERS, core->core, (uint64_t)(uintptr_t)&registers, 0) != 0 || !registers.known)
		return;
	uint64_t value;
	struct platform_raw raw = {.kind = PLATFORM_RAW_REGISTER, .cpu = cpu, .bytes = &value, .length = sizeof(value)};
	for (unsigned i = 0; i < ID_REGISTER_COUNT; i++) {
		raw.name = names[i];
		value = registers.values[i];
		core->reader->take(core->reader->argument, &raw);
	}
	raw.name = "CCSIDR_EL1";
	for (raw.id = 0; raw.id < ID_CACHES; raw.id++) {
		value = registers.caches[raw.id];
		if (registers.caches_known >> raw.id & 1)
			core->reader->take(core->reader->argument, &raw);
	}
}
