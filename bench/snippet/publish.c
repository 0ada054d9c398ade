/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/snippet/publish.h"

#include "bench/compact/stream.h"
#include "bench/record.h"
#include "bench/room_alone.h"
#include "bench/snippet/show.h"
#include "lib/units.h"

#include <stdlib.h>
#include <string.h>

enum { PATIENCE = 10 }; /* times what is expected: a busy machine is no hung one */

static const uint64_t rounds_end_ns = 3 * NS_PER_SECOND;

/* All that a measurement needs; one at a time. */
struct work {
	struct snippet_job job;
	struct snippet_area area;
	struct room_watch watch;
	uint64_t gaps[SNIPPET_ROUNDS];
	double sorted[SNIPPET_ROUNDS];
};

static uint64_t timeout_ns; /* of the one that runs: what puts the watchdog off has no argument */

static void put_off(uint64_t expected_ns) {
	platform_checkpoint(expected_ns * PATIENCE > timeout_ns ? expected_ns * PATIENCE : timeout_ns);
}

static void take(void *argument) {
	snippet_take(argument);
}

/* Runs what was made ready. */
static int run_guarded(struct work *work, struct platform_fault *fault) {
	uint64_t total_ns = rounds_end_ns + PATIENCE * timeout_ns;
	room_watch_begin(&work->watch, SNIPPET_ROUNDS, (double)(SNIPPET_ROUNDS * snippet_planned_ns()), work->job.hz);
	int error = platform_run_guarded(take, &work->job, timeout_ns, total_ns, fault);
	if (error == PLATFORM_EUNSUPPORTED)
		error = platform_run_guarded(take, &work->job, 0, 0, fault);
	if (error != 0 || fault->outcome != PLATFORM_RETURNED)
		return error;
	struct room_times times = snippet_room_times(&work->job);
	room_watch_end(&work->watch, &times);
	return 0;
}

static void judge(const struct work *work, const struct platform_fault *fault, struct snippet_result *result) {
	result->seen = &work->watch.seen;
	if (fault->outcome == PLATFORM_RETURNED) {
		/* It may have written over them. */
		result->status = snippet_times_are_sane(&work->job.times) ? BENCH_STATUS_OK : BENCH_STATUS_FAILED;
		result->reason = "it wrote over its own times";
		snippet_result_figure(result);
		return;
	}
	bool late = fault->outcome == PLATFORM_TIMED_OUT;
	result->status = late ? BENCH_STATUS_HUNG : BENCH_STATUS_FAILED;
	result->reason = late ? "it did not end in its time" : "it faulted";
	result->fault = fault;
	result->seen = NULL;
	result->part = snippet_area_find(&work->area, result->snippet, fault->instruction, &result->offset);
}

static void record(const struct text *json) {
	struct text line = {0};
	record_copy(&line, "SNIPPET", (struct json_span){json->bytes, json->length});
	if (!line.failed)
		(void)record_stream_write(&line);
	text_free(&line);
}

static int measure(const struct snippet_request *request, struct work *work, struct text *json, struct text *shown,
		   struct text *complaint) {
	simd_features features = simd_features_detect();
	struct platform_clock clock;
	struct platform_fault fault;
	int error = snippet_area_make(&request->snippet, features, &work->area);
	if (error == 0)
		error = platform_clock_calibrate(&clock);
	if (error == 0) {
		work->watch = (struct room_watch){.ratio_alone = room_ratio_alone(features),
						  .whole = true,
						  .gaps = work->gaps,
						  .sorted = work->sorted};
		work->job = (struct snippet_job){.area = &work->area,
						 .hz = clock.hz,
						 .seed = request->seed,
						 .end_ns = rounds_end_ns,
						 .before_sample = put_off,
						 .watch = &work->watch};
		error = run_guarded(work, &fault);
	}
	if (error != 0) {
		text_add_string(complaint, error == PLATFORM_EINVAL
						   ? "snippet: needs --code=DIGITS, and --unroll that its loops have "
						     "room for; on the host `anechoic snippet` has them\n"
						   : "snippet: no memory for its loops, or no guard\n");
		return 2;
	}
	struct snippet_result result = {
		.snippet = &request->snippet, .times = &work->job.times, .hz = clock.hz, .seed = request->seed};
	judge(work, &fault, &result);
	text_add_string(json, "{");
	snippet_write(&result, json);
	text_add_string(json, "}");
	snippet_show(&result, shown);
	record(json);
	return snippet_result_status(&result);
}

int snippet_publish(const struct snippet_request *request, struct text *json, struct text *shown,
		    struct text *complaint) {
	struct work *work = calloc(1, sizeof(*work));
	if (work == NULL) {
		text_add_string(complaint, "snippet: out of memory\n");
		return 2;
	}
	timeout_ns = request->timeout_ns;
	int status = measure(request, work, json, shown, complaint);
	snippet_area_free(&work->area);
	free(work);
	return status;
}
