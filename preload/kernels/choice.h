/* SPDX-License-Identifier: Apache-2.0
 *
 * The profile of simd/ that a setting (preload/setting.h) says. Pure.
 */
#pragma once

#include "simd/profile.h"

enum { CHOICE_NAME_BYTES = 16 };

/* Sizes that are served: those with size - from < span. */
struct choice_sizes {
	size_t from, span;
};

/* A profile with the names that it points to: stays where it was made. */
struct choice {
	struct simd_profile profile;
	struct choice_sizes sizes[SIMD_OPERATION_COUNT];
	char names[SIMD_OPERATION_COUNT][SIMD_BANDS][CHOICE_NAME_BYTES];
};

/* What the setting leaves out, or says wrong, is as built in; where it says no sizes, all are served. */
void choice_read(const char *setting, struct choice *choice);
