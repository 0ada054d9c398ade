/* SPDX-License-Identifier: Apache-2.0
 *
 * The text console on framebuffers of odd shapes. A font of our own whose glyph n is its number in binary lets the
 * test read back which character stands in which cell; a canary in the pitch's padding and a guard page behind the
 * last line say whether the geometry is kept to.
 */
#include "kernel/console/framebuffer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { GLYPH_HEIGHT = 8, FONT_BYTES = 4 + 256 * GLYPH_HEIGHT, PAD_PIXELS = 3, PAGE = 4096 };
static const uint32_t CANARY = 0xdeadbeef;

static uint8_t font_file[FONT_BYTES + 256 * 4 + 64];
static size_t font_length;
static struct framebuffer_font font;
static struct framebuffer screen;
static struct boot_framebuffer boot;

/* Every row of glyph n has the bits of n, but for the space, which is blank, so that a fresh screen is. */
static void font_build(bool table) {
	font_file[0] = 0x36, font_file[1] = 0x04, font_file[2] = table ? 2 : 0, font_file[3] = GLYPH_HEIGHT;
	for (unsigned glyph = 0; glyph < 256; glyph++)
		memset(font_file + 4 + glyph * GLYPH_HEIGHT, glyph == ' ' ? 0 : (int)glyph, GLYPH_HEIGHT);
	font_length = FONT_BYTES;
	for (unsigned glyph = 0; table && glyph < 256; glyph++) {
		uint16_t units[2] = {(uint16_t)glyph, 0xffff};
		if (glyph == 0x80)
			units[0] = 0x20ac; /* the euro sign sits where Latin-1 has a control */
		memcpy(font_file + font_length, units, sizeof units);
		font_length += sizeof units;
	}
	cr_assert(framebuffer_font_open(&font, font_file, font_length));
}

