/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/snippet/show.h"

#include "bench/context.h"
#include "bench/room/show.h"

#include <inttypes.h>

enum { RESAMPLES = 2000 };

static bool is_latency(const struct snippet_result *result) {
	return !result->snippet->latency || snippet_waits(result->snippet, &result->figures);
}

void snippet_result_figure(struct snippet_result *result) {
	result->figured =
		result->status == BENCH_STATUS_OK && snippet_figures_of(result->snippet, result->times, result->hz,
									result->seed, RESAMPLES, &result->figures);
}

int snippet_result_status(const struct snippet_result *result) {
	if (result->status != BENCH_STATUS_OK)
		return 4;
	return result->figured && is_latency(result) ? 0 : 3;
}

static enum room_word word_of(const struct room_seen *seen) {
	return room_judge(seen, seen->ratio_low);
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

static void show_bytes(const char *what, const char *source, const uint8_t *bytes, size_t count, struct text *text) {
	text_add_string(text, what);
	if (source != NULL) {
		text_add_string(text, source);
	} else {
		for (size_t i = 0; i < count; i++)
			text_format(text, "%02x", bytes[i]);
	}
	text_add_string(text, "\n");
}

static void show_row(const struct snippet_result *result, double times, const char *what, struct text *text) {
	const struct stats_estimate *ns = &result->figures.ns, *cycles = &result->figures.cycles;
	text_format(text, "%-10s %9.3f ns [%.3f %.3f] %9.2f cycles [%.2f %.2f]  %s\n",
		    result->snippet->latency ? "latency" : "throughput", ns->point * times, ns->lower * times,
		    ns->upper * times, cycles->point * times, cycles->lower * times, cycles->upper * times, what);
}

static void show_figures(const struct snippet_result *result, struct text *text) {
	const struct snippet *snippet = result->snippet;
	show_row(result, 1, "an instruction", text);
	if (snippet->instructions != snippet->copies)
		show_row(result, (double)snippet->instructions / snippet->copies, "a copy", text);
	text_format(text,
		    "loops      %" PRIu32 " and %" PRIu32 " times the %" PRIu32 " bytes (%" PRIu32
		    " instruction%s%s), %" PRIu32 " rounds\n",
		    result->times->unroll[SNIPPET_SHORT], result->times->unroll[SNIPPET_LONG], snippet->code_bytes,
		    snippet->instructions, snippet->instructions > 1 ? "s" : "",
		    snippet->copies > 1 ? ", all alternatives" : "", result->times->rounds);
	text_format(text, "cycle      %.3f ns, %.3f GHz: an addition that waits for the one before\n",
		    1 / result->figures.ghz, result->figures.ghz);
	if (!is_latency(result))
		text_add_string(text, "no latency: copies that wait for each other take a cycle each at the least; "
				      "let the snippet read what it writes\n");
}

static void show_fault(const struct snippet_result *result, struct text *text) {
	const struct platform_fault *fault = result->fault;
	static const char *const parts[] = {[SNIPPET_ELSEWHERE] = "outside of the snippet",
					    [SNIPPET_IN_INIT] = "in --init",
					    [SNIPPET_IN_CODE] = "in the snippet"};
	text_format(text, "%-10s %s", bench_status_name(result->status), fault->name);
	if (fault->address != 0)
		text_format(text, " at 0x%" PRIx64, fault->address);
	text_format(text, ", %s", parts[result->part]);
	if (result->part != SNIPPET_ELSEWHERE)
		text_format(text, ", byte %zu", result->offset);
	if (result->instruction != NULL && result->instruction[0] != '\0')
		text_format(text, ": %s", result->instruction);
	text_format(text, "\n           %s\n", result->reason);
}

void snippet_show(const struct snippet_result *result, struct text *text) {
	const struct snippet *snippet = result->snippet;
	show_bytes("snippet    ", result->source, snippet->code, snippet->code_bytes, text);
	if (snippet->init_bytes != 0)
		show_bytes("init       ", result->init_source, snippet->init, snippet->init_bytes, text);
	if (result->fault != NULL)
		show_fault(result, text);
	else if (result->status != BENCH_STATUS_OK)
		text_format(text, "%-10s %s\n", bench_status_name(result->status), result->reason);
	else if (result->figured)
		show_figures(result, text);
	else
		text_add_string(text, "no figure: what it takes cannot be told from nothing, or there were too few "
				      "rounds\n");
	if (result->seen != NULL && result->seen->measured_ns != 0)
		text_format(text,
			    "room       %s: %" PRIu64 " of %" PRIu32 " rounds were disturbed, the longest for "
			    "%.1f us\n",
			    room_word_name(word_of(result->seen)), result->seen->within, result->times->rounds,
			    (double)result->seen->longest_ns / 1000);
	if (platform_describe()->emulated[0] != '\0')
		text_format(text, "figures    functional only: %s\n", platform_describe()->emulated);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void write_bytes(const char *name, const uint8_t *bytes, size_t count, struct text *text) {
	text_member(text, name);
	text_add_string(text, "\"");
	for (size_t i = 0; i < count; i++)
		text_format(text, "%02x", bytes[i]);
	text_add_string(text, "\"");
}

static void write_estimate(const char *name, const struct stats_estimate *estimate, struct text *text) {
	text_member_object(text, name);
	text_member_double(text, "point", estimate->point);
	text_member_double(text, "lower_bound", estimate->lower);
	text_member_double(text, "upper_bound", estimate->upper);
	text_member_double(text, "standard_error", estimate->standard_error);
	text_add_string(text, "}");
}

static void write_loop(const struct snippet_times *times, enum snippet_loop loop, struct text *text) {
	static const char *const names[] = {[SNIPPET_SHORT] = "short",
					    [SNIPPET_LONG] = "long",
					    [SNIPPET_ADDS] = "adds",
					    [SNIPPET_ADDS_LONG] = "adds_long"};
	text_member_object(text, names[loop]);
	text_member_u64(text, "unroll", times->unroll[loop]);
	text_member_u64(text, "turns", times->turns[loop]);
	text_member_array(text, "ticks");
	for (uint32_t i = 0; i < times->rounds; i++)
		text_member_u64(text, NULL, times->ticks[loop][i]);
	text_add_string(text, "]}");
}

static void write_fault(const struct snippet_result *result, struct text *text) {
	static const char *const parts[] = {
		[SNIPPET_ELSEWHERE] = "elsewhere", [SNIPPET_IN_INIT] = "init", [SNIPPET_IN_CODE] = "code"};
	text_member_object(text, "fault");
	text_member_string(text, "name", result->fault->name);
	text_member_hex(text, "address", result->fault->address);
	text_member_string(text, "part", parts[result->part]);
	if (result->part != SNIPPET_ELSEWHERE)
		text_member_u64(text, "offset", result->offset);
	if (result->instruction != NULL)
		text_member_string(text, "instruction", result->instruction);
	text_add_string(text, "}");
}

static void write_measured(const struct snippet_result *result, struct text *text) {
	text_member_u64(text, "clock_hz", result->hz);
	text_member_u64(text, "seed", result->seed);
	if (result->figured) {
		write_estimate("ns", &result->figures.ns, text);
		write_estimate("cycles", &result->figures.cycles, text);
		text_member_double(text, "ghz", result->figures.ghz);
		text_member_bool(text, "waits", snippet_waits(result->snippet, &result->figures));
	}
	text_member_object(text, "loops");
	for (int loop = 0; loop < SNIPPET_LOOPS; loop++)
		write_loop(result->times, (enum snippet_loop)loop, text);
	text_add_string(text, "}");
	if (result->seen != NULL)
		room_write(text, result->seen, room_word_name(word_of(result->seen)));
}

void snippet_write(const struct snippet_result *result, struct text *text) {
	const struct snippet *snippet = result->snippet;
	text_member_string(text, "schema", SNIPPET_SCHEMA);
	context_write_maker(text, result->hz);
	write_bytes("code", snippet->code, snippet->code_bytes, text);
	write_bytes("init", snippet->init, snippet->init_bytes, text);
	if (result->source != NULL)
		text_member_string(text, "source", result->source);
	if (result->init_source != NULL)
		text_member_string(text, "init_source", result->init_source);
	text_member_u64(text, "instructions", snippet->instructions);
	text_member_u64(text, "copies", snippet->copies);
	text_member_string(text, "what", snippet->latency ? "latency" : "throughput");
	text_member_string(text, "status", bench_status_name(result->status));
	if (result->status != BENCH_STATUS_OK)
		text_member_string(text, "reason", result->reason);
	if (result->fault != NULL)
		write_fault(result, text);
	if (result->status == BENCH_STATUS_OK)
		write_measured(result, text);
}
