/* SPDX-License-Identifier: Apache-2.0
 *
 * Serial ports out of SPCR and DBG2 tables, offsets as in Microsoft's two documents, and the probe of those that a
 * machine of fake registers has.
 */
#include "lib/serial.h"

#include "host-tests/acpi_build.h"
#include "host-tests/next_random.h"
#include "lib/acpi.h"
#include "lib/serial_pci.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { TYPE_16550 = 0, TYPE_PL011 = 3, TYPE_SBSA_32 = 0x0d, TYPE_SBSA = 0x0e, TYPE_16550_GAS = 0x12 };
enum { MEMORY = 0, IO = 1 };

struct gas {
	unsigned space, width, access;
	uint64_t address;
};

static void gas_put(uint8_t *at, struct gas gas) {
	at[0] = (uint8_t)gas.space;
	at[1] = (uint8_t)gas.width;
	at[3] = (uint8_t)gas.access;
	put(at + 4, gas.address, 8);
}

static uint8_t *spcr_add(unsigned revision, uint32_t length, unsigned type, struct gas gas, unsigned baud) {
	uint8_t *table = table_add("SPCR", length);
	table[8] = (uint8_t)revision;
	table[36] = (uint8_t)type;
	gas_put(table + 40, gas);
	if (length > 58)
		table[58] = (uint8_t)baud;
	seal(table, length, 9);
	return table;
}

static struct serial_port first(bool io_ports) {
	struct serial_port ports[SERIAL_PORTS_MAX] = {{0}};
	unsigned count = serial_ports_list(rsdp(), io_ports, ports);
	cr_assert_geq(count, 1);
	return ports[0];
}

static struct serial_port spcr_of(unsigned type, struct gas gas) {
	acpi_setup();
	spcr_add(2, 80, type, gas, 7);
	return first(true);
}

TestSuite(serial, .init = acpi_setup);

Test(serial, without_tables_com1) {
	struct serial_port ports[SERIAL_PORTS_MAX];
	cr_assert_eq(serial_ports_list(rsdp(), true, ports), 1);
	cr_expect_str_eq(ports[0].name, "COM1");
	cr_expect_eq(ports[0].base, 0x3f8);
	cr_expect_eq(serial_divisor(&ports[0]), 1);
	cr_expect_eq(serial_ports_list(0, true, ports), 1);
	cr_expect_eq(serial_ports_list(0, false, ports), 0, "an architecture without ports");
}

Test(serial, spcr_of_a_pc) {
	spcr_add(2, 80, TYPE_16550, (struct gas){IO, 8, 0, 0x2f8}, 3);
	struct serial_port ports[SERIAL_PORTS_MAX];
	cr_assert_eq(serial_ports_list(rsdp(), true, ports), 2);
	cr_expect_str_eq(ports[0].name, "16550 of SPCR");
	cr_expect_eq(ports[0].base, 0x2f8);
	cr_expect_not(ports[0].in_memory);
	cr_expect_eq(ports[0].stride, 1);
	cr_expect_eq(ports[0].baud, 9600);
	cr_expect_eq(serial_divisor(&ports[0]), 12);
	cr_expect_str_eq(ports[1].name, "COM1");
	cr_expect_eq(serial_ports_list(rsdp(), false, ports), 0, "an architecture without ports");
}

Test(serial, spcr_names_com1_itself) {
	spcr_add(2, 80, TYPE_16550, (struct gas){IO, 32, 3, 0x3f8}, 0);
	struct serial_port ports[SERIAL_PORTS_MAX];
	cr_assert_eq(serial_ports_list(rsdp(), true, ports), 1, "once");
	cr_expect_str_eq(ports[0].name, "COM1");
	cr_expect_eq(ports[0].baud, 0, "what SPCR says counts");
}

