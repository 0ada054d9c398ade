/* SPDX-License-Identifier: Apache-2.0
 */
#include "boot/lz4.h"
#include "host-tests/guarded.h"

#include <criterion/criterion.h>
#include <string.h>

enum { FRAME_MAX = 4096, FLG_PLAIN = 0x68, FLG_CHECKED = 0x78, FLG_LINKED = 0x48 };

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

static void put(struct frame *frame, const void *bytes, size_t length) {
	memcpy(frame->bytes + frame->length, bytes, length);
	frame->length += length;
}

static void put_number(struct frame *frame, uint64_t number, unsigned bytes) {
	for (unsigned i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(number >> (8 * i));
		put(frame, &byte, 1);
	}
}

static struct frame begin(uint8_t flg, uint64_t content_size) {
	struct frame frame = {.length = 0};
	put_number(&frame, 0x184d2204, 4);
	put_number(&frame, flg, 1);
	put_number(&frame, 0x70, 1);
	put_number(&frame, content_size, 8);
	put_number(&frame, 0, 1); /* the header's checksum, which nobody looks at */
	return frame;
}

static void put_block(struct frame *frame, uint32_t stored, const void *bytes, size_t length) {
	put_number(frame, length | stored, 4);
	put(frame, bytes, length);
}

/* With a guard page right behind what is read and right behind what is written. */
static bool unpack(const struct frame *frame, uint8_t *to, size_t room) {
	struct guarded from = guarded_map(FRAME_MAX), into = guarded_map(FRAME_MAX);
	uint8_t *bytes = from.bytes + from.size - frame->length, *out = into.bytes + into.size - room;
	memcpy(bytes, frame->bytes, frame->length);
	bool unpacked = lz4_frame_unpack(bytes, frame->length, out, room);
	memcpy(to, out, room);
	guarded_unmap(from);
	guarded_unmap(into);
	return unpacked;
}

static void expect_unpacks_to(struct frame *frame, const char *text) {
	uint8_t out[FRAME_MAX];
	uint64_t bytes = 0;
	put_number(frame, 0, 4);
	cr_assert(lz4_frame_size(frame->bytes, frame->length, &bytes), "%s", text);
	cr_assert_eq(bytes, strlen(text), "%s", text);
	cr_assert(unpack(frame, out, bytes), "%s", text);
	cr_expect_arr_eq(out, text, bytes, "%s", text);
}

/* A frame of one block, whose bytes are a literal of C's. */
#define ONE_BLOCK(flg, content_size, block) one_block(flg, content_size, block, sizeof(block) - 1)

static struct frame one_block(uint8_t flg, uint64_t content_size, const void *block, size_t length) {
	struct frame frame = begin(flg, content_size);
	put_block(&frame, 0, block, length);
	return frame;
}

Test(lz4, unpacks_literals_and_matches_that_repeat_what_they_write) {
	struct frame literals = ONE_BLOCK(FLG_PLAIN, 5, "\x50hello");
	expect_unpacks_to(&literals, "hello");
	struct frame repeated = ONE_BLOCK(FLG_PLAIN, 15,
					  "\x15"
					  "a\x01\x00"
					  "\x50"
					  "bbbbb");
	expect_unpacks_to(&repeated, "aaaaaaaaaabbbbb");
	struct frame far = ONE_BLOCK(FLG_PLAIN, 9,
				     "\x50"
				     "abcde\x05\x00");
	expect_unpacks_to(&far, "abcdeabcd");
}

Test(lz4, adds_up_lengths_that_go_on) {
	enum { LITERALS = 15 + 255 + 3, MATCH = 4 + 15 + 255 };
	char text[LITERALS + MATCH + 1];
	struct frame frame = begin(FLG_PLAIN, LITERALS + MATCH);
	for (size_t i = 0; i < LITERALS + MATCH; i++)
		text[i] = i < LITERALS ? (char)('a' + i % 26) : text[i - LITERALS];
	text[LITERALS + MATCH] = '\0';
	const uint8_t match[] = {LITERALS & 255, LITERALS >> 8, 255, 0};
	put_number(&frame, 3 + LITERALS + sizeof(match), 4);
	put(&frame, "\xff\xff\x03", 3);
	put(&frame, text, LITERALS);
	put(&frame, match, sizeof(match));
	expect_unpacks_to(&frame, text);
}

