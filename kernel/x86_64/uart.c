/* SPDX-License-Identifier: Apache-2.0
 *
 * A 16550: the one that SPCR names, in ports or in memory, or without an SPCR COM1, if its scratch register keeps
 * what is written to it. 115,200 baud, 8N1. Source: TI PC16550D data sheet, 8; Microsoft's SPCR document.
 */
#include "kernel/acpi.h"
#include "kernel/kernel.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/trap.h"

#include <stddef.h>

enum { COM1 = 0x3f8, FIFO_BYTES = 16 };
enum { THR = 0, DLL = 0, DLM = 1, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, SCR = 7 };
enum {
	FCR_ENABLE_AND_CLEAR = 0x07,
	IIR_FIFOS = 0xc0,
	LCR_8N1 = 0x03,
	LCR_DLAB = 0x80,
	MCR_DTR_RTS = 0x03,
	LSR_THRE = 0x20,
	LSR_TEMT = 0x40
};
enum { DIVISOR_115200 = 1 };

/* A UART that is not there or stuck must not hold the run: it is given up after so many polls of one FIFO's worth. */
enum { POLLS_MAX = 1000000 };

static uint64_t base;
static bool in_memory;
static unsigned stride; /* in memory: bytes from one register to the next, and of an access */
static unsigned burst;  /* bytes that an empty transmitter takes */
static bool stuck;
static bool found;

/* As the firmware had it. */
static struct { uint8_t ier, lcr, mcr, dll, dlm; } firmware;

/* volatile: device registers; each access is made once, in order, at the width the device asks for. */
static uint8_t uart_read(unsigned reg) {
	uint64_t address = base + (uint64_t)reg * stride;
	if (!in_memory)
		return port_read8((uint16_t)(base + reg));
	switch (stride) {
	case 1:
		return *(volatile uint8_t *)address;
	case 2:
		return (uint8_t) * (volatile uint16_t *)address;
	default:
		return (uint8_t) * (volatile uint32_t *)address;
	}
}

static void uart_write8(unsigned reg, uint8_t value) {
	uint64_t address = base + (uint64_t)reg * stride;
	if (!in_memory) {
		port_write8((uint16_t)(base + reg), value);
		return;
	}
	switch (stride) {
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

/* Waits until the transmitter is empty; false: it never will be. */
static bool transmitter_wait(void) {
	unsigned polls = 0;
	while (!(uart_read(LSR) & LSR_THRE)) {
		if (++polls == POLLS_MAX)
			return false;
	}
	return true;
}

static void uart_write(const char *bytes, uint64_t length) {
	while (length != 0 && !stuck) {
		uint64_t part = length < burst ? length : burst;
		stuck = !transmitter_wait();
		/* The port's loop stands alone: as few instructions as a byte can cost. */
		const char *end = bytes + part;
		length -= part;
		if (in_memory) {
			while (bytes != end)
				uart_write8(THR, (uint8_t)*bytes++);
		} else {
			uint16_t port = (uint16_t)base;
			while (bytes != end)
				port_write8(port, (uint8_t)*bytes++);
		}
	}
}

static bool present(void) {
	enum { PATTERN = 0x5a };
	uart_write8(SCR, PATTERN);
	bool kept = uart_read(SCR) == PATTERN;
	uart_write8(SCR, 0);
	return kept && uart_read(SCR) == 0;
}

static void configure(void) {
	uart_write8(IER, 0);
	uart_write8(LCR, LCR_DLAB);
	uart_write8(DLL, DIVISOR_115200);
	uart_write8(DLM, 0);
	uart_write8(LCR, LCR_8N1);
	uart_write8(FCR, FCR_ENABLE_AND_CLEAR);
	uart_write8(MCR, MCR_DTR_RTS);
	burst = (uart_read(IIR) & IIR_FIFOS) == IIR_FIFOS ? FIFO_BYTES : 1;
}

/* FCR cannot be read: what it cleared and its trigger level are the firmware's to set again. */
static void firmware_save(void) {
	firmware.ier = uart_read(IER);
	firmware.lcr = uart_read(LCR);
	firmware.mcr = uart_read(MCR);
	uart_write8(LCR, firmware.lcr | LCR_DLAB);
	firmware.dll = uart_read(DLL);
	firmware.dlm = uart_read(DLM);
	uart_write8(LCR, firmware.lcr);
}

void uart_leave(void) {
	if (!found)
		return;
	for (unsigned polls = 0; !stuck && !(uart_read(LSR) & LSR_TEMT) && polls < POLLS_MAX; polls++)
		;
	uart_write8(LCR, firmware.lcr | LCR_DLAB);
	uart_write8(DLL, firmware.dll);
	uart_write8(DLM, firmware.dlm);
	uart_write8(LCR, firmware.lcr);
	uart_write8(MCR, firmware.mcr);
	uart_write8(IER, firmware.ier);
}

void uart_take_up(void) {
	if (!found)
		return;
	firmware_save();
	configure();
}

bool arch_uart_find(const struct boot_info *info, struct arch_uart *uart) {
	struct acpi_spcr spcr;
	const char *name = "COM1";
	base = COM1;
	if (acpi_spcr_read(info->acpi_rsdp, &spcr) && spcr.uart.address != 0) {
		if (spcr.type != ACPI_UART_16550 && spcr.type != ACPI_UART_16550_SUBSET &&
		    spcr.type != ACPI_UART_16550_GAS)
			return false;
		base = spcr.uart.address;
		in_memory = spcr.uart.space == ACPI_SPACE_MEMORY;
		stride = spcr.uart.access_bytes > 1 ? spcr.uart.access_bytes : 1;
		name = base == COM1 && !in_memory ? "COM1" : "16550 of SPCR";
		if (in_memory)
			kernel_device_map((paddr_t){base}, 8 * stride, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	}
	if (!present())
		return false;
	found = true;
	uart_take_up();
	*uart = (struct arch_uart){name, uart_write};
	return true;
}
