/* SPDX-License-Identifier: Apache-2.0
 *
 * Which methods a user gets on this machine: the built-in choice, or a profile's (simd/profile.h), in a form that goes
 * from process to process.
 */
#pragma once

#include "simd/simd.h"

enum { PEER_METHOD_BYTES = 24 };

struct peer_choice {
	size_t copy_stream_bytes, zero_stream_bytes;
	struct {
		char method[SIMD_BANDS][PEER_METHOD_BYTES]; /* empty: the built-in choice */
		size_t below[SIMD_BANDS - 1];
	} of[SIMD_OPERATION_COUNT];
};

void peer_choice_make(const struct simd_profile *profile, struct peer_choice *choice);

/* Its names are the choice's. */
void peer_choice_profile(const struct peer_choice *choice, struct simd_profile *profile);

/* The method that the profile names for that many bytes; NULL: the built-in choice. Up to a page a copy has the page's,
 * as simd_copy takes it. */
const char *peer_choice_method(const struct simd_profile *profile, enum simd_operation operation, size_t bytes);
