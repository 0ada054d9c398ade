/* SPDX-License-Identifier: Apache-2.0
 *
 * The profile's reader over any bytes: it refuses with a line, or what it gives is what simd_select may be given, by
 * names that are simd's own.
 */
#include "bench/tune/profile_read.h"
#include "fuzz/fuzz.h"
#include "simd/simd.h"

#include <string.h>

static void check_choice(simd_features features, enum simd_operation operation, const struct simd_choice *choice) {
	struct simd_method methods[SIMD_METHODS_MAX];
	size_t count = simd_methods(features, operation, methods), below = 0;
	for (int band = 0; band < SIMD_BANDS; band++) {
		bool found = choice->method[band] == NULL;
		for (size_t i = 0; i < count; i++)
			found |= choice->method[band] == methods[i].name;
		need(found);
	}
	for (int band = 0; band < SIMD_BANDS - 1 && choice->below[band]; band++) {
		need(choice->below[band] > below);
		below = choice->below[band];
	}
}

static void check(simd_features features, const struct profile_file *file) {
	char bytes[256] = "", copy[256];
	for (int what_for = 0; what_for < TUNE_FOR_COUNT; what_for++) {
		struct simd_kernels kernels;
		for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
			check_choice(features, (enum simd_operation)i, &file->choices[what_for].choice[i]);
		simd_select(features, &file->choices[what_for], &kernels);
		for (size_t length = 0; length <= sizeof(bytes); length += 17)
			simd_copy(&kernels, copy, bytes, length);
	}
	need(memchr(file->signature.cpu, 0, sizeof(file->signature.cpu)) != NULL);
	need(memchr(file->unknown, 0, sizeof(file->unknown)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct profile_file file;
	struct text why = {0};
	simd_features features = simd_features_detect();
	bool good = profile_read((const char *)bytes, length, features, &file, &why);
	need(good || why.length > 0);
	need(!good || profile_is((const char *)bytes, length));
	need(strlen(file.hash) == CRC32C_DIGITS);
	if (good)
		check(features, &file);
	text_free(&why);
	return 0;
}