Test(serial, what_names_no_port_of_ours) {
	cr_expect_str_eq(spcr_of(21, (struct gas){MEMORY, 8, 1, 0x8000}).name, "COM1", "RISC-V SBI");
	cr_expect_str_eq(spcr_of(TYPE_16550, (struct gas){2, 8, 1, 0x8000}).name, "COM1", "PCI configuration space");
	cr_expect_str_eq(spcr_of(TYPE_16550, (struct gas){IO, 8, 1, 0}).name, "COM1", "no console redirection");
	cr_expect_str_eq(spcr_of(TYPE_16550, (struct gas){IO, 8, 1, 0x13f8}).name, "16550 of SPCR");
	cr_expect_str_eq(spcr_of(TYPE_16550, (struct gas){IO, 8, 1, 0x103f8}).name, "COM1", "no port that high");
	cr_expect_str_eq(spcr_of(TYPE_PL011, (struct gas){IO, 8, 1, 0x2f8}).name, "COM1", "a PL011 at an I/O port");
	cr_expect_str_eq(spcr_of(TYPE_16550, (struct gas){MEMORY, 32, 3, UINT64_C(1) << 48}).name, "COM1",
			 "no page table reaches it");
}

/* Bit width and access size of registers in memory: stride and width of an access, one reading for
 * every architecture. */
Test(serial, strides_in_memory) {
	static const struct {
		unsigned width, access, stride, access_bytes;
	} cases[] = {
		{8, 1, 1, 1},   {32, 3, 4, 4}, {32, 1, 4, 1}, {16, 2, 2, 2},
		{64, 3, 8, 4},  {64, 4, 8, 8}, {32, 0, 4, 4}, /* access unsaid: as the register */
		{8, 0, 1, 1},   {0, 0, 1, 1},                 /* nothing said */
		{0, 3, 4, 4},   {24, 1, 1, 1}, {8, 3, 4, 4},  /* a width that cannot be */
		{32, 32, 4, 4},                               /* a reserved access size: unsaid */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct serial_port port =
			spcr_of(TYPE_16550_GAS, (struct gas){MEMORY, cases[i].width, cases[i].access, 0xfedc9000});
		cr_expect(port.in_memory);
		cr_expect_eq(port.base, 0xfedc9000);
		cr_expect_eq(port.stride, cases[i].stride, "case %zu: stride %u", i, port.stride);
		cr_expect_eq(port.access_bytes, cases[i].access_bytes, "case %zu: access %u", i, port.access_bytes);
	}
}

Test(serial, pl011_and_its_subset) {
	struct serial_port port = spcr_of(TYPE_PL011, (struct gas){MEMORY, 32, 3, UINT64_C(0x109000000)});
	cr_expect_str_eq(port.name, "PL011");
	cr_expect_eq(port.kind, SERIAL_PL011);
	cr_expect_eq(port.base, UINT64_C(0x109000000));
	cr_expect_eq(port.access_bytes, 4);
	cr_expect_eq(port.stride, 4);
	cr_expect_eq(spcr_of(TYPE_SBSA, (struct gas){MEMORY, 8, 2, 0x9000}).access_bytes, 2);
	cr_expect_eq(spcr_of(TYPE_SBSA_32, (struct gas){MEMORY, 8, 2, 0x9000}).access_bytes, 4);
}

