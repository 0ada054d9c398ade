/* SPDX-License-Identifier: Apache-2.0
 *
 * What a preloaded library is told, in variables of the environment of the program that it is in. Pure; works before
 * the C library does.
 *
 * ANECHOIC_APPLY is of the libraries of `anechoic apply`: items with commas between them, each KEY=VALUE.
 *
 *     copy fill zero compare find_byte   the methods of simd/ by size, METHOD<BYTES:METHOD<BYTES:METHOD: each for sizes
 *                                        below its bytes, the last for all from there on; "-" is the built-in choice
 *     copy_sizes, and so on              FROM-BELOW: sizes that are served at all, the others are the C library's;
 *                                        "FROM-" has no end, "-" is none; where it is not said, all
 *     copy_stream zero_stream            sizes from which on stores go past the caches
 *     pools                              sizes of the pools behind malloc, 16-48:256: from the first to the last
 *
 * What a reader does not know, or cannot read, it leaves out. "off" as the whole of it, and no such variable: the
 * libraries hand every call on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SETTING_VARIABLE "ANECHOIC_APPLY"
#define SETTING_OFF      "off"

/* A part of a text, which stays its owner's. */
struct setting_part {
	const char *at; /* NULL: there is none */
	size_t length;
};

/* The value of a variable; NULL: it is not there. */
const char *setting_variable(char *const *environment, const char *name);

/* The value of the item `key`. */
struct setting_part setting_item(const char *setting, const char *key);

/* Cuts off the part before the next `end`, or all; false: nothing was left. */
bool setting_next(struct setting_part *rest, char end, struct setting_part *part);

/* A decimal number that fills the part; false: it is none, and *number stays as it was. */
bool setting_number(struct setting_part part, size_t *number);

/* What the libraries of apply do here: NULL, where nothing. `is_secure`: the process has more rights than its user. */
const char *setting_apply(char *const *environment, bool is_secure);
