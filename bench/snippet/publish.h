/* SPDX-License-Identifier: Apache-2.0
 *
 * `snippet` where code cannot be assembled: bytes that somebody hands over, measured under a guard and recorded.
 */
#pragma once

#include "bench/snippet/snippet.h"
#include "bench/text.h"

/* What stands in a configuration or on a command line, digits of bytes in pairs. false: it is none, nothing, or more
 * than SNIPPET_BYTES_MOST. Pure. */
bool snippet_bytes_of(const char *digits, uint8_t bytes[SNIPPET_BYTES_MOST], uint32_t *count);

struct snippet_request {
	struct snippet snippet;
	uint64_t seed;
	uint64_t timeout_ns;
};

/* Measures, and writes what people read to `shown`. The exit status, which is 2 with a line in `complaint` where
 * nothing was measured; else *json is the object that the record SNIPPET has, too. */
int snippet_publish(const struct snippet_request *request, struct text *json, struct text *shown,
		    struct text *complaint);
