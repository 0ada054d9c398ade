/* SPDX-License-Identifier: Apache-2.0
 *
 * What the machine says of itself and only the kernel can read, copied for the programme as it stands.
 */
#pragma once

#include <stdint.h>

enum { RAW_SMBIOS = 5 };

/* Copies an ACPI table, 0: the MADT, and PPTT, SRAT, SLIT, HMAT, or with RAW_SMBIOS SMBIOS's structure table, as far as
 * `capacity` bytes take it; its length, 0 where there is none. PLATFORM_EINVAL: another number. */
int64_t raw_table_copy(uint64_t number, void *bytes, uint64_t capacity);
