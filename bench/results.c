/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of RUN, CONTEXT and DONE are copied as they stand: they were checked to be JSON when they were collected.
 */
#include "bench/results.h"

#include "bench/ladder/measured.h"

#include "bench/consistency.h"
#include "bench/counters/counting.h"
#include "bench/csv.h"
#include "bench/match.h"
#include "bench/record.h"
#include "bench/room/show.h"
#include "bench/rooms.h"
#include "lib/units.h"

#include <stdlib.h>
#include <string.h>

static struct json_span span_of(const char *string) {
	return (struct json_span){string, strlen(string)};
}

/* Member `from` of `object` under the name `to`; false: there is none. */
static bool copy_member(struct text *text, struct json_span object, const char *from, const char *to) {
	struct json_span value;
	if (!json_member(object, from, &value))
		return false;
	text_member(text, to);
	text_add(text, value.bytes, value.length);
	return true;
}

/* The members of a record's `context`, NULL: no such record. */
static void copy_context(struct text *text, const char *record) {
	struct json_span context;
	if (!record || !json_member(span_of(record), "context", &context) || *context.bytes != '{' ||
	    strspn(context.bytes + 1, " \t\r\n") + 2 == context.length)
		return;
	if (text->last != '{')
		text_add(text, ",", 1);
	text_add(text, context.bytes + 1, context.length - 2);
}

static bool has_counters(const struct collector *collector) {
	struct json_span context, counters;
	return collector->context && json_member(span_of(collector->context), "context", &context) &&
	       json_member(context, "counters", &counters);
}

static void write_context(const struct collector *collector, const struct rooms *rooms, struct text *text) {
	static const char *const of_done[] = {"status",           "interrupts", "faults_contained", "gate_calls",
					      "context_switches", "noise",      "elapsed_ns",       "end_utc"};
	text_member_object(text, "context");
	copy_context(text, collector->run);
	copy_context(text, collector->context);
	bool clock = collector->done && copy_member(text, span_of(collector->done), "clock", "clock");
	if (!clock && collector->context)
		copy_member(text, span_of(collector->context), "clock", "clock");
	text_member_bool(text, "clock_across_run", clock);
	if (!has_counters(collector)) {
		text_member_null(text, "core_cycles");
		text_member_string(text, "core_cycles_missing", "--counters was not given");
	}
	text_member_object(text, "statistics");
	text_member_string(text, "bootstrap", "percentile");
	text_member_string(text, "generator", "xoshiro256**");
	text_member_double(text, "median_abs_dev_scale", STATS_MEDIAN_ABS_DEV_SCALE);
	text_add_string(text, "}");
	copy_context(text, collector->machine);
	text_member_bool(text, "complete", collector->done && collect_damaged(collector) == 0);
	if (!collector->done)
		text_member_string(text, "end_utc", "unknown");
	if (collector->done)
		for (size_t i = 0; i < sizeof(of_done) / sizeof(of_done[0]); i++)
			copy_member(text, span_of(collector->done), of_done[i], of_done[i]);
	rooms_write(rooms, text);
	text_add_string(text, "}");
}

static void write_estimate(struct text *text, const char *name, const struct stats_estimate *estimate, double tick_ns,
			   double level) {
	text_member(text, name);
	if (!estimate) {
		text_add_string(text, "null");
		return;
	}
	text_add_string(text, "{");
	text_member_double(text, "point", estimate->point * tick_ns);
	text_member_double(text, "standard_error", estimate->standard_error * tick_ns);
	text_member_object(text, "confidence_interval");
	text_member_double(text, "confidence_level", level);
	text_member_double(text, "lower_bound", estimate->lower * tick_ns);
	text_member_double(text, "upper_bound", estimate->upper * tick_ns);
	text_add_string(text, "}}");
}

