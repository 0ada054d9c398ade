/* SPDX-License-Identifier: Apache-2.0
 *
 * Bands that are merged choose as those before.
 */
#include "bench/rng.h"
#include "bench/tune/profile_c.h"
#include "simd/simd.h"

#include <criterion/criterion.h>
#include <string.h>

enum { CHOICES = 2000 };

/* Few names, so that neighbours are often alike; one that is nowhere, and copies of one at different places. */
static struct simd_choice any_choice(struct rng *rng) {
	static const char other_scalar[] = "scalar";
	static const char *const names[] = {NULL, "scalar", other_scalar, "nowhere"};
	struct simd_choice choice = {.method = {names[rng_below(rng, 4)]}};
	size_t count = rng_below(rng, SIMD_BANDS), least = 0;
	for (size_t i = 0; i < count; i++) {
		least += 1 + rng_below(rng, 9) * (i == 2 ? 4096 : 1);
		choice.below[i] = least;
		choice.method[i + 1] = names[rng_below(rng, 4)];
	}
	/* What does not ascend ends them. */
	if (count > 2 && rng_below(rng, 8) == 0)
		choice.below[count - 1] = choice.below[0];
	return choice;
}

/* As simd/profile.h says it. */
static const char *method_at(const struct simd_choice *choice, size_t bytes) {
	size_t band = 0, least = 0;
	while (band < SIMD_BANDS - 1 && choice->below[band] > least && bytes >= choice->below[band])
		least = choice->below[band++];
	return choice->method[band] ? choice->method[band] : "built in";
}

static size_t bands_of(const struct simd_choice *choice) {
	size_t count = 1, least = 0;
	while (count < SIMD_BANDS && choice->below[count - 1] > least)
		least = choice->below[count++ - 1];
	return count;
}

Test(profile_c, merged_bands_choose_the_same_method_at_every_size) {
	static struct simd_profile before, after;
	struct rng rng = rng_seeded(1);
	simd_features features = simd_features_detect();
	size_t merged_any = 0;
	for (int i = 0; i < CHOICES; i++) {
		before.choice[SIMD_OPERATION_CRC32C] = any_choice(&rng);
		struct simd_choice merged = profile_c_merged(&before.choice[SIMD_OPERATION_CRC32C]);
		struct simd_kernels kernels, of_merged;
		after.choice[SIMD_OPERATION_CRC32C] = merged;
		for (size_t bytes = 0; bytes < 40000; bytes += bytes < 200 ? 1 : 509)
			cr_assert_str_eq(method_at(&merged, bytes),
					 method_at(&before.choice[SIMD_OPERATION_CRC32C], bytes), "%d: %zu", i, bytes);
		simd_select(features, &before, &kernels);
		simd_select(features, &after, &of_merged);
		for (size_t bytes = 0; bytes < 200; bytes++)
			cr_assert_eq(kernels.by_size.crc32c[simd_band(&kernels, SIMD_OPERATION_CRC32C, bytes)],
				     of_merged.by_size.crc32c[simd_band(&of_merged, SIMD_OPERATION_CRC32C, bytes)]);
		for (size_t band = 1; band < bands_of(&merged); band++)
			cr_assert_str_neq(merged.method[band] ? merged.method[band] : "built in",
					  merged.method[band - 1] ? merged.method[band - 1] : "built in");
		merged_any += bands_of(&merged) < bands_of(&before.choice[SIMD_OPERATION_CRC32C]);
	}
	cr_expect_gt(merged_any, CHOICES / 4);
}
