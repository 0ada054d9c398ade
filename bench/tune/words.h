/* SPDX-License-Identifier: Apache-2.0
 *
 * Words for what `tune` found: the same ones in its table and on a report's page.
 */
#pragma once

#include "bench/text.h"
#include "bench/tune/tune.h"

/* "24 KiB", "90.5 KiB": three digits, as edges are found to a sixteenth of their size; below 1 KiB all bytes. */
void tune_words_size(struct text *text, size_t bytes);

/* "all sizes", "below 24 KiB", "24 KiB to 362 KiB", "from 64 MiB", "beyond 256 KiB": of a band. SIZE_MAX is the end.
 * One that ends where it begins, in these digits, is one size: "64 KiB". */
void tune_words_sizes(struct text *text, size_t from, size_t below);

/* "chosen", "built in; none is faster". Static text. */
const char *tune_words_basis(enum tune_basis basis);

/* "one call", "100 us", "10 ms". Static text. */
const char *tune_words_burst(double burst_ns);

/* "no price: widths agree within 0.4 %", "undecided: ...", "a price: ...": of `none` and `bound` as
 * struct price has them. */
void tune_words_price(struct text *text, bool none, double bound);
