/* SPDX-License-Identifier: Apache-2.0
 *
 * A device tree's machine as ACPI tables, those and of them what kernel/acpi.h and lib/serial.h read. Their OEM id says
 * where they come from: "FDT", or "BOCHS" as in QEMU's own tables, by which the kernel knows an emulated processor.
 * Source: ACPI Specification 6.4, sections 5.2.5 (RSDP), 5.2.8 (XSDT), 5.2.9 (FADT), 5.2.12 (MADT), 5.2.25 (GTDT);
 * Microsoft's SPCR, revision 1.09.
 */
#include "boot/freestanding.h"
#include "boot/tree/tree.h"
#include "lib/acpi.h"

enum {
	HEADER_BYTES = 36,
	TABLES_MAX = 4,
	RSDP_BYTES = 36,
	RSDP_FIRST_BYTES = 20, /* what the first checksum is over */
	FADT_BYTES = 276,
	GICC_TYPE = 0xb,
	GICC_BYTES = 80,
	GICD_TYPE = 0xc,
	GICD_BYTES = 24,
	GICR_TYPE = 0xe,
	GICR_BYTES = 16,
	GTDT_BYTES = 96,
	SPCR_BYTES = 80,
	SPCR_PL011 = 0x03,
	SPCR_SBSA = 0x0e,
	SPCR_BCM2835 = 0x10,
	SPCR_16550_GAS = 0x12,
	ALIGN = 16,
};

_Static_assert(ACPI_MADT_ENTRIES + (TREE_CORES_MAX + 1) * GICC_BYTES + TREE_REDISTRIBUTORS_MAX * GICR_BYTES + 4096 <=
		       TREE_TABLES_BYTES,
	       "the largest machine's tables");

struct writer {
	const struct tree_machine *machine;
	uint8_t *at;
	uint64_t tables[TABLES_MAX];
	size_t count;
};

