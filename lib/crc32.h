/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected, RFC 3720 appendix B.4), bytewise without a large table:
 * it guards record lines, in which it stands as lower-case hexadecimal digits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of `length` bytes, continuing from `crc` (0 at the start). */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length);

enum { CRC32C_DIGITS = 8 };

/* From CRC32C_DIGITS bytes; false: they are no such digits. */
bool crc32c_parse(const char *digits, uint32_t *crc);