void results_write_estimates(const struct stats_summary *summary, double tick_ns, double level, struct text *text) {
	text_member_string(text, "figure", STATS_FIGURE);
	text_member_object(text, "estimates");
	write_estimate(text, STATS_FIGURE, &summary->low_decile, tick_ns, level);
	write_estimate(text, "slope", summary->has_slope ? &summary->slope : NULL, tick_ns, level);
	write_estimate(text, "mean", &summary->mean, tick_ns, level);
	write_estimate(text, "median", &summary->median, tick_ns, level);
	write_estimate(text, "median_abs_dev", &summary->median_abs_dev, tick_ns, level);
	write_estimate(text, "std_dev", &summary->std_dev, tick_ns, level);
	text_add_string(text, "}");
	text_member_double(text, "minimum", summary->minimum * tick_ns);
	text_member_double(text, "smallest_effect", stats_smallest_effect(stats_headline(summary)));
	text_member_object(text, "outliers");
	text_member_u64(text, "low_severe", summary->outliers[STATS_LOW_SEVERE]);
	text_member_u64(text, "low_mild", summary->outliers[STATS_LOW_MILD]);
	text_member_u64(text, "high_mild", summary->outliers[STATS_HIGH_MILD]);
	text_member_u64(text, "high_severe", summary->outliers[STATS_HIGH_SEVERE]);
	text_add_string(text, "}");
}

static void write_samples(struct text *text, const struct stats_input *input, double tick_ns) {
	text_member_string(text, "sampling", input->linear ? "linear" : "flat");
	text_member_array(text, "iters");
	for (size_t i = 0; i < input->count; i++)
		text_member_u64(text, NULL, input->linear ? (i + 1) * input->step : input->step);
	text_add_string(text, "]");
	text_member_array(text, "times");
	for (size_t i = 0; i < input->count; i++)
		text_member_double(text, NULL, (double)input->ticks[i] * tick_ns);
	text_add_string(text, "]");
}

/* Left out where no random placements were asked for, or not all of them ran to their end. */
static void write_luck(struct text *text, const struct rooms *rooms, const struct collected *benchmark,
		       double tick_ns) {
	struct layout_luck luck;
	size_t visits;
	if (!collect_luck(benchmark, &luck, &visits))
		return;
	text_member_object(text, "layout");
	text_member_u64(text, "layouts", benchmark->visit_count / visits);
	text_member_u64(text, "visits", visits);
	text_member_double(text, "sampling_deviation", luck.sampling);
	text_member_double(text, "layout_deviation", luck.layout);
	text_member_double(text, "lower_bound", luck.lower);
	text_member_double(text, "upper_bound", luck.upper);
	text_member_double(text, "worst_to_best", luck.worst_to_best);
	text_member_array(text, "figures");
	for (size_t i = 0; i < benchmark->visit_count; i++) {
		text_member_object(text, NULL);
		const struct collected_visit *visit = &benchmark->visits[i];
		text_member_u64(text, "layout", visit->layout);
		text_member_double(text, "time", visit->figure * tick_ns);
		room_write(text, &visit->room, room_word_name(room_judge(&visit->room, rooms->best)));
		text_add_string(text, "}");
	}
	text_add_string(text, "]}");
}

static void write_throughput(struct text *text, struct json_span end, const struct stats_summary *summary,
			     double tick_ns) {
	uint64_t units = 0;
	double iteration_ns = stats_headline(summary)->point * tick_ns;
	json_member_u64(end, "per_iteration", &units);
	if (units == 0 || !(iteration_ns > 0) || json_member_is(end, "unit", ""))
		return;
	text_member_object(text, "throughput");
	copy_member(text, end, "unit", "unit");
	text_member_u64(text, "per_iteration", units);
	text_member_double(text, "per_second", (double)units * NS_PER_SECOND / iteration_ns);
	text_add_string(text, "}");
}

/* The best sample of a benchmark in units a second; 0: it has none, or counts other units, or fewer than
 * `least` an iteration. */
static double best_rate(struct collector *collector, struct collected *benchmark, struct json_span like,
			uint64_t least) {
	char unit[16], its_unit[16];
	uint64_t units;
	if (!benchmark->end || !collect_summarise(collector, benchmark))
		return 0;
	struct json_span end = span_of(benchmark->end);
	if (!json_member_u64(end, "per_iteration", &units) || units < least ||
	    !json_member_string(end, "unit", its_unit, sizeof(its_unit)) ||
	    !json_member_string(like, "unit", unit, sizeof(unit)) || strcmp(unit, its_unit) != 0)
		return 0;
	double seconds = benchmark->summary.minimum / (double)collect_hz(collector, benchmark);
	return seconds > 0 ? (double)units / seconds : 0;
}

