/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows from all over a stream: which are kept, and that what was flushed between two of them stands there.
 */
#include "bench/rng.h"
#include "hosted/stream/read.h"
#include "hosted/stream/write.h"

#include <criterion/criterion.h>
#include <string.h>

enum { LENGTH = 4, MOST = 8, GIVEN_MOST = MOST * (LENGTH + 2) };

struct given {
	size_t count;
	struct stream_event events[GIVEN_MOST];
};

static void take(void *owner, const struct stream_event *event) {
	struct given *given = owner;
	cr_assert(given->count < GIVEN_MOST);
	given->events[given->count++] = *event;
}

static struct given thinned(const struct stream_event *events, size_t count, unsigned shift) {
	struct given given = {.count = 0};
	struct stream_thin thin;
	cr_assert(stream_thin_start(&thin, LENGTH, MOST));
	for (size_t i = 0; i < count; i++)
		stream_thin_take(&thin, &events[i]);
	cr_expect_eq(thin.shift, shift);
	stream_thin_give(&thin, take, &given);
	stream_thin_free(&thin);
	return given;
}

static bool is_same(const struct stream_event *event, uint64_t address, uint8_t kind) {
	return event->address == address && event->kind == kind;
}

/* Every number of events up to some windows more than are kept eight times over. */
Test(thin, windows_are_of_one_distance_from_the_first_on) {
	enum { EVENTS = 9 * MOST * LENGTH };
	static struct stream_event events[EVENTS];
	for (size_t i = 0; i < EVENTS; i++)
		events[i] = (struct stream_event){i, STREAM_READ};
	for (size_t count = 0; count <= EVENTS; count++) {
		size_t windows = (count + LENGTH - 1) / LENGTH;
		unsigned shift = 0;
		while (windows > (size_t)MOST << shift)
			shift++;
		struct given given = thinned(events, count, shift);
		size_t at = 0;
		for (size_t i = 0; i < count; i++)
			if (i / LENGTH % ((size_t)1 << shift) == 0)
				cr_assert(at < given.count && is_same(&given.events[at++], i, STREAM_READ));
		cr_assert_eq(at, given.count, "%zu events", count);
	}
}

/* One event in a gap, at each place of it: what the next window that is kept begins with. */
Test(thin, what_was_flushed_between_windows_stands_before_the_next) {
	enum { EVENTS = 2 * MOST * LENGTH };
	for (size_t at = LENGTH; at < 2 * LENGTH; at++) {
		struct stream_event events[EVENTS] = {{0}};
		events[at] = (struct stream_event){5, STREAM_FLUSH_SPACE};
		struct given given = thinned(events, EVENTS, 1);
		cr_assert_eq(given.count, EVENTS / 2 + 1);
		cr_expect(is_same(&given.events[LENGTH], 5, STREAM_FLUSH_SPACE), "at %zu", at);
		events[at == LENGTH ? at + 1 : LENGTH] = (struct stream_event){6, STREAM_FLUSH_SPACE};
		given = thinned(events, EVENTS, 1);
		cr_expect(is_same(&given.events[LENGTH], 0, STREAM_FLUSH_ALL), "two spaces");
		events[at] = (struct stream_event){6, STREAM_SWITCH};
		given = thinned(events, EVENTS, 1);
		cr_expect(is_same(&given.events[LENGTH], 6, STREAM_FLUSH_SPACE) &&
			  is_same(&given.events[LENGTH + 1], 6, STREAM_SWITCH));
		cr_expect_eq(given.count, EVENTS / 2 + 2);
	}
}

/* What a program that keeps its pages' spaces by these events knows at each access that is kept. */
Test(thin, spaces_and_flushes_are_as_in_the_whole_stream) {
	enum { EVENTS = 40 * MOST * LENGTH, SPACES = 3 };
	static struct stream_event events[EVENTS];
	static uint64_t space_at[EVENTS], flushes_at[EVENTS][SPACES];
	uint64_t flushes[SPACES] = {0}, space = 0, last[SPACES] = {0};
	struct rng rng = rng_seeded(1);
	for (uint64_t i = 0; i < EVENTS; i++) {
		static const uint8_t kinds[] = {STREAM_SWITCH, STREAM_FLUSH_SPACE, STREAM_FLUSH_ALL, STREAM_FLUSH_PAGE};
		uint8_t kind = rng_below(&rng, 10) == 0 ? kinds[rng_below(&rng, 4)] : (uint8_t)STREAM_READ;
		uint64_t of = rng_below(&rng, SPACES);
		events[i] = (struct stream_event){kind == STREAM_READ ? i : kind == STREAM_FLUSH_ALL ? 0 : of, kind};
		space = kind == STREAM_SWITCH ? of : space;
		for (uint64_t s = 0; s < SPACES; s++) {
			bool is_flushed = kind == STREAM_FLUSH_ALL || (kind == STREAM_FLUSH_SPACE && s == of);
			flushes[s] = is_flushed ? i + 1 : flushes[s];
			flushes_at[i][s] = flushes[s];
		}
		space_at[i] = space;
	}
	struct given given = thinned(events, EVENTS, 6);
	uint64_t now = 0;
	bool flushed[SPACES] = {false};
	for (size_t i = 0; i < given.count; i++) {
		const struct stream_event *event = &given.events[i];
		now = event->kind == STREAM_SWITCH ? event->address : now;
		for (uint64_t s = 0; s < SPACES; s++)
			flushed[s] |= event->kind == STREAM_FLUSH_ALL ||
				      (event->kind == STREAM_FLUSH_SPACE && event->address == s);
		if (event->kind != STREAM_READ)
			continue;
		cr_assert_eq(now, space_at[event->address]);
		cr_assert(flushed[now] || flushes_at[event->address][now] == last[now]);
		for (uint64_t s = 0; s < SPACES; s++) {
			cr_assert(flushed[s] || flushes_at[event->address][s] == last[s]);
			last[s] = flushes_at[event->address][s];
			flushed[s] = false;
		}
	}
	cr_expect(given.count > MOST / 2 * LENGTH);
}

Test(thin, the_head_says_how_many_windows_one_is_of) {
	static struct stream_writer writer;
	const struct stream_note note = {.address_bits = 64, .thinned = 2, .source = "test"};
	struct text complaint = {0};
	struct stream_thin thin;
	FILE *file = tmpfile();
	cr_assert(file != NULL && stream_thin_start(&thin, LENGTH, MOST));
	for (uint64_t i = 0; i < 3 * MOST * LENGTH; i++)
		stream_thin_take(&thin, &(struct stream_event){i, STREAM_READ});
	stream_writer_start(&writer, file, &note);
	stream_write_thin(&writer, &thin);
	stream_thin_free(&thin);
	cr_assert(stream_writer_end(&writer));
	rewind(file);
	struct stream_reader *reader = stream_open(file, "a.stream", STREAM_WHOLE, &complaint);
	cr_assert(reader != NULL);
	cr_expect(stream_note(reader)->thinned == 4 && stream_note(reader)->accesses == 6 * LENGTH);
	stream_close(reader);
	fclose(file);
}
