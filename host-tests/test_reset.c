/* SPDX-License-Identifier: Apache-2.0
 *
 * The FADT's reset register, in a port and in memory; and FADTs without one.
 */
#include "kernel/reset.h"

#include "host-tests/acpi_build.h"
#include "kernel/acpi.h"
#include "kernel/arch.h"
#include "kernel/memory/device.h"

#include <criterion/criterion.h>

static unsigned port_written, value_written, writes;
static uint64_t mapped;

static uint8_t fake_read8(uint16_t port) {
	cr_assert_fail("port %x is read", port);
	return 0;
}

static void fake_write8(uint16_t port, uint8_t value) {
	port_written = port;
	value_written = value;
	writes++;
}

const struct port_io arch_port_io = {.read8 = fake_read8, .write8 = fake_write8};

bool device_map(paddr_t base, uint64_t length, unsigned rights) {
	cr_expect_eq(length, 1);
	cr_expect_eq(rights, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	mapped = base.value;
	return true;
}

static void fadt_add(uint32_t length, bool supported, unsigned space, uint64_t register_at, uint8_t value) {
	acpi_setup();
	uint8_t *table = table_add("FACP", length);
	put(table + 112, supported ? 1u << 10 : 0, 4);
	table[116] = (uint8_t)space;
	table[117] = 8;
	put(table + 120, register_at, 8);
	if (length > 128)
		table[128] = value;
	seal(table, length, 9);
}

Test(reset, a_port) {
	fadt_add(129, true, ACPI_SPACE_IO, 0xcf9, 6);
	cr_assert(reset_find(rsdp()), "129 bytes hold it whole");
	cr_expect_eq(writes, 0);
	reset_write();
	cr_expect_eq(writes, 1);
	cr_expect_eq(port_written, 0xcf9);
	cr_expect_eq(value_written, 6);
	cr_expect_eq(mapped, 0);
}

Test(reset, memory) {
	static uint8_t registers[3] = {1, 2, 3};
	fadt_add(276, true, ACPI_SPACE_MEMORY, (uint64_t)(uintptr_t)&registers[1], 0x5a);
	cr_assert(reset_find(rsdp()));
	cr_expect_eq(mapped, (uintptr_t)&registers[1]);
	reset_write();
	cr_expect_eq(registers[0], 1);
	cr_expect_eq(registers[1], 0x5a);
	cr_expect_eq(registers[2], 3);
	cr_expect_eq(writes, 0);
}

Test(reset, none) {
	enum { PCI_SPACE = 2 };
	fadt_add(128, true, ACPI_SPACE_IO, 0xcf9, 0);
	cr_expect_not(reset_find(rsdp()), "its value is cut off");
	fadt_add(129, false, ACPI_SPACE_IO, 0xcf9, 6);
	cr_expect_not(reset_find(rsdp()), "not supported, says the flag");
	fadt_add(129, true, ACPI_SPACE_IO, 0x10cf9, 6);
	cr_expect_not(reset_find(rsdp()), "no port that high");
	fadt_add(129, true, PCI_SPACE, 0x44, 6);
	cr_expect_not(reset_find(rsdp()));
	fadt_add(129, true, ACPI_SPACE_MEMORY, UINT64_C(1) << 48, 6);
	cr_expect_not(reset_find(rsdp()), "no page table reaches it");
	fadt_add(129, true, ACPI_SPACE_IO, 0, 6);
	cr_expect_not(reset_find(rsdp()));
	cr_expect_not(reset_find(0));
	reset_write();
	cr_expect_eq(writes, 0);
}
