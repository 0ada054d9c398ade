/* SPDX-License-Identifier: Apache-2.0
 *
 * Addition of 32-bit lanes, one lane a step: the oracle of the other additions. Deliberately naive.
 */
#include "simd/kernels.h"

void simd_add32_scalar(uint32_t *sum, const uint32_t *a, const uint32_t *b, size_t count) {
	for (size_t i = 0; i < count; i++) {
		uint32_t lane = a[i] + b[i];
		/* No instruction: hides the value, so that no compiler, with whatever flags, makes a vector loop out of
		 * this one. */
		__asm__("" : "+r"(lane));
		sum[i] = lane;
	}
}
