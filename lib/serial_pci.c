/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/serial_pci.h"

enum {
	CONFIG_ADDRESS = 0xcf8,
	CONFIG_DATA = 0xcfc,
	FUNCTIONS_END = 256 * 32 * 8,
	FUNCTION_MASK = 7,

	/* Registers of four bytes. */
	HEADER_ID = 0x00,
	HEADER_COMMAND = 0x04,
	HEADER_CLASS = 0x08,
	HEADER_TYPE = 0x0c,
	HEADER_BAR_0 = 0x10,
	HEADER_BARS_END = 0x28,

	COMMAND_IO = 1 << 0,
	COMMAND_MEMORY = 1 << 1,
	CLASS_SERIAL = 0x0700,
	INTERFACE_16950 = 6, /* the last of those that are a 16450 or better */
	TYPE_SHIFT = 16,
	TYPE_MASK = 0x7f,
	TYPE_SEVERAL_FUNCTIONS = 0x80,
	BAR_IO = 1 << 0,
	BAR_64BIT = 2 << 1,
	BAR_TYPE_MASK = 3 << 1,
	BAR_IO_FLAGS = 0x3,
	BAR_MEMORY_FLAGS = 0xf,
};
static const uint32_t CONFIG_ENABLE = UINT32_C(1) << 31;

static uint32_t config_read(const struct port_io *io, uint32_t function, uint32_t offset) {
	io->write32(CONFIG_ADDRESS, CONFIG_ENABLE | function << 8 | offset);
	return io->read32(CONFIG_DATA);
}

/* The first place that the function answers at. */
static bool place_read(const struct port_io *io, uint32_t function, struct serial_port *port) {
	uint32_t command = config_read(io, function, HEADER_COMMAND);
	for (uint32_t offset = HEADER_BAR_0; offset < HEADER_BARS_END; offset += 4) {
		uint64_t bar = config_read(io, function, offset);
		port->in_memory = !(bar & BAR_IO);
		if (port->in_memory && (bar & BAR_TYPE_MASK) == BAR_64BIT) {
			offset += 4;
			bar |= offset < HEADER_BARS_END ? (uint64_t)config_read(io, function, offset) << 32 : 0;
		}
		port->base = bar & ~(uint64_t)(port->in_memory ? BAR_MEMORY_FLAGS : BAR_IO_FLAGS);
		bool decodes = command & (port->in_memory ? COMMAND_MEMORY : COMMAND_IO);
		bool reachable = port->in_memory ? port->base >> 48 == 0 : port->base <= UINT16_MAX - 7;
		if (decodes && port->base != 0 && reachable)
			return true;
	}
	return false;
}

static bool is_16550(const struct port_io *io, uint32_t function) {
	uint32_t class = config_read(io, function, HEADER_CLASS);
	return class >> 16 == CLASS_SERIAL && (class >> 8 & 0xff) <= INTERFACE_16950;
}

bool serial_pci_next(const struct port_io *io, uint32_t *at, struct serial_port *port) {
	while (*at < FUNCTIONS_END) {
		uint32_t function = (*at)++;
		bool first = (function & FUNCTION_MASK) == 0,
		     absent = config_read(io, function, HEADER_ID) == UINT32_MAX;
		uint32_t type = absent ? 0 : config_read(io, function, HEADER_TYPE) >> TYPE_SHIFT;
		if (first && !(type & TYPE_SEVERAL_FUNCTIONS))
			*at = (function | FUNCTION_MASK) + 1;
		if (absent || (type & TYPE_MASK) != 0 || !is_16550(io, function))
			continue;
		*port = (struct serial_port){.name = "16550 on PCI", .access_bytes = 1, .stride = 1};
		if (place_read(io, function, port))
			return true;
	}
	return false;
}
