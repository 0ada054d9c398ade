/* SPDX-License-Identifier: Apache-2.0
 *
 * Serial ports; see serial.h.
 */
#include "lib/serial.h"

#include "lib/acpi.h"
#include "lib/serial_pci.h"

enum {
	SPCR_REVISION = 8,
	SPCR_TYPE = 36,
	SPCR_UART = 40,
	SPCR_BAUD = 58,
	SPCR_CLOCK = 76,        /* revision 3 */
	SPCR_PRECISE_BAUD = 80, /* revision 4 */

	DBG2_DEVICES = 36, /* offset of the first */
	DBG2_DEVICE_COUNT = 40,
	DBG2_BYTES_MIN = 44,
	DEVICE_LENGTH = 1,
	DEVICE_REGISTERS = 3, /* how many */
	DEVICE_TYPE = 12,
	DEVICE_SUBTYPE = 14,
	DEVICE_REGISTER_OFFSET = 18,
	DEVICE_BYTES_MIN = 22,
	DEVICE_TYPE_SERIAL = 0x8000,

	COM1 = 0x3f8,
	PC_CLOCK_HZ = 1843200,
	COM1_BAUD = 115200,
	CLOCKS_A_BIT = 16,
	PERCENT_MAX = 3,
};

/* DBG2, table 3; SPCR has the same. */
enum uart_type {
	UART_16550 = 0x00,
	UART_16550_SUBSET = 0x01,
	UART_PL011 = 0x03,
	UART_SBSA_32 = 0x0d, /* 32-bit accesses only */
	UART_SBSA = 0x0e,
	UART_BCM2835 = 0x10, /* the Pi's mini UART: BCM2835 ARM Peripherals, 2.2 */
	UART_16550_GAS = 0x12,
};

enum source { FROM_SPCR, FROM_DBG2 };

/* ---- what the tables say ----------------------------------------------------------------------------------------- */

static bool is_power_of_two(unsigned value) {
	return value != 0 && (value & (value - 1)) == 0;
}

/* The stride is the register's width where that is one and an access fits into it; an access of unsaid size is as
 * wide as the register. */
static void ns16550_layout(const struct acpi_gas *gas, struct serial_port *port) {
	unsigned register_bytes = gas->bit_width / 8u;
	if (gas->bit_width % 8u != 0 || !is_power_of_two(register_bytes) || register_bytes > sizeof(uint64_t))
		register_bytes = 0;
	unsigned access = gas->access_bytes != 0 ? gas->access_bytes : register_bytes != 0 ? register_bytes : 1;
	port->access_bytes = (uint8_t)access;
	port->stride = (uint8_t)(register_bytes > access ? register_bytes : access);
}

static const char *ns16550_name(const struct serial_port *port, enum source source) {
	if (!port->in_memory && port->base == COM1)
		return "COM1";
	return source == FROM_SPCR ? "16550 of SPCR" : "16550 of DBG2";
}

/* false: no port that could be written to. */
static bool port_make(unsigned type, const struct acpi_gas *gas, enum source source, struct serial_port *port) {
	*port = (struct serial_port){.base = gas->address, .in_memory = gas->space == ACPI_SPACE_MEMORY};
	if (gas->address == 0 || (!port->in_memory && (gas->space != ACPI_SPACE_IO || gas->address > 0xfff8)))
		return false;
	switch (type) {
	case UART_16550:
	case UART_16550_SUBSET:
	case UART_16550_GAS:
	case UART_BCM2835:
		port->takes_one = type == UART_BCM2835;
		port->kind = SERIAL_NS16550;
		ns16550_layout(gas, port);
		if (!port->in_memory)
			port->access_bytes = port->stride = 1;
		port->name = ns16550_name(port, source);
		return true;
	case UART_PL011:
	case UART_SBSA:
		/* Takes 16- and 32-bit accesses; some integrations only the latter. */
		port->access_bytes = gas->access_bytes == 2 ? 2 : 4;
		break;
	case UART_SBSA_32:
		port->access_bytes = 4;
		break;
	default:
		return false;
	}
	port->kind = SERIAL_PL011;
	port->stride = 4;
	port->name = type == UART_SBSA_32 ? "SBSA UART" : "PL011";
	return port->in_memory;
}

