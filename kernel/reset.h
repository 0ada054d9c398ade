/* SPDX-License-Identifier: Apache-2.0
 *
 * A reset through the register that the FADT names, for who asks for it (key `exit = reset`). Registers in PCI
 * configuration space are not written. Source: ACPI 6.4, 4.8.3.6 (reset register), 5.2.9. One machine, one register:
 * the state is a singleton.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Before our page tables are in force: notes the register, and has it mapped where it is in memory.
 * false: there is none. */
bool reset_find(uint64_t rsdp);

/* Writes it, if there is one. Returns: a machine takes its time. */
void reset_write(void);
