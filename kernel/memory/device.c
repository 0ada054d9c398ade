/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/memory/device.h"

#include "kernel/machine.h"
#include "lib/units.h"

/* Once, however often the firmware had the machine in between. */
static void note(uint64_t base, uint64_t length, unsigned rights) {
	for (unsigned i = 0; i < machine.device_count && i < MACHINE_DEVICES_MAX; i++) {
		if (machine.devices[i].base == base && machine.devices[i].length == length)
			return;
	}
	if (machine.device_count < MACHINE_DEVICES_MAX)
		machine.devices[machine.device_count] = (struct machine_device){base, length, rights};
	machine.device_count++;
}

static int identity_map(uint64_t base, uint64_t bytes, unsigned rights) {
	return pagetable_map(&machine.pages, (vaddr_t){base}, (paddr_t){base}, bytes, rights, 0);
}

bool device_map(paddr_t base, uint64_t length, unsigned rights) {
	if (!machine.pages_made) {
		note(base.value, length, rights);
		return true;
	}
	uint64_t at = base.value & ~(PAGE_BYTES - 1), end = (base.value + length + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	if (at == 0)
		at = PAGE_BYTES;
	if (at >= end || identity_map(at, end - at, rights) == 0)
		return true;
	/* Some of it may be mapped already. */
	for (; at < end; at += PAGE_BYTES) {
		int error = identity_map(at, PAGE_BYTES, rights);
		if (error != 0 && error != PAGETABLE_EMAPPED)
			return false;
	}
	return true;
}