Test(serial, rates_by_revision) {
	static const struct {
		unsigned revision;
		uint32_t length;
		unsigned code, clock, precise, baud, divisor;
	} cases[] = {
		{1, 80, 7, 0, 0, 115200, 1},
		{2, 80, 3, 0, 0, 9600, 12},
		{2, 80, 4, 0, 0, 19200, 6},
		{2, 80, 6, 0, 0, 57600, 2},
		{2, 80, 0, 0, 0, 0, 0},              /* as is */
		{2, 80, 5, 0, 0, 0, 0},              /* reserved */
		{2, 80, 7, 48000000, 0, 115200, 1},  /* reserved before revision 3 */
		{3, 80, 7, 48000000, 0, 115200, 26}, /* 115,385 */
		{3, 80, 7, 0, 0, 115200, 1},         /* unsaid, but a PC's port */
		{3, 80, 3, 1843200, 0, 9600, 12},
		{3, 88, 7, 48000000, 1500000, 115200, 26}, /* no such field before revision 4 */
		{4, 88, 0, 48000000, 1500000, 1500000, 2},
		{4, 88, 7, 48000000, 0, 115200, 26},
		{4, 83, 7, 48000000, 1500000, 115200, 26}, /* cut */
		{3, 79, 7, 48000000, 0, 115200, 1},
		{4, 88, 0, 1843200, 921600, 921600, 0}, /* faster than the clock allows */
		{4, 88, 0, 1843200, 90000, 90000, 0},   /* between two divisors */
		{4, 88, 0, 0xffffffff, 1, 1, 0},        /* beyond the latch */
		{2, 59, 7, 0, 0, 115200, 1},
		{2, 58, 0, 0, 0, 0, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		acpi_setup();
		area_used = AREA_BYTES - cases[i].length; /* it ends where memory does */
		uint8_t *table = spcr_add(cases[i].revision, cases[i].length, TYPE_16550, (struct gas){IO, 8, 1, 0x3f8},
					  cases[i].code);
		if (cases[i].length >= 80)
			put(table + 76, cases[i].clock, 4);
		if (cases[i].length >= 84)
			put(table + 80, cases[i].precise, 4);
		seal(table, cases[i].length, 9);
		struct serial_port port = first(true);
		cr_expect_eq(port.baud, cases[i].baud, "case %zu: %u baud", i, port.baud);
		cr_expect_eq(serial_divisor(&port), cases[i].divisor, "case %zu: %u", i, serial_divisor(&port));
	}
}

Test(serial, a_clock_that_is_not_known_is_not_guessed) {
	struct serial_port port = spcr_of(TYPE_16550, (struct gas){MEMORY, 32, 3, 0xfedc9000});
	cr_expect_eq(port.baud, 115200);
	cr_expect_eq(serial_divisor(&port), 0);
}

/* ---- DBG2 -------------------------------------------------------------------------------------------------------- */

enum { DEVICE_BYTES = 22 + 12 + 4 + 2 };

static void device_put(uint8_t *at, unsigned type, unsigned subtype, struct gas gas) {
	put(at + 1, DEVICE_BYTES, 2);
	at[3] = 1;
	put(at + 4, 2, 2);
	put(at + 6, 38, 2);
	put(at + 12, type, 2);
	put(at + 14, subtype, 2);
	put(at + 18, 22, 2);
	put(at + 20, 34, 2);
	gas_put(at + 22, gas);
	at[38] = '.';
}

static uint8_t *dbg2_add(void) {
	uint8_t *table = table_add("DBG2", 44 + 4 * DEVICE_BYTES);
	put(table + 36, 44, 4);
	put(table + 40, 4, 4);
	device_put(table + 44, 0x8003, 0x8086, (struct gas){MEMORY, 32, 3, 0x1000}); /* a network card */
	device_put(table + 44 + DEVICE_BYTES, 0x8000, TYPE_16550, (struct gas){IO, 8, 1, 0x2e8});
	device_put(table + 44 + 2 * DEVICE_BYTES, 0x8000, TYPE_PL011, (struct gas){MEMORY, 32, 3, 0x9000000});
	device_put(table + 44 + 3 * DEVICE_BYTES, 0x8000, TYPE_16550, (struct gas){IO, 8, 1, 0x3f8});
	seal(table, 44 + 4 * DEVICE_BYTES, 9);
	return table;
}

Test(serial, debug_ports_come_last) {
	spcr_add(2, 80, TYPE_PL011, (struct gas){MEMORY, 32, 3, 0x9000000}, 7);
	dbg2_add();
	struct serial_port ports[SERIAL_PORTS_MAX];
	cr_assert_eq(serial_ports_list(rsdp(), true, ports), 3, "each once");
	cr_expect_str_eq(ports[0].name, "PL011");
	cr_expect_str_eq(ports[1].name, "COM1");
	cr_expect_str_eq(ports[2].name, "16550 of DBG2");
	cr_expect_eq(ports[2].base, 0x2e8);
	cr_expect_eq(serial_divisor(&ports[2]), 0, "no rate is said");
	cr_assert_eq(serial_ports_list(rsdp(), false, ports), 1);
}

/* Lengths, offsets and counts are not believed: nothing behind the table is read. */
Test(serial, broken_debug_tables) {
	struct serial_port ports[SERIAL_PORTS_MAX];
	for (uint32_t length = 36; length <= 44 + 4 * DEVICE_BYTES; length++) {
		acpi_setup();
		uint8_t whole[44 + 4 * DEVICE_BYTES];
		memcpy(whole, dbg2_add(), sizeof(whole));
		entry_count = 0;
		area_used = AREA_BYTES - length;
		uint8_t *table = table_add("DBG2", length);
		memcpy(table + 36, whole + 36, length - 36);
		seal(table, length, 9);
		cr_expect_eq(serial_ports_list(rsdp(), true, ports),
			     1u + (length >= 44 + 2 * DEVICE_BYTES) + (length >= 44 + 3 * DEVICE_BYTES));
		munmap(area, AREA_BYTES + 4096);
	}
	acpi_setup();
	uint8_t *table = dbg2_add();
	for (unsigned at = 36; at < 44 + DEVICE_BYTES; at++) {
		for (unsigned value = 0; value < 256; value += 5) {
			uint8_t kept = table[at];
			table[at] = (uint8_t)value;
			seal(table, 44 + 4 * DEVICE_BYTES, 9);
			cr_expect_leq(serial_ports_list(rsdp(), true, ports), SERIAL_PORTS_MAX);
			table[at] = kept;
		}
	}
}

/* ---- which of them answers --------------------------------------------------------------------------------------- */

/* I/O ports of a fake machine: UARTs at COM1, COM2 and 0x2e8, each there or not; elsewhere the bus floats. */
static bool there[3];
static bool transmitter_stuck;
static uint8_t scratch[3];
static unsigned touched;

static int uart_at(uint16_t port) {
	return (port & ~7) == 0x3f8 ? 0 : (port & ~7) == 0x2f8 ? 1 : (port & ~7) == 0x2e8 ? 2 : -1;
}

static uint8_t fake_read8(uint16_t port) {
	int uart = uart_at(port);
	if (uart < 0 || !there[uart])
		return 0xff;
	return (port & 7) == NS16550_SCR                         ? scratch[uart]
	       : (port & 7) == NS16550_LSR && !transmitter_stuck ? NS16550_LSR_THRE | NS16550_LSR_TEMT
								 : 0;
}

static void fake_write8(uint16_t port, uint8_t value) {
	int uart = uart_at(port);
	touched |= uart >= 0 ? 1u << uart : 0;
	cr_expect_eq(port & 7, NS16550_SCR, "a probe writes the scratch register only");
	if (uart >= 0)
		scratch[uart] = value;
}

static const struct port_io fake_io = {.read8 = fake_read8, .write8 = fake_write8};

static const char *found_at(bool com1, bool com2, bool debug) {
	static struct serial_port port;
	there[0] = com1, there[1] = com2, there[2] = debug;
	touched = 0;
	return serial_find(rsdp(), &fake_io, UINT64_MAX, &port) ? port.name : "none";
}

Test(serial, the_first_that_answers) {
	spcr_add(2, 80, TYPE_16550, (struct gas){IO, 8, 0, 0x2f8}, 7);
	dbg2_add();
	cr_expect_str_eq(found_at(true, true, true), "16550 of SPCR");
	cr_expect_eq(touched, 2, "the others are left alone");
	cr_expect_str_eq(found_at(true, false, true), "COM1");
	cr_expect_str_eq(found_at(false, false, true), "16550 of DBG2");
	cr_expect_eq(scratch[2], 0);
}

Test(serial, none_answers) {
	spcr_add(2, 80, TYPE_16550, (struct gas){IO, 8, 0, 0x2f8}, 7);
	cr_expect_str_eq(found_at(false, false, false), "none");
	transmitter_stuck = true;
	cr_expect_str_eq(found_at(true, true, false), "none", "both never take a byte");
}

Test(serial, registers_in_memory) {
	static uint32_t registers[8];
	spcr_add(2, 80, TYPE_16550_GAS, (struct gas){MEMORY, 32, 3, (uint64_t)(uintptr_t)registers}, 0);
	struct serial_port port;
	const struct port_io none = {0};
	cr_expect_not(serial_find(rsdp(), &none, UINT64_MAX, &port), "its transmitter is never empty");
	registers[NS16550_LSR] = 0xffffff00 | NS16550_LSR_THRE; /* the upper bytes say nothing */
	cr_assert(serial_find(rsdp(), &none, UINT64_MAX, &port));
	cr_expect_eq(port.base, (uintptr_t)registers);
	serial_write(&port, &none, NS16550_THR, 'x');
	cr_expect_eq(registers[0], 'x');
}

Test(serial, a_pl011_that_is_not_there) {
	static uint32_t registers[64];
	struct serial_port port;
	const struct port_io none = {0};
	spcr_add(2, 80, TYPE_PL011, (struct gas){MEMORY, 32, 3, (uint64_t)(uintptr_t)registers}, 0);
	cr_expect_not(serial_find(rsdp(), &none, UINT64_MAX, &port), "a bus that reads as zero");
	registers[6] = 0xffffffff;
	cr_expect_not(serial_find(rsdp(), &none, UINT64_MAX, &port), "a floating bus");
	registers[6] = PL011_FR_TXFE;
	cr_expect(serial_find(rsdp(), &none, UINT64_MAX, &port));
	registers[6] = PL011_FR_TXFF;
	cr_expect_not(serial_find(rsdp(), &none, UINT64_MAX, &port), "it never takes a byte");
}

/* Where no page table that is in force reaches, looking alone is a fault: nothing is mapped at this
 * address here either. */
Test(serial, a_port_beyond_reach_is_not_looked_at) {
	const uint64_t reach = UINT64_C(1) << 32;
	struct serial_port port;
	spcr_add(2, 80, TYPE_16550_GAS, (struct gas){MEMORY, 32, 3, UINT64_C(1) << 40}, 0);
	there[0] = true, there[1] = there[2] = false;
	cr_assert(serial_find(rsdp(), &fake_io, reach, &port));
	cr_expect_str_eq(port.name, "COM1");
	const struct port_io none = {0};
	cr_expect_not(serial_find(rsdp(), &none, reach, &port));
}

/* ---- on PCI ------------------------------------------------------------------------------------------------------ */

enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc, BRIDGE = 0x010000, SEVERAL = 0x800000, SERIAL = 0x07000200 };

