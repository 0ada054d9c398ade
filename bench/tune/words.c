/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/words.h"

#include "bench/size.h"

#include <string.h>

void tune_words_size(struct text *text, size_t bytes) {
	char words[SIZE_WORDS_BYTES];
	text_add_string(text, size_words(words, bytes, 3));
}

void tune_words_sizes(struct text *text, size_t from, size_t below) {
	if (from == 0 && below == SIZE_MAX) {
		text_add_string(text, "all sizes");
	} else if (from == 0) {
		text_add_string(text, "below ");
		tune_words_size(text, below);
	} else if (below == SIZE_MAX) {
		/* One past the last size that was measured. */
		text_add_string(text, from > 1 << 10 && from % (1 << 10) == 1 ? "beyond " : "from ");
		tune_words_size(text, from);
	} else {
		char first[SIZE_WORDS_BYTES], end[SIZE_WORDS_BYTES];
		bool is_one = from + 1 == below || strcmp(size_words(first, from, 3), size_words(end, below, 3)) == 0;
		text_add_string(text, size_words(first, from, 3));
		text_add_string(text, is_one ? "" : " to ");
		text_add_string(text, is_one ? "" : size_words(end, below, 3));
	}
}

const char *tune_words_basis(enum tune_basis basis) {
	switch (basis) {
	case TUNE_KEPT:
		return "built in; none is faster";
	case TUNE_CHOSEN:
		return "chosen";
	case TUNE_TOO_LOUD:
		return "built in; too loud to choose";
	case TUNE_KEPT_IN_COMPANY:
		return "built in; another gains alone only";
	default:
		return "built in; not measured";
	}
}

const char *tune_words_burst(double burst_ns) {
	return burst_ns > 0 ? burst_ns < 1e6 ? "100 us" : "10 ms" : "one call";
}

void tune_words_price(struct text *text, bool none, double bound) {
	if (!none)
		text_format(text, "a price: widths differ by more than 1 %% for sure, by %.1f %% at the most",
			    bound * 100);
	else if (bound > PRICE_NONE)
		text_format(text, "undecided: no width differs by more than 1 %% for sure, they may by %.1f %%",
			    bound * 100);
	else
		text_format(text, "no price: widths agree within %.1f %%", bound * 100);
}
