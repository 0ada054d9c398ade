/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes out of a snippet's pipe, whole, as a snippet may write it there: a message as it ought to be, with some of
 * its words replaced. What is believed of it can be counted with, shown and written.
 */
#include "bench/snippet/show.h"
#include "fuzz/fuzz.h"
#include "hosted/snippet/message.h"

#include <jansson.h>

enum { PATCH_BYTES = 2 + 8, HZ = 2000000000 }; /* which word, and what it becomes */

static struct message message;
static struct snippet_job job;
static struct room_watch watch;
static uint64_t gaps[SNIPPET_ROUNDS];
static double sorted[SNIPPET_ROUNDS];

/* An instruction of two ticks, an addition of one. */
static void make_message(void) {
	static const uint32_t unroll[SNIPPET_LOOPS] = {64, 128, 128, 256};
	memset(&message, 0, sizeof(message));
	message.end = CAGE_DONE;
	message.before.switches_known = message.before.ran_known = true;
	message.seen.measured_ns = 1000000;
	message.times.rounds = SNIPPET_ROUNDS_LEAST; /* few, as each is resampled */
	for (int loop = 0; loop < SNIPPET_LOOPS; loop++) {
		message.times.unroll[loop] = unroll[loop];
		message.times.turns[loop] = 1000;
		for (uint32_t i = 0; i < SNIPPET_ROUNDS; i++)
			message.times.ticks[loop][i] = 1000 * (50 + unroll[loop] * (loop < SNIPPET_ADDS ? 2 : 1)) + i;
	}
	for (uint32_t i = 0; i < SNIPPET_ROUNDS; i++)
		message.sums[i] = message.gaps[i] = 1000 + i;
}

static void patch(const uint8_t *bytes, size_t length) {
	for (; length >= PATCH_BYTES; bytes += PATCH_BYTES, length -= PATCH_BYTES) {
		size_t word = (bytes[0] | (size_t)bytes[1] << 8) % (sizeof(message) / 8);
		memcpy((char *)&message + word * 8, bytes + 2, 8);
	}
}

static void show(const struct cage_run *run) {
	static const struct snippet snippet = {.code = {0x90}, .code_bytes = 1, .instructions = 1, .copies = 1};
	struct text shown = {0}, json = {0};
	struct snippet_result result = {
		.snippet = &snippet, .times = &job.times, .hz = HZ, .seed = 1, .reason = "", .seen = &run->seen};
	snippet_result_figure(&result);
	snippet_show(&result, &shown);
	text_add_string(&json, "{");
	snippet_write(&result, &json);
	text_add_string(&json, "}");
	json_t *read = json_loadb(json.bytes, json.length, 0, NULL);
	need(read != NULL && shown.length != 0);
	json_decref(read);
	text_free(&shown);
	text_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	const struct room_counted before = {.whole = false};
	const struct room_counted after = {.thread = {.switches_known = true, .ran_known = true, .switches = 3}};
	job = (struct snippet_job){.hz = HZ, .seed = 1, .watch = &watch};
	watch = (struct room_watch){.gaps = gaps, .sorted = sorted};
	struct cage_run run = {.job = &job, .watched = true, .timeout_s = 1};
	make_message();
	patch(bytes, length);
	enum cage_end end = message_take(&message, &before, &after, &run);
	if (end == CAGE_DONE)
		show(&run);
	else if (end != CAGE_GONE)
		need(memchr(run.fault.name, '\0', sizeof(run.fault.name)) != NULL && run.fault.symbol[0] == '\0');
	return 0;
}
