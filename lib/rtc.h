/* SPDX-License-Identifier: Apache-2.0
 *
 * The date in a PC's real-time clock (MC146818A and its likes), through ports 0x70 and 0x71. Its zone is nobody's to
 * say: it is taken for UTC. Bounded: some hundred port accesses at the most.
 * Source: Motorola MC146818A data sheet; ACPI 6.4, 4.8.2.4 (the century's register is the FADT's to name; 0x32 is the
 * usual one, and what is implausible there is left out).
 */
#pragma once

#include "lib/civil.h"
#include "lib/serial.h"

/* false: there is none, or no date in it. The register of the index port is left at 0x0d. */
bool rtc_read(const struct port_io *io, uint64_t *seconds);
