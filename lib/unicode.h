/* SPDX-License-Identifier: Apache-2.0
 *
 * Text of any of the encodings that editors write, as UTF-8. Pure, freestanding, allocates nothing.
 * Source: The Unicode Standard 15, sections 3.9 (encoding forms), 23.8 (byte order mark).
 */
#pragma once

#include <stddef.h>

/* Room that is enough for what `length` bytes come to. */
#define UNICODE_UTF8_BYTES_MAX(length) ((length) / 2 * 3 + 3)

/* Writes at most `capacity` bytes of UTF-8, not terminated and never half a character; returns how many. UTF-16 of
 * either byte order is known by its mark, and what has none is passed on as it is; no mark comes out. What is no UTF-16
 * (half of a surrogate pair, an odd byte at the end) becomes U+FFFD, which is no character of an option. Both may be
 * NULL where their size is 0. */
size_t unicode_to_utf8(const void *bytes, size_t length, char *text, size_t capacity);
