/* SPDX-License-Identifier: Apache-2.0
 *
 * Device trees, written here by libfdt, through to what the kernel reads of the tables that are made of them.
 */
#include "boot/tree/tree.h"
#include "host-tests/guarded.h"
#include "kernel/acpi.h"
#include "lib/serial.h"

#include <criterion/criterion.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

enum { TREE_ROOM = 8192, CELLS_MAX = 32 };

/* ---- writing a tree ---------------------------------------------------------------------------------------------- */

static uint8_t made[TREE_ROOM] __attribute__((aligned(8)));

static void sound(int error) {
	cr_assert_eq(error, 0, "libfdt: %d", error);
}

static void node(const char *name) {
	sound(fdt_begin_node(made, name));
}

static void end(void) {
	sound(fdt_end_node(made));
}

static void text(const char *name, const char *value) {
	sound(fdt_property_string(made, name, value));
}

#define CELLS(name, ...) \
	cells(name, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void cells(const char *name, const uint32_t *values, size_t count) {
	fdt32_t stored[CELLS_MAX];
	for (size_t i = 0; i < count; i++)
		stored[i] = cpu_to_fdt32(values[i]);
	sound(fdt_property(made, name, stored, (int)(count * sizeof(stored[0]))));
}

static void begin(const char *model) {
	sound(fdt_create(made, sizeof(made)));
	sound(fdt_add_reservemap_entry(made, 0x40000000, 0x1000));
	sound(fdt_finish_reservemap(made));
	node("");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	text("compatible", model);
}

static void finish(void) {
	end();
	sound(fdt_finish(made));
}

static void cpu(uint32_t id, const char *status) {
	char name[16];
	snprintf(name, sizeof(name), "cpu@%x", id);
	node(name);
	text("device_type", "cpu");
	CELLS("reg", id);
	if (status != NULL)
		text("status", status);
	end();
}

static void cpus(void) {
	node("cpus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 0);
	cpu(0, NULL);
	cpu(1, "okay");
	cpu(0x100, NULL);
	cpu(0x101, "disabled");
	end();
}

static void spinning_cpu(uint32_t id, const char *method, const uint32_t *release, size_t count) {
	char name[16];
	snprintf(name, sizeof(name), "cpu@%x", id);
	node(name);
	text("device_type", "cpu");
	CELLS("reg", id);
	text("enable-method", method);
	cells("cpu-release-addr", release, count);
	end();
}

static void psci(const char *method) {
	node("psci");
	sound(fdt_property(made, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26));
	text("method", method);
	end();
}

static void memory(void) {
	node("memory@40000000");
	text("device_type", "memory");
	CELLS("reg", 0, 0x40000000, 0, 0x20000000, 8, 0x80000000, 1, 0);
	end();
	node("reserved-memory");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	sound(fdt_property(made, "ranges", "", 0));
	node("firmware@50000000");
	CELLS("reg", 0, 0x50000000, 0, 0x200000);
	end();
	end();
}

static void timer(void) {
	node("timer");
	text("compatible", "arm,armv8-timer");
	CELLS("interrupts", 1, 13, 0x104, 1, 14, 0x104, 1, 11, 0x104, 1, 10, 0x104);
	end();
}

/* As QEMU's virt with a GICv3 is, and a second redistributor region. */
static void make_virt(void) {
	begin("linux,dummy-virt");
	node("chosen");
	text("stdout-path", "/pl011@9000000");
	text("bootargs", "--quick pool");
	end();
	cpus();
	psci("hvc");
	memory();
	timer();
	node("intc@8000000");
	text("compatible", "arm,gic-v3");
	CELLS("#interrupt-cells", 3);
	CELLS("#redistributor-regions", 2);
	CELLS("reg", 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0xf60000, 0x40, 0, 0, 0x4000000);
	end();
	node("pl011@9000000");
	text("compatible", "arm,pl011");
	CELLS("reg", 0, 0x09000000, 0, 0x1000);
	end();
	finish();
}

/* As a Raspberry Pi 4 is: devices on a bus with addresses of its own, the mini UART by an alias, cores that spin. */
static void make_pi(void) {
	begin("raspberrypi,4-model-b");
	node("aliases");
	text("serial0", "/soc/serial@7e215040");
	end();
	node("chosen");
	text("stdout-path", "serial0:115200n8");
	end();
	cpus();
	memory();
	timer();
	node("soc");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0x7e000000, 0, 0xfe000000, 0x01800000, 0x40000000, 0, 0xff800000, 0x00800000);
	node("serial@7e201000");
	text("compatible", "arm,pl011");
	CELLS("reg", 0x7e201000, 0x200);
	end();
	node("serial@7e215040");
	text("compatible", "brcm,bcm2835-aux-uart");
	CELLS("reg", 0x7e215040, 0x40);
	end();
	node("interrupt-controller@40041000");
	text("compatible", "arm,gic-400");
	CELLS("reg", 0x40041000, 0x1000, 0x40042000, 0x2000);
	end();
	end();
	finish();
}

/* ---- what is read ------------------------------------------------------------------------------------------------ */

static struct tree_machine machine;
static uint8_t tables[TREE_TABLES_BYTES] __attribute__((aligned(16)));

static uint64_t rsdp_of_made(void) {
	cr_assert(tree_read(made, &machine));
	return tree_tables(&machine, tables);
}

Test(tree, tells_memory_what_is_reserved_of_it_and_the_words) {
	make_virt();
	cr_assert(tree_read(made, &machine));
	cr_assert_eq(machine.memory_count, 2);
	cr_expect_eq(machine.memory[0].base, 0x40000000);
	cr_expect_eq(machine.memory[0].length, 0x20000000);
	cr_expect_eq(machine.memory[1].base, UINT64_C(0x880000000));
	cr_expect_eq(machine.memory[1].length, UINT64_C(0x100000000));
	cr_assert_eq(machine.reserved_count, 2);
	cr_expect_eq(machine.reserved[0].base, 0x40000000);
	cr_expect_eq(machine.reserved[1].base, 0x50000000);
	cr_assert_eq(machine.command_line.length, strlen("--quick pool"));
	cr_expect_arr_eq((const void *)(uintptr_t)machine.command_line.address, "--quick pool", 12);
	cr_expect_str_eq(machine.name, "linux,dummy-virt");
}

Test(tree, becomes_tables_with_cores_and_a_gic_v3) {
	static const uint64_t ids[] = {0, 1, 0x100};
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	make_virt();
	cr_assert(acpi_madt_open(rsdp_of_made(), &madt));
	for (size_t i = 0; i < 3; i++) {
		cr_assert(acpi_madt_next(&madt, &entry));
		cr_expect(entry.type == ACPI_MADT_GICC && entry.enabled);
		cr_expect_eq(entry.id, ids[i]);
	}
	cr_assert(acpi_madt_next(&madt, &entry));
	cr_expect_eq(entry.type, ACPI_MADT_GICD);
	cr_expect_eq(entry.gic_version, 3);
	cr_expect_eq(entry.address, 0x08000000);
	cr_assert(acpi_madt_next(&madt, &entry));
	cr_expect_eq(entry.address, 0x080a0000);
	cr_expect_eq(entry.length, 0xf60000);
	cr_assert(acpi_madt_next(&madt, &entry));
	cr_expect_eq(entry.address, UINT64_C(0x4000000000));
	cr_expect_not(acpi_madt_next(&madt, &entry));
}

Test(tree, becomes_tables_with_psci_the_timer_and_the_serial_port) {
	struct acpi_fadt fadt;
	struct acpi_gtdt gtdt;
	struct serial_port ports[SERIAL_PORTS_MAX];
	make_virt();
	uint64_t rsdp = rsdp_of_made();
	cr_assert(acpi_fadt_read(rsdp, &fadt));
	cr_expect(fadt.psci && fadt.psci_hvc && !fadt.reset_supported);
	cr_assert(acpi_gtdt_read(rsdp, &gtdt));
	cr_expect_eq(gtdt.secure_el1, 29);
	cr_expect_eq(gtdt.physical_el1, 30);
	cr_expect_eq(gtdt.virtual_el1, 27);
	cr_expect_eq(gtdt.physical_el2, 26);
	cr_assert_eq(serial_ports_list(rsdp, false, ports), 1);
	cr_expect_str_eq(ports[0].name, "PL011");
	cr_expect_eq(ports[0].base, 0x09000000);
}

Test(tree, translates_a_buss_addresses_and_takes_the_console_that_is_chosen) {
	struct acpi_fadt fadt;
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	struct serial_port ports[SERIAL_PORTS_MAX];
	make_pi();
	uint64_t rsdp = rsdp_of_made();
	cr_assert_eq(serial_ports_list(rsdp, false, ports), 1);
	cr_expect_str_eq(ports[0].name, "16550 of SPCR");
	cr_expect_eq(ports[0].base, 0xfe215040);
	cr_expect(ports[0].stride == 4 && ports[0].access_bytes == 4 && ports[0].takes_one);
	cr_assert(acpi_fadt_read(rsdp, &fadt));
	cr_expect_not(fadt.psci);
	cr_assert(acpi_madt_open(rsdp, &madt));
	cr_assert(acpi_madt_next(&madt, &entry));
	cr_expect_eq(entry.address, 0xff842000, "the interface of the GICv2");
	while (acpi_madt_next(&madt, &entry) && entry.type != ACPI_MADT_GICD)
		;
	cr_expect_eq(entry.gic_version, 2);
	cr_expect_eq(entry.address, 0xff841000);
}

/* Linux's arm/cpus.yaml: two cells; a Raspberry Pi's have each a word of their own, others share one. */
Test(tree, tells_where_cores_that_spin_look) {
	static const struct {
		const char *method;
		uint32_t cells[3];
		size_t count;
		uint64_t release;
	} cores[] = {
		{"spin-table", {0, 0xd8}, 2, 0xd8},
		{"spin-table", {8, 0xe0}, 2, UINT64_C(0x8000000e0)},
		{"spin-table", {0xe8}, 1, 0xe8},
		{"spin-table", {0, 0xec}, 2, 0}, /* not aligned */
		{"spin-table", {0, 0x1000}, 2, 0},
		{"spin-table", {8, 0x1000}, 2, 0}, /* no memory */
		{"spin-table", {~0u, ~0u - 7}, 2, 0},
		{"spin-table", {0, 0x40000008}, 2, 0x40000008}, /* reserved */
		{"spin-table", {0, 0, 0xf0}, 3, 0},
		{"spin-table", {0}, 0, 0},
		{"psci", {0, 0xf0}, 2, 0},
	};
	enum { CORES = sizeof(cores) / sizeof(cores[0]) };
	begin("spins");
	node("memory@0");
	text("device_type", "memory");
	CELLS("reg", 0, 0, 0, 0x1000, 8, 0, 0, 0x1000);
	end();
	node("cpus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 0);
	for (uint32_t i = 0; i < CORES; i++)
		spinning_cpu(i, cores[i].method, cores[i].cells, cores[i].count);
	end();
	finish();
	cr_assert(tree_read(made, &machine));
	cr_assert_eq(machine.core_count, CORES);
	for (size_t i = 0; i < CORES; i++)
		cr_expect_eq(machine.release[i], cores[i].release, "%zu", i);
	make_virt();
	cr_assert(tree_read(made, &machine));
	for (size_t i = 0; i < machine.core_count; i++)
		cr_expect_eq(machine.release[i], 0);
}

/* Each core is started in its own way. */
Test(tree, tells_cores_that_spin_from_those_that_psci_starts) {
	static const struct {
		const char *method;
		uint64_t parked;
	} cores[] = {{"psci", 0}, {"spin-table", 0xd8}, {"psci", 0}, {"spin-table", 0xe0}};
	struct acpi_fadt fadt;
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	begin("both");
	node("memory@0");
	text("device_type", "memory");
	CELLS("reg", 0, 0, 0, 0x1000);
	end();
	psci("smc");
	node("cpus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 0);
	for (uint32_t i = 0; i < sizeof(cores) / sizeof(cores[0]); i++)
		spinning_cpu(i, cores[i].method, (const uint32_t[]){0, (uint32_t)cores[i].parked}, 2);
	end();
	finish();
	uint64_t rsdp = rsdp_of_made();
	cr_assert(acpi_fadt_read(rsdp, &fadt));
	cr_expect(fadt.psci && !fadt.psci_hvc);
	cr_assert(acpi_madt_open(rsdp, &madt));
	for (size_t i = 0; i < sizeof(cores) / sizeof(cores[0]); i++) {
		cr_assert(acpi_madt_next(&madt, &entry));
		cr_expect(entry.type == ACPI_MADT_GICC && entry.id == i && entry.parked == cores[i].parked, "%zu", i);
	}
	cr_expect_not(acpi_madt_next(&madt, &entry));
}

Test(tree, takes_a_machine_that_names_nothing) {
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	begin("bare");
	finish();
	uint64_t rsdp = rsdp_of_made();
	cr_expect_eq(machine.memory_count + machine.core_count + machine.gic_version, 0);
	cr_assert(acpi_madt_open(rsdp, &madt));
	cr_expect_not(acpi_madt_next(&madt, &entry));
	cr_expect_null(acpi_find(rsdp, "SPCR"));
}

Test(tree, refuses_what_is_none) {
	cr_expect_eq(tree_bytes(NULL), 0);
	make_virt();
	cr_expect_eq(tree_bytes(made), fdt_totalsize(made));
	made[0] ^= 1;
	cr_expect_eq(tree_bytes(made), 0);
	cr_expect_not(tree_read(made, &machine));
}

/* Without an MMU a word that is not aligned is a fault. */
Test(tree, refuses_blocks_that_are_not_aligned) {
	make_virt();
	uint32_t offset = fdt_off_mem_rsvmap((const void *)made);
	fdt_set_off_mem_rsvmap(made, offset + 4);
	cr_expect_eq(tree_bytes(made), 0);
	cr_expect_not(tree_read(made, &machine));
	fdt_set_off_mem_rsvmap(made, offset);
	offset = fdt_off_dt_struct((const void *)made);
	fdt_set_off_dt_struct(made, offset + 2);
	cr_expect_eq(tree_bytes(made), 0);
	fdt_set_off_dt_struct(made, offset);
	cr_expect(tree_read(made, &machine));
}

/* Between guard pages, each word of it in turn something else: whatever is read of it, nothing outside is. */
Test(tree, stays_inside_whatever_a_cell_says) {
	static const uint32_t wild[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};
	static void (*const make[])(void) = {make_virt, make_pi};
	struct guarded memory = guarded_map(TREE_ROOM);
	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		make[i]();
		size_t length = (fdt_totalsize(made) + 7) & ~(size_t)7;
		uint8_t *tree = memory.bytes + memory.size - length;
		for (size_t at = 8; at + 4 <= length; at += 4) /* behind the magic number and the size */
			for (size_t value = 0; value < sizeof(wild) / sizeof(wild[0]); value++) {
				memcpy(tree, made, length);
				memcpy(tree + at, &wild[value], sizeof(wild[value]));
				if (tree_read(tree, &machine))
					tree_tables(&machine, tables);
			}
	}
	guarded_unmap(memory);
}
