/* SPDX-License-Identifier: Apache-2.0
 *
 * A text console on a linear framebuffer. The framebuffer is written, never read (reading one is uncached and slow,
 * and some cannot be): a shadow of character cells is what scrolling works from, and only cells that change are
 * drawn. Pitch and pixel masks are honoured. The font is a PSF1 file of 256 glyphs, 8 pixels wide (its Unicode table
 * maps UTF-8 to glyphs). Wide screens get larger pixels. Pure but for the pixels: tested on the host against a
 * buffer.
 *
 * At the top a picture may stand, redrawn as a whole; text scrolls below it.
 *
 * Deliberately not here: colours, cursor addressing. Escape sequences are swallowed.
 */
#pragma once

#include "boot_info.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAMEBUFFER_COLUMNS_MAX = 320,
	FRAMEBUFFER_ROWS_MAX = 160,
};

struct framebuffer_font {
	const uint8_t *glyphs;  /* height bytes each, the leftmost pixel in bit 7 */
	const uint8_t *unicode; /* PSF1 table: UTF-16 code units of glyph 0, 0xffff, of glyph 1, ... */
	const uint8_t *unicode_end;
	unsigned height;
};

struct framebuffer {
	uint8_t *pixels;
	uint32_t pitch;
	uint32_t width;
	uint32_t height;
	uint32_t ink;
	uint32_t paper;
	struct framebuffer_font font;
	unsigned scale;
	unsigned columns;
	unsigned rows;
	unsigned column; /* of the next character */
	unsigned row;
	unsigned top;                         /* rows of the picture, which text leaves alone */
	unsigned picture_row, picture_column; /* of its next character, while it is written */
	uint32_t code_point;                  /* of a UTF-8 sequence that is not complete yet */
	unsigned code_left;                   /* bytes it still wants */
	enum { FRAMEBUFFER_PLAIN, FRAMEBUFFER_ESCAPE, FRAMEBUFFER_CONTROL } escape;
	uint8_t cells[FRAMEBUFFER_ROWS_MAX][FRAMEBUFFER_COLUMNS_MAX]; /* glyph numbers, as they stand on the screen */
};

/* Reads a PSF1 file. false: not one, or not 256 glyphs. */
bool framebuffer_font_open(struct framebuffer_font *font, const void *file, size_t length);

/* Blanks the screen. false: none there, or its geometry does not hold together. */
bool framebuffer_start(struct framebuffer *screen, const struct boot_framebuffer *boot,
		       const struct framebuffer_font *font);

/* UTF-8 text; LF starts a new line, CR goes to the start of this one, TAB to the next multiple of 8. */
void framebuffer_write(struct framebuffer *screen, const char *text, size_t length);

/* From begin to end, what is written is the picture: whole lines of ASCII, cut at the screen's edge and four rows above
 * its end. No line: there is none any more, and what stood there scrolls away as text does. */
void framebuffer_picture_begin(struct framebuffer *screen);
void framebuffer_picture_write(struct framebuffer *screen, const char *text, size_t length);
void framebuffer_picture_end(struct framebuffer *screen);