static void screen_build(uint32_t width, uint32_t height) {
	size_t pitch = (width + PAD_PIXELS) * sizeof(uint32_t), length = pitch * height;
	size_t mapped = (length + PAGE - 1) / PAGE * PAGE;
	uint8_t *pages = mmap(NULL, mapped + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(pages, MAP_FAILED);
	cr_assert_eq(mprotect(pages + mapped, PAGE, PROT_NONE), 0);
	boot = (struct boot_framebuffer){
		.base = (uint64_t)(uintptr_t)(pages + mapped - length),
		.length = length,
		.width = width,
		.height = height,
		.pitch = (uint32_t)pitch,
		.red_mask = 0xff0000,
		.green_mask = 0x00ff00,
		.blue_mask = 0x0000ff,
	};
	uint32_t *pixels = (uint32_t *)(uintptr_t)boot.base;
	for (size_t i = 0; i < length / sizeof(uint32_t); i++)
		pixels[i] = CANARY;
}

static uint32_t pixel(uint32_t x, uint32_t y) {
	return ((const uint32_t *)(uintptr_t)boot.base)[y * (boot.pitch / sizeof(uint32_t)) + x];
}

/* The glyph that all pixels of a cell agree on. */
static int cell(unsigned row, unsigned column) {
	unsigned scale = screen.scale;
	int glyph = 0;
	for (unsigned y = 0; y < GLYPH_HEIGHT * scale; y++) {
		int line = 0;
		for (unsigned x = 0; x < 8 * scale; x++) {
			uint32_t seen = pixel(column * 8 * scale + x, row * GLYPH_HEIGHT * scale + y);
			cr_assert(seen == screen.ink || seen == screen.paper);
			int bit = seen == screen.ink;
			if (x % scale == 0)
				line = line << 1 | bit;
			else
				cr_assert_eq(line & 1, bit);
		}
		if (y == 0)
			glyph = line;
		else
			cr_assert_eq(line, glyph);
	}
	return glyph == 0 ? ' ' : glyph;
}

static void row_is(unsigned row, const char *text) {
	for (unsigned column = 0; column < screen.columns; column++)
		cr_expect_eq(cell(row, column), column < strlen(text) ? text[column] : ' ', "row %u column %u", row,
			     column);
}

static void padding_is_whole(void) {
	for (uint32_t y = 0; y < boot.height; y++) {
		for (uint32_t x = boot.width; x < boot.width + PAD_PIXELS; x++)
			cr_expect_eq(pixel(x, y), CANARY, "line %u pixel %u", y, x);
	}
}

static void start(uint32_t width, uint32_t height) {
	font_build(true);
	screen_build(width, height);
	cr_assert(framebuffer_start(&screen, &boot, &font));
}

static void say(const char *text) {
	framebuffer_write(&screen, text, strlen(text));
}

Test(framebuffer, starts_blank_and_whole) {
	start(8 * 10 + 5, 8 * 4 + 7);
	cr_expect_eq(screen.columns, 10);
	cr_expect_eq(screen.rows, 4);
	for (uint32_t y = 0; y < boot.height; y++) {
		for (uint32_t x = 0; x < boot.width; x++)
			cr_expect_eq(pixel(x, y), screen.paper);
	}
	padding_is_whole();
}

Test(framebuffer, lines_wrap_and_scroll) {
	start(8 * 10, 8 * 4);
	say("one\ntwo\n0123456789\nx");
	row_is(0, "one");
	row_is(1, "two");
	row_is(2, "0123456789"); /* as wide as the screen: no empty line after it */
	row_is(3, "x");
	say("\nabcdefghijkl");
	row_is(0, "0123456789");
	row_is(1, "x");
	row_is(2, "abcdefghij");
	row_is(3, "kl");
	say("\n\n\n\n");
	for (unsigned row = 0; row < 4; row++)
		row_is(row, "");
	padding_is_whole();
}

Test(framebuffer, controls) {
	start(8 * 20, 8 * 4);
	say("overwritten\rOVER\n\ta\033[31;1mb\033[0mc\n\001\007d");
	row_is(0, "OVERwritten");
	row_is(1, "        abc");
	row_is(2, "d");
}

static void draw(const char *picture) {
	framebuffer_picture_begin(&screen);
	for (size_t i = 0, length = strlen(picture); i < length; i += 3) /* in pieces, as the gate has it */
		framebuffer_picture_write(&screen, picture + i, length - i < 3 ? length - i : 3);
	framebuffer_picture_end(&screen);
}

Test(framebuffer, a_picture_stands_above_the_text_and_is_redrawn_in_place) {
	start(8 * 10, 8 * 8);
	say("head\n");
	draw("12\n3456\n");
	say("a\nb\nc\nd\ne\nf\ng\nh");
	row_is(0, "12");
	row_is(1, "3456");
	row_is(2, "c");
	row_is(7, "h");
	draw("+\n");
	row_is(0, "+");
	row_is(1, "");
	row_is(2, "c");
	say("\ni");
	row_is(0, "+");
	row_is(1, "c");
	row_is(7, "i");
	padding_is_whole();
}

Test(framebuffer, a_picture_leaves_four_rows_and_is_cut_at_the_edge) {
	start(8 * 4, 8 * 6);
	draw("abcdefgh\n2\n3\n4\n5\n6\n7\n");
	say("text");
	row_is(0, "abcd");
	row_is(1, "2");
	row_is(2, "text");
	padding_is_whole();
}

Test(framebuffer, without_a_picture_text_has_the_whole_screen_again) {
	start(8 * 4, 8 * 6);
	draw("1\n2\n");
	draw(" ");
	say("a\nb\nc\nd\ne");
	row_is(0, "2");
	row_is(1, "a");
	row_is(5, "e");
	say("\ng");
	row_is(0, "a");
}

Test(framebuffer, utf8) {
	start(8 * 20, 8 * 4);
	say("\xc2\xb5|\xe2\x82\xac|\xe2\x88\x9e|\xf0\x9f\x98\x80|");
	static const int expected[] = {0xb5, '|', 0x80, '|', '?', '|', '?', '|'};
	for (unsigned i = 0; i < 8; i++)
		cr_expect_eq(cell(0, i), expected[i], "column %u", i);
	/* broken sequences cost themselves, not what follows */
	say("\nA\xe2\x82"
	    "B\xff"
	    "C\xc2");
	say("\xb5");
	static const int mended[] = {'A', 'B', '?', 'C', 0xb5};
	for (unsigned i = 0; i < 5; i++)
		cr_expect_eq(cell(1, i), mended[i], "column %u", i);
}

Test(framebuffer, masks) {
	static const struct {
		uint32_t red, green, blue, ink;
	} rows[] = {
		{0xff0000, 0x00ff00, 0x0000ff, 0xd0d0d0},
		{0x0000ff, 0x00ff00, 0xff0000, 0xd0d0d0},
		{0xff000000, 0x00ff0000, 0x0000ff00, 0xd0d0d000},
		{0xf800, 0x07e0, 0x001f, 25u << 11 | 51u << 5 | 25u},
		{0x3ff00000, 0x000ffc00, 0x000003ff, 834u << 20 | 834u << 10 | 834u},
		{0, 0xff, 0, 0xd0},
	};
	font_build(false);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		screen_build(80, 32);
		boot.red_mask = rows[i].red, boot.green_mask = rows[i].green, boot.blue_mask = rows[i].blue;
		cr_assert(framebuffer_start(&screen, &boot, &font));
		cr_expect_eq(screen.ink, rows[i].ink, "row %zu: %x", i, screen.ink);
		say("M");
		cr_expect_eq(cell(0, 0), 'M');
	}
}

