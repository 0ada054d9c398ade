/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/reset.h"

#include "kernel/acpi.h"
#include "kernel/arch.h"
#include "kernel/memory/device.h"

static struct {
	bool known;
	bool in_memory;
	uint64_t address;
	uint8_t value;
} reset;

bool reset_find(uint64_t rsdp) {
	struct acpi_fadt fadt;
	reset.known = false;
	if (!acpi_fadt_read(rsdp, &fadt) || !fadt.reset_supported || fadt.reset.address == 0)
		return false;
	reset.address = fadt.reset.address;
	reset.value = fadt.reset_value;
	reset.in_memory = fadt.reset.space == ACPI_SPACE_MEMORY;
	if (reset.in_memory)
		device_map((paddr_t){reset.address}, 1, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	reset.known = reset.in_memory ||
		      (fadt.reset.space == ACPI_SPACE_IO && reset.address <= UINT16_MAX && arch_port_io.write8 != NULL);
	return reset.known;
}

/* volatile: a device register, of 8 bits always. */
void reset_write(void) {
	if (reset.known && reset.in_memory)
		*(volatile uint8_t *)(uintptr_t)reset.address = reset.value;
	else if (reset.known)
		arch_port_io.write8((uint16_t)reset.address, reset.value);
}