Test(lz4, takes_several_blocks_stored_linked_and_with_checksums) {
	struct frame linked = begin(FLG_LINKED, 12);
	put_block(&linked, 0x80000000, "stored--", 8);
	put_block(&linked, 0, "\x00\x08\x00", 3);
	expect_unpacks_to(&linked, "stored--stor");
	struct frame checked = begin(FLG_CHECKED, 4);
	put_block(&checked, 0x80000000, "ab", 2);
	put_number(&checked, 0xabadcafe, 4);
	put_block(&checked, 0,
		  "\x20"
		  "cd",
		  3);
	put_number(&checked, 0xabadcafe, 4);
	expect_unpacks_to(&checked, "abcd");
	struct frame empty = begin(FLG_PLAIN, 0);
	expect_unpacks_to(&empty, "");
}

Test(lz4, refuses_what_is_no_frame_of_version_1_that_says_its_size) {
	const struct {
		size_t at;
		uint8_t byte;
		const char *what;
	} rows[] = {
		{0, 0x05, "another magic number"},
		{4, 0xa8, "version 2"},
		{4, 0x60, "no content size"},
		{4, 0x69, "a dictionary"},
	};
	uint64_t bytes;
	struct frame frame = ONE_BLOCK(FLG_PLAIN, 5, "\x50hello");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame broken = frame;
		broken.bytes[rows[i].at] = rows[i].byte;
		cr_expect_not(lz4_frame_size(broken.bytes, broken.length, &bytes), "%s", rows[i].what);
	}
	for (size_t length = 0; length < 15; length++)
		cr_expect_not(lz4_frame_size(frame.bytes, length, &bytes), "%zu bytes", length);
}

Test(lz4, refuses_blocks_that_lead_outside) {
	const struct {
		uint64_t content_size;
		const char *block;
		size_t length;
		const char *what;
	} rows[] = {
		{4, "\x50hello", 6, "more literals than room"},
		{6, "\x50hello", 6, "less than the frame says"},
		{5, "\x60hello", 6, "more literals than there are"},
		{9,
		 "\x50"
		 "hello\x00\x00",
		 8, "a match at distance 0"},
		{9,
		 "\x50"
		 "hello\x06\x00",
		 8, "a match before the begin"},
		{8,
		 "\x50"
		 "hello\x05\x00",
		 8, "a match longer than the room"},
		{9,
		 "\x50"
		 "hello\x05",
		 7, "half a distance"},
		{99,
		 "\x5f"
		 "hello\x05\x00\xff",
		 9, "a length that does not end"},
		{99, "\xf0\xff", 2, "a length that does not end, of literals"},
	};
	uint8_t out[FRAME_MAX];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame frame = one_block(FLG_PLAIN, rows[i].content_size, rows[i].block, rows[i].length);
		put_number(&frame, 0, 4);
		cr_expect_not(unpack(&frame, out, rows[i].content_size), "%s", rows[i].what);
	}
}

Test(lz4, never_leaves_its_memory_whatever_is_cut_off_or_changed) {
	struct frame frame = ONE_BLOCK(FLG_PLAIN, 15,
				       "\x15"
				       "a\x01\x00"
				       "\x50"
				       "bbbbb");
	uint8_t out[FRAME_MAX];
	put_block(&frame, 0x80000000, "", 0);
	for (size_t length = 0; length < frame.length; length++) {
		struct frame cut = frame;
		cut.length = length;
		cr_expect_not(unpack(&cut, out, 15), "%zu bytes", length);
	}
	for (size_t at = 0; at < frame.length; at++)
		for (unsigned byte = 0; byte < 256; byte += 5) { /* 255 is one of them */
			struct frame changed = frame;
			changed.bytes[at] = (uint8_t)byte;
			unpack(&changed, out, 15);
		}
}
