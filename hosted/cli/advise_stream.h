/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic advise --stream FILE`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct advise_stream_request {
	const char *stream;
	const char *out;      /* NULL: standard output */
	double walk_ns;       /* below 0: a walk through tables of four levels is measured */
	uint64_t flush_every; /* events; 0: as the stream says alone */
	uint64_t page_bytes;  /* 0: as the stream says */
	bool as_json;
};

/* The exit status. */
int advise_stream(const struct advise_stream_request *request);
