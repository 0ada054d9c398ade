/* SPDX-License-Identifier: Apache-2.0
 *
 * The serial port; see uart.h. Source: TI PC16550D data sheet, 8; Arm PL011 TRM (DDI 0183), 3.3.
 */
#include "kernel/console/uart.h"

#include "kernel/arch.h"
#include "kernel/memory/device.h"
#include "lib/serial.h"

#include <stddef.h>

enum { FIFO_BYTES = 16 };
enum {
	FCR_ENABLE_AND_CLEAR = 0x07,
	IIR_FIFOS = 0xc0,
	LCR_8N1 = 0x03,
	LCR_DLAB = 0x80,
	MCR_DTR_RTS = 0x03,
};

static struct {
	struct serial_port port;
	bool found;
	bool stuck;
	uint16_t divisor; /* of a 16550; 0: its line is left as it is found */
	unsigned burst;   /* bytes that an empty transmitter takes */
} uart;

/* A 16550's, as the firmware had it. */
static struct { uint8_t ier, lcr, mcr, dll, dlm; } firmware;

static uint32_t get(unsigned number) {
	return serial_read(&uart.port, &arch_port_io, number);
}

static void put(unsigned number, uint8_t value) {
	serial_write(&uart.port, &arch_port_io, number, value);
}

/* Whether the bits under `mask` come to read `wanted`. */
static bool wait_until(unsigned number, uint32_t mask, uint32_t wanted) {
	for (unsigned polls = 0; !uart.stuck && polls < SERIAL_POLLS_MAX; polls++) {
		if ((get(number) & mask) == wanted)
			return true;
	}
	uart.stuck = true;
	return (get(number) & mask) == wanted;
}

static void pl011_write(const char *bytes, uint64_t length) {
	for (uint64_t i = 0; i < length; i++) {
		if (wait_until(PL011_FR, PL011_FR_TXFF, 0))
			put(PL011_DR, (uint8_t)bytes[i]);
	}
}

static void ns16550_write(const char *bytes, uint64_t length) {
	while (length != 0) {
		uint64_t part = length < uart.burst ? length : uart.burst;
		if (wait_until(NS16550_LSR, NS16550_LSR_THRE, NS16550_LSR_THRE)) {
			if (!uart.port.in_memory)
				arch_port_io.send8((uint16_t)uart.port.base, bytes, part);
			for (uint64_t i = 0; uart.port.in_memory && i < part; i++)
				put(NS16550_THR, (uint8_t)bytes[i]);
		}
		bytes += part;
		length -= part;
	}
}

void uart_write(const char *bytes, uint64_t length) {
	if (!uart.found)
		return;
	if (uart.port.kind == SERIAL_PL011)
		pl011_write(bytes, length);
	else
		ns16550_write(bytes, length);
}

static void line_put(uint8_t low, uint8_t high, uint8_t lcr) {
	put(NS16550_LCR, lcr | LCR_DLAB);
	put(NS16550_DLL, low);
	put(NS16550_DLM, high);
	put(NS16550_LCR, lcr);
}

/* FCR cannot be read: what it cleared and its trigger level are the firmware's to set again. */
static void firmware_save(void) {
	firmware.ier = (uint8_t)get(NS16550_IER);
	firmware.mcr = (uint8_t)get(NS16550_MCR);
	if (uart.divisor == 0)
		return;
	firmware.lcr = (uint8_t)get(NS16550_LCR);
	put(NS16550_LCR, firmware.lcr | LCR_DLAB);
	firmware.dll = (uint8_t)get(NS16550_DLL);
	firmware.dlm = (uint8_t)get(NS16550_DLM);
	put(NS16550_LCR, firmware.lcr);
}

static void configure(void) {
	put(NS16550_IER, 0);
	if (uart.divisor != 0)
		line_put((uint8_t)uart.divisor, (uint8_t)(uart.divisor >> 8), LCR_8N1);
	put(NS16550_FCR, FCR_ENABLE_AND_CLEAR);
	put(NS16550_MCR, MCR_DTR_RTS);
	bool fifos = (get(NS16550_IIR) & IIR_FIFOS) == IIR_FIFOS;
	uart.burst = fifos && !uart.port.takes_one ? FIFO_BYTES : 1;
}

/* All bytes out: some 16550s take no change of the line before, and clearing the FIFOs would lose what is in them. */
static void drain(void) {
	if (uart.port.kind == SERIAL_PL011)
		wait_until(PL011_FR, PL011_FR_BUSY, 0);
	else
		wait_until(NS16550_LSR, NS16550_LSR_TEMT, NS16550_LSR_TEMT);
}

void uart_leave(void) {
	if (!uart.found)
		return;
	drain();
	if (uart.port.kind == SERIAL_PL011)
		return;
	if (uart.divisor != 0)
		line_put(firmware.dll, firmware.dlm, firmware.lcr);
	put(NS16550_MCR, firmware.mcr);
	put(NS16550_IER, firmware.ier);
}

void uart_take_up(void) {
	if (!uart.found || uart.port.kind == SERIAL_PL011)
		return;
	drain();
	firmware_save();
	configure();
}

/* Our page tables come later: PVH's way in maps 4 GiB, firmware what it knows of. */
static uint64_t reach_of(const struct boot_info *info) {
	return info->way == BOOT_WAY_PVH ? UINT64_C(1) << 32 : UINT64_MAX;
}

bool uart_start(const struct boot_info *info) {
	uart.found = serial_find(info->acpi_rsdp, &arch_port_io, reach_of(info), &uart.port);
	if (!uart.found)
		return false;
	uart.divisor = serial_divisor(&uart.port);
	unsigned registers = uart.port.kind == SERIAL_PL011 ? PL011_REGISTERS : NS16550_REGISTERS;
	if (uart.port.in_memory)
		device_map((paddr_t){uart.port.base}, (uint64_t)registers * uart.port.stride,
			   PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	uart_take_up();
	return true;
}

const char *uart_name(void) {
	return uart.found ? uart.port.name : NULL;
}
