/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/context.h"

#include "bench/outside/link.h"
#include "bench/record.h"
#include "bench/room/show.h"
#include "bench/settle.h"
#include "bench/start.h"
#include "bench/ticks.h"
#include "build_info.h"
#include "lib/units.h"

void context_write_maker(struct text *text, uint64_t hz) {
	const struct platform_info *info = platform_describe();
	char date[CIVIL_TEXT_BYTES];
	context_utc(ticks_begin(), hz, date);
	text_member_string(text, "version", BUILD_VERSION);
	text_member_string(text, "commit", BUILD_COMMIT);
	text_member_string(text, "date", date);
	text_member_object(text, "machine");
	text_member_string(text, "architecture", info->architecture);
	text_member_string(text, "way", info->way);
	text_member_string(text, "hold", info->hold);
	text_member_string(text, "cpu", info->cpu_model);
	text_member_string(text, "firmware", info->firmware);
	text_member_string(text, "hypervisor", info->hypervisor);
	if (info->emulated[0] != '\0')
		text_member_string(text, "emulated", info->emulated);
	text_add_string(text, "}");
}

const char *context_clock_trust(const struct platform_clock *clock) {
	return clock->invariant ? "invariant" : "unverified";
}

double context_clock_difference(const struct platform_clock *clock) {
	if (clock->hz_second == 0 || clock->hz == 0)
		return 0;
	double difference = (double)clock->hz_second / (double)clock->hz - 1;
	return difference < 0 ? -difference : difference;
}

static void add_clock(struct text *text, const struct platform_clock *clock) {
	text_member_object(text, "clock");
	text_member_string(text, "counter", clock->counter);
	text_member_u64(text, "hz", clock->hz);
	text_member_string(text, "source", clock->source);
	text_member_u64(text, "span_ns", clock->span_ns);
	text_member_string(text, "rate", context_clock_trust(clock));
	if (clock->hz_second) {
		text_member_u64(text, "hz_second", clock->hz_second);
		text_member_string(text, "source_second", clock->source_second);
		text_member_double(text, "difference", context_clock_difference(clock));
	} else {
		text_member_null(text, "hz_second");
	}
	text_add_string(text, "}");
}

static void add_words(struct text *text, const char *name, const char *const *words, size_t count) {
	text_member_array(text, name);
	for (size_t i = 0; i < count; i++)
		text_member_string(text, NULL, words[i]);
	text_add_string(text, "]");
}

/* With the profile's hash: a run under another is another run. */
static void add_options(struct text *text, const struct options *options, const struct profile_use *profile) {
	text_member_object(text, "options");
	text_member_u64(text, "sample_size", options->sample_size);
	text_member_u64(text, "warm_up_ns", options->warm_up_ns);
	text_member_u64(text, "measurement_ns", options->measurement_ns);
	if (options->time_budget_ns)
		text_member_u64(text, "time_budget_ns", options->time_budget_ns);
	if (options->layouts)
		text_member_u64(text, "layouts", options->layouts);
	if (options->counters)
		text_member_bool(text, "counters", true);
	if (options->unwatched)
		text_member_bool(text, "unwatched", true);
	text_member_u64(text, "nresamples", options->resamples);
	text_member_double(text, "confidence_level", options->confidence_level);
	text_member_u64(text, "seed", options->seed);
	text_member_bool(text, "all", options->all);
	if (profile->used)
		text_member_string(text, "profile", profile->hash);
	add_words(text, "filter", options->filters, options->filter_count);
	add_words(text, "inject", options->inject, options->inject_count);
	text_add_string(text, "}");
}

/* Those from outside, each with its object's hash: a run with another is another run. */
static void add_suites(struct text *text) {
	if (outside_linked[0].name == NULL)
		return;
	text_member_object(text, "suites");
	for (size_t i = 0; outside_linked[i].name != NULL; i++)
		text_member_string(text, outside_linked[i].name, outside_linked[i].hash);
	text_add_string(text, "}");
}

static void add_build(struct text *text) {
	text_member_object(text, "build");
	text_member_string(text, "compiler", BUILD_COMPILER);
	text_member_string(text, "flags", BUILD_FLAGS);
	text_add_string(text, "}");
}

static void add_page_sizes(struct text *text, uint32_t page_sizes) {
	text_member_array(text, "page_sizes");
	if (page_sizes & PLATFORM_PAGE_4KIB)
		text_member_u64(text, NULL, PAGE_BYTES);
	if (page_sizes & PLATFORM_PAGE_2MIB)
		text_member_u64(text, NULL, LARGE_PAGE_BYTES);
	if (page_sizes & PLATFORM_PAGE_1GIB)
		text_member_u64(text, NULL, 1u << 30);
	text_add_string(text, "]");
}

/* A fact or a description that is empty is unknown, and is left out. */
static void add_known(struct text *text, const char *name, const char *value) {
	if (value[0])
		text_member_string(text, name, value);
}

static void add_platform(struct text *text, const struct platform_info *info) {
	text_member_object(text, "platform");
	text_member_string(text, "architecture", info->architecture);
	text_member_string(text, "way", info->way);
	text_member_string(text, "hold", info->hold);
	add_known(text, "entry_level", info->entry_level);
	add_known(text, "cpu", info->cpu_model);
	text_member_u64(text, "cores", info->cores);
	add_known(text, "firmware", info->firmware);
	add_known(text, "hypervisor", info->hypervisor);
	text_add_string(text, "}");
	text_member_string(text, "figures", info->emulated[0] ? "functional only" : "hardware");
	add_known(text, "emulated", info->emulated);
}

