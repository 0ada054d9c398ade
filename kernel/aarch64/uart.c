/* SPDX-License-Identifier: Apache-2.0
 *
 * The UART that SPCR names: PL011 and its SBSA subset, or a memory-mapped 16550. The firmware has set it up; only
 * bytes are sent here. A UART that never gets ready (no clock, flow control held) costs bytes, not the run: every
 * wait has an end, and after the first that ran out nothing is waited for again.
 * Source: PL011 TRM (DDI 0183), 3.3; SBSA (DEN 0029), appendix B; SPCR 1.08.
 */
#include "kernel/acpi.h"
#include "kernel/arch.h"
#include "kernel/kernel.h"

enum {
	PL011_DR = 0x00,
	PL011_FR = 0x18,
	PL011_FR_TXFF = 1 << 5,

	NS16550_THR = 0,
	NS16550_LSR = 5,
	NS16550_LSR_THRE = 1 << 5,

	UART_BYTES = 4096,
	READY_POLLS_MAX = 1000 * 1000, /* some 0.1 s to 1 s: a byte at 9600 baud takes 1 ms */
};

static struct {
	uint64_t base;
	unsigned access_bytes;
	unsigned stride; /* 16550: bytes from one register to the next */
	bool stuck;
} port;

/* volatile: device registers; each access is made once, in order, at the width the device asks for. */
static uint32_t port_read(uint64_t offset) {
	uint64_t address = port.base + offset;
	switch (port.access_bytes) {
	case 1:
		return *(volatile uint8_t *)address;
	case 2:
		return *(volatile uint16_t *)address;
	default:
		return *(volatile uint32_t *)address;
	}
}

static void port_write(uint64_t offset, uint8_t value) {
	uint64_t address = port.base + offset;
	switch (port.access_bytes) {
	case 1:
		*(volatile uint8_t *)address = value;
		break;
	case 2:
		*(volatile uint16_t *)address = value;
		break;
	default:
		*(volatile uint32_t *)address = value;
		break;
	}
}

/* Waits until the bits under `mask` read `wanted`. */
static bool port_wait(uint64_t offset, uint32_t mask, uint32_t wanted) {
	for (unsigned polls = 0; !port.stuck && polls < READY_POLLS_MAX; polls++) {
		if ((port_read(offset) & mask) == wanted)
			return true;
	}
	port.stuck = true;
	return (port_read(offset) & mask) == wanted;
}

static void pl011_write(const char *bytes, uint64_t length) {
	for (uint64_t i = 0; i < length; i++) {
		if (port_wait(PL011_FR, PL011_FR_TXFF, 0))
			port_write(PL011_DR, (uint8_t)bytes[i]);
	}
}

static void ns16550_write(const char *bytes, uint64_t length) {
	for (uint64_t i = 0; i < length; i++) {
		if (port_wait((uint64_t)NS16550_LSR * port.stride, NS16550_LSR_THRE, NS16550_LSR_THRE))
			port_write((uint64_t)NS16550_THR * port.stride, (uint8_t)bytes[i]);
	}
}

bool arch_uart_find(const struct boot_info *info, struct arch_uart *uart) {
	struct acpi_spcr spcr;
	if (!acpi_spcr_read(info->acpi_rsdp, &spcr) || spcr.uart.space != ACPI_SPACE_MEMORY)
		return false;
	unsigned access = spcr.uart.access_bytes;
	switch (spcr.type) {
	case ACPI_UART_PL011:
	case ACPI_UART_SBSA:
		/* A PL011 takes 16- and 32-bit accesses; some integrations only the latter. */
		port.access_bytes = access == 2 ? 2 : 4;
		*uart = (struct arch_uart){"PL011", pl011_write};
		break;
	case ACPI_UART_SBSA_32:
		port.access_bytes = 4;
		*uart = (struct arch_uart){"SBSA UART", pl011_write};
		break;
	case ACPI_UART_16550:
	case ACPI_UART_16550_SUBSET:
	case ACPI_UART_16550_GAS:
		/* Registers stand as far apart as an access is wide; unsaid: as the register is. */
		port.stride = access != 0 ? access : spcr.uart.bit_width >= 8 ? spcr.uart.bit_width / 8u : 1;
		port.access_bytes = port.stride;
		*uart = (struct arch_uart){"16550", ns16550_write};
		break;
	default:
		return false;
	}
	port.base = spcr.uart.address;
	port.stuck = false;
	kernel_device_map((paddr_t){port.base}, UART_BYTES, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	return true;
}