static uint32_t configured_baud(uint8_t code) {
	switch (code) {
	case 3:
		return 9600;
	case 4:
		return 19200;
	case 6:
		return 57600;
	case 7:
		return 115200;
	default: /* 0: as is; others are reserved */
		return 0;
	}
}

static bool spcr_read(uint64_t rsdp, struct serial_port *port) {
	uint32_t length;
	const uint8_t *table = acpi_find_bytes(rsdp, "SPCR", SPCR_UART + ACPI_GAS_BYTES, &length);
	if (table == NULL)
		return false;
	struct acpi_gas gas = acpi_gas_read(table + SPCR_UART);
	if (!port_make(table[SPCR_TYPE], &gas, FROM_SPCR, port))
		return false;
	uint8_t revision = table[SPCR_REVISION];
	if (length > SPCR_BAUD)
		port->baud = configured_baud(table[SPCR_BAUD]);
	if (revision >= 3 && length >= SPCR_CLOCK + 4)
		port->clock_hz = acpi_read32(table + SPCR_CLOCK);
	if (revision >= 4 && length >= SPCR_PRECISE_BAUD + 4 && acpi_read32(table + SPCR_PRECISE_BAUD) != 0)
		port->baud = acpi_read32(table + SPCR_PRECISE_BAUD);
	return true;
}

static bool same_port(const struct serial_port *left, const struct serial_port *right) {
	return left->kind == right->kind && left->in_memory == right->in_memory && left->base == right->base &&
	       left->stride == right->stride && left->access_bytes == right->access_bytes;
}

struct list {
	struct serial_port *ports; /* SERIAL_PORTS_MAX */
	unsigned count;
	bool io_ports;
	uint64_t reach;
};

/* What cannot be reached, or is there already, is left out. */
static void port_add(struct list *list, const struct serial_port *port) {
	if (list->count == SERIAL_PORTS_MAX || (port->in_memory ? port->base >= list->reach : !list->io_ports))
		return;
	for (unsigned i = 0; i < list->count; i++) {
		if (same_port(&list->ports[i], port))
			return;
	}
	list->ports[list->count++] = *port;
}

static void first_add(uint64_t rsdp, struct list *list) {
	static const struct serial_port com1 = {
		.name = "COM1", .access_bytes = 1, .stride = 1, .base = COM1, .baud = COM1_BAUD};
	struct serial_port named;
	if (spcr_read(rsdp, &named))
		port_add(list, &named);
	port_add(list, &com1);
}

/* A device of `length` bytes at least DEVICE_BYTES_MIN. */
static bool device_read(const uint8_t *device, uint32_t length, struct serial_port *port) {
	uint32_t at = acpi_read16(device + DEVICE_REGISTER_OFFSET);
	if (acpi_read16(device + DEVICE_TYPE) != DEVICE_TYPE_SERIAL || device[DEVICE_REGISTERS] == 0 ||
	    at + ACPI_GAS_BYTES > length)
		return false;
	struct acpi_gas gas = acpi_gas_read(device + at);
	return port_make(acpi_read16(device + DEVICE_SUBTYPE), &gas, FROM_DBG2, port);
}

static void dbg2_add(uint64_t rsdp, struct list *list) {
	uint32_t length;
	const uint8_t *table = acpi_find_bytes(rsdp, "DBG2", DBG2_BYTES_MIN, &length);
	if (table == NULL)
		return;
	uint32_t at = acpi_read32(table + DBG2_DEVICES);
	for (uint32_t left = acpi_read32(table + DBG2_DEVICE_COUNT); left > 0; left--) {
		if (at > length || length - at < DEVICE_BYTES_MIN)
			break;
		uint32_t bytes = acpi_read16(table + at + DEVICE_LENGTH);
		struct serial_port port;
		if (bytes < DEVICE_BYTES_MIN || bytes > length - at)
			break;
		if (device_read(table + at, bytes, &port))
			port_add(list, &port);
		at += bytes;
	}
}

unsigned serial_ports_list(uint64_t rsdp, bool io_ports, struct serial_port ports[SERIAL_PORTS_MAX]) {
	struct list list = {.ports = ports, .io_ports = io_ports, .reach = UINT64_MAX};
	first_add(rsdp, &list);
	dbg2_add(rsdp, &list);
	return list.count;
}

/* ---- registers --------------------------------------------------------------------------------------------------- */

