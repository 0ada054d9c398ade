/* SPDX-License-Identifier: Apache-2.0
 *
 * I/O ports, for what is shared between architectures.
 */
#include "kernel/arch.h"
#include "kernel/x86_64/instructions.h"

static uint8_t read8(uint16_t port) {
	return port_read8(port);
}

static void write8(uint16_t port, uint8_t value) {
	port_write8(port, value);
}

static uint32_t read32(uint16_t port) {
	return port_read32(port);
}

static void write32(uint16_t port, uint32_t value) {
	port_write32(port, value);
}

/* As few instructions as a byte can cost: a host that emulates this ring takes its time for each. */
static void send8(uint16_t port, const char *bytes, uint64_t length) {
	port_write8_each(port, bytes, length);
}

const struct port_io arch_port_io = {read8, write8, send8, read32, write32};
