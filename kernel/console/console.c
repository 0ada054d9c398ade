/* SPDX-License-Identifier: Apache-2.0
 *
 * The consoles; see console.h. One machine has one set of consoles: the state is a singleton.
 */
#include "kernel/console/console.h"

#include "kernel/console/framebuffer.h"
#include "kernel/console/uart.h"
#include "kernel/format.h"

enum { PRINT_BYTES_MAX = 512 };

/* font.S */
extern const uint8_t kernel_font[];
extern const uint8_t kernel_font_end[];

static struct framebuffer screen;
static bool screen_present;

/* Bytes before the first line's end. Eight at a time: a host that emulates this ring takes its time for each
 * instruction. Source: the test for a zero byte in a word, H. Warren, Hacker's Delight, 6-1. */
static uint64_t line_length(const char *text, uint64_t length) {
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t at = 0, word;
	for (; length - at >= sizeof(word); at += sizeof(word)) {
		__builtin_memcpy(&word, text + at, sizeof(word));
		word ^= ones * '\n';
		if (((word - ones) & ~word & ones << 7) != 0)
			break;
	}
	while (at < length && text[at] != '\n')
		at++;
	return at;
}

static void serial_text(const char *text, uint64_t length) {
	for (;;) {
		uint64_t line = line_length(text, length);
		uart_write(text, line);
		if (line == length)
			return;
		uart_write("\r\n", 2);
		text += line + 1;
		length -= line + 1;
	}
}

void console_serial_start(const struct boot_info *info) {
	uart_start(info);
}

void console_screen_start(const struct boot_info *info) {
	struct framebuffer_font font;
	screen_present = framebuffer_font_open(&font, kernel_font, (size_t)(kernel_font_end - kernel_font)) &&
			 framebuffer_start(&screen, &info->framebuffer, &font);
}

bool console_present(void) {
	return uart_name() != NULL || screen_present;
}

void console_write_text(const char *text, uint64_t length) {
	serial_text(text, length);
	if (screen_present)
		framebuffer_write(&screen, text, length);
}

void console_write_record(const char *text, uint64_t length) {
	serial_text(text, length);
}

bool console_picture_begin(void) {
	if (screen_present)
		framebuffer_picture_begin(&screen);
	return screen_present;
}

void console_picture_write(const char *text, uint64_t length) {
	framebuffer_picture_write(&screen, text, length);
}

void console_picture_end(void) {
	framebuffer_picture_end(&screen);
}

unsigned console_columns(void) {
	return screen_present ? screen.columns : 0;
}

void console_describe(char *buffer, size_t size) {
	const char *serial = uart_name();
	size_t length = format_copy(buffer, size, serial != NULL ? serial : screen_present ? "" : "none");
	if (screen_present) {
		format_text(buffer + length, size - length, "%sframebuffer %ux%u", length > 0 ? ", " : "", screen.width,
			    screen.height);
	}
}

void console_print(const char *format, ...) {
	char text[PRINT_BYTES_MAX];
	va_list arguments;
	va_start(arguments, format);
	size_t length = format_arguments(text, sizeof(text), format, arguments);
	va_end(arguments);
	console_write_text(text, length);
}
