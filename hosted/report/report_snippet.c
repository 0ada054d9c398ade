/* SPDX-License-Identifier: Apache-2.0
 *
 * What `snippet` measured (its file) on the page: the words of the command, made anew from the times in the file, and
 * the rounds, drawn here. A file is a stranger's: times that no measurement has are left out, and words that are longer
 * than any of the programme's.
 */
#include "bench/plain.h"
#include "bench/room/show.h"
#include "bench/snippet/publish.h"
#include "bench/snippet/show.h"
#include "hosted/report/report.h"
#include "lib/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MOST = 300, WIDTH = 1000, TOP = 4, FLOOR = 86, HEIGHT = 90 };

struct reading {
	struct snippet snippet;
	struct snippet_times times;
	struct platform_fault fault;
	struct room_seen seen;
	struct snippet_result result;
};

/* NULL: there is none, or it is longer than `most` bytes. */
static const char *word_of(const json_t *object, const char *name, size_t most) {
	const char *word = json_string_value(json_object_get(object, name));
	return word && strlen(word) <= most ? word : NULL;
}

static uint64_t count_of(const json_t *object, const char *name) {
	json_int_t count = json_integer_value(json_object_get(object, name));
	return count > 0 ? (uint64_t)count : 0;
}

static bool read_loop(const json_t *loop, int at, struct snippet_times *times) {
	const json_t *ticks = json_object_get(loop, "ticks");
	uint64_t unroll = count_of(loop, "unroll");
	size_t rounds = json_array_size(ticks);
	if (unroll > 2 * SNIPPET_UNROLL_MOST || rounds > SNIPPET_ROUNDS || (at > 0 && rounds != times->rounds))
		return false;
	times->rounds = (uint32_t)rounds;
	times->unroll[at] = (uint32_t)unroll;
	times->turns[at] = count_of(loop, "turns");
	for (size_t i = 0; i < rounds; i++) {
		json_int_t tick = json_integer_value(json_array_get(ticks, i));
		if (tick < 0)
			return false;
		times->ticks[at][i] = (uint64_t)tick;
	}
	return true;
}

static bool read_loops(const json_t *root, struct snippet_times *times) {
	static const char *const names[] = {[SNIPPET_SHORT] = "short",
					    [SNIPPET_LONG] = "long",
					    [SNIPPET_ADDS] = "adds",
					    [SNIPPET_ADDS_LONG] = "adds_long"};
	const json_t *loops = json_object_get(root, "loops");
	for (int i = 0; i < SNIPPET_LOOPS; i++)
		if (!read_loop(json_object_get(loops, names[i]), i, times))
			return false;
	return times->rounds > 0 && snippet_times_are_sane(times);
}

static bool read_snippet(const json_t *root, struct snippet *snippet) {
	const char *code = json_string_value(json_object_get(root, "code"));
	const char *init = json_string_value(json_object_get(root, "init"));
	uint64_t instructions = count_of(root, "instructions"), copies = count_of(root, "copies");
	const char *what = json_string_value(json_object_get(root, "what"));
	if (!code || !snippet_bytes_of(code, snippet->code, &snippet->code_bytes) || instructions == 0 ||
	    instructions > SNIPPET_BYTES_MOST || copies == 0 || copies > instructions)
		return false;
	if (!init || !*init || !snippet_bytes_of(init, snippet->init, &snippet->init_bytes))
		snippet->init_bytes = 0;
	snippet->instructions = (uint32_t)instructions;
	snippet->copies = (uint32_t)copies;
	snippet->latency = what && strcmp(what, "latency") == 0;
	return true;
}

static bool read_status(const json_t *root, enum bench_status *status) {
	const char *word = json_string_value(json_object_get(root, "status"));
	for (int i = BENCH_STATUS_OK; word && i <= BENCH_STATUS_HUNG; i++)
		if (strcmp(word, bench_status_name((enum bench_status)i)) == 0) {
			*status = (enum bench_status)i;
			return true;
		}
	return false;
}

static void read_fault(const json_t *root, struct reading *reading) {
	static const char *const parts[] = {
		[SNIPPET_ELSEWHERE] = "elsewhere", [SNIPPET_IN_INIT] = "init", [SNIPPET_IN_CODE] = "code"};
	const json_t *json = json_object_get(root, "fault");
	const char *name = word_of(json, "name", sizeof(reading->fault.name) - 1), *part = word_of(json, "part", 16);
	const char *address = word_of(json, "address", 18);
	if (!name)
		return;
	strcpy(reading->fault.name, name);
	reading->fault.address = address ? strtoull(address, NULL, 16) : 0;
	for (int i = SNIPPET_ELSEWHERE; part && i <= SNIPPET_IN_CODE; i++)
		if (strcmp(part, parts[i]) == 0)
			reading->result.part = (enum snippet_part)i;
	reading->result.offset = count_of(json, "offset");
	reading->result.instruction = word_of(json, "instruction", WORD_MOST);
	reading->result.fault = &reading->fault;
}

static bool read_room(const json_t *root, struct room_seen *seen) {
	char *written = json_dumps(root, JSON_COMPACT);
	struct json_span span = {written, written ? strlen(written) : 0};
	bool found = span.length && json_value_length(span) != 0 && room_read(span, seen);
	free(written);
	return found;
}