static void add_features(struct text *text, simd_features features) {
	text_member_array(text, "features");
	for (int feature = 0; feature < SIMD_FEATURE_COUNT; feature++)
		if (simd_has(features, (enum simd_feature)feature))
			text_member_string(text, NULL, simd_feature_name((enum simd_feature)feature));
	text_add_string(text, "]");
	if (features.sve_bits)
		text_member_u64(text, "sve_bits", features.sve_bits);
}

static void add_runner(struct text *text, const struct runner_overhead *overhead) {
	text_member_object(text, "runner");
	text_member_u64(text, "clock_step_ticks", overhead->clock_step);
	text_member_u64(text, "sample_ticks", overhead->sample_median);
	text_member_u64(text, "sample_ticks_minimum", overhead->sample_minimum);
	text_member_u64(text, "empty_loop_iterations", overhead->empty_loop_iterations);
	text_member_u64(text, "empty_loop_ticks", overhead->empty_loop_ticks);
	text_member_bool(text, "subtracted", false);
	text_add_string(text, "}");
}

static uint64_t ticks_to_ns(uint64_t ticks, uint64_t hz) {
	return hz ? (uint64_t)((double)ticks * NS_PER_SECOND / (double)hz) : 0;
}

void context_utc(uint64_t ticks, uint64_t hz, char text[CIVIL_TEXT_BYTES]) {
	const struct platform_info *info = platform_describe();
	uint64_t seconds = info->utc_seconds;
	if (seconds && hz)
		seconds +=
			ticks >= info->utc_ticks ? (ticks - info->utc_ticks) / hz : -((info->utc_ticks - ticks) / hz);
	civil_text(seconds, text);
}

static void add_utc(struct text *text, const char *name, uint64_t ticks, uint64_t hz) {
	char date[CIVIL_TEXT_BYTES];
	context_utc(ticks, hz, date);
	text_member_string(text, name, date);
}

void record_run(struct text *text, const struct run_opening *opening) {
	const struct platform_info *info = platform_describe();
	uint64_t hz = opening->clock->hz;
	record_open(text, "RUN");
	text_member_string(text, "schema", RECORD_SCHEMA);
	text_member_bool(text, "resumed", opening->resumed);
	text_member_object(text, "context");
	text_member_string(text, "version", BUILD_VERSION);
	text_member_string(text, "commit", BUILD_COMMIT);
	add_platform(text, info);
	add_options(text, opening->options, opening->profile);
	add_suites(text);
	if (opening->began[0])
		text_member_string(text, "start_utc", opening->began);
	else
		add_utc(text, "start_utc", info->start_ticks, hz);
	text_member_u64(text, "planned", opening->planned);
	text_member_u64(text, "entry_to_start_ns", ticks_to_ns(info->start_ticks - info->boot_ticks, hz));
	text_member_u64(text, "start_to_run_ns", ticks_to_ns(opening->ready_ticks - info->start_ticks, hz));
	text_add_string(text, "}");
	record_close(text);
}

void record_context(struct text *text, const struct run_opening *opening) {
	const struct platform_info *info = platform_describe();
	record_open(text, "CONTEXT");
	text_member_object(text, "context");
	add_build(text);
	add_known(text, "utc_source", info->utc_source);
	add_runner(text, opening->overhead);
	settling_describe(opening->settling, text);
	if (!runner_has_limits())
		text_member_string(text, "time_limits", "none: no watchdog timer was found");
	add_features(text, opening->features);
	profile_use_describe(text, opening->profile);
	if (opening->counting)
		counting_describe(text, opening->counting);
	text_member_u64(text, "memory_bytes", info->memory_bytes);
	add_page_sizes(text, info->page_sizes);
	add_known(text, "console", info->console);
	for (const struct platform_fact *fact = platform_facts(); fact->name; fact++)
		add_known(text, fact->name, fact->value);
	if (opening->clock->hz)
		start_describe(text, opening->clock->hz);
	text_add_string(text, "}");
	add_clock(text, opening->clock);
	record_close(text);
}

void record_done(struct text *text, const struct run_closing *closing) {
	uint64_t hz = closing->clock->hz;
	const struct runner_noise *noise = closing->noise;
	record_open(text, "DONE");
	text_member_u64(text, "status", (uint64_t)closing->status);
	add_clock(text, closing->clock);
	if (closing->counters->interrupts_known) {
		text_member_u64(text, "interrupts", closing->counters->interrupts);
	} else {
		text_member_null(text, "interrupts");
	}
	text_member_u64(text, "faults_contained", closing->counters->faults_contained);
	text_member_u64(text, "gate_calls", closing->counters->gate_calls);
	text_member_u64(text, "context_switches", closing->counters->context_switches);
	text_member_object(text, "noise");
	text_member_u64(text, "span_ns", ticks_to_ns(noise->span_ticks, hz));
	text_member_u64(text, "gaps_over_1us", noise->gaps);
	text_member_u64(text, "gaps_ns", ticks_to_ns(noise->gap_ticks, hz));
	text_member_u64(text, "longest_ns", ticks_to_ns(noise->longest_ticks, hz));
	text_add_string(text, "}");
	if (closing->room) {
		text_member_object(text, "room");
		text_member_u64(text, "measured_ns", closing->room->measured_ns);
		room_write_counts(text, closing->room->counted, closing->room->counts);
		text_add_string(text, "}");
	}
	text_member_u64(text, "elapsed_ns", closing->elapsed_ns);
	add_utc(text, "end_utc", closing->end_ticks, hz);
	record_close(text);
}
