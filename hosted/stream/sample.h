/* SPDX-License-Identifier: Apache-2.0
 *
 * What of a stream is replayed for times: windows from all over it, packed.
 */
#pragma once

#include "bench/text.h"
#include "hosted/stream/pages.h"
#include "hosted/stream/read.h"

enum {
	STREAM_SAMPLE_WINDOW = 4096,
	STREAM_SAMPLE_WINDOWS = 256,
	/* And what stands in front of each. */
	STREAM_SAMPLE_MOST = STREAM_SAMPLE_WINDOWS * (STREAM_SAMPLE_WINDOW + 2),
};

struct stream_sampled {
	size_t count;
	uint64_t packed[STREAM_SAMPLE_MOST];
};

/* Reads the stream to its end; `pages`, which are started and stay the caller's, take all of it, unless they are NULL.
 * false, with a line in `complaint`: it is damaged, has no access, or memory ended. */
bool stream_sampled_read(struct stream_reader *reader, const char *name, struct stream_sampled *sampled,
			 struct pages *pages, struct text *complaint);