/* Strings are the root's. */
static bool read_result(const json_t *root, struct reading *reading) {
	struct snippet_result *result = &reading->result;
	if (!read_snippet(root, &reading->snippet) || !read_status(root, &result->status))
		return false;
	const char *reason = word_of(root, "reason", WORD_MOST);
	result->snippet = &reading->snippet;
	result->source = json_string_value(json_object_get(root, "source"));
	result->init_source = json_string_value(json_object_get(root, "init_source"));
	result->reason = reason ? reason : "";
	result->times = &reading->times;
	result->hz = count_of(root, "clock_hz");
	result->seed = count_of(root, "seed");
	if (result->status != BENCH_STATUS_OK) {
		read_fault(root, reading);
		return true;
	}
	if (result->hz == 0 || !read_loops(root, &reading->times))
		return false;
	if (read_room(root, &reading->seen))
		result->seen = &reading->seen;
	snippet_result_figure(result);
	return true;
}

/* ---- the rounds -------------------------------------------------------------------------------------------------- */

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* What the longer loop took more in a round, nanoseconds an instruction. */
static double of_round(const struct reading *reading, size_t round) {
	const struct snippet_times *times = &reading->times;
	double more = (double)times->ticks[SNIPPET_LONG][round] - (double)times->ticks[SNIPPET_SHORT][round];
	double repeats = (double)times->turns[SNIPPET_SHORT] *
			 (double)(times->unroll[SNIPPET_LONG] - times->unroll[SNIPPET_SHORT]);
	return more / repeats / reading->snippet.instructions / (double)reading->result.hz * NS_PER_SECOND;
}

/* From the 5 % quantile to the 95 %: what is beyond stands on the edge. */
static void add_rounds(struct text *text, const struct reading *reading) {
	double sorted[SNIPPET_ROUNDS];
	size_t rounds = reading->times.rounds;
	for (size_t i = 0; i < rounds; i++)
		sorted[i] = of_round(reading, i);
	qsort(sorted, rounds, sizeof(sorted[0]), ascending);
	double low = sorted[rounds / 20], high = sorted[rounds - 1 - rounds / 20];
	text_format(
		text,
		"<div class=\"course\"><b>Each round</b> <small>an instruction, in %zu rounds: nine of ten from %.4g "
		"to %.4g ns; those beyond stand on the edge</small>\n<svg viewBox=\"0 0 %d %d\" "
		"preserveAspectRatio=\"none\" role=\"img\" aria-label=\"time of each round\"><path class=\"dots\" "
		"d=\"",
		rounds, low, high, WIDTH, HEIGHT);
	for (size_t i = 0; i < rounds; i++) {
		double share = high > low ? (of_round(reading, i) - low) / (high - low) : 0.5;
		text_format(text, "M%.1f %.1fh0", ((double)i + 0.5) * WIDTH / (double)rounds,
			    FLOOR - (FLOOR - TOP) * fmax(0, fmin(1, share)));
	}
	text_add_string(text, "\"/></svg></div>\n");
}

/* ---- the section ------------------------------------------------------------------------------------------------- */

/* Where this very process is emulated, the last line says that, which is no matter of the file's. */
static void drop_own_place(struct text *words) {
	static const char own[] = "figures    functional only";
	if (words->failed)
		return;
	size_t at = words->length - 1;
	while (at > 0 && words->bytes[at - 1] != '\n')
		at--;
	if (words->length - at >= sizeof(own) && memcmp(words->bytes + at, own, sizeof(own) - 1) == 0)
		words->length = at;
}

static void add_machine(struct text *text, const json_t *root) {
	static const char *const members[] = {"cpu", "architecture", "way", "hypervisor"};
	const json_t *machine = json_object_get(root, "machine");
	const char *emulated = report_word_of(machine, "emulated"), *date = report_word_of(root, "date");
	if (emulated[0]) {
		text_add_string(text, "<p class=\"banner\"><strong>Functional only.</strong> ");
		report_text(text, emulated);
		text_add_string(text, "</p>\n");
	}
	text_add_string(text, "<p class=\"files\">");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *member = report_word_of(machine, members[i]);
		report_text(text, member);
		text_add_string(text, member[0] ? " · " : "");
	}
	report_text(text, date);
	text_add_string(text, date[0] ? " · " : "");
}

static void add_section(struct report_part *part, const json_t *root, const struct reading *reading) {
	struct text words = {0}, *text = &part->section;
	snippet_show(&reading->result, &words);
	drop_own_place(&words);
	report_part_open(text, part);
	text_add_string(text, "<h2>What a snippet takes</h2>\n");
	add_machine(text, root);
	text_add_string(text, "<span class=\"file\">");
	report_text(text, part->file);
	text_add_string(text, "</span></p>\n<pre class=\"shown\">");
	report_words(text, &words);
	text_add_string(text, "</pre>\n");
	if (reading->times.rounds)
		add_rounds(text, reading);
	text_add_string(text, "</section>\n");
}

static bool take(struct report_part *part, struct text *complaint) {
	struct reading *reading = calloc(1, sizeof(*reading));
	bool good = reading && read_result(part->root, reading);
	if (good)
		add_section(part, part->root, reading);
	else
		plain_format(complaint, "%s: %s\n", part->file,
			     reading ? "what was measured is not in it, or no measurement has such times"
				     : "it does not fit into memory");
	free(reading);
	return good;
}

static bool read(struct report_part *part, const struct text *bytes, struct text *complaint) {
	if (!report_part_parse(part, bytes, NULL, complaint))
		return false;
	const char *cpu = word_of(json_object_get(part->root, "machine"), "cpu", sizeof(part->machine) - 1);
	strcpy(part->machine, cpu ? cpu : "");
	return take(part, complaint);
}

const struct report_kind report_snippet_kind = {
	.schema = SNIPPET_SCHEMA, .anchor = "snippet", .link = "The snippet", .read = read};
