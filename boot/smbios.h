/* SPDX-License-Identifier: Apache-2.0
 *
 * The one bit of SMBIOS that the loader wants. Pure. Source: DMTF DSP0134 (SMBIOS 3.6), sections 5.2, 6.1 and 7.1.2.2.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where the structure table is that an entry point names, 32-bit ("_SM_") or 64-bit ("_SM3_"). false: it is neither. */
bool smbios_entry_table(const void *entry_point, const void **table, size_t *length);

/* BIOS information, characteristics extension byte 2, bit 4: the table describes a virtual machine. */
bool smbios_says_virtual(const void *table, size_t length);
