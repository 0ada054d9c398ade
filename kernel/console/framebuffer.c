/* SPDX-License-Identifier: Apache-2.0
 *
 * A text console on a linear framebuffer; see framebuffer.h. PSF1: magic 36 04, mode, bytes a glyph, glyphs, Unicode
 * table.
 */
#include "kernel/console/framebuffer.h"

enum {
	PSF1_MAGIC_0 = 0x36,
	PSF1_MAGIC_1 = 0x04,
	PSF1_MODE_512 = 1 << 0,
	PSF1_MODE_TABLE = 1 << 1,
	PSF1_HEADER = 4,
	PSF1_GLYPHS = 256,
	PSF1_SEQUENCE = 0xfffe, /* what follows are combining sequences */
	PSF1_END = 0xffff,      /* of one glyph's entry */

	GLYPH_WIDTH = 8,
	TAB_COLUMNS = 8,
	INK_LEVEL = 0xd0,   /* of 255, in each colour: light grey is easier on the eye than white */
	WIDE_PIXELS = 2560, /* each such width doubles, triples ... the size of a pixel */
};

bool framebuffer_font_open(struct framebuffer_font *font, const void *file, size_t length) {
	const uint8_t *bytes = file;
	if (length < PSF1_HEADER || bytes[0] != PSF1_MAGIC_0 || bytes[1] != PSF1_MAGIC_1)
		return false;
	size_t glyph_bytes = (size_t)PSF1_GLYPHS * bytes[3];
	if ((bytes[2] & PSF1_MODE_512) != 0 || bytes[3] == 0 || length - PSF1_HEADER < glyph_bytes)
		return false;
	*font = (struct framebuffer_font){
		.glyphs = bytes + PSF1_HEADER,
		.unicode = bytes + PSF1_HEADER + glyph_bytes,
		.unicode_end = bytes + length,
		.height = bytes[3],
	};
	if ((bytes[2] & PSF1_MODE_TABLE) == 0)
		font->unicode = font->unicode_end;
	return true;
}

/* The glyph of a character; '?' where the font has none. Without a table, glyph numbers are characters. */
static uint8_t glyph_of(const struct framebuffer_font *font, uint32_t character) {
	if (font->unicode == font->unicode_end)
		return character < PSF1_GLYPHS ? (uint8_t)character : '?';
	unsigned glyph = 0;
	bool in_sequence = false;
	for (const uint8_t *at = font->unicode; font->unicode_end - at >= 2 && glyph < PSF1_GLYPHS; at += 2) {
		uint32_t unit = at[0] | (uint32_t)at[1] << 8;
		if (unit == PSF1_END) {
			glyph++;
			in_sequence = false;
		} else if (unit == PSF1_SEQUENCE) {
			in_sequence = true;
		} else if (unit == character && !in_sequence) {
			return (uint8_t)glyph;
		}
	}
	return character == '?' ? '?' : glyph_of(font, '?');
}

/* `level` of 255 in the bits of a channel. */
static uint32_t channel(uint32_t mask, uint32_t level) {
	if (mask == 0)
		return 0;
	unsigned shift = (unsigned)__builtin_ctz(mask);
	uint64_t full = mask >> shift;
	return (uint32_t)(full * level / 255) << shift & mask;
}

static void fill(const struct framebuffer *screen, uint32_t x, uint32_t y, unsigned width, unsigned height,
		 uint32_t pixel) {
	for (unsigned line = 0; line < height; line++) {
		/* volatile: device memory; each pixel is stored once, whole */
		volatile uint32_t *at =
			(volatile uint32_t *)(void *)(screen->pixels + (uint64_t)(y + line) * screen->pitch) + x;
		for (unsigned i = 0; i < width; i++)
			at[i] = pixel;
	}
}

static void cell_draw(const struct framebuffer *screen, unsigned row, unsigned column) {
	const uint8_t *glyph = screen->font.glyphs + (size_t)screen->cells[row][column] * screen->font.height;
	unsigned scale = screen->scale;
	uint32_t top = row * screen->font.height * scale;
	uint32_t left = column * GLYPH_WIDTH * scale;
	for (unsigned line = 0; line < screen->font.height; line++) {
		for (unsigned dot = 0; dot < GLYPH_WIDTH; dot++) {
			bool set = (glyph[line] & 0x80u >> dot) != 0;
			fill(screen, left + dot * scale, top + line * scale, scale, scale,
			     set ? screen->ink : screen->paper);
		}
	}
}

static void cell_set(struct framebuffer *screen, unsigned row, unsigned column, uint8_t glyph) {
	if (screen->cells[row][column] == glyph)
		return;
	screen->cells[row][column] = glyph;
	cell_draw(screen, row, column);
}

static void line_feed(struct framebuffer *screen) {
	if (screen->row + 1 < screen->rows) {
		screen->row++;
		return;
	}
	uint8_t blank = glyph_of(&screen->font, ' ');
	for (unsigned row = screen->top; row < screen->rows; row++) {
		for (unsigned column = 0; column < screen->columns; column++)
			cell_set(screen, row, column, row + 1 < screen->rows ? screen->cells[row + 1][column] : blank);
	}
}

