/* SPDX-License-Identifier: Apache-2.0
 *
 * All blocks of a frame are unpacked into one piece of memory: so a match may begin in an earlier block, as frames with
 * linked blocks have it.
 */
#include "boot/lz4.h"

#define FRAME_MAGIC            0x184d2204u
#define FLG_VERSION            0xc0u
#define FLG_VERSION_1          0x40u
#define FLG_BLOCK_CHECKSUM     0x10u
#define FLG_CONTENT_SIZE       0x08u
#define FLG_DICTIONARY         0x01u
#define BLOCK_STORED           0x80000000u /* of a block's size: its bytes are as they are */
#define CHECKSUM_BYTES         4u
#define LENGTH_GOES_ON         15u  /* in a token: bytes that add to it follow, ... */
#define LENGTH_BYTE_GOES_ON    255u /* ... and after such a byte another one */
#define MATCH_BYTES_MIN        4u
#define FRAME_CONTENT_SIZE_AT  6u
#define FRAME_DESCRIPTOR_BYTES 15u /* with a content size: up to the header's checksum, that included */

/* What is left of the input, and of the room; `start` is where the room began. */
struct unpacking {
	const uint8_t *from, *from_end;
	uint8_t *start, *to, *to_end;
};

static uint64_t read_bytes(const uint8_t *bytes, unsigned count) {
	uint64_t value = 0;
	while (count-- > 0)
		value = value << 8 | bytes[count];
	return value;
}

bool lz4_frame_size(const void *frame, size_t length, uint64_t *bytes) {
	const uint8_t *header = frame;
	if (length < FRAME_DESCRIPTOR_BYTES || read_bytes(header, 4) != FRAME_MAGIC)
		return false;
	uint8_t flg = header[4];
	if ((flg & FLG_VERSION) != FLG_VERSION_1 || !(flg & FLG_CONTENT_SIZE) || flg & FLG_DICTIONARY)
		return false;
	*bytes = read_bytes(header + FRAME_CONTENT_SIZE_AT, 8);
	return true;
}

/* A token's half, and what follows where it says so. */
static bool read_length(struct unpacking *at, size_t *length) {
	uint8_t more = LENGTH_BYTE_GOES_ON;
	for (bool goes_on = *length == LENGTH_GOES_ON; goes_on; goes_on = more == LENGTH_BYTE_GOES_ON) {
		if (at->from == at->from_end)
			return false;
		more = *at->from++;
		*length += more;
	}
	return true;
}

static bool copy_literals(struct unpacking *at, size_t length) {
	if (length > (size_t)(at->from_end - at->from) || length > (size_t)(at->to_end - at->to))
		return false;
	for (size_t i = 0; i < length; i++)
		at->to[i] = at->from[i];
	at->from += length;
	at->to += length;
	return true;
}

/* A match may reach into what it writes itself, which then repeats. */
static bool copy_match(struct unpacking *at, size_t length) {
	if (at->from_end - at->from < 2)
		return false;
	size_t distance = (size_t)read_bytes(at->from, 2);
	at->from += 2;
	if (!read_length(at, &length))
		return false;
	length += MATCH_BYTES_MIN;
	if (distance == 0 || distance > (size_t)(at->to - at->start) || length > (size_t)(at->to_end - at->to))
		return false;
	for (; length > 0; length--, at->to++)
		*at->to = *(at->to - distance);
	return true;
}

/* A sequence is literals and a match; the last one of a block ends with its literals. */
static bool unpack_block(struct unpacking *at) {
	while (at->from < at->from_end) {
		uint8_t token = *at->from++;
		size_t literals = token >> 4;
		if (!read_length(at, &literals) || !copy_literals(at, literals))
			return false;
		if (at->from < at->from_end && !copy_match(at, token & LENGTH_GOES_ON))
			return false;
	}
	return true;
}

bool lz4_frame_unpack(const void *frame, size_t length, void *to, size_t room) {
	const uint8_t *from = frame, *end = from + length;
	struct unpacking at = {.start = to, .to = to, .to_end = (uint8_t *)to + room};
	uint64_t bytes;
	if (!lz4_frame_size(frame, length, &bytes) || bytes != room)
		return false;
	size_t checksum = from[4] & FLG_BLOCK_CHECKSUM ? CHECKSUM_BYTES : 0;
	from += FRAME_DESCRIPTOR_BYTES;
	while (end - from >= 4) {
		uint32_t word = (uint32_t)read_bytes(from, 4);
		size_t size = word & ~BLOCK_STORED;
		from += 4;
		if (word == 0) /* the end */
			return at.to == at.to_end;
		if (size + checksum > (size_t)(end - from))
			return false;
		at.from = from;
		at.from_end = from + size;
		if (!(word & BLOCK_STORED ? copy_literals(&at, size) : unpack_block(&at)))
			return false;
		from += size + checksum;
	}
	return false;
}
