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

/* How much there is. */
static int64_t copy(const void *from, uint64_t length, void *to, uint64_t capacity) {
	if (length != 0)
		memcpy(to, from, length < capacity ? length : capacity);
	return (int64_t)length;
}

int64_t raw_table_copy(uint64_t number, void *bytes, uint64_t capacity) {
	static const char signatures[][5] = {"APIC", "PPTT", "SRAT", "SLIT", "HMAT"};
	_Static_assert(sizeof(signatures) / sizeof(signatures[0]) == RAW_SMBIOS, "behind the tables");
	const struct boot_bytes *smbios = &machine.info->smbios;
	if (number > RAW_SMBIOS)
		return PLATFORM_EINVAL;
	if (number == RAW_SMBIOS)
		return copy((const void *)(uintptr_t)smbios->address,
			    reach(smbios->address, smbios->length) ? smbios->length : 0, bytes, capacity);
	const struct acpi_header *table = acpi_find_reached(machine.info->acpi_rsdp, signatures[number], reach);
	return copy(table, table != NULL ? table->length : 0, bytes, capacity);
}
