/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes as people read them.
 */
#pragma once

#include <stdint.h>

enum { SIZE_WORDS_BYTES = 16 };

/* "90.5 KiB": in the largest unit of which it is one or more, in that many digits, 3 or more, and no zeros behind the
 * point; bytes are all told. Writes into `words`, of SIZE_WORDS_BYTES, and returns them. */
const char *size_words(char *words, uint64_t bytes, int digits);
