/* SPDX-License-Identifier: Apache-2.0
 *
 * The profile of simd/ that a setting (preload/setting.h) says. Pure.
 */
#pragma once

#include "simd/profile.h"

enum { CHOICE_NAME_BYTES = 16 };

/* A profile with the names that it points to: stays where it was made. */
struct choice {
	struct simd_profile profile;
	char names[SIMD_OPERATION_COUNT][SIMD_BANDS][CHOICE_NAME_BYTES];
};

/* What the setting leaves out, or says wrong, is as built in. */
void choice_read(const char *setting, struct choice *choice);