static struct function {
	uint32_t number; /* bus, device, function */
	uint32_t command, class, type, bars[6];
} functions[4];
static uint32_t config_address;

static uint32_t fake_read32(uint16_t port) {
	cr_assert_eq(port, CONFIG_DATA);
	cr_assert(config_address >> 31 == 1 && (config_address & 3) == 0);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		const struct function *at = &functions[i];
		unsigned offset = config_address & 0xff;
		if (at->class == 0 || (config_address >> 8 & 0xffff) != at->number)
			continue;
		return offset == 0x00   ? 0x12348086
		       : offset == 0x04 ? 0xffff0000 | at->command
		       : offset == 0x08 ? at->class
		       : offset == 0x0c ? at->type | 0x10
					: at->bars[(offset - 0x10) / 4];
	}
	return UINT32_MAX;
}

static void fake_write32(uint16_t port, uint32_t value) {
	cr_assert_eq(port, CONFIG_ADDRESS);
	config_address = value;
}

static const struct port_io pci_io = {fake_read8, fake_write8, NULL, fake_read32, fake_write32};

/* The places of all that are listed, each behind a blank. */
static const char *listed(void) {
	static char text[256];
	struct serial_port port;
	text[0] = '\0';
	for (uint32_t at = 0; serial_pci_next(&pci_io, &at, &port);) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, " %s%lx", port.in_memory ? "memory " : "",
			 (unsigned long)port.base);
		cr_expect_eq(port.stride, 1);
		cr_expect_eq(serial_divisor(&port), 0, "the firmware's rate");
	}
	return text;
}

