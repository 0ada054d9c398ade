/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of sized operations, and what they take. They go by size, as those of a profile's user do: which method is the
 * faster one by a cycle depends on what stands before the call, and the choice of a band always does.
 */
#pragma once

#include "simd/simd.h"

#include <stddef.h>
#include <stdint.h>

enum { CALL_PLACES = 4 };

struct call {
	enum simd_operation operation; /* a sized one */
	const struct simd_kernels *kernels;
	uint8_t *to;
	const uint8_t *from, *other; /* other: what is compared with it */
	size_t bytes;
	unsigned code_place; /* of the calling loop, modulo CALL_PLACES */
};

/* One sample: ticks a call, of calls that last some tens of microseconds. */
double call_sample(const struct call *call);

/* The same of some calls with as many dependent additions behind each. */
double call_sample_in_company(const struct call *call, unsigned adds);
