/* SPDX-License-Identifier: Apache-2.0
 *
 * Choice of variants from features. Pure; what there is to choose from is the architecture's table (variants.c).
 */
#include "simd/simd.h"

bool simd_variant_runs(const struct simd_variant *variant, simd_features features) {
	if ((features.present & variant->needs) != variant->needs)
		return false;
	return variant->sve_bits == 0 || variant->sve_bits == features.sve_bits;
}

void simd_select(simd_features features, struct simd_kernels *kernels) {
	*kernels = (struct simd_kernels){0};
	for (size_t i = 0; i < simd_variant_count; i++) {
		const struct simd_variant *variant = &simd_variants[i];
		if (kernels->width[variant->width] == NULL && simd_variant_runs(variant, features))
			kernels->width[variant->width] = variant;
	}
	for (unsigned width = SIMD_WIDTH_SCALAR; width < SIMD_WIDTH_COUNT; width++)
		if (kernels->width[width] != NULL && kernels->width[width]->unmeasured)
			kernels->selected = kernels->width[width];
	kernels->copy = kernels->selected->copy;
	kernels->add32 = kernels->selected->add32;
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
