/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up address streams, for tests and `make stream-check`.
 */
#pragma once

#include "hosted/stream/write.h"

struct stream_model {
	const char *name;
	/* Writes `count` accesses, the same for the same seed. */
	void (*write)(struct stream_writer *writer, uint64_t seed, uint64_t count);
	uint64_t seed;
	uint64_t later; /* the seed of what comes later of the same kind */
};

/* Ends with a NULL name. */
extern const struct stream_model stream_models[];
