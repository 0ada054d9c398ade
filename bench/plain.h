/* SPDX-License-Identifier: Apache-2.0
 *
 * Text of strangers that goes to a terminal: names of files, and what stands in results, logs and data bases. Nothing
 * in it may steer the terminal (ECMA-48), and a label of Prometheus must be UTF-8. Pure.
 */
#pragma once

#include "bench/text.h"

#include <stdarg.h>
#include <stddef.h>

/* In place: '?' for each byte of a control character, C0, DEL or C1, but those in `kept`, and of what is no UTF-8 (RFC
 * 3629), as a terminal may take it for another encoding. */
void plain_bytes(char *bytes, size_t length, const char *kept);

/* The same of a string, which it returns; no control character is kept. */
char *plain_string(char *string);

/* Adds them so. */
void plain_add(struct text *text, const char *bytes, size_t length);
void plain_add_string(struct text *text, const char *string);

/* As text_format, of any length, what is one line or a part of one: of newlines only that at the format's end stays, as
 * one in a name would begin a line that nobody has said. */
void plain_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void plain_format_list(struct text *text, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* The same into a buffer of `size` bytes, from 1, cut where it is longer; how many bytes it is, without the NUL. */
size_t plain_line(char *line, size_t size, const char *format, va_list arguments) __attribute__((format(printf, 3, 0)));
