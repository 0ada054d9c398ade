/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/variants.h"

#define STREAM_NAME(bits, ways)    stream_variant_##bits##_##ways
#define STREAM_DECLARE(bits, ways) extern const struct stream_variant STREAM_NAME(bits, ways);
#define STREAM_ADDRESS(bits, ways) &STREAM_NAME(bits, ways),

STREAM_VARIANTS(STREAM_DECLARE)

const struct stream_variant *const stream_variants[STREAM_VARIANT_COUNT] = {STREAM_VARIANTS(STREAM_ADDRESS)};

const struct stream_variant *stream_variant_find(unsigned slot_bits, unsigned ways) {
	for (size_t i = 0; i < STREAM_VARIANT_COUNT; i++)
		if (stream_variants[i]->slot_bits == slot_bits && stream_variants[i]->ways == ways)
			return stream_variants[i];
	return NULL;
}
