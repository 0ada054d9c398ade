/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests and fuzzers: a log of full records as a writer of compact ones would have written it.
 */
#pragma once

#include "bench/compact/compact.h"

#include <string.h>

/* Of whole lines; the caller's. */
static inline struct text compact_log(const struct text *log) {
	struct compact_writer writer = {0};
	struct text lines = {0};
	for (const char *at = log->bytes, *end = at + log->length, *newline; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		compact_write(&writer, at, (size_t)(newline + 1 - at), &lines);
	}
	compact_writer_free(&writer);
	return lines;
}
