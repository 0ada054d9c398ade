/* SPDX-License-Identifier: Apache-2.0
 *
 * Text from values, for a kernel without a C library: %s %c %d %u %x %ld %lu %lx %%, without widths or precisions,
 * because nothing in the kernel prints a table. Pure; touches no floating-point register.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Writes at most `size` bytes, the terminator included (`size` >= 1); what does not fit is cut. Returns the length
 * written, the terminator not counted. A NULL string prints as "(null)", an unknown conversion as itself. */
__attribute__((format(printf, 3, 4))) size_t format_text(char *buffer, size_t size, const char *format, ...);
__attribute__((format(printf, 3, 0))) size_t format_arguments(char *buffer, size_t size, const char *format,
							      va_list arguments);

/* As format_text with "%s", in fewer instructions; `text` is not NULL. */
size_t format_copy(char *buffer, size_t size, const char *text);