/* A time on paper as a limit of the throughput. false: END has none. */
static bool write_paper(struct text *text, struct json_span end) {
	struct json_span paper, time, source;
	double ns;
	uint64_t units;
	if (!json_member(end, "paper", &paper) || !json_member(paper, "ns", &time) || !json_to_double(time, &ns) ||
	    !(ns > 0) || !json_member(paper, "source", &source) || !json_member_u64(end, "per_iteration", &units))
		return false;
	text_member_object(text, "limit");
	text_member_double(text, "per_second", (double)units * NS_PER_SECOND / ns);
	copy_member(text, paper, "source", "source");
	text_add_string(text, "}");
	return true;
}

/* What the reference benchmarks that END names came to in this run over as much memory at their best, or over more:
 * less cannot take longer, and a limit that was measured in a slow spell is none. Left out where they were not run. */
static void write_limit(struct collector *collector, struct text *text, struct json_span end) {
	char kind[sizeof(((struct collected *)0)->name)];
	uint64_t least;
	if (write_paper(text, end) || !json_member_string(end, "limit", kind, sizeof(kind)) ||
	    !json_member_u64(end, "per_iteration", &least))
		return;
	const struct collected *source = NULL;
	double most = 0;
	for (size_t i = 0; i < collector->count; i++) {
		struct collected *other = &collector->benchmarks[i];
		double rate = match_is_of(kind, other->name) ? best_rate(collector, other, end, least) : 0;
		if (!(rate > most))
			continue;
		most = rate;
		source = other;
	}
	if (!source)
		return;
	text_member_object(text, "limit");
	text_member_double(text, "per_second", most);
	text_member_string(text, "source", source->name);
	text_add_string(text, "}");
}

/* The group is the first part of the name, parameters are the others. */
static void write_name(struct text *text, const char *name) {
	char part[sizeof(((struct collected *)0)->name)];
	text_member_string(text, "name", name);
	const char *end = name + strcspn(name, "/");
	memcpy(part, name, (size_t)(end - name));
	part[end - name] = '\0';
	text_member_string(text, "group", part);
	text_member_array(text, "parameters");
	while (*end) {
		const char *begin = end + 1;
		end = begin + strcspn(begin, "/");
		memcpy(part, begin, (size_t)(end - begin));
		part[end - begin] = '\0';
		text_member_string(text, NULL, part);
	}
	text_add_string(text, "]");
}

static void write_benchmark(struct collector *collector, const struct rooms *rooms, struct collected *benchmark,
			    struct text *text) {
	text_member(text, NULL);
	text_add_string(text, "\n{");
	write_name(text, benchmark->name);
	text_member_string(text, "status", bench_status_name(benchmark->status));
	if (!benchmark->end) {
		text_member_string(text, "reason",
				   collector->done ? "its record is damaged" : "the run was cut off in it");
		text_add_string(text, "}");
		return;
	}
	struct json_span end = span_of(benchmark->end);
	copy_member(text, end, "reason", "reason");
	copy_member(text, end, "fault", "fault");
	copy_member(text, end, "cores", "cores");
	copy_member(text, end, "tlb_geometry", "tlb_geometry");
	copy_member(text, end, "iteration", "iteration");
	copy_member(text, end, "unchecked", "unchecked");
	text_member_string(text, "unit", "ns");
	struct stats_input input;
	uint64_t *ticks;
	if (collect_summarise(collector, benchmark) && collect_samples(collector, benchmark, &input, &ticks)) {
		uint64_t hz = collect_hz(collector, benchmark);
		double tick_ns = NS_PER_SECOND / (double)hz;
		text_member_u64(text, "hz", hz);
		write_throughput(text, end, &benchmark->summary, tick_ns);
		write_limit(collector, text, end);
		results_write_estimates(&benchmark->summary, tick_ns, input.confidence_level, text);
		write_samples(text, &input, tick_ns);
		room_write(text, &benchmark->room, room_word_name(room_judge(&benchmark->room, rooms->best)));
		struct counts_figures counts;
		if (counts_read(end, &counts))
			counts_write(text, &counts);
		write_luck(text, rooms, benchmark, tick_ns);
		free(ticks);
	}
	text_add_string(text, "}");
}

