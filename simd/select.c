/* SPDX-License-Identifier: Apache-2.0
 *
 * What to call on one machine: the choice that needs no measurement, then a profile's. Pure.
 */
#include "simd/kernels.h"

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
	else if ((features.present & preferred->needs[family]) == preferred->needs[family])
		say_bits(&words, preferred->sve_bits);
	else
		say_lacking(&words, preferred->needs[family] & ~features.present);
	return true;
}