Test(serial, pci_functions_that_are_16550s) {
	cr_expect_str_eq(listed(), "", "an empty bus");
	functions[0] = (struct function){0x0008, 1, SERIAL, 0, {0x2e9}};
	functions[1] = (struct function){0x00b0, 3, 0x07800000, SEVERAL, {0x1001}}; /* management's mailbox */
	functions[2] = (struct function){0x00b3, 3, SERIAL, SEVERAL, {0x3001, 0xfeb00000}};
	functions[3] = (struct function){0xfff8, 2, 0x07000000, 0, {0x4001, 0xfeb01004, 0x12}};
	cr_expect_str_eq(listed(), " 2e8 3000 memory 12feb01000");
}

Test(serial, pci_functions_that_are_none) {
	static const struct function none[] = {
		{0x10, 1, 0x07000700, 0, {0x2e9}},        /* an interface of a later day */
		{0x10, 1, 0x07030000, 0, {0x2e9}},        /* a modem */
		{0x10, 1, SERIAL, BRIDGE, {0x2e9}},       /* its BARs are others */
		{0x10, 0, SERIAL, 0, {0x2e9}},            /* switched off */
		{0x10, 2, SERIAL, 0, {0x2e9}},            /* answers in memory alone, where it has nothing */
		{0x10, 1, SERIAL, 0, {1}},                /* no place */
		{0x10, 1, SERIAL, 0, {0xfffd}},           /* its registers would end beyond the ports */
		{0x10, 2, SERIAL, 0, {4, 0x10000}},       /* beyond 48 bits */
		{0x10, 2, SERIAL, 0, {0, 0, 0, 0, 0, 4}}, /* half a place */
		{0x11, 1, SERIAL, 0, {0x2e9}},            /* without a function 0 nobody asks */
	};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		functions[0] = none[i];
		cr_expect_str_eq(listed(), "", "case %zu", i);
	}
}