/* After the benchmarks, whose samples it is computed from; left out where they were not run. */
static void write_consistency(const struct collector *collector, struct text *text) {
	struct consistency consistency;
	bool any = false;
	for (size_t part = 0; part < CONSISTENCY_PARTS; part++) {
		if (!consistency_of(collector, part, &consistency))
			continue;
		if (!any) {
			text_member_array(text, "consistency");
		}
		any = true;
		text_member_object(text, NULL);
		text_member_string(text, "part", consistency.part);
		text_member_double(text, "mixed_over_alone", consistency.ratio);
		text_member_double(text, "lower_bound", consistency.lower);
		text_member_double(text, "upper_bound", consistency.upper);
		text_member_double(text, "mixed_over_alone_of_minima", consistency.ratio_of_minima);
		text_add_string(text, "}");
	}
	if (any)
		text_add_string(text, "]");
}

void results_write(struct collector *collector, struct text *text) {
	struct rooms rooms;
	rooms_of(collector, &rooms);
	text_add_string(text, "{");
	text_member_string(text, "schema", RECORD_SCHEMA);
	write_context(collector, &rooms, text);
	text_member_array(text, "benchmarks");
	for (size_t i = 0; i < collector->count; i++)
		write_benchmark(collector, &rooms, &collector->benchmarks[i], text);
	text_add_string(text, "\n]");
	write_consistency(collector, text);
	measured_write(collector, text);
	text_add_string(text, "}\n");
	text_flush(text);
}

static struct stats_estimate scaled(struct stats_estimate estimate, double factor) {
	return (struct stats_estimate){estimate.point * factor, estimate.standard_error * factor,
				       estimate.lower * factor, estimate.upper * factor};
}

static void add_figures(struct csv_row *row, const struct stats_summary *summary, struct json_span end,
			double tick_ns) {
	row->time = scaled(*stats_headline(summary), tick_ns);
	row->mean = summary->mean.point * tick_ns;
	row->median = summary->median.point * tick_ns;
	row->std_dev = summary->std_dev.point * tick_ns;
	row->median_abs_dev = summary->median_abs_dev.point * tick_ns;
	for (int kind = 0; kind < STATS_OUTLIER_CLASSES; kind++)
		row->outliers += summary->outliers[kind];
	json_member_u64(end, "per_iteration", &row->per_iteration);
	if (row->per_iteration == 0 || !(row->time.point > 0))
		row->unit = "";
	else
		row->per_second = (double)row->per_iteration * NS_PER_SECOND / row->time.point;
}

static void write_csv_row(struct collector *collector, struct collected *benchmark, const char *figures,
			  struct text *text) {
	char group[sizeof(benchmark->name)] = "", reason[128] = "", unit[16] = "";
	memcpy(group, benchmark->name, strcspn(benchmark->name, "/"));
	struct csv_row row = {.name = benchmark->name,
			      .group = group,
			      .status = bench_status_name(benchmark->status),
			      .figures = figures,
			      .reason = reason,
			      .unit = unit};
	struct stats_input input;
	uint64_t *ticks;
	if (benchmark->end) {
		json_member_string(span_of(benchmark->end), "reason", reason, sizeof(reason));
		json_member_string(span_of(benchmark->end), "unit", unit, sizeof(unit));
	}
	if (collect_summarise(collector, benchmark) && collect_samples(collector, benchmark, &input, &ticks)) {
		row.samples = input.count;
		add_figures(&row, &benchmark->summary, span_of(benchmark->end),
			    NS_PER_SECOND / (double)collect_hz(collector, benchmark));
		free(ticks);
	}
	csv_row(text, &row);
}

void results_write_csv(struct collector *collector, struct text *text) {
	char figures[32] = "";
	struct json_span context;
	if (collector->run && json_member(span_of(collector->run), "context", &context))
		json_member_string(context, "figures", figures, sizeof(figures));
	csv_head(text);
	for (size_t i = 0; i < collector->count; i++)
		write_csv_row(collector, &collector->benchmarks[i], figures, text);
}