/* volatile: device registers; each access is made once, in order, at the width the device asks for. */
uint32_t serial_read(const struct serial_port *port, const struct port_io *io, unsigned number) {
	uintptr_t address = (uintptr_t)(port->base + (uint64_t)number * port->stride);
	if (!port->in_memory)
		return io->read8((uint16_t)address);
	switch (port->access_bytes) {
	case 1:
		return *(volatile uint8_t *)address;
	case 2:
		return *(volatile uint16_t *)address;
	case 4:
		return *(volatile uint32_t *)address;
	default:
		return (uint32_t) * (volatile uint64_t *)address;
	}
}

void serial_write(const struct serial_port *port, const struct port_io *io, unsigned number, uint8_t value) {
	uintptr_t address = (uintptr_t)(port->base + (uint64_t)number * port->stride);
	if (!port->in_memory) {
		io->write8((uint16_t)address, value);
		return;
	}
	switch (port->access_bytes) {
	case 1:
		*(volatile uint8_t *)address = value;
		break;
	case 2:
		*(volatile uint16_t *)address = value;
		break;
	case 4:
		*(volatile uint32_t *)address = value;
		break;
	default:
		*(volatile uint64_t *)address = value;
		break;
	}
}

static bool gets_ready(const struct serial_port *port, const struct port_io *io, unsigned number, uint32_t mask,
		       uint32_t wanted) {
	unsigned polls = 0;
	while ((serial_read(port, io, number) & mask) != wanted) {
		if (++polls == SERIAL_POLLS_MAX)
			return false;
	}
	return true;
}

static bool ns16550_answers(const struct serial_port *port, const struct port_io *io) {
	enum { PATTERN = 0x5a };
	serial_write(port, io, NS16550_SCR, PATTERN);
	bool kept = (serial_read(port, io, NS16550_SCR) & 0xff) == PATTERN;
	serial_write(port, io, NS16550_SCR, 0);
	return kept && (serial_read(port, io, NS16550_SCR) & 0xff) == 0 &&
	       gets_ready(port, io, NS16550_LSR, NS16550_LSR_THRE, NS16550_LSR_THRE);
}

/* A bus without a device reads as all ones or all zeros: full and empty at once, or neither for ever. */
static bool pl011_answers(const struct serial_port *port, const struct port_io *io) {
	const uint32_t both = PL011_FR_TXFF | PL011_FR_TXFE;
	return (serial_read(port, io, PL011_FR) & both) != both && gets_ready(port, io, PL011_FR, both, PL011_FR_TXFE);
}

bool serial_answers(const struct serial_port *port, const struct port_io *io) {
	return port->kind == SERIAL_PL011 ? pl011_answers(port, io) : ns16550_answers(port, io);
}

/* Where SPCR's port or COM1 answers, as nearly everywhere, DBG2 is not even looked for: an emulated kernel pays for
 * every byte of a table. PCI's thousands of functions come last for the same reason. */
bool serial_find(uint64_t rsdp, const struct port_io *io, uint64_t reach, struct serial_port *port) {
	struct serial_port ports[SERIAL_PORTS_MAX];
	struct list list = {.ports = ports, .io_ports = io->read8 != NULL, .reach = reach};
	unsigned asked = 0;
	for (unsigned round = 0; round < 2; round++) {
		if (round == 0)
			first_add(rsdp, &list);
		else
			dbg2_add(rsdp, &list);
		for (; asked < list.count; asked++) {
			if (serial_answers(&ports[asked], io)) {
				*port = ports[asked];
				return true;
			}
		}
	}
	for (uint32_t at = 0; io->read32 != NULL && serial_pci_next(io, &at, port);) {
		if ((!port->in_memory || port->base < reach) && serial_answers(port, io))
			return true;
	}
	return false;
}

uint16_t serial_divisor(const struct serial_port *port) {
	uint64_t clock_hz = port->clock_hz != 0 ? port->clock_hz : port->in_memory ? 0 : PC_CLOCK_HZ;
	if (port->baud == 0 || clock_hz == 0)
		return 0;
	uint64_t wanted = (uint64_t)port->baud * CLOCKS_A_BIT;
	uint64_t divisor = (clock_hz + wanted / 2) / wanted;
	if (divisor == 0 || divisor > UINT16_MAX)
		return 0;
	uint64_t got = wanted * divisor;
	uint64_t off = got > clock_hz ? got - clock_hz : clock_hz - got;
	return off * 100 <= clock_hz * PERCENT_MAX ? (uint16_t)divisor : 0;
}
