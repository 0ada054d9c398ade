/* SPDX-License-Identifier: Apache-2.0
 *
 * The consoles; see console.h. One machine has one set of consoles: the state is a singleton.
 */
#include "kernel/console.h"

#include "kernel/format.h"
#include "kernel/framebuffer.h"
#include "kernel/uart.h"

enum { PRINT_BYTES_MAX = 512 };

/* font.S */
extern const uint8_t kernel_font[];
extern const uint8_t kernel_font_end[];

static struct framebuffer screen;
static bool screen_present;

static void serial_text(const char *text, uint64_t length) {
	uint64_t start = 0;
	for (uint64_t i = 0; i < length; i++) {
		if (text[i] != '\n')
			continue;
		uart_write(text + start, i - start);
		uart_write("\r\n", 2);
		start = i + 1;
	}
	uart_write(text + start, length - start);
}

void console_start(const struct boot_info *info) {
	uart_start(info);
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

void console_describe(char *buffer, size_t size) {
	const char *serial = uart_name();
	size_t length = format_text(buffer, size, "%s", serial != NULL ? serial : screen_present ? "" : "none");
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
