/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/profile/profile_header.h"

#include "bench/plain.h"
#include "bench/tune/profile_c.h"
#include "bench/tune/profile_read.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <string.h>

static int complain(struct text *complaint, const char *file, const char *what) {
	plain_add_string(complaint, file);
	text_add_string(complaint, ": ");
	plain_add_string(complaint, what);
	text_add_string(complaint, "\n");
	return PLATFORM_EINVAL;
}

/* Whether this CPU has a method is no matter: the header goes to where the profile was made. */
static bool read_any(const struct text *bytes, struct profile_file *profile, struct text *why) {
	const simd_features all = {.present = SIMD_FEATURE_BIT(SIMD_FEATURE_COUNT) - 1, .sve_bits = 256};
	return profile_read(bytes->bytes ? bytes->bytes : "", bytes->length, all, profile, why);
}

int profile_header_write(const char *file, const char *own, struct text *header, struct text *complaint) {
	struct profile_file profile;
	struct text bytes = {0}, why = {0};
	int status = files_read(file, FILES_BYTES_MOST, &bytes, complaint);
	if (status == 0 && !read_any(&bytes, &profile, &why)) {
		text_add(&why, "", 1);
		status = complain(complaint, file, why.failed ? "out of memory" : why.bytes);
	} else if (status == 0 && strcmp(profile.signature.architecture, own) != 0) {
		status = complain(complaint, file,
				  "it is of the other architecture, whose methods this build does not have");
	} else if (status == 0 && profile.unknown[0]) {
		plain_format(&why, "this build does not have %s", profile.unknown);
		text_add(&why, "", 1);
		status = complain(complaint, file, why.failed ? "out of memory" : why.bytes);
	}
	if (status == 0) {
		struct profile_about about = {.signature = &profile.signature, .what_for = profile.what_for};
		about.command = profile.command;
		memcpy(about.date, profile.date, sizeof(about.date));
		profile_c_write(header, &about, &profile.choices[profile.what_for]);
	}
	text_free(&bytes);
	text_free(&why);
	return status;
}
