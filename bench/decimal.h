/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers of options, as people write them: decimal digits, in a fraction one point among them. All else is more
 * likely a slip than what the C library makes of it: "0x10" and "5e3", "010", which is eight or ten, "+5", " 5", "inf".
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The number that `word` begins with; *end is behind it, or where it begins with none `word`, and the number 0. Finite,
 * unless there are hundreds of digits. */
double decimal_of(const char *word, char **end);

/* Whether the word is a number without a fraction, from `least` to `most`; where it is not, *number is anything. */
bool decimal_whole(const char *word, uint64_t least, uint64_t most, uint64_t *number);

/* Seconds, with their unit or without: "0.5s", "0.5". false: it is none, or not from `least` to `most`. */
bool decimal_seconds(const char *word, double least, double most, double *seconds);
