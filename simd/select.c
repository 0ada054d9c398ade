/* SPDX-License-Identifier: Apache-2.0
 *
 * Choice of variants from features. Pure; what there is to choose from is the architecture's table (variants.c).
 */
#include "simd/kernels.h"

bool simd_variant_runs(const struct simd_variant *variant, simd_features features) {
	if ((features.present & variant->needs) != variant->needs)
		return false;
	return variant->sve_bits == 0 || variant->sve_bits == features.sve_bits;
}

void simd_use(const struct simd_variant *variant, const struct simd_profile *profile, struct simd_kernels *kernels) {
	*kernels = (struct simd_kernels){
		.copies = *variant->copies,
		.fills = *variant->fills,
		.scans = *variant->scans,
		.sums = *variant->sums,
		.hashes = *variant->hashes,
		.lanes = *variant->lanes,
		.profile = profile != NULL ? *profile : simd_profile_default,
		.selected = variant,
	};
	kernels->width[SIMD_WIDTH_SCALAR] = &simd_variants[0];
	kernels->width[variant->width] = variant;
}

void simd_select(simd_features features, const struct simd_profile *profile, struct simd_kernels *kernels) {
	const struct simd_variant *width[SIMD_WIDTH_COUNT] = {0};
	for (size_t i = 0; i < simd_variant_count; i++) {
		const struct simd_variant *variant = &simd_variants[i];
		if (width[variant->width] == NULL && simd_variant_runs(variant, features))
			width[variant->width] = variant;
	}
	const struct simd_variant *selected = width[SIMD_WIDTH_SCALAR];
	for (unsigned i = SIMD_WIDTH_128; i < SIMD_WIDTH_COUNT; i++)
		if (width[i] != NULL && width[i]->unmeasured)
			selected = width[i];
	simd_use(selected, profile, kernels);
	for (unsigned i = 0; i < SIMD_WIDTH_COUNT; i++)
		kernels->width[i] = width[i];
	simd_select_extensions(features, kernels);
}

const char *simd_width_missing(simd_features features, enum simd_width width) {
	const char *reason = "this architecture has no variant of this width";
	for (size_t i = simd_variant_count; i-- > 0;) {
		if (simd_variants[i].width != width)
			continue;
		if (simd_variant_runs(&simd_variants[i], features))
			return NULL;
		reason = simd_variants[i].missing;
	}
	return reason;
}
