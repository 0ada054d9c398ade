/* SPDX-License-Identifier: Apache-2.0
 *
 * The C library's four memory functions, as ISO C11 section 7.24 has them: the loader is linked with no library.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict target, const void *restrict source, size_t length);
void *memmove(void *target, const void *source, size_t length);
void *memset(void *target, int value, size_t length);
int memcmp(const void *left, const void *right, size_t length);