Test(framebuffer, wide_screens_have_large_pixels) {
	static const struct {
		uint32_t width;
		unsigned scale;
	} rows[] = {{640, 1}, {1920, 1}, {2559, 1}, {2560, 2}, {3840, 2}, {5120, 3}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		start(rows[i].width, 64);
		cr_expect_eq(screen.scale, rows[i].scale);
		cr_expect_leq(screen.columns, FRAMEBUFFER_COLUMNS_MAX);
		say("wide\n\xc2\xb5");
		row_is(0, "wide");
		padding_is_whole();
		munmap((void *)(uintptr_t)(boot.base & ~(uint64_t)(PAGE - 1)), boot.length);
	}
}

Test(framebuffer, tall_screens_are_cut) {
	start(64, 8 * (FRAMEBUFFER_ROWS_MAX + 9));
	cr_expect_eq(screen.rows, FRAMEBUFFER_ROWS_MAX);
	for (unsigned i = 0; i < FRAMEBUFFER_ROWS_MAX + 20; i++)
		say("x\n");
	row_is(0, "x");
}

Test(framebuffer, geometry_that_does_not_hold_together) {
	font_build(true);
	screen_build(80, 32);
	const struct boot_framebuffer good = boot;
	cr_expect(framebuffer_start(&screen, &boot, &font));
	boot.base = 0;
	cr_expect(!framebuffer_start(&screen, &boot, &font), "none");
	boot = good, boot.pitch = 79 * 4;
	cr_expect(!framebuffer_start(&screen, &boot, &font), "lines overlap");
	boot = good, boot.length -= 1;
	cr_expect(!framebuffer_start(&screen, &boot, &font), "shorter than its lines");
	boot = good, boot.pitch += 2;
	cr_expect(!framebuffer_start(&screen, &boot, &font), "pixels unaligned");
	boot = good, boot.width = 7;
	cr_expect(!framebuffer_start(&screen, &boot, &font), "no room for a character");
	boot = good, boot.height = 0;
	cr_expect(!framebuffer_start(&screen, &boot, &font), "no lines");
}

Test(framebuffer, fonts) {
	struct framebuffer_font opened;
	font_build(true);
	for (size_t length = 0; length < FONT_BYTES; length++)
		cr_expect(!framebuffer_font_open(&opened, font_file, length));
	font_file[2] |= 1;
	cr_expect(!framebuffer_font_open(&opened, font_file, font_length), "512 glyphs");
	font_build(true);
	font_file[0] = 0x72;
	cr_expect(!framebuffer_font_open(&opened, font_file, font_length), "PSF2");
}
