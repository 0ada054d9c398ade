/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows that are over and wait for the state, which takes them with the next transaction, or cannot be written for a
 * while: the oldest give way then. Bounded by WATCHER_PENDING_BYTES_MOST.
 */
#pragma once

#include "hosted/watcher/state.h"

struct pending_window;

/* All zero is empty. */
struct pending {
	struct pending_window *first, **behind;
	size_t bytes;
};

/* How many windows are lost by that, this one included where memory ended. */
size_t pending_add(struct pending *pending, int64_t benchmark, enum watch_span span, const struct state_window *window);

/* In order, as long as `take` says true; whether it said so of all. */
bool pending_each(const struct pending *pending,
		  bool (*take)(void *argument, int64_t benchmark, enum watch_span span,
			       const struct state_window *window),
		  void *argument);

void pending_clear(struct pending *pending);
