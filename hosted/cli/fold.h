/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines for a narrow terminal: broken at blanks, what follows hangs. A number stays with its unit and an interval in
 * one piece; a word that is longer than a line is left whole. Not for what programmes read (JSON, CSV).
 */
#pragma once

#include "bench/text.h"
#include "hosted/platform/streams.h"

/* Whole lines, folded to `columns`; 0: as they are. What strangers named is plain in them (bench/plain.h). */
void fold_add(struct text *text, const char *bytes, size_t length, size_t columns);

/* PLATFORM_STREAM_TEXT goes through here, folded, once fold_streams was called, unless a word of the command line asks
 * for a format, which may be one that programmes read. */
extern const struct stream_listener fold_listener;
void fold_streams(int argc, char **argv);

/* From here on what the C library writes on standard output is held, until fold_end folds it to there; nothing where
 * nobody says how wide that is. One at a time. */
void fold_begin(void);
void fold_end(void);
