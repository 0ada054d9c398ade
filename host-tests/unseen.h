/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes as a program would make them that neither the compiler nor the address sanitizer sees.
 */
#pragma once

#include <stddef.h>

__attribute__((no_sanitize("address"), noinline, unused)) static void unseen_flip(void *object, size_t offset) {
	((volatile unsigned char *)object)[offset] ^= 1;
}

__attribute__((no_sanitize("address"), noinline, unused)) static void unseen_fill(void *at, int value, size_t count) {
	for (size_t i = 0; i < count; i++)
		((volatile unsigned char *)at)[i] = (unsigned char)value;
}
