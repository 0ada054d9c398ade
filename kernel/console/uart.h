/* SPDX-License-Identifier: Apache-2.0
 *
 * The serial port that the kernel writes to: the first of the machine's that answers (lib/serial.h). A 16550 is set to
 * the rate that the table says, where it says one; a PL011 is as the firmware has set it up. One machine, one port: the
 * state is a singleton. Bytes may be lost where the port stops taking them, never the run: every wait has an end, and
 * after the first that ran out nothing is waited for again.
 */
#pragma once

#include "boot_info.h"

#include <stdbool.h>
#include <stdint.h>

/* Before our page tables are in force. false: there is none. */
bool uart_start(const struct boot_info *info);

/* NULL: none. */
const char *uart_name(void);

/* Nothing happens where there is none. */
void uart_write(const char *bytes, uint64_t length);

/* Around the firmware's turn (handback): its settings put back, all bytes sent; noted, and ours again. */
void uart_leave(void);
void uart_take_up(void);
