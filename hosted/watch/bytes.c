/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/bytes.h"

#include <math.h>
#include <string.h>

void bytes_put(struct bytes_writer *writer, uint64_t value, int bytes) {
	if (!writer->good || writer->end - writer->at < bytes) {
		writer->good = false;
		return;
	}
	for (int i = 0; i < bytes; i++)
		*writer->at++ = (uint8_t)(value >> (8 * i));
}

void bytes_put_double(struct bytes_writer *writer, double value) {
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	bytes_put(writer, bits, 8);
}

void bytes_put_number(struct bytes_writer *writer, uint64_t value) {
	for (; value >= 0x80; value >>= 7)
		bytes_put(writer, value % 0x80 + 0x80, 1);
	bytes_put(writer, value, 1);
}

uint64_t bytes_get(struct bytes_reader *reader, int bytes) {
	if (!reader->good || reader->end - reader->at < bytes) {
		reader->good = false;
		return 0;
	}
	uint64_t value = 0;
	for (int i = 0; i < bytes; i++)
		value |= (uint64_t)*reader->at++ << (8 * i);
	return value;
}

double bytes_get_double(struct bytes_reader *reader) {
	uint64_t bits = bytes_get(reader, 8);
	double value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

uint64_t bytes_get_number(struct bytes_reader *reader) {
	uint64_t value = 0;
	for (int shift = 0; shift < 64; shift += 7) {
		uint64_t byte = bytes_get(reader, 1);
		if (shift == 63 && byte > 1)
			break;
		value |= (byte & 0x7f) << shift;
		if (byte >= 0x80)
			continue;
		if (byte == 0 && shift > 0)
			break;
		return value;
	}
	reader->good = false;
	return 0;
}

uint64_t bytes_get_at_most(struct bytes_reader *reader, uint64_t most) {
	uint64_t value = bytes_get_number(reader);
	if (value <= most)
		return value;
	reader->good = false;
	return 0;
}

double bytes_get_finite(struct bytes_reader *reader) {
	double value = bytes_get_double(reader);
	if (isfinite(value))
		return value;
	reader->good = false;
	return 0;
}