static void character_put(struct framebuffer *screen, uint32_t character) {
	switch (character) {
	case '\n':
		screen->column = 0;
		line_feed(screen);
		return;
	case '\r':
		screen->column = 0;
		return;
	case '\t':
		screen->column = (screen->column / TAB_COLUMNS + 1) * TAB_COLUMNS;
		return;
	case '\033':
		screen->escape = FRAMEBUFFER_ESCAPE;
		return;
	default:
		break;
	}
	if (character < ' ')
		return;
	/* Wrapping waits for the next character, so that a line as wide as the screen leaves no empty one behind it. */
	if (screen->column >= screen->columns) {
		screen->column = 0;
		line_feed(screen);
	}
	cell_set(screen, screen->row, screen->column++, glyph_of(&screen->font, character));
}

/* true: the byte belonged to an escape sequence (ECMA-48 5.4: a control sequence ends with 0x40 to 0x7e). */
static bool escape_swallow(struct framebuffer *screen, uint8_t byte) {
	if (screen->escape == FRAMEBUFFER_PLAIN)
		return false;
	if (screen->escape == FRAMEBUFFER_ESCAPE)
		screen->escape = byte == '[' ? FRAMEBUFFER_CONTROL : FRAMEBUFFER_PLAIN;
	else if (byte >= 0x40)
		screen->escape = FRAMEBUFFER_PLAIN;
	return true;
}

static void byte_put(struct framebuffer *screen, uint8_t byte) {
	if (escape_swallow(screen, byte))
		return;
	if (screen->code_left > 0 && (byte & 0xc0) == 0x80) {
		screen->code_point = screen->code_point << 6 | (byte & 0x3f);
		if (--screen->code_left == 0)
			character_put(screen, screen->code_point);
		return;
	}
	screen->code_left = 0;
	if (byte < 0x80) {
		character_put(screen, byte);
	} else if ((byte & 0xe0) == 0xc0) {
		screen->code_point = byte & 0x1f;
		screen->code_left = 1;
	} else if ((byte & 0xf0) == 0xe0) {
		screen->code_point = byte & 0x0f;
		screen->code_left = 2;
	} else if ((byte & 0xf8) == 0xf0) {
		screen->code_point = byte & 0x07;
		screen->code_left = 3;
	} else {
		character_put(screen, '?');
	}
}

void framebuffer_write(struct framebuffer *screen, const char *text, size_t length) {
	for (size_t i = 0; i < length; i++)
		byte_put(screen, (uint8_t)text[i]);
}

/* ---- a picture --------------------------------------------------------------------------------------------------- */

static void row_blank(struct framebuffer *screen, unsigned row, unsigned from) {
	uint8_t blank = glyph_of(&screen->font, ' ');
	for (unsigned column = from; column < screen->columns; column++)
		cell_set(screen, row, column, blank);
}

void framebuffer_picture_begin(struct framebuffer *screen) {
	screen->picture_row = screen->picture_column = 0;
}

void framebuffer_picture_write(struct framebuffer *screen, const char *text, size_t length) {
	enum { TEXT_ROWS_LEAST = 4 };
	for (size_t i = 0; i < length && screen->picture_row + TEXT_ROWS_LEAST < screen->rows; i++) {
		if (text[i] == '\n') {
			row_blank(screen, screen->picture_row++, screen->picture_column);
			screen->picture_column = 0;
		} else if (screen->picture_column < screen->columns) {
			uint8_t glyph = glyph_of(&screen->font, (uint8_t)text[i]);
			cell_set(screen, screen->picture_row, screen->picture_column++, glyph);
		}
	}
}

void framebuffer_picture_end(struct framebuffer *screen) {
	unsigned top = screen->picture_row;
	for (unsigned row = top; top > 0 && row < screen->top; row++)
		row_blank(screen, row, 0);
	screen->top = top;
	if (screen->row < top) {
		screen->row = top;
		screen->column = 0;
		row_blank(screen, top, 0);
	}
}

static unsigned at_most(unsigned value, unsigned limit) {
	return value < limit ? value : limit;
}

bool framebuffer_start(struct framebuffer *screen, const struct boot_framebuffer *boot,
		       const struct framebuffer_font *font) {
	if (boot->base == 0 || boot->base % sizeof(uint32_t) != 0 || boot->pitch % sizeof(uint32_t) != 0 ||
	    boot->pitch / sizeof(uint32_t) < boot->width || (uint64_t)boot->pitch * boot->height > boot->length)
		return false;
	screen->pixels = (uint8_t *)(uintptr_t)boot->base;
	screen->pitch = boot->pitch;
	screen->width = boot->width;
	screen->height = boot->height;
	screen->ink = channel(boot->red_mask, INK_LEVEL) | channel(boot->green_mask, INK_LEVEL) |
		      channel(boot->blue_mask, INK_LEVEL);
	screen->paper = 0;
	screen->font = *font;
	screen->scale = 1 + boot->width / WIDE_PIXELS;
	screen->columns = at_most(boot->width / (GLYPH_WIDTH * screen->scale), FRAMEBUFFER_COLUMNS_MAX);
	screen->rows = at_most(boot->height / (font->height * screen->scale), FRAMEBUFFER_ROWS_MAX);
	if (screen->columns == 0 || screen->rows == 0)
		return false;
	screen->column = 0;
	screen->row = 0;
	screen->top = 0;
	screen->code_left = 0;
	screen->escape = FRAMEBUFFER_PLAIN;
	uint8_t blank = glyph_of(font, ' ');
	for (unsigned row = 0; row < screen->rows; row++) {
		for (unsigned column = 0; column < screen->columns; column++)
			screen->cells[row][column] = blank;
	}
	fill(screen, 0, 0, screen->width, screen->height, screen->paper);
	return true;
}