static void put(uint8_t *at, uint64_t value, size_t bytes) {
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* So that all bytes add up to zero. */
static uint8_t checksum(const uint8_t *bytes, size_t length) {
	uint8_t sum = 0;
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return (uint8_t)-sum;
}

static void oem_put(const struct writer *writer, uint8_t *at) {
	memcpy(at, writer->machine->qemu ? "BOCHS " : "FDT   ", 6);
}

/* Zeroed, `length` bytes; the checksum is the finish's. */
static uint8_t *table_begin(struct writer *writer, const char signature[4], unsigned revision, size_t length) {
	uint8_t *table = writer->at;
	memset(table, 0, length);
	memcpy(table, signature, 4);
	put(table + 4, length, 4);
	table[8] = (uint8_t)revision;
	oem_put(writer, table + 10);
	memcpy(table + 16, "FDT     ", 8);
	return table;
}

static void table_finish(struct writer *writer, uint8_t *table, size_t length) {
	table[9] = checksum(table, length);
	writer->tables[writer->count++] = (uint64_t)(uintptr_t)table;
	writer->at = table + ((length + ALIGN - 1) & ~(size_t)(ALIGN - 1));
}

static void fadt_put(struct writer *writer) {
	uint8_t *fadt = table_begin(writer, "FACP", 6, FADT_BYTES);
	if (writer->machine->psci)
		fadt[ACPI_FADT_ARM_BOOT] =
			(uint8_t)(ACPI_FADT_ARM_PSCI | (writer->machine->psci_hvc ? ACPI_FADT_ARM_PSCI_HVC : 0));
	table_finish(writer, fadt, FADT_BYTES);
}

static uint8_t *gicc_put(const struct tree_machine *machine, uint8_t *at, size_t core) {
	at[0] = GICC_TYPE;
	at[1] = GICC_BYTES;
	put(at + 4, core, 4);
	put(at + 8, core, 4);
	put(at + 12, 1, 4); /* enabled */
	put(at + 24, machine->release[core], 8);
	put(at + 32, machine->gic_interface, 8);
	put(at + 68, machine->cores[core], 8);
	return at + GICC_BYTES;
}

static void madt_put(struct writer *writer) {
	const struct tree_machine *machine = writer->machine;
	size_t length = ACPI_MADT_ENTRIES + machine->core_count * GICC_BYTES + (machine->gic_version ? GICD_BYTES : 0) +
			machine->gic_redistributor_count * GICR_BYTES;
	uint8_t *madt = table_begin(writer, "APIC", 5, length), *at = madt + ACPI_MADT_ENTRIES;
	for (size_t i = 0; i < machine->core_count; i++)
		at = gicc_put(machine, at, i);
	if (machine->gic_version) {
		at[0] = GICD_TYPE;
		at[1] = GICD_BYTES;
		put(at + 8, machine->gic_distributor, 8);
		at[20] = (uint8_t)machine->gic_version;
		at += GICD_BYTES;
	}
	for (size_t i = 0; i < machine->gic_redistributor_count; i++, at += GICR_BYTES) {
		at[0] = GICR_TYPE;
		at[1] = GICR_BYTES;
		put(at + 4, machine->gic_redistributors[i].base, 8);
		put(at + 12, machine->gic_redistributors[i].length, 4);
	}
	table_finish(writer, madt, length);
}

static void gtdt_put(struct writer *writer) {
	const struct tree_machine *machine = writer->machine;
	uint8_t *gtdt = table_begin(writer, "GTDT", 2, GTDT_BYTES);
	put(gtdt + 48, machine->timer_secure, 4);
	put(gtdt + 56, machine->timer_physical, 4);
	put(gtdt + 64, machine->timer_virtual, 4);
	put(gtdt + 72, machine->timer_hypervisor, 4);
	table_finish(writer, gtdt, GTDT_BYTES);
}

/* 1, 2, 4 or 8 bytes, as a generic address structure says them. */
static uint8_t access_size(unsigned bytes) {
	uint8_t size = 1;
	while (bytes > 1) {
		bytes /= 2;
		size++;
	}
	return size;
}

static void spcr_put(struct writer *writer) {
	static const uint8_t types[] = {
		[TREE_SERIAL_16550] = SPCR_16550_GAS,
		[TREE_SERIAL_MINI] = SPCR_BCM2835,
		[TREE_SERIAL_PL011] = SPCR_PL011,
		[TREE_SERIAL_SBSA] = SPCR_SBSA,
	};
	const struct tree_machine *machine = writer->machine;
	if (machine->serial == TREE_SERIAL_NONE)
		return;
	bool ns16550 = machine->serial == TREE_SERIAL_16550 || machine->serial == TREE_SERIAL_MINI;
	uint8_t *spcr = table_begin(writer, "SPCR", 2, SPCR_BYTES);
	spcr[36] = types[machine->serial];
	spcr[41] = (uint8_t)(ns16550 ? machine->serial_stride * 8 : 32);
	spcr[43] = access_size(ns16550 ? machine->serial_access : 4);
	put(spcr + 44, machine->serial_base, 8);
	table_finish(writer, spcr, SPCR_BYTES);
}

/* The root, over the tables that were written. */
static uint64_t rsdp_put(struct writer *writer) {
	uint8_t *rsdp = writer->at, *xsdt = rsdp + ((RSDP_BYTES + ALIGN - 1) & ~(ALIGN - 1));
	size_t count = writer->count, length = HEADER_BYTES + count * sizeof(uint64_t);
	writer->at = xsdt;
	table_begin(writer, "XSDT", 1, length);
	for (size_t i = 0; i < count; i++)
		put(xsdt + HEADER_BYTES + i * sizeof(uint64_t), writer->tables[i], sizeof(uint64_t));
	xsdt[9] = checksum(xsdt, length);
	memset(rsdp, 0, RSDP_BYTES);
	memcpy(rsdp, "RSD PTR ", 8);
	oem_put(writer, rsdp + 9);
	rsdp[15] = 2; /* revision: there is an XSDT */
	put(rsdp + 20, RSDP_BYTES, 4);
	put(rsdp + 24, (uint64_t)(uintptr_t)xsdt, 8);
	rsdp[8] = checksum(rsdp, RSDP_FIRST_BYTES);
	rsdp[32] = checksum(rsdp, RSDP_BYTES);
	return (uint64_t)(uintptr_t)rsdp;
}

uint64_t tree_tables(const struct tree_machine *machine, void *room) {
	struct writer writer = {.machine = machine, .at = room};
	fadt_put(&writer);
	madt_put(&writer);
	gtdt_put(&writer);
	spcr_put(&writer);
	return rsdp_put(&writer);
}
