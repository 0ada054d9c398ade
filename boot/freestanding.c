/* SPDX-License-Identifier: Apache-2.0
 *
 * The four functions that a freestanding compiler may call without being asked. Plain loops: what is copied here is
 * small, but for the kernel's segments, once.
 */
#include "boot/freestanding.h"

void *memcpy(void *restrict target, const void *restrict source, size_t length) {
	unsigned char *to = target;
	const unsigned char *from = source;
	while (length--)
		*to++ = *from++;
	return target;
}

void *memmove(void *target, const void *source, size_t length) {
	unsigned char *to = target;
	const unsigned char *from = source;
	if ((uintptr_t)to <= (uintptr_t)from)
		return memcpy(target, source, length);
	while (length--)
		to[length] = from[length];
	return target;
}

void *memset(void *target, int value, size_t length) {
	unsigned char *to = target;
	while (length--)
		*to++ = (unsigned char)value;
	return target;
}

int memcmp(const void *left, const void *right, size_t length) {
	const unsigned char *a = left;
	const unsigned char *b = right;
	for (; length--; a++, b++)
		if (*a != *b)
			return *a < *b ? -1 : 1;
	return 0;
}
