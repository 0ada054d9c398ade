/* SPDX-License-Identifier: Apache-2.0
 *
 * Which families of which variants run, and the choice among them that needs no measurement. Pure; what there is to
 * choose from is the architecture's tables (variants.c).
 */
#include "simd/kernels.h"

static bool has_all(simd_features features, uint64_t needs) {
	return (features.present & needs) == needs;
}

bool simd_family_runs(const struct simd_variant *variant, enum simd_family family, simd_features features) {
	return has_all(features, variant->needs[family]) &&
	       (variant->sve_bits == 0 || variant->sve_bits == features.sve_bits);
}

bool simd_variant_runs(const struct simd_variant *variant, simd_features features) {
	for (unsigned family = 0; family < SIMD_FAMILY_COUNT; family++)
		if (!simd_family_runs(variant, (enum simd_family)family, features))
			return false;
	return true;
}

static void take_lanes(struct simd_lanes *to, const struct simd_lanes *from) {
	simd_fma_function *f32 = to->fma_f32, *f64 = to->fma_f64;
	*to = *from;
	to->fma_f32 = f32;
	to->fma_f64 = f64;
}

static void take_sums(struct simd_sums *to, const struct simd_sums *from) {
	simd_popcount_function *popcount = to->popcount;
	*to = *from;
	to->popcount = popcount;
}

void simd_take_family(struct simd_kernels *kernels, enum simd_family family, const struct simd_variant *variant) {
	kernels->from[family] = variant;
	switch (family) {
	case SIMD_FAMILY_COPIES:
		kernels->copies = *variant->copies;
		break;
	case SIMD_FAMILY_FILLS:
		kernels->fills = *variant->fills;
		break;
	case SIMD_FAMILY_SCANS:
		kernels->scans = *variant->scans;
		break;
	case SIMD_FAMILY_SUMS:
		take_sums(&kernels->sums, variant->sums);
		break;
	case SIMD_FAMILY_POPCOUNT:
		kernels->sums.popcount = variant->sums->popcount;
		break;
	case SIMD_FAMILY_CRC32C:
		kernels->hashes.crc32c = variant->hashes->crc32c;
		break;
	case SIMD_FAMILY_PAGE_HASH:
		kernels->hashes.page_hash = variant->hashes->page_hash;
		break;
	case SIMD_FAMILY_LANES:
		take_lanes(&kernels->lanes, variant->lanes);
		break;
	default:
		kernels->lanes.fma_f32 = variant->lanes->fma_f32;
		kernels->lanes.fma_f64 = variant->lanes->fma_f64;
	}
}

/* The widest that needs no measurement. */
static void select_family(simd_features features, enum simd_family family, struct simd_kernels *kernels) {
	const struct simd_variant **width = kernels->width[family];
	for (size_t i = 0; i < simd_variant_count; i++) {
		const struct simd_variant *variant = &simd_variants[i];
		if (width[variant->width] == NULL && simd_family_runs(variant, family, features))
			width[variant->width] = variant;
	}
	for (unsigned i = SIMD_WIDTH_SCALAR; i < SIMD_WIDTH_COUNT; i++)
		if (width[i] != NULL && width[i]->unmeasured)
			simd_take_family(kernels, family, width[i]);
}

bool simd_extension_runs(const struct simd_extension *extension, simd_features features) {
	return has_all(features, extension->needs);
}

bool simd_extension_unmeasured(const struct simd_extension *extension, simd_features features) {
	return extension->unmeasured && simd_extension_runs(extension, features) &&
	       (features.present & extension->slower_with) == 0;
}

void simd_select_variants(simd_features features, struct simd_kernels *kernels) {
	for (unsigned family = 0; family < SIMD_FAMILY_COUNT; family++)
		select_family(features, (enum simd_family)family, kernels);
}

void simd_extend(simd_features features, struct simd_kernels *kernels) {
	for (size_t i = 0; i < simd_extension_count; i++)
		if (simd_extension_unmeasured(&simd_extensions[i], features))
			simd_extensions[i].extend(kernels);
}
