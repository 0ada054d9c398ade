/* SPDX-License-Identifier: Apache-2.0
 *
 * The consoles: the serial port (uart.h) and the framebuffer. Text goes to both, records to the UART
 * only. LF is sent as CR LF on the UART. Before they are started, and where there is no console, output goes nowhere.
 */
#pragma once

#include "boot_info.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each by itself. The framebuffer and the UART must be mapped by whichever page tables are in force at each later
 * call. */
void console_serial_start(const struct boot_info *info);
void console_screen_start(const struct boot_info *info);

/* Whether there is any. */
bool console_present(void);

void console_write_text(const char *text, uint64_t length);
void console_write_record(const char *text, uint64_t length);

/* A picture on the screen (framebuffer.h), in pieces between begin and end. false: there is no screen. */
bool console_picture_begin(void);
void console_picture_write(const char *text, uint64_t length);
void console_picture_end(void);

/* Of the screen's lines; 0: there is none. */
unsigned console_columns(void);

/* "PL011, framebuffer 1024x768", or "none". */
void console_describe(char *buffer, size_t size);

/* Text, as format.h formats; cut at 511 bytes. */
__attribute__((format(printf, 1, 2))) void console_print(const char *format, ...);
