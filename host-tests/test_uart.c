/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's serial port on a fake 16550 at COM1: what it is set to, what is sent, what the firmware gets back.
 */
#include "kernel/console/uart.h"

#include "host-tests/acpi_build.h"
#include "kernel/arch.h"
#include "kernel/memory/device.h"

#include <criterion/criterion.h>

enum { COM1 = 0x3f8, LCR_DLAB = 0x80, FIRMWARE_LCR = 0x1b, FIRMWARE_IER = 1, FIRMWARE_MCR = 8 };

/* As the data sheet has it; the latch stands behind THR and IER. */
static struct {
	uint8_t ier, lcr, mcr, scratch, latch_low, latch_high;
	bool busy; /* the transmitter never gets empty */
	unsigned fifo_clears, line_writes, polls;
	char sent[64];
	unsigned sent_count;
} chip;

static uint8_t fake_read8(uint16_t port) {
	bool latch = chip.lcr & LCR_DLAB;
	cr_assert_eq(port & ~7, COM1);
	switch (port & 7) {
	case NS16550_DLL:
		return latch ? chip.latch_low : 0;
	case NS16550_DLM:
		return latch ? chip.latch_high : chip.ier;
	case NS16550_IIR:
		return 0xc1;
	case NS16550_LCR:
		return chip.lcr;
	case NS16550_MCR:
		return chip.mcr;
	case NS16550_LSR:
		chip.polls++;
		return chip.busy ? 0 : NS16550_LSR_THRE | NS16550_LSR_TEMT;
	case NS16550_SCR:
		return chip.scratch;
	default:
		return 0;
	}
}

static void fake_write8(uint16_t port, uint8_t value) {
	bool latch = chip.lcr & LCR_DLAB;
	cr_assert_eq(port & ~7, COM1);
	switch (port & 7) {
	case NS16550_DLL:
		*(latch ? &chip.latch_low : (uint8_t *)&chip.sent[chip.sent_count++ % sizeof(chip.sent)]) = value;
		break;
	case NS16550_DLM:
		*(latch ? &chip.latch_high : &chip.ier) = value;
		break;
	case NS16550_FCR:
		chip.fifo_clears++;
		break;
	case NS16550_LCR:
		chip.lcr = value;
		chip.line_writes++;
		break;
	case NS16550_MCR:
		chip.mcr = value;
		break;
	case NS16550_SCR:
		chip.scratch = value;
		break;
	default:
		cr_assert_fail("register %u is written", port & 7u);
	}
}

static uint64_t room = 16;

static void fake_send8(uint16_t port, const char *bytes, uint64_t length) {
	cr_assert_leq(length, room, "more than a FIFO takes");
	while (length-- > 0)
		fake_write8(port, (uint8_t)*bytes++);
}

const struct port_io arch_port_io = {.read8 = fake_read8, .write8 = fake_write8, .send8 = fake_send8};

bool device_map(paddr_t base, uint64_t length, unsigned rights) {
	cr_assert_fail("%lx of %lu bytes, rights %u: nothing is in memory", base.value, length, rights);
	return true;
}

/* An SPCR (80 bytes) for COM1 with this code for the rate; none: 255. */
static void start(unsigned baud) {
	acpi_setup();
	chip.ier = FIRMWARE_IER, chip.lcr = FIRMWARE_LCR, chip.mcr = FIRMWARE_MCR;
	chip.latch_low = 0x34, chip.latch_high = 0x12;
	if (baud != 255) {
		uint8_t *table = table_add("SPCR", 80);
		table[8] = 2, table[40] = 1, table[41] = 8, table[58] = (uint8_t)baud;
		put(table + 44, COM1, 8);
		seal(table, 80, 9);
	}
	const struct boot_info info = {.acpi_rsdp = rsdp()};
	cr_assert(uart_start(&info));
	cr_expect_str_eq(uart_name(), "COM1");
	cr_expect_eq(chip.ier, 0);
	cr_expect_eq(chip.mcr, 3);
	cr_expect_eq(chip.fifo_clears, 1);
}

static void expect_line(unsigned divisor, unsigned lcr) {
	unsigned latch = chip.latch_low | (unsigned)chip.latch_high << 8;
	cr_expect_eq(latch, divisor, "divisor %u", latch);
	cr_expect_eq(chip.lcr, lcr, "LCR %x", chip.lcr);
}

Test(uart, rate_of_the_table) {
	start(3);
	expect_line(12, 3);
}

Test(uart, rate_without_a_table) {
	start(255);
	expect_line(1, 3);
}

Test(uart, as_is_is_left_as_found) {
	start(0);
	expect_line(0x1234, FIRMWARE_LCR);
	uart_write("x", 1);
	cr_expect_eq(chip.sent[0], 'x');
	uart_leave();
	uart_take_up();
	expect_line(0x1234, FIRMWARE_LCR);
	cr_expect_eq(chip.line_writes, 0);
}

Test(uart, all_bytes_in_order) {
	start(7);
	uart_write("0123456789abcdefghijklmnopqrstuvwxyz", 36);
	cr_expect_eq(chip.sent_count, 36);
	cr_expect_eq(memcmp(chip.sent, "0123456789abcdefghijklmnopqrstuvwxyz", 36), 0);
}

Test(uart, the_firmware_gets_it_back) {
	start(3);
	uart_leave();
	expect_line(0x1234, FIRMWARE_LCR);
	cr_expect_eq(chip.ier, FIRMWARE_IER);
	cr_expect_eq(chip.mcr, FIRMWARE_MCR);
	chip.latch_low = 0x56; /* its own doing meanwhile */
	uart_take_up();
	expect_line(12, 3);
	uart_leave();
	expect_line(0x1256, FIRMWARE_LCR);
}

/* Bytes are lost, the run is not: one wait runs out, and after it nothing is waited for. */
Test(uart, stuck) {
	start(7);
	chip.busy = true;
	chip.polls = 0;
	for (unsigned i = 0; i < 1000; i++)
		uart_write("0123456789abcdef", 16);
	cr_expect_eq(chip.sent_count, 0);
	cr_expect_leq(chip.polls, SERIAL_POLLS_MAX + 2000);
	uart_leave();
	cr_expect_leq(chip.polls, SERIAL_POLLS_MAX + 2010);
	chip.busy = false;
	uart_take_up();
	uart_write("x", 1);
	cr_expect_eq(chip.sent_count, 1, "it comes back");
}

/* Its transmitter says that one byte fits, not that all that are on their way are out. */
Test(uart, the_mini_uart_gets_one_byte_at_a_time) {
	acpi_setup();
	uint8_t *table = table_add("SPCR", 80);
	table[8] = 2, table[36] = 0x10, table[40] = 1, table[41] = 8;
	put(table + 44, COM1, 8);
	seal(table, 80, 9);
	const struct boot_info info = {.acpi_rsdp = rsdp()};
	cr_assert(uart_start(&info));
	room = 1;
	uart_write("0123456789abcdef", 16);
	cr_expect_eq(chip.sent_count, 16);
}

Test(uart, none) {
	const struct boot_info info = {0};
	chip.busy = true;
	cr_expect_not(uart_start(&info));
	cr_expect_null(uart_name());
	uart_write("x", 1);
	uart_leave();
	uart_take_up();
	cr_expect_eq(chip.sent_count, 0);
}
