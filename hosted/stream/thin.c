/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/thin.h"

#include <stdlib.h>

bool stream_thin_start(struct stream_thin *thin, size_t length, size_t most) {
	*thin = (struct stream_thin){.length = length, .most = most};
	thin->windows = calloc(most, sizeof(*thin->windows));
	thin->events = calloc(most * length, sizeof(*thin->events));
	for (size_t i = 0; thin->windows && i < most; i++)
		thin->windows[i].events = thin->events + i * length;
	return thin->windows && thin->events;
}

void stream_thin_free(struct stream_thin *thin) {
	free(thin->windows);
	free(thin->events);
	*thin = (struct stream_thin){.windows = NULL};
}

/* ---- gaps -------------------------------------------------------------------------------------------------------- */

static void add_space(struct stream_gap *gap, uint32_t space) {
	bool is_other = gap->flushed == STREAM_GAP_SPACE && gap->space != space;
	if (gap->flushed == STREAM_GAP_ALL || is_other)
		gap->flushed = STREAM_GAP_ALL;
	else
		*gap = (struct stream_gap){STREAM_GAP_SPACE, space};
}

static void add_event(struct stream_gap *gap, const struct stream_event *event) {
	if (event->kind == STREAM_FLUSH_ALL)
		gap->flushed = STREAM_GAP_ALL;
	else if (event->kind == STREAM_FLUSH_SPACE)
		add_space(gap, (uint32_t)event->address);
}

static void add_gap(struct stream_gap *gap, const struct stream_gap *other) {
	if (other->flushed == STREAM_GAP_ALL)
		gap->flushed = STREAM_GAP_ALL;
	else if (other->flushed == STREAM_GAP_SPACE)
		add_space(gap, other->space);
}

/* The window and what was before it, both in front of `after`. */
static void drop(const struct stream_window *window, struct stream_gap *after) {
	struct stream_gap gap = window->before;
	for (size_t i = 0; i < window->count; i++)
		add_event(&gap, &window->events[i]);
	add_gap(&gap, after);
	*after = gap;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static void swap(struct stream_window *a, struct stream_window *b) {
	struct stream_window kept = *a;
	*a = *b;
	*b = kept;
}

static void halve(struct stream_thin *thin) {
	for (size_t i = 1; i < thin->most; i += 2)
		drop(&thin->windows[i], i + 1 < thin->most ? &thin->windows[i + 1].before : &thin->gap);
	for (size_t i = 1; i < thin->most / 2; i++)
		swap(&thin->windows[i], &thin->windows[2 * i]);
	thin->used = thin->most / 2;
	thin->shift++;
}

static void begin_window(struct stream_thin *thin) {
	thin->keeps = (thin->number++ & ((UINT64_C(1) << thin->shift) - 1)) == 0;
	if (!thin->keeps)
		return;
	if (thin->used == thin->most)
		halve(thin);
	struct stream_window *window = &thin->windows[thin->used++];
	window->before = thin->gap;
	window->space = thin->space;
	window->count = 0;
	thin->gap = (struct stream_gap){.flushed = STREAM_GAP_NOTHING};
}

void stream_thin_take(struct stream_thin *thin, const struct stream_event *event) {
	if (thin->at == 0)
		begin_window(thin);
	if (thin->keeps) {
		struct stream_window *window = &thin->windows[thin->used - 1];
		window->events[window->count++] = *event;
	} else {
		add_event(&thin->gap, event);
	}
	if (event->kind == STREAM_SWITCH)
		thin->space = (uint32_t)event->address;
	if (++thin->at == thin->length)
		thin->at = 0;
}

void stream_thin_give(const struct stream_thin *thin, stream_taker *taker, void *owner) {
	uint32_t space = 0;
	for (size_t i = 0; i < thin->used; i++) {
		const struct stream_window *window = &thin->windows[i];
		if (window->before.flushed != STREAM_GAP_NOTHING) {
			bool is_all = window->before.flushed == STREAM_GAP_ALL;
			taker(owner, &(struct stream_event){is_all ? 0 : window->before.space,
							    is_all ? STREAM_FLUSH_ALL : STREAM_FLUSH_SPACE});
		}
		if (window->space != space)
			taker(owner, &(struct stream_event){window->space, STREAM_SWITCH});
		space = window->space;
		for (size_t event = 0; event < window->count; event++) {
			taker(owner, &window->events[event]);
			if (window->events[event].kind == STREAM_SWITCH)
				space = (uint32_t)window->events[event].address;
		}
	}
}
