/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/table.h"

#include "bench/consistency.h"
#include "bench/counters/counting.h"
#include "bench/ladder/geometry.h"
#include "bench/ladder/measured.h"
#include "bench/ladder/picture.h"
#include "bench/machine/cores_found.h"
#include "bench/reach/show.h"
#include "bench/rooms.h"
#include "bench/settle.h"
#include "build_info.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN_TIME = 48, COLUMN_EFFECT = 72, COLUMN_THROUGHPUT = 78, COLUMN_OUTLIERS = 90, COLUMN_ROOM = 93 };

struct scale {
	double factor;
	const char *unit;
};

static struct scale time_scale(double ns) {
	if (ns < NS_PER_US)
		return (struct scale){1, "ns"};
	if (ns < NS_PER_MS)
		return (struct scale){1.0 / NS_PER_US, "us"};
	return ns < NS_PER_SECOND ? (struct scale){1.0 / NS_PER_MS, "ms"} : (struct scale){1.0 / NS_PER_SECOND, "s"};
}

/* Four digits that count. */
static int decimals(double value) {
	return value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
}

static void add_time(struct text *text, double ns) {
	struct scale scale = time_scale(ns);
	text_format(text, "%.*f %s", decimals(ns * scale.factor), ns * scale.factor, scale.unit);
}

static void add_throughput(struct text *text, double per_second, bool bytes) {
	double value = bytes ? per_second / (1u << 30) : per_second / 1e6;
	text_format(text, " %5.*f %s", decimals(value), value, bytes ? "GiB/s" : "M/s");
}

/* The smallest change that a launch like this one could show. */
static void add_effect(struct text *text, double effect) {
	if (effect < 0.9995)
		text_format(text, " %4.1f%%", effect * 100);
	else
		text_add_string(text, " >100%");
}

static void add_room(struct text *text, const struct collector *collector, const struct collected *benchmark) {
	struct rooms rooms;
	rooms_of(collector, &rooms);
	enum room_word word = room_judge(&benchmark->room, rooms.best);
	if (word == ROOM_UNKNOWN)
		return;
	text_pad(text, COLUMN_ROOM);
	text_format(text, " %s", room_word_name(word));
}

/* There is no oracle of it: nobody knows whether it does what it should. */
static bool is_unchecked(const struct collected *benchmark) {
	struct json_span value;
	bool unchecked = false;
	return benchmark->end &&
	       json_member((struct json_span){benchmark->end, strlen(benchmark->end)}, "unchecked", &value) &&
	       json_to_bool(value, &unchecked) && unchecked;
}

static void add_figures(struct text *text, const struct collector *collector, const struct collected *benchmark) {
	const struct stats_summary *summary = &benchmark->summary;
	const struct stats_estimate *headline = stats_headline(summary);
	double tick_ns = NS_PER_SECOND / (double)collect_hz(collector, benchmark);
	double ns = headline->point * tick_ns;
	struct scale scale = time_scale(ns);
	int places = decimals(ns * scale.factor);
	struct json_span end = {benchmark->end, strlen(benchmark->end)};
	uint64_t units = 0;
	text_format(text, " %5.*f %-2s [%.*f %.*f]", places, ns * scale.factor, scale.unit, places,
		    headline->lower * tick_ns * scale.factor, places, headline->upper * tick_ns * scale.factor);
	text_pad(text, COLUMN_EFFECT);
	add_effect(text, stats_smallest_effect(headline));
	text_pad(text, COLUMN_THROUGHPUT);
	json_member_u64(end, "per_iteration", &units);
	if (units && ns > 0 && !json_member_is(end, "unit", ""))
		add_throughput(text, (double)units * NS_PER_SECOND / ns, json_member_is(end, "unit", "bytes"));
	uint32_t outliers = 0;
	for (int i = 0; i < STATS_OUTLIER_CLASSES; i++)
		outliers += summary->outliers[i];
	if (outliers) {
		text_pad(text, COLUMN_OUTLIERS);
		text_format(text, " %2" PRIu32, outliers);
	}
	add_room(text, collector, benchmark);
}

static void add_reason(struct text *text, const struct collected *benchmark) {
	struct json_span end = {benchmark->end, strlen(benchmark->end)}, fault;
	char reason[96], name[24], symbol[64], address[24], instruction[24];
	text_format(text, " %s", bench_status_name(benchmark->status));
	if (json_member_string(end, "reason", reason, sizeof(reason)))
		text_format(text, ": %s", reason);
	text_add_string(text, "\n");
	if (!json_member(end, "fault", &fault) || !json_member_string(fault, "name", name, sizeof(name)) ||
	    !json_member_string(fault, "symbol", symbol, sizeof(symbol)) ||
	    !json_member_string(fault, "address", address, sizeof(address)) ||
	    !json_member_string(fault, "instruction", instruction, sizeof(instruction)))
		return;
	text_format(text, "          %s at %s", name, instruction);
	if (symbol[0])
		text_format(text, " %s", symbol);
	text_format(text, ", address %s\n", address);
}

