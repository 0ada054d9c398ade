/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/choice.h"

#include "peers/judge/record.h"

#include <string.h>

void peer_choice_make(const struct simd_profile *profile, struct peer_choice *choice) {
	*choice = (struct peer_choice){.copy_stream_bytes = profile->copy_stream_bytes,
				       .zero_stream_bytes = profile->zero_stream_bytes};
	for (size_t operation = 0; operation < SIMD_OPERATION_COUNT; operation++) {
		const struct simd_choice *from = &profile->choice[operation];
		memcpy(choice->of[operation].below, from->below, sizeof from->below);
		for (size_t band = 0; band < SIMD_BANDS; band++)
			if (from->method[band] != NULL)
				peer_words_copy(choice->of[operation].method[band], PEER_METHOD_BYTES,
						from->method[band]);
	}
}

void peer_choice_profile(const struct peer_choice *choice, struct simd_profile *profile) {
	*profile = (struct simd_profile){.copy_stream_bytes = choice->copy_stream_bytes,
					 .zero_stream_bytes = choice->zero_stream_bytes};
	for (size_t operation = 0; operation < SIMD_OPERATION_COUNT; operation++) {
		struct simd_choice *to = &profile->choice[operation];
		memcpy(to->below, choice->of[operation].below, sizeof to->below);
		for (size_t band = 0; band < SIMD_BANDS; band++)
			if (choice->of[operation].method[band][0] != 0)
				to->method[band] = choice->of[operation].method[band];
	}
}

const char *peer_choice_method(const struct simd_profile *profile, enum simd_operation operation, size_t bytes) {
	const struct simd_choice *choice = &profile->choice[operation];
	unsigned band = 0;
	if (operation == SIMD_OPERATION_COPY && bytes < SIMD_PAGE_BYTES)
		bytes = SIMD_PAGE_BYTES;
	while (band + 1 < SIMD_BANDS && choice->below[band] != 0 && bytes >= choice->below[band])
		band++;
	return choice->method[band];
}
