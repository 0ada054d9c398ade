/* SPDX-License-Identifier: Apache-2.0
 *
 * anechoic.log as bytes. The file is grown ahead of its use, so that an append changes no allocation table: its tail is
 * filled with LOG_FILLER, which every reader of lines passes over. The used part is what stands before that tail, and
 * nothing else says where it ends. Record lines are those of docs/architecture.md, "Records". Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define LOG_FILLER '\n'

/* Bytes up to and with the line end of the last line; a last line that was cut off without one counts as it is. */
size_t log_used_bytes(const char *bytes, size_t length);

/* A whole SAVED record stands in it: that run came to its end, and its results.json is whole. */
bool log_is_finished(const char *bytes, size_t length);
