/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/pending.h"

#include "hosted/watcher/watcher.h"

#include <stdlib.h>
#include <string.h>

struct pending_window {
	struct pending_window *next;
	int64_t benchmark;
	enum watch_span span;
	struct state_window window;
	uint8_t bytes[];
};

static size_t size_of(const struct pending_window *window) {
	return sizeof(*window) + window->window.length;
}

static void drop_first(struct pending *pending) {
	struct pending_window *first = pending->first;
	pending->first = first->next;
	if (pending->first == NULL)
		pending->behind = &pending->first;
	pending->bytes -= size_of(first);
	free(first);
}

size_t pending_add(struct pending *pending, int64_t benchmark, enum watch_span span,
		   const struct state_window *window) {
	struct pending_window *added = malloc(sizeof(*added) + window->length);
	size_t lost = 0;
	if (added == NULL)
		return 1;
	*added = (struct pending_window){.benchmark = benchmark, .span = span, .window = *window};
	memcpy(added->bytes, window->values, window->length);
	added->window.values = added->bytes;
	if (pending->first == NULL)
		pending->behind = &pending->first;
	*pending->behind = added;
	pending->behind = &added->next;
	pending->bytes += size_of(added);
	for (; pending->bytes > WATCHER_PENDING_BYTES_MOST; lost++)
		drop_first(pending);
	return lost;
}

bool pending_each(const struct pending *pending,
		  bool (*take)(void *argument, int64_t benchmark, enum watch_span span,
			       const struct state_window *window),
		  void *argument) {
	for (const struct pending_window *at = pending->first; at; at = at->next)
		if (!take(argument, at->benchmark, at->span, &at->window))
			return false;
	return true;
}

void pending_clear(struct pending *pending) {
	while (pending->first)
		drop_first(pending);
}
