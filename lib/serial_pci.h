/* SPDX-License-Identifier: Apache-2.0
 *
 * 16550s on PCI, at the places that the firmware gave them: cards, and what a PC's management calls serial over LAN.
 * By the configuration ports, so that a machine without them has none here. Reads only, but for the address that a
 * read takes.
 * Source: PCI Local Bus Specification 3.0, 3.2.2.3.2 (ports), 6.1, 6.2 (header); PCI Code and ID Assignment 1.11, 1.8.
 */
#pragma once

#include "lib/serial.h"

/* The next one from function *at on, by bus, device and function as one number; *at is behind it then. Begin with 0.
 * false: there is none. Its rate is the firmware's to have set: nothing says the clock of a card. */
bool serial_pci_next(const struct port_io *io, uint32_t *at, struct serial_port *port);
