/* SPDX-License-Identifier: Apache-2.0
 *
 * The serial ports that a machine's tables name, and the first of them that answers: read in one way by the
 * loader, which asks whether anything could be written without the firmware, and by the kernel, which writes. In
 * this order: the port of SPCR; COM1 where there are I/O ports; those of DBG2 in its order; those on PCI
 * (serial_pci.h). Nothing here sends a byte (kernel/console/uart.c does).
 *
 * A type that is neither a 16550 nor a PL011 names no port.
 * Source: Microsoft's Serial Port Console Redirection Table, revision 1.09 (table revisions 1 to 4), and Debug Port
 * Table 2 (2023), "Note on the fields of the Generic Address Structure": the bit width is the stride. TI PC16550D data
 * sheet, 8; Arm PL011 TRM (DDI 0183), 3.3; SBSA (DEN 0029), appendix B.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* I/O ports; all NULL where an architecture has none. */
struct port_io {
	uint8_t (*read8)(uint16_t port);
	void (*write8)(uint16_t port, uint8_t value);
	/* All of them to the one port. NULL where nothing is sent (the loader). */
	void (*send8)(uint16_t port, const char *bytes, uint64_t length);
	/* NULL where nobody looks for what is on PCI. */
	uint32_t (*read32)(uint16_t port);
	void (*write32)(uint16_t port, uint32_t value);
};

enum serial_kind { SERIAL_NS16550, SERIAL_PL011 };

struct serial_port {
	const char *name; /* "COM1", "16550 of SPCR", "PL011" */
	enum serial_kind kind;
	bool in_memory;       /* else an I/O port */
	bool takes_one;       /* THRE says that there is room for a byte, not that the FIFO is empty: the Pi's */
	uint8_t access_bytes; /* in memory: 1, 2, 4 or 8, of each access */
	uint8_t stride;       /* bytes from one register to the next */
	uint64_t base;
	uint32_t baud;     /* 0: as the firmware left it */
	uint32_t clock_hz; /* 0: unsaid */
};

/* A register's number: 16550 as its data sheet counts, PL011 as its offset over 4. */
enum {
	NS16550_THR = 0,
	NS16550_DLL = 0,
	NS16550_DLM = 1,
	NS16550_IER = 1,
	NS16550_IIR = 2,
	NS16550_FCR = 2,
	NS16550_LCR = 3,
	NS16550_MCR = 4,
	NS16550_LSR = 5,
	NS16550_SCR = 7,
	NS16550_REGISTERS = 8,

	PL011_DR = 0x00 / 4,
	PL011_FR = 0x18 / 4,
	PL011_REGISTERS = 0x1000 / 4,
};
enum {
	NS16550_LSR_THRE = 1 << 5,
	NS16550_LSR_TEMT = 1 << 6,
	PL011_FR_BUSY = 1 << 3,
	PL011_FR_TXFF = 1 << 5,
	PL011_FR_TXFE = 1 << 7,
};

/* A UART that never gets ready (no clock, flow control held) is polled so often: 0.1 s to 1 s; a byte at
 * 9600 baud takes 1 ms. */
enum { SERIAL_POLLS_MAX = 1000 * 1000 };

enum { SERIAL_PORTS_MAX = 8 };

/* The candidates, in their order, without a second entry for the same one. Returns how many. `rsdp` 0: no tables. */
unsigned serial_ports_list(uint64_t rsdp, bool io_ports, struct serial_port ports[SERIAL_PORTS_MAX]);

/* One access at the width of the port. */
uint32_t serial_read(const struct serial_port *port, const struct port_io *io, unsigned number);
void serial_write(const struct serial_port *port, const struct port_io *io, unsigned number, uint8_t value);

/* Whether a UART is there and takes bytes: a 16550's scratch register keeps what is written to it (it is 0 afterwards),
 * and its transmitter gets ready; a PL011's transmitter gets empty. */
bool serial_answers(const struct serial_port *port, const struct port_io *io);

/* The first candidate that answers; those behind it are not touched, nor those in memory from `reach` up, which no page
 * table that is in force maps. */
bool serial_find(uint64_t rsdp, const struct port_io *io, uint64_t reach, struct serial_port *port);

/* The divisor latch of a 16550 for the rate that the table says; 0: as it is found, for "as is", for a clock that
 * is not known (in memory; at an I/O port an unsaid one is a PC's 1.8432 MHz) and for a rate that the clock
 * misses by more than 3 %. */
uint16_t serial_divisor(const struct serial_port *port);
