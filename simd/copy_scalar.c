/* SPDX-License-Identifier: Apache-2.0
 *
 * Copy, one byte a step: the oracle of the other copies, and what a copy costs without any width. Deliberately naive.
 */
#include "simd/kernels.h"

void simd_copy_scalar(void *destination, const void *source, size_t bytes) {
	uint8_t *to = destination;
	const uint8_t *from = source;
	for (size_t i = 0; i < bytes; i++) {
		uint8_t byte = from[i];
		/* No instruction: hides the value, so that no compiler, with whatever flags, makes a vector loop or a
		 * call of memcpy out of this one. */
		__asm__("" : "+r"(byte));
		to[i] = byte;
	}
}
