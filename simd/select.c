/* SPDX-License-Identifier: Apache-2.0
 *
 * Choice of variants from features. Pure; what there is to choose from is the architecture's tables (variants.c).
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

void simd_use(const struct simd_variant *variant, const struct simd_profile *profile, struct simd_kernels *kernels) {
	const struct simd_profile streams = {.copy_stream_bytes = profile != NULL ? profile->copy_stream_bytes : 0,
					     .zero_stream_bytes = profile != NULL ? profile->zero_stream_bytes : 0};
	*kernels = (struct simd_kernels){0};
	for (unsigned family = 0; family < SIMD_FAMILY_COUNT; family++) {
		simd_take_family(kernels, (enum simd_family)family, variant);
		kernels->width[family][SIMD_WIDTH_SCALAR] = &simd_variants[0];
		kernels->width[family][variant->width] = variant;
	}
	simd_apply_profile((simd_features){0}, &streams, kernels);
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

void simd_select_variants(simd_features features, struct simd_kernels *kernels) {
	for (unsigned family = 0; family < SIMD_FAMILY_COUNT; family++)
		select_family(features, (enum simd_family)family, kernels);
}

void simd_extend(simd_features features, struct simd_kernels *kernels) {
	for (size_t i = 0; i < simd_extension_count; i++)
		if (simd_extension_runs(&simd_extensions[i], features))
			simd_extensions[i].extend(kernels);
}

void simd_select(simd_features features, const struct simd_profile *profile, struct simd_kernels *kernels) {
	*kernels = (struct simd_kernels){0};
	simd_select_variants(features, kernels);
	simd_extend(features, kernels);
	simd_apply_profile(features, profile != NULL ? profile : &simd_profile_default, kernels);
}

/* ---- what is missing --------------------------------------------------------------------------------------------- */

struct words {
	char *text;
	size_t bytes, length;
};

static void say(struct words *words, const char *word) {
	for (; *word != 0 && words->length + 1 < words->bytes; word++)
		words->text[words->length++] = *word;
	words->text[words->length] = 0;
}

/* As the manuals have it: in capitals. */
static void say_feature(struct words *words, enum simd_feature feature) {
	for (const char *name = simd_feature_name(feature); *name != 0; name++) {
		const char letter[] = {(char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name), 0};
		say(words, letter);
	}
}

static void say_lacking(struct words *words, uint64_t lacking) {
	const char *before = "no ", *registers = NULL;
	for (unsigned feature = 0; feature < SIMD_FEATURE_COUNT; feature++) {
		if ((lacking & SIMD_FEATURE_BIT(feature)) == 0)
			continue;
		say(words, before);
		say_feature(words, (enum simd_feature)feature);
		before = ", ";
		if (registers == NULL)
			registers = simd_feature_registers((enum simd_feature)feature);
	}
	if (registers == NULL)
		return;
	say(words, ", or the system does not save ");
	say(words, registers);
	say(words, " registers");
}

static void say_bits(struct words *words, uint32_t bits) {
	const char digits[] = {(char)('0' + bits / 100 % 10), (char)('0' + bits / 10 % 10), (char)('0' + bits % 10), 0};
	say(words, "no vectors of ");
	say(words, digits);
	say(words, " bits");
}

bool simd_width_missing(simd_features features, enum simd_family family, enum simd_width width, char *text,
			size_t bytes) {
	const struct simd_variant *preferred = NULL;
	struct words words = {text, bytes, 0};
	text[0] = 0;
	for (size_t i = simd_variant_count; i-- > 0;) {
		if (simd_variants[i].width != width)
			continue;
		if (simd_family_runs(&simd_variants[i], family, features))
			return false;
		preferred = &simd_variants[i];
	}
	if (preferred == NULL)
		say(&words, "this architecture has no variant of this width");
	else if (has_all(features, preferred->needs[family]))
		say_bits(&words, preferred->sve_bits);
	else
		say_lacking(&words, preferred->needs[family] & ~features.present);
	return true;
}
