/* SPDX-License-Identifier: Apache-2.0
 *
 * The profile that a run takes: the one that it was told to take, else the one that was kept for this machine; where it
 * fits.
 */
#pragma once

#include "bench/tune/profile_read.h"

struct profile_use {
	bool asked; /* there was one, or none was asked for by name: the context has a word of it */
	bool used;
	bool none;                    /* it was said by name */
	char why[224];                /* why not, or which one it is */
	char hash[CRC32C_DIGITS + 1]; /* of the profile's bytes; "": there are none */
	struct simd_profile profile;  /* only where it is used; names in it are static text */
};

/* `name`: a file; "none": none; NULL: this machine's. What there is to say goes to PLATFORM_STREAM_ERROR, one line.
 * One that is broken or does not fit is not used, and the answer is true all the same; false: the file that was named
 * cannot be read. */
bool profile_use_find(const char *name, simd_features features, struct profile_use *use);

/* The same without that line: it is in use->why. */
bool profile_use_look(const char *name, simd_features features, struct profile_use *use);

/* What simd_select is to take: the profile, else what is built in for this CPU; where none was asked for by name
 * simd_profile_default. */
const struct simd_profile *profile_use_of(const struct profile_use *use);

/* "measured", else the name of what is built in, as simd_profile_name_for has it. Static text. */
const char *profile_use_name(const struct profile_use *use);

/* Members of a run's context: `methods`, that name; `profile`, where there is a word of it. */
void profile_use_describe(struct text *text, const struct profile_use *use);