Test(serial, pci_comes_last) {
	struct serial_port port;
	functions[0] = (struct function){0x0008, 1, SERIAL, 0, {0x2f9}};
	functions[1] = (struct function){0x0010, 1, SERIAL, 0, {0x2e9}};
	there[0] = there[1] = there[2] = true;
	cr_assert(serial_find(rsdp(), &pci_io, UINT64_MAX, &port));
	cr_expect_str_eq(port.name, "COM1");
	cr_expect_eq(config_address, 0, "nothing of PCI is touched where another answers");
	there[0] = there[1] = false;
	cr_assert(serial_find(rsdp(), &pci_io, UINT64_MAX, &port));
	cr_expect_str_eq(port.name, "16550 on PCI");
	cr_expect_eq(port.base, 0x2e8, "the first that answers");
	functions[1] = (struct function){0x0010, 2, SERIAL, 0, {0xfeb00000}};
	cr_expect_not(serial_find(rsdp(), &pci_io, 0xfeb00000, &port), "no page table reaches it");
}

/* Whatever reads as all zeros or all ones has an end. */
Test(serial, pci_buses_of_noise) {
	uint64_t state = 7;
	for (unsigned round = 0; round < 20; round++) {
		for (size_t i = 0; i < sizeof(functions); i++)
			((uint8_t *)functions)[i] = (uint8_t)next_random(&state);
		struct serial_port port;
		for (uint32_t at = 0; serial_pci_next(&pci_io, &at, &port);)
			cr_expect(port.base != 0 && port.base >> 48 == 0);
	}
}

/* BCM2835 ARM Peripherals, 2.2.2: bit 5 of AUX_MU_LSR_REG says that there is room for one byte. */
Test(serial, the_mini_uart_takes_one_byte_at_a_time) {
	struct serial_port port = spcr_of(0x10, (struct gas){MEMORY, 32, 3, 0xfe215040});
	cr_expect_eq(port.kind, SERIAL_NS16550);
	cr_expect(port.takes_one);
	cr_expect_eq(port.stride, 4);
	cr_expect_not(spcr_of(TYPE_16550_GAS, (struct gas){MEMORY, 32, 3, 0xfe215040}).takes_one);
}
