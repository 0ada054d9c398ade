/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/program/raw.h"

#include "kernel/machine.h"
#include "kernel/memory/device.h"
#include "lib/acpi.h"

#include <stddef.h>
#include <string.h>

/* A table may lie where no memory was named for it: it is mapped when it is asked for. */
static bool reach(uint64_t address, uint64_t length) {
	uint64_t end = machine.cpu.physical_bits < 64 ? UINT64_C(1) << machine.cpu.physical_bits : 0;
	return address != 0 && length <= end && address <= end - length &&
	       device_map((paddr_t){address}, length, PAGE_READ);
}

int64_t raw_table_copy(uint64_t number, void *bytes, uint64_t capacity) {
	static const char signatures[][5] = {"APIC", "PPTT", "SRAT", "SLIT", "HMAT"};
	if (number >= sizeof(signatures) / sizeof(signatures[0]))
		return PLATFORM_EINVAL;
	const struct acpi_header *table = acpi_find_reached(machine.info->acpi_rsdp, signatures[number], reach);
	if (table == NULL)
		return 0;
	memcpy(bytes, table, table->length < capacity ? table->length : capacity);
	return table->length;
}
