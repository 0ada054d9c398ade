/* SPDX-License-Identifier: Apache-2.0
 *
 * What a software TLB of a given shape makes of a stream: the stream through that very TLB, and what it counts.
 */
#pragma once

#include "bench/text.h"
#include "hosted/stream/simulated.h"

/* Fills counts[i] of shapes[i] for all of the stream in the file. Reads the file once for as many shapes as fit into
 * `bytes_most` together, one at the least. 0, or -1 with a line in `complaint`. */
int stream_simulate(const char *name, const struct stream_shape *shapes, size_t count, size_t bytes_most,
		    struct stream_counts *counts, struct text *complaint);