/* Under the row, where random placements were asked for. */
static void add_luck(struct text *text, const struct collector *collector, const struct collected *benchmark) {
	struct layout_luck luck;
	struct room_tally tally;
	struct rooms rooms;
	size_t visits;
	if (benchmark->visit_count == 0)
		return;
	if (!collect_luck(benchmark, &luck, &visits)) {
		text_format(text, "          layout unknown: a placement did not run to its end%s%s\n",
			    benchmark->misplaced[0] ? ": " : "", benchmark->misplaced);
		return;
	}
	text_format(text,
		    "          layout %.2f %% [%.2f %.2f], sampling %.2f %%, worst over best %.3f: %zu layouts, "
		    "%zu visits each",
		    luck.layout * 100, luck.lower * 100, luck.upper * 100, luck.sampling * 100, luck.worst_to_best,
		    benchmark->visit_count / visits, visits);
	rooms_of(collector, &rooms);
	rooms_of_visits(&rooms, benchmark, &tally);
	rooms_show_tally(&tally, "\n          room of the visits: ", text);
	text_add_string(text, "\n");
}

void table_row(struct text *text, const struct collector *collector, const struct collected *benchmark, size_t number,
	       size_t total) {
	text_format(text, "[%2zu/%2zu] %s", number, total, benchmark->name);
	text_pad(text, COLUMN_TIME);
	if (benchmark->has_summary) {
		add_figures(text, collector, benchmark);
		while (text->length > 0 && text->bytes[text->length - 1] == ' ')
			text->length--;
		text_add_string(text, "\n");
		if (is_unchecked(benchmark))
			text_add_string(text, "          unchecked: it has no oracle that says whether it is right\n");
		add_luck(text, collector, benchmark);
		struct counts_figures counts;
		if (counts_read((struct json_span){benchmark->end, strlen(benchmark->end)}, &counts))
			counts_show(text, &counts);
	} else if (benchmark->end) {
		add_reason(text, benchmark);
	}
}

static void add_clock(struct text *text, const struct platform_clock *clock) {
	text_format(text, "%s %.4f MHz (%s", clock->counter, (double)clock->hz / 1e6, clock->source);
	if (clock->span_ns)
		text_format(text, " over %.2f s", (double)clock->span_ns / NS_PER_SECOND);
	if (clock->hz_second)
		text_format(text, "; %s: %s, %.4f %% apart", clock->source_second,
			    context_clock_difference(clock) > 0.001 ? "DISAGREES" : "agrees",
			    context_clock_difference(clock) * 100);
	else
		text_add_string(text, ", the only source");
	text_format(text, "), %s\n", context_clock_trust(clock));
}

void table_head(struct text *text, const struct run_opening *opening) {
	const struct platform_info *info = platform_describe();
	text_format(text, "anechoic %s, %s, %s, %s", BUILD_VERSION, info->architecture, info->way, info->hold);
	text_format(text, ", %s\n", info->cpu_model[0] ? info->cpu_model : "unknown CPU");
	if (info->emulated[0])
		text_format(text, "FUNCTIONAL ONLY: %s\n", info->emulated);
	if (opening->resumed)
		text_format(text, "goes on with the run of an earlier %s, %zu benchmark%s kept\n",
			    strcmp(info->way, "hosted") == 0 ? "launch" : "boot", opening->kept,
			    opening->kept == 1 ? " is" : "s are");
	if (opening->options->command == OPTIONS_LADDER && !opening->options->rows)
		return;
	text_add_string(text, "[ n/of] benchmark");
	text_pad(text, COLUMN_TIME);
	text_add_string(text, info->emulated[0] ? "  functional only" : "     time [interval]");
	text_pad(text, COLUMN_EFFECT);
	text_add_string(text, " shows  throughput out room\n");
}

static void add_trouble(struct text *text, const struct collector *collector) {
	size_t counts[BENCH_STATUS_HUNG + 1] = {0}, unchecked = 0;
	for (size_t i = 0; i < collector->count; i++) {
		counts[collector->benchmarks[i].status]++;
		unchecked += is_unchecked(&collector->benchmarks[i]);
	}
	text_format(text, "%zu benchmark%s", collector->count, collector->count == 1 ? "" : "s");
	for (int status = BENCH_STATUS_OK; status <= BENCH_STATUS_HUNG; status++)
		if (counts[status])
			text_format(text, ", %zu %s", counts[status], bench_status_name((enum bench_status)status));
	if (unchecked)
		text_format(text, ", %zu unchecked", unchecked);
}

/* As they were measured here: each part's share of the mix over what it costs alone. */
static void add_consistency(struct text *text, const struct collector *collector) {
	struct consistency consistency;
	for (size_t part = 0; part < CONSISTENCY_PARTS; part++)
		if (consistency_of(collector, part, &consistency))
			text_format(
				text,
				"mix     %s costs %.1f %% [%.1f %.1f] of what it costs alone; %.1f %% by the minima\n",
				consistency.part, consistency.ratio * 100, consistency.lower * 100,
				consistency.upper * 100, consistency.ratio_of_minima * 100);
}

