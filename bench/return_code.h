/* SPDX-License-Identifier: Apache-2.0
 *
 * Code that can be read: a function that returns its number, as data says as well which one it is. bench/<arch>/
 * return_code.c.
 */
#pragma once

#include <stdint.h>

/* Its instructions, as 8 bytes of memory that is then called; `value` is below 65536. */
uint64_t return_code_of(uint32_t value);
