/* SPDX-License-Identifier: Apache-2.0
 *
 * profile.json (schema "anechoic-profile/1", docs/formats.md) read back, in the image as well as hosted. The bytes are
 * a stranger's: cut, hostile and huge ones are answered with one line that says what is wrong. Pure; allocates nothing
 * but for that line.
 */
#pragma once

#include "bench/text.h"
#include "bench/tune/signature.h"
#include "bench/tune/tune.h"
#include "lib/civil.h"
#include "lib/crc32.h"
#include "simd/profile.h"

#include <stdbool.h>
#include <stddef.h>

struct profile_file {
	struct tune_signature signature;
	enum tune_for what_for; /* which of the choices it was made for */
	char date[CIVIL_TEXT_BYTES];
	char version[32];
	char command[256];
	char hash[CRC32C_DIGITS + 1]; /* CRC-32C of the bytes */
	size_t measured;              /* operations that were */
	bool cut;                     /* the run that made it did not come to its end */
	struct simd_profile choices[TUNE_FOR_COUNT];
	char unknown[96]; /* the first operation or method that is not here and leaves the built-in choice; "" */
};

/* Whether they call themselves a profile of this schema; nothing else of them is looked at. */
bool profile_is(const char *bytes, size_t length);

/* Methods that these features do not have leave the built-in choice; names in `choices` are static text. false: `why`
 * says what is wrong, without a line end; *file is then of no use but for its hash. */
bool profile_read(const char *bytes, size_t length, simd_features features, struct profile_file *file,
		  struct text *why);
