/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of a stream that is wanted: from which data access on, how many accesses, of which kinds.
 */
#pragma once

#include "hosted/stream/format.h"

struct stream_filter {
	uint64_t skip;  /* accesses to data that are passed over, with all before them; counts down */
	uint64_t count; /* accesses that are still wanted; counts down */
	bool data_only; /* executions are passed over */
};

/* Whether the event belongs to the part. What is no access belongs to it wherever it stands before the end, so that the
 * part begins in the right address space. */
bool stream_filter_takes(struct stream_filter *filter, const struct stream_event *event);
