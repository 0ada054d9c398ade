/* SPDX-License-Identifier: Apache-2.0
 *
 * What libfdt takes of a C library (ISO C11, section 7.24; strnlen: POSIX), for code that has none: boot/freestanding.h
 * and boot/tree/strings.c.
 */
#pragma once

#include "boot/freestanding.h"

void *memchr(const void *bytes, int value, size_t length);
char *strrchr(const char *text, int character);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t length_max);
