/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as bytes: little endian, binary64 as its bits, and LEB128 in its shortest form. What does not fit, or is not
 * there, makes `good` false; nothing beyond the ends is touched, and what is got from then on is 0: one look at the end
 * is enough.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes_writer {
	uint8_t *at, *end;
	bool good;
};

struct bytes_reader {
	const uint8_t *at, *end;
	bool good;
};

void bytes_put(struct bytes_writer *writer, uint64_t value, int bytes);
void bytes_put_double(struct bytes_writer *writer, double value);
void bytes_put_number(struct bytes_writer *writer, uint64_t value);

uint64_t bytes_get(struct bytes_reader *reader, int bytes);
double bytes_get_double(struct bytes_reader *reader);

/* Longer than it need be, or beyond 64 bits, is not good either. */
uint64_t bytes_get_number(struct bytes_reader *reader);

/* The same, and not good where it is above `most` (0 then). */
uint64_t bytes_get_at_most(struct bytes_reader *reader, uint64_t most);

/* Not good where it is infinite or no number (0 then). */
double bytes_get_finite(struct bytes_reader *reader);