static void add_dates(struct text *text, const struct run_closing *closing) {
	const struct platform_info *info = platform_describe();
	char start[CIVIL_TEXT_BYTES], end[CIVIL_TEXT_BYTES];
	if (closing->began && closing->began[0])
		snprintf(start, sizeof(start), "%s", closing->began);
	else
		context_utc(info->start_ticks, closing->clock->hz, start);
	context_utc(closing->end_ticks, closing->clock->hz, end);
	if (info->utc_seconds)
		text_format(text, "date    %s to %s (%s)\n", start, end, info->utc_source);
	else
		text_add_string(text, "date    unknown\n");
}

/* The answer of a ladder, behind all else. */
static void add_ladder(struct text *text, struct collector *collector, const struct runner_overhead *overhead) {
	enum { ROWS = 18 };
	struct measured_ladder *ladder = malloc(sizeof(*ladder));
	uint32_t columns = platform_describe()->columns;
	const struct picture_frame frame = {.columns = columns ? columns : PICTURE_COLUMNS_MOST, .rows = ROWS};
	if (ladder != NULL && measured_ladder_of(collector, ladder)) {
		struct text picture = {0};
		if (frame.columns >= PICTURE_COLUMNS_LEAST)
			measured_draw(ladder, &frame, &picture);
		text_add_string(text, picture.length ? "\n" : "");
		text_add(text, picture.bytes, picture.length);
		text_free(&picture);
		measured_show(collector, ladder, overhead->clock_step, text);
	}
	free(ladder);
}

/* What counted, or why nothing did: once for all rows. */
static void add_counters(struct text *text, const struct collector *collector) {
	struct json_span context, counters;
	char source[64], missing[128];
	if (!collector->context ||
	    !json_member((struct json_span){collector->context, strlen(collector->context)}, "context", &context) ||
	    !json_member(context, "counters", &counters))
		return;
	if (json_member_string(counters, "missing", missing, sizeof(missing))) {
		const char *colon = strstr(missing, ": ");
		size_t first = colon ? (size_t)(colon - missing) + 1 : strlen(missing);
		text_format(text, "counts  none: %.*s\n", (int)first, missing);
		if (colon)
			text_format(text, "        %s\n", colon + 2);
	} else if (json_member_string(counters, "source", source, sizeof(source))) {
		text_format(text, "counts  %s; user mode, samples of their own\n", source);
	}
}

void table_foot(struct text *text, struct collector *collector, const struct run_closing *closing,
		const struct runner_overhead *overhead) {
	const struct platform_info *info = platform_describe();
	const struct runner_noise *noise = closing->noise;
	double tick_ns = NS_PER_SECOND / (double)closing->clock->hz;
	add_trouble(text, collector);
	text_format(text, " in %.1f s%s\n", (double)closing->elapsed_ns / NS_PER_SECOND,
		    closing->began && closing->began[0] ? " since it went on" : "");
	add_consistency(text, collector);
	reach_show(collector, text);
	geometry_show(collector, text);
	text_add_string(text, "clock   ");
	add_clock(text, closing->clock);
	if (closing->settling && closing->settling->windows != 0 && !closing->settling->settled)
		text_format(text,
			    "core    not settled before the first benchmark: %.1f %% faster or slower in %.1f ms\n",
			    (1 - closing->settling->ratio) * 100, (double)closing->settling->window_ns / 1e6);
	add_dates(text, closing);
	text_add_string(text, "runner  a sample ");
	add_time(text, (double)overhead->sample_median * tick_ns);
	text_add_string(text, ", clock step ");
	add_time(text, (double)overhead->clock_step * tick_ns);
	text_add_string(text, ", empty loop ");
	add_time(text, (double)overhead->empty_loop_ticks / (double)overhead->empty_loop_iterations * tick_ns);
	text_add_string(text,
			" an iteration; subtracted nowhere\n"
			"figure  the 10 % quantile of a row's samples, by which verdicts go, too\n"
			"launch  one: intervals speak of it alone, and not of how far others lie apart\nnoise   ");
	if (closing->counters->interrupts_known)
		text_format(text, "interrupts %" PRIu64, closing->counters->interrupts);
	else
		text_format(text, "context switches %" PRIu64, closing->counters->context_switches);
	text_format(text, "; gaps over 1 us: %" PRIu64 " in ", noise->gaps);
	add_time(text, (double)noise->span_ticks * tick_ns);
	if (noise->gaps) {
		text_add_string(text, ", the longest ");
		add_time(text, (double)noise->longest_ticks * tick_ns);
	}
	text_add_string(text, "\n");
	struct rooms rooms;
	rooms_of(collector, &rooms);
	rooms_show(&rooms, text);
	add_counters(text, collector);
	cores_found_show(collector, text);
	add_ladder(text, collector, overhead);
	if (info->emulated[0])
		text_format(text, "FUNCTIONAL ONLY, no figure above is the hardware's: %s\n", info->emulated);
}
