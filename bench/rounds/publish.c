/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/rounds/publish.h"

#include "bench/compact/stream.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>

struct publishing {
	struct platform_clock clock;
	uint64_t begin_ticks;
	struct text record;
};

static uint64_t elapsed_ns(const struct publishing *publishing, uint64_t since_ticks) {
	return (uint64_t)((double)(ticks_end() - since_ticks) / (double)publishing->clock.hz * NS_PER_SECOND);
}

static int64_t date(const struct publishing *publishing) {
	const struct platform_info *info = platform_describe();
	return (int64_t)(info->utc_seconds + elapsed_ns(publishing, info->utc_ticks) / NS_PER_SECOND);
}

static bool emit(struct publishing *publishing) {
	struct text *record = &publishing->record;
	return !record->failed && record_stream_write(record) != PLATFORM_EIO;
}

static bool emit_head(struct publishing *publishing, const struct rounds *rounds) {
	struct rounds_head *head = malloc(sizeof(*head));
	if (head == NULL)
		return false;
	rounds_describe(rounds, head);
	rounds_head_write(&publishing->record, head);
	free(head);
	return emit(publishing);
}

static bool is_over(const struct publishing *publishing, const struct rounds_stream *stream, uint64_t measured) {
	return platform_interrupted() || (stream->rounds > 0 && measured >= stream->rounds) ||
	       (stream->duration_ns > 0 && elapsed_ns(publishing, publishing->begin_ticks) >= stream->duration_ns);
}

static void rest(const struct publishing *publishing, const struct rounds_stream *stream, uint64_t pause_ns) {
	uint64_t begin = ticks_begin();
	while (elapsed_ns(publishing, begin) < pause_ns && !is_over(publishing, stream, 0))
		;
}

/* 0, or an exit status. */
static int publish(struct publishing *publishing, struct rounds *rounds, const struct rounds_stream *stream,
		   struct text *complaint) {
	struct round round;
	for (uint64_t measured = 0; !is_over(publishing, stream, measured); measured++) {
		if (!rounds_measure(rounds, &round)) {
			text_add_string(complaint, "watch: all benchmarks have failed\n");
			return 4;
		}
		platform_clock_calibrate(&publishing->clock);
		round.time = date(publishing);
		round_write(&publishing->record, &round);
		if (!emit(publishing)) {
			text_add_string(complaint, "watch: a record cannot be written\n");
			return 2;
		}
		if (!is_over(publishing, stream, measured + 1))
			rest(publishing, stream, rounds_pause_ns(rounds, round.cost_ns));
	}
	return 0;
}

int rounds_publish(const struct rounds_request *request, const struct rounds_stream *stream, struct text *complaint) {
	struct publishing publishing = {.begin_ticks = ticks_begin()};
	struct text said = {0};
	int status = 2;
	platform_clock_calibrate(&publishing.clock);
	if (platform_describe()->utc_seconds == 0) {
		text_add_string(complaint,
				"watch: this machine tells no date, and a round without one is in no window\n");
		return 2;
	}
	struct rounds *rounds = rounds_begin(request, &said, complaint);
	if (said.length > 0)
		platform_write(PLATFORM_STREAM_TEXT, said.bytes, said.length);
	text_free(&said);
	if (rounds != NULL) {
		if (emit_head(&publishing, rounds))
			status = publish(&publishing, rounds, stream, complaint);
		else
			text_add_string(complaint, "watch: a record cannot be written\n");
	}
	rounds_free(rounds);
	text_free(&publishing.record);
	return status;
}
