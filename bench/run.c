/* SPDX-License-Identifier: Apache-2.0
 *
 * A run from its plan to its results. Every record goes to the platform and through the collector; the table and
 * results.json are made from what the collector has, so that they cannot say anything that the records do not.
 */
#include "bench/run.h"

#include "bench/collect.h"
#include "bench/compact/stream.h"
#include "bench/context.h"
#include "bench/csv.h"
#include "bench/interrupted.h"
#include "bench/ladder/measured.h"
#include "bench/ladder/picture.h"
#include "bench/machine/record.h"
#include "bench/match.h"
#include "bench/plain.h"
#include "bench/record.h"
#include "bench/results.h"
#include "bench/rng.h"
#include "bench/room_alone.h"
#include "bench/settle.h"
#include "bench/start.h"
#include "bench/suites.h"
#include "bench/suites/ladder_sizes.h"
#include "bench/suites/machine_latency.h"
#include "bench/table.h"
#include "bench/ticks.h"
#include "lib/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t noise_span_ns = 50000000;

/* What is measured, in its order. */
struct plan {
	const struct benchmark **rows;
	size_t count;
	struct bench_row *made; /* those of `rows` that no table has */
	size_t made_count;
	struct bench_row *more; /* what was measured asked for them; NULL: nothing yet */
	size_t more_count;
};

struct run {
	const struct options *options;
	struct plan plan;
	struct bench_context context;
	simd_features features;
	struct profile_use profile;
	struct simd_kernels kernels;
	struct counting counting;
	struct runner_overhead overhead;
	struct room_watch *room;     /* NULL: nobody watches, as figures are not the hardware's, or nobody shall */
	uint64_t witness_ns;         /* what reading all of a witness takes here */
	struct room_counted witness; /* as the run began */
	struct platform_clock clock;
	struct collector collector;
	struct text record; /* the line that is being written */
	struct text table;
	struct run_opening opening;
	struct settling settling;
	bool context_written;
	bool log_failed;
	bool no_screen; /* that would show how a ladder grows */
};

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

/* One element a line; with --quick to 256 MiB, which a page of 1 GiB exceeds. */
static bool is_of_ladder(const struct options *options, const struct benchmark *benchmark) {
	return match_name(MEASURED_ROWS, benchmark->name, false) &&
	       (!options->quick || benchmark->memory_bytes <= ladder_size(LADDER_QUICK_LAST));
}

static bool is_of_machine(const char *name) {
	return strncmp(name, "machine", 7) == 0;
}

/* What a machine is measured by has names as other rows have them, hundreds of them: only who says so means those. */
static bool filter_matches(const struct options *options, const char *filter, const char *name) {
	return (!is_of_machine(name) || is_of_machine(filter)) && match_name(filter, name, options->exact);
}

/* Whether any row of the suite may be meant: hundreds are not made for a run that cannot want one of them. */
static bool may_match(const char *filter, const struct bench_suite *suite) {
	return !is_of_machine(suite->name) || is_of_machine(filter);
}

static bool is_wanted(const struct options *options, const struct benchmark *benchmark) {
	if (options->command == OPTIONS_LADDER && options->filter_count == 0)
		return is_of_ladder(options, benchmark);
	for (size_t i = 0; i < options->filter_count; i++)
		if (filter_matches(options, options->filters[i], benchmark->name))
			return true;
	bool is_listing = options->command == OPTIONS_LIST;
	return options->filter_count == 0 && (benchmark->headline || options->all || is_listing);
}

static bool is_injected(const struct options *options, const char *name) {
	const char *word = strchr(name, '/') + 1;
	for (size_t i = 0; i < options->inject_count; i++)
		if (strcmp(options->inject[i], word) == 0)
			return true;
	return false;
}

static void plan_add(struct plan *plan, const struct benchmark *benchmark) {
	if (plan->rows != NULL)
		plan->rows[plan->count] = benchmark;
	plan->count++;
}

/* Without rows it only counts. */
static void plan_suite(struct plan *plan, const struct options *options, const struct bench_suite *suite) {
	struct bench_row row;
	for (size_t i = 0, count = bench_suite_count(suite); i < count; i++) {
		const struct benchmark *benchmark = bench_suite_row(suite, i, &row);
		if (!is_wanted(options, benchmark))
			continue;
		if (suite->benchmarks == NULL && plan->made != NULL)
			benchmark = bench_suite_row(suite, i, &plan->made[plan->made_count]);
		plan->made_count += suite->benchmarks == NULL;
		plan_add(plan, benchmark);
	}
}

static bool may_be_wanted(const struct options *options, const struct bench_suite *suite) {
	for (size_t i = 0; i < options->filter_count; i++)
		if (may_match(options->filters[i], suite))
			return true;
	bool is_asked = options->command == OPTIONS_LIST || options->command == OPTIONS_LADDER;
	return options->filter_count == 0 && (is_asked || !is_of_machine(suite->name));
}

/* Broken ones first, so that all that comes after them is seen to run. */
static void choose(const struct options *options, struct plan *plan) {
	plan->count = plan->made_count = 0;
	for (size_t i = 0; i < suite_inject.count; i++) {
		const struct benchmark *benchmark = &suite_inject.benchmarks[i];
		if (is_injected(options, benchmark->name))
			plan_add(plan, benchmark);
	}
	const struct bench_suite *suite;
	for (size_t i = 0; (suite = bench_suite_at(i)) != NULL; i++)
		if (may_be_wanted(options, suite))
			plan_suite(plan, options, suite);
}

static void say(enum platform_stream stream, const char *string) {
	platform_write(stream, string, strlen(string));
}

static bool matches_any(const struct options *options, const char *filter) {
	const struct bench_suite *suite;
	struct bench_row row;
	for (size_t at = 0; (suite = bench_suite_at(at)) != NULL; at++)
		for (size_t i = 0, count = may_match(filter, suite) ? bench_suite_count(suite) : 0; i < count; i++)
			if (filter_matches(options, filter, bench_suite_row(suite, i, &row)->name))
				return true;
	return false;
}

/* Names each filter that matches nothing: what was meant by it would be missing without a word. false:
 * there is none. */
static bool complain_of_filters(const struct options *options) {
	struct text text = {0};
	for (size_t i = 0; i < options->filter_count; i++)
		if (!matches_any(options, options->filters[i]))
			plain_format(&text, "%s '%.100s'", text.length ? "" : "no benchmark matches",
				     options->typed[i] ? options->typed[i] : options->filters[i]);
	if (text.length == 0)
		return false;
	text_add_string(&text, "; `list` names all");
	if (options->near_command && !matches_any(options, options->filters[0]))
		text_format(&text, "; did you mean `%s`?", options->near_command);
	else if (options->foreign_command)
		text_format(&text, "; `%s` is a command of the programme on Linux", options->foreign_command);
	text_add_string(&text, "\n");
	platform_write(PLATFORM_STREAM_ERROR, text.bytes, text.length);
	text_free(&text);
	return true;
}

/* 0, or the exit status. */
static int make_plan(const struct options *options, struct plan *plan) {
	choose(options, plan);
	if (complain_of_filters(options))
		return 2;
	plan->rows = malloc((plan->count + 1) * sizeof(const struct benchmark *));
	plan->made = malloc((plan->made_count + 1) * sizeof(struct bench_row));
	if (plan->rows == NULL || plan->made == NULL) {
		say(PLATFORM_STREAM_ERROR, "out of memory\n");
		return 2;
	}
	choose(options, plan);
	return 0;
}

static void free_plan(struct plan *plan) {
	free(plan->rows);
	free(plan->made);
	free(plan->more);
}

static void list_as_csv(struct text *text, const struct benchmark *const *plan, size_t planned) {
	text_add_string(text, "name,headline,unit,per_iteration,iteration\n");
	for (size_t i = 0; i < planned; i++) {
		csv_field(text, plan[i]->name);
		csv_field(text, plan[i]->headline ? "true" : "false");
		csv_field(text, record_unit_name(plan[i]->unit));
		text_format(text, "%llu,", (unsigned long long)plan[i]->per_iteration);
		csv_field(text, plan[i]->iteration);
		text->length--; /* the comma after the last */
		text_add_string(text, "\n");
	}
}

static void list_as_json(struct text *text, const struct benchmark *const *plan, size_t planned) {
	text_add_string(text, "[");
	for (size_t i = 0; i < planned; i++) {
		text_member(text, NULL);
		text_add_string(text, "\n{");
		text_member_string(text, "name", plan[i]->name);
		text_member_bool(text, "headline", plan[i]->headline);
		text_member_string(text, "unit", record_unit_name(plan[i]->unit));
		text_member_u64(text, "per_iteration", plan[i]->per_iteration);
		text_member_string(text, "iteration", plan[i]->iteration);
		text_add_string(text, "}");
	}
	text_add_string(text, "\n]\n");
}

static void list_as_table(struct text *text, const struct benchmark *const *plan, size_t planned) {
	for (size_t i = 0; i < planned; i++) {
		text_add_string(text, plan[i]->name);
		text_pad(text, 48);
		text_add_string(text, plan[i]->headline ? "* " : "  ");
		text_add_string(text, plan[i]->iteration);
		text_add_string(text, "\n");
	}
}

int run_list(const struct options *options) {
	static void (*const writers[])(struct text *, const struct benchmark *const *, size_t) = {
		[OPTIONS_TABLE] = list_as_table, [OPTIONS_JSON] = list_as_json, [OPTIONS_CSV] = list_as_csv};
	struct plan plan = {0};
	struct text text = {0};
	int status = make_plan(options, &plan);
	if (status == 0) {
		writers[options->format](&text, plan.rows, plan.count);
		platform_write(PLATFORM_STREAM_TEXT, text.bytes, text.length);
	}
	text_free(&text);
	free_plan(&plan);
	return status;
}

/* ---- records and table ------------------------------------------------------------------------------------------- */

static void emit_record(struct run *run) {
	int status = record_stream_write(&run->record);
	if (status == PLATFORM_EIO && !run->log_failed) {
		run->log_failed = true;
		say(PLATFORM_STREAM_ERROR, "the log cannot be written: the run goes on without it\n");
	}
	collect_bytes(&run->collector, run->record.bytes, run->record.length);
}

/* Another format takes the table's place, at the end. */
static void emit_table(struct run *run) {
	if (run->options->format == OPTIONS_TABLE)
		platform_write(PLATFORM_STREAM_TEXT, run->table.bytes, run->table.length);
	run->table.length = 0;
}

/* Once, not before the first benchmark, which would wait for it. */
static void emit_context(struct run *run) {
	if (run->context_written)
		return;
	run->context_written = true;
	record_context(&run->record, &run->opening);
	emit_record(run);
}

/* When all is measured: it takes milliseconds, and a slow console some more. */
static void emit_machine(struct run *run, const struct runner_noise *noise) {
	if (machine_record(&run->record, &run->collector, &run->clock, noise))
		emit_record(run);
}

/* The picture of a ladder shows its hundreds of rows, and its foot says which sizes were skipped. */
static bool is_folded(const struct run *run, const struct collected *benchmark) {
	return run->options->command == OPTIONS_LADDER && !run->options->rows &&
	       match_name(MEASURED_ROWS, benchmark->name, false) &&
	       (benchmark->status == BENCH_STATUS_OK || benchmark->status == BENCH_STATUS_SKIPPED);
}

static void emit_row(struct run *run, const char *name, size_t number) {
	struct collected *benchmark = collect_find(&run->collector, name);
	if (!benchmark)
		return;
	collect_summarise(&run->collector, benchmark);
	if (is_folded(run, benchmark))
		return;
	table_row(&run->table, &run->collector, benchmark, number, run->plan.count);
	emit_table(run);
}

static void show_picture(struct run *run, const struct text *text) {
	run->no_screen = platform_write(PLATFORM_STREAM_PICTURE, text->bytes, text->length) != 0;
}

/* As it grows, on a screen: its sizes are those that it will have. */
static void show_ladder(struct run *run) {
	enum { ROWS = 16 };
	const struct picture_frame frame = {
		.columns = platform_describe()->columns,
		.rows = ROWS,
		.from_bytes = ladder_size(0),
		.to_bytes = ladder_size(run->options->quick ? LADDER_QUICK_LAST : LADDER_SIZES - 1),
	};
	if (run->no_screen || run->options->command != OPTIONS_LADDER || run->options->format != OPTIONS_TABLE)
		return;
	struct measured_ladder *ladder = malloc(sizeof(*ladder));
	struct text text = {0};
	if (ladder != NULL && measured_ladder_of(&run->collector, ladder))
		measured_draw(ladder, &frame, &text);
	if (text.length > 0 && !text.failed)
		show_picture(run, &text);
	text_free(&text);
	free(ladder);
}

/* The last one is text, on every console. */
static void hide_ladder(struct run *run) {
	if (run->options->command == OPTIONS_LADDER && !run->no_screen)
		(void)platform_write(PLATFORM_STREAM_PICTURE, " ", 1);
}

/* ---- an earlier boot --------------------------------------------------------------------------------------------- */

static bool log_keeps_results(void) {
	return strcmp(platform_describe()->hold, "handback") == 0;
}

/* Present in both and alike, or in neither. */
static bool is_same_member(struct json_span a, struct json_span b, const char *name) {
	struct json_span mine, other;
	bool has = json_member(a, name, &mine), its = json_member(b, name, &other);
	return has == its &&
	       (!has || (mine.length == other.length && memcmp(mine.bytes, other.bytes, mine.length) == 0));
}

/* Same build, same machine, same options: only then do figures of an earlier boot belong beside ours; `anyway`: the
 * same machine alone, since results have one description of it. NULL: the same; else the member of the context that
 * differs, both contexts in *theirs and *ours. */
static const char *find_difference(struct run *run, bool anyway, struct collector *now, struct json_span *theirs,
				   struct json_span *ours) {
	static const char *const same[] = {"platform", "commit", "options", "suites"};
	size_t count = anyway ? 1 : sizeof(same) / sizeof(same[0]);
	record_run(&run->record, &run->opening);
	collect_bytes(now, run->record.bytes, run->record.length);
	if (!now->run || !run->collector.run ||
	    !json_member((struct json_span){run->collector.run, strlen(run->collector.run)}, "context", theirs) ||
	    !json_member((struct json_span){now->run, strlen(now->run)}, "context", ours))
		return "context";
	for (size_t i = 0; i < count; i++)
		if (!is_same_member(*theirs, *ours, same[i]))
			return same[i];
	return NULL;
}

static bool is_same_run(struct run *run) {
	struct json_span theirs, ours;
	struct collector now = {0};
	bool is_same = find_difference(run, false, &now, &theirs, &ours) == NULL;
	collect_free(&now);
	return is_same;
}

static void add_part(struct text *text, struct json_span context, const char *name) {
	struct json_span part;
	if (json_member(context, name, &part))
		text_add(text, part.bytes, part.length);
	else
		text_add_string(text, "none");
}

/* What differs in a member of both contexts; of objects the members that do, which `names` lists. */
static void add_difference(struct text *text, const char *differs, struct json_span theirs, struct json_span ours) {
	static const char *const names[] = {
		"sample_size",
		"warm_up_ns",
		"measurement_ns",
		"time_budget_ns",
		"layouts",
		"counters",
		"unwatched",
		"nresamples",
		"confidence_level",
		"seed",
		"profile",
		"all",
		"filter",
		"inject",
		"architecture",
		"way",
		"hold",
		"entry_level",
		"cpu",
		"cores",
		"firmware",
		"hypervisor",
	};
	struct json_span there, here;
	size_t said = 0;
	bool objects = json_member(theirs, differs, &there) && json_member(ours, differs, &here) &&
		       *there.bytes == '{' && *here.bytes == '{';
	for (size_t i = 0; objects && i < sizeof(names) / sizeof(names[0]); i++) {
		if (is_same_member(there, here, names[i]))
			continue;
		text_format(text, "%s%s: there ", said++ ? "; " : "", names[i]);
		add_part(text, there, names[i]);
		text_add_string(text, ", here ");
		add_part(text, here, names[i]);
	}
	if (said)
		return;
	text_add_string(text, "there ");
	add_part(text, theirs, differs);
	text_add_string(text, ", here ");
	add_part(text, ours, differs);
}

/* Where a person named the log, and it is not one to go on with: says why. */
static bool refuse_earlier(struct run *run) {
	struct json_span theirs = {0}, ours = {0};
	struct collector now = {0};
	struct text text = {0};
	const char *differs = NULL;
	bool anyway = run->options->resume_anyway;
	if (!run->collector.run)
		text_add_string(&text,
				"--resume: there is no run in it: it wants a log, as --log or anechoic.log is\n");
	else if (run->collector.done && !anyway)
		text_add_string(&text, "--resume: the run in it came to its end");
	else if ((differs = find_difference(run, anyway, &now, &theirs, &ours)) != NULL) {
		text_format(&text,
			    "--resume: that run has %s %s: ", differs[strlen(differs) - 1] == 's' ? "other" : "another",
			    differs);
		add_difference(&text, differs, theirs, ours);
	}
	bool refused = text.length > 0;
	bool offers = !differs || (strcmp(differs, "platform") != 0 && strcmp(differs, "context") != 0);
	if (refused && run->collector.run)
		text_add_string(&text, offers ? "; --resume-anyway goes on all the same\n" : "\n");
	if (refused)
		platform_write(PLATFORM_STREAM_ERROR, text.bytes, text.length);
	text_free(&text);
	collect_free(&now);
	return refused;
}

/* true: an earlier boot's benchmarks are in the collector. */
static bool collect_earlier(struct run *run) {
	struct platform_text log = platform_previous_log();
	if (!log.bytes || log.length == 0)
		return false;
	collect_bytes(&run->collector, log.bytes, log.length);
	collect_end(&run->collector);
	return run->collector.count > 0;
}

/* true: finished benchmarks of an earlier boot are in the collector, and the run goes on after them. *refused: it
 * should have, and cannot. */
static bool resume(struct run *run, bool *refused) {
	bool is_wish = platform_previous_log().length > 0 && !log_keeps_results();
	bool found = collect_earlier(run);
	*refused = is_wish && refuse_earlier(run);
	if (found && (is_wish ? !*refused : !run->collector.done && is_same_run(run)))
		return true;
	collect_free(&run->collector);
	return false;
}

/* What was begun and never ended is measured again, once: a power cut or an interruption is no hang. Twice is one, and
 * gets its END now, so that the run goes on after it. */
static void settle_cut_off(struct run *run) {
	enum { STARTS_MOST = 2 };
	for (size_t i = 0; i < run->collector.count; i++) {
		struct collected *benchmark = &run->collector.benchmarks[i];
		if (benchmark->finished || benchmark->starts < STARTS_MOST)
			continue;
		char name[sizeof(benchmark->name)];
		memcpy(name, benchmark->name, sizeof(name));
		record_end_cut_off(&run->record, name, benchmark->index);
		emit_record(run);
		emit_row(run, name, (size_t)benchmark->index + 1);
	}
}

/* ---- the room ---------------------------------------------------------------------------------------------------- */

/* Whether a benchmark of this length may have its own reading of what takes files: two of them. */
static struct room_watch *room_of(struct run *run, const struct runner_plan *plan) {
	enum { PART = 200 };
	if (run->room)
		run->room->whole = run->witness_ns * 2 < plan->measurement_ns / PART;
	return run->room;
}

static struct room_watch *make_room(size_t samples, double ratio_alone) {
	struct room_watch *room = malloc(sizeof(*room));
	uint64_t *gaps = malloc(samples * sizeof(*gaps));
	double *sorted = malloc(samples * sizeof(*sorted));
	if (room && gaps && sorted) {
		*room = (struct room_watch){.ratio_alone = ratio_alone, .gaps = gaps, .sorted = sorted};
		return room;
	}
	free(room);
	free(gaps);
	free(sorted);
	return NULL;
}

static void free_room(struct room_watch *room) {
	if (room == NULL)
		return;
	free(room->gaps);
	free(room->sorted);
	free(room);
}

static void open_room(struct run *run) {
	if (platform_describe()->emulated[0] || run->options->unwatched)
		return;
	run->room = make_room(run->options->sample_size, room_ratio_alone(run->features));
	room_count_now(&run->witness, true);
	uint64_t begin = ticks_begin();
	room_count_now(&run->witness, true);
	run->witness_ns = (uint64_t)((double)(ticks_end() - begin) / (double)run->clock.hz * NS_PER_SECOND);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static size_t count_finished(const struct run *run) {
	size_t finished = 0;
	for (size_t i = 0; i < run->collector.count; i++)
		finished += run->collector.benchmarks[i].finished;
	return finished;
}

static const struct counting *counting_of(const struct run *run) {
	return run->options->counters ? &run->counting : NULL;
}

/* false: the run that it was to go on with is another one, and that is said. */
static bool open_run(struct run *run) {
	bool refused;
	start_phase_end(START_PHASE_PLAN);
	platform_clock_calibrate(&run->clock);
	start_phase_end(START_PHASE_CLOCK);
	runner_overhead_measure(&run->overhead);
	run->features = simd_features_detect();
	run->context.features = &run->features;
	if (!profile_use_find(run->options->profile, run->features, &run->profile))
		return false;
	simd_select(run->features, profile_use_of(&run->profile), &run->kernels);
	run->context.kernels = &run->kernels;
	open_room(run);
	if (run->options->counters)
		counting_prepare(&run->counting);
	start_phase_end(START_PHASE_RUNNER);
	run->opening = (struct run_opening){
		.options = run->options,
		.clock = &run->clock,
		.overhead = &run->overhead,
		.settling = &run->settling,
		.features = run->features,
		.profile = &run->profile,
		.counting = counting_of(run),
		.planned = run->plan.count,
	};
	run->opening.resumed = resume(run, &refused);
	if (refused)
		return false;
	run->opening.kept = count_finished(run);
	if (run->opening.resumed)
		collect_began(&run->collector, run->opening.began);
	run->opening.ready_ticks = ticks_begin();
	record_run(&run->record, &run->opening);
	emit_record(run);
	start_phase_end(START_PHASE_RUN);
	table_head(&run->table, &run->opening);
	emit_table(run);
	start_phase_end(START_PHASE_TABLE);
	if (run->opening.resumed)
		settle_cut_off(run);
	return true;
}

/* Every placement as often as the others, in random order, so that a slow spell hits visits and not a layout.
 * Ends with the first visit that is not well: the benchmark itself will say why. */
static void measure_layouts(struct run *run, size_t index, uint64_t *ticks, const struct runner_plan *plan) {
	const struct benchmark *benchmark = run->plan.rows[index];
	const struct options *options = run->options;
	struct rng rng = rng_seeded(options->seed);
	size_t visits = (size_t)options->layouts * LAYOUT_VISITS;
	uint32_t *order = malloc(visits * sizeof(*order));
	bool all_well = order != NULL;
	for (size_t i = 0; order && i < visits; i++) {
		size_t other = rng_below(&rng, (uint32_t)i + 1);
		order[i] = order[other];
		order[other] = (uint32_t)(i % options->layouts) + 1;
	}
	for (size_t i = 0; all_well && i < visits; i++) {
		struct placement placement = placement_of(options->seed, order[i]);
		struct runner_plan placed = *plan;
		struct measurement measurement = {.ticks = ticks, .room = room_of(run, plan), .hz = run->clock.hz};
		placed.placement = &placement;
		placed.counting = NULL;
		runner_measure(benchmark, &run->context, &placed, &measurement);
		if (platform_interrupted())
			break;
		all_well = measurement.status == BENCH_STATUS_OK;
		record_layout(&run->record, benchmark, index, order[i], &measurement);
		emit_record(run);
	}
	free(order);
}

static void measure_one(struct run *run, size_t index, uint64_t *ticks, const struct runner_plan *plan) {
	const struct benchmark *benchmark = run->plan.rows[index];
	record_start(&run->record, benchmark->name, index);
	emit_record(run);
	start_phase_end(START_PHASE_START);
	struct counts counts = {0};
	struct measurement measurement = {
		.ticks = ticks, .counts = &counts, .room = room_of(run, plan), .hz = run->clock.hz};
	if (run->options->layouts)
		measure_layouts(run, index, ticks, plan);
	if (!platform_interrupted())
		runner_measure(benchmark, &run->context, plan, &measurement);
	if (platform_interrupted()) {
		record_cut(&run->record, benchmark->name, index); /* it is measured again where the run goes on */
		emit_record(run);
		return;
	}
	platform_clock_calibrate(&run->clock);
	measurement.hz = run->clock.hz;
	emit_context(run);
	record_end(&run->record, benchmark, index, &measurement);
	emit_record(run);
	emit_row(run, benchmark->name, index + 1);
	show_ladder(run);
}

/* As many hundreds of pairs of cores as there are shall not take minutes of a quick look. */
static struct runner_plan plan_of(const struct run *run, const struct benchmark *benchmark,
				  const struct runner_plan *plan) {
	struct runner_plan mine = *plan;
	if (!run->options->quick || benchmark->quick_ns == 0)
		return mine;
	uint64_t warm_up_ns = benchmark->quick_ns / 4, measurement_ns = benchmark->quick_ns - warm_up_ns;
	mine.warm_up_ns = plan->warm_up_ns < warm_up_ns ? plan->warm_up_ns : warm_up_ns;
	mine.measurement_ns = plan->measurement_ns < measurement_ns ? plan->measurement_ns : measurement_ns;
	return mine;
}

/* Every benchmark that an earlier boot did not finish. */
static void measure_all(struct run *run, uint64_t *ticks, const struct runner_plan *plan) {
	for (size_t i = 0; i < run->plan.count && !platform_interrupted(); i++) {
		struct collected *earlier = collect_find(&run->collector, run->plan.rows[i]->name);
		if (earlier && earlier->finished)
			continue;
		const struct runner_plan mine = plan_of(run, run->plan.rows[i], plan);
		measure_one(run, i, ticks, &mine);
	}
}

/* ---- more points, where a ladder's levels end -------------------------------------------------------------------- */

enum { LADDER_ROUNDS = 2, LADDER_MORE_MOST = 24, MORE_MOST = LADDER_ROUNDS * LADDER_MORE_MOST * MEASURED_PAGE_SIZES };

/* false: no memory for them, and the run stays as it was planned. */
static bool has_room_for_more(struct plan *plan) {
	if (plan->more != NULL)
		return true;
	const struct benchmark **rows = realloc(plan->rows, (plan->count + MORE_MOST) * sizeof(*rows));
	if (rows == NULL)
		return false;
	plan->rows = rows;
	plan->more = malloc(MORE_MOST * sizeof(struct bench_row));
	return plan->more != NULL;
}

static void plan_more(struct run *run, uint64_t page_bytes) {
	struct measured_levels *measured = malloc(sizeof(*measured));
	uint64_t bytes[LADDER_MORE_MOST];
	size_t count = 0;
	if (measured != NULL && measured_levels_of(&run->collector, page_bytes, measured))
		count = measured_wanted(measured, bytes, LADDER_MORE_MOST);
	free(measured);
	for (size_t i = 0; i < count && run->plan.more_count < MORE_MOST; i++) {
		struct bench_row *row = &run->plan.more[run->plan.more_count];
		if (!machine_latency_row(page_bytes, bytes[i], row))
			continue;
		run->plan.more_count++;
		plan_add(&run->plan, &row->benchmark);
	}
}

static uint64_t elapsed_ns(const struct run *run) {
	double ticks = (double)(ticks_end() - run->opening.ready_ticks);
	return (uint64_t)(ticks / (double)run->clock.hz * NS_PER_SECOND);
}

static bool has_time(const struct run *run) {
	uint64_t budget_ns = run->options->time_budget_ns;
	return !platform_interrupted() && (budget_ns == 0 || elapsed_ns(run) < budget_ns);
}

/* The figures of a resumed run ask for the same sizes again, and what is measured of them is there. */
static void climb_again(struct run *run, uint64_t *ticks, const struct runner_plan *plan) {
	int rounds = run->options->command == OPTIONS_LADDER ? LADDER_ROUNDS : 0;
	for (int round = 0; round < rounds && has_time(run) && has_room_for_more(&run->plan); round++) {
		for (size_t i = 0; i < MEASURED_PAGE_SIZES; i++)
			plan_more(run, measured_page_bytes(i));
		measure_all(run, ticks, plan);
	}
}

/* ---- a time budget ----------------------------------------------------------------------------------------------- */

enum { FIRST_ROUND_PART = 3, MEASUREMENT_LEAST_NS = 5000000, TIMES_LONGER = 2 };

/* Relative width of the interval; 0: there is none to narrow. */
static double width_of(struct run *run, size_t index) {
	const struct collected *benchmark = collect_find(&run->collector, run->plan.rows[index]->name);
	if (!benchmark || !benchmark->has_summary)
		return 0;
	const struct stats_estimate *headline = stats_headline(&benchmark->summary);
	return headline->point > 0 ? (headline->upper - headline->lower) / headline->point : 0;
}

/* The benchmark of the widest interval whose next measurement fits into `left_ns`; false: none does. */
static bool choose_widest(struct run *run, const uint64_t *measured_ns, uint64_t warm_up_ns, uint64_t left_ns,
			  size_t *widest) {
	double width = 0;
	for (size_t i = 0; i < run->plan.count; i++) {
		double mine = width_of(run, i);
		if (mine <= width || warm_up_ns + measured_ns[i] * TIMES_LONGER > left_ns)
			continue;
		width = mine;
		*widest = i;
	}
	return width > 0;
}

/* A third of the budget goes over all alike; then, time after time, the widest interval's benchmark is measured again
 * for twice as long, and that END stands in place of the one before. A run that is cut off keeps what it has. */
static void measure_within_budget(struct run *run, uint64_t *ticks, uint64_t *measured_ns) {
	const struct options *options = run->options;
	uint64_t share_ns = options->time_budget_ns / FIRST_ROUND_PART / run->plan.count;
	struct runner_plan plan = {
		.sample_size = options->sample_size,
		.warm_up_ns = options->warm_up_ns < share_ns / 4 ? options->warm_up_ns : share_ns / 4,
		.timeout_ns = options->timeout_ns,
		.counting = counting_of(run),
	};
	plan.measurement_ns = share_ns - plan.warm_up_ns;
	if (plan.measurement_ns < MEASUREMENT_LEAST_NS)
		plan.measurement_ns = MEASUREMENT_LEAST_NS;
	if (plan.measurement_ns > options->measurement_ns)
		plan.measurement_ns = options->measurement_ns;
	measure_all(run, ticks, &plan);
	climb_again(run, ticks, &plan);
	for (size_t i = 0; i < run->plan.count; i++)
		measured_ns[i] = plan.measurement_ns;
	size_t widest;
	uint64_t spent_ns;
	while (!platform_interrupted() && (spent_ns = elapsed_ns(run)) < options->time_budget_ns &&
	       choose_widest(run, measured_ns, plan.warm_up_ns, options->time_budget_ns - spent_ns, &widest)) {
		measured_ns[widest] *= TIMES_LONGER;
		plan.measurement_ns = measured_ns[widest];
		measure_one(run, widest, ticks, &plan);
	}
}

static void measure(struct run *run, uint64_t *ticks, uint64_t *measured_ns) {
	const struct options *options = run->options;
	settle_clock(options->warm_up_ns, run->clock.hz, &run->settling);
	start_phase_end(START_PHASE_SETTLE);
	const struct runner_plan plan = {
		.sample_size = options->sample_size,
		.warm_up_ns = options->warm_up_ns,
		.measurement_ns = options->measurement_ns,
		.timeout_ns = options->timeout_ns,
		.counting = counting_of(run),
	};
	if (options->time_budget_ns) {
		measure_within_budget(run, ticks, measured_ns);
	} else {
		measure_all(run, ticks, &plan);
		climb_again(run, ticks, &plan);
	}
}

static int sink_results(const char *bytes, size_t length) {
	return platform_write(PLATFORM_STREAM_RESULTS, bytes, length);
}

/* After a run's last record where one medium has the log and the results: what it has of them. `why` not;
 * NULL: they are saved. */
static void emit_saved(struct run *run, const char *why) {
	if (!log_keeps_results())
		return;
	record_open(&run->record, why ? "UNSAVED" : "SAVED");
	if (why)
		text_member_string(&run->record, "reason", why);
	record_close(&run->record);
	emit_record(run);
}

/* The exit status that the results' fate asks for. */
static int save_results(struct run *run) {
	struct text text = {.sink = sink_results};
	results_write(&run->collector, &text);
	int status = text.sink_status;
	bool no_memory = text.failed && status == 0;
	text_free(&text);
	if (status == 0 && !no_memory)
		status = platform_results_close();
	if (status == PLATFORM_EUNSUPPORTED)
		return 0;
	const char *why = no_memory     ? "results.json: out of memory"
			  : status != 0 ? "results.json cannot be written (disk full or read-only)"
					: NULL;
	if (why) {
		say(PLATFORM_STREAM_ERROR, why);
		say(PLATFORM_STREAM_ERROR, "\n");
	}
	emit_saved(run, why);
	return why ? 2 : 0;
}

static int sink_text(const char *bytes, size_t length) {
	return platform_write(PLATFORM_STREAM_TEXT, bytes, length);
}

/* The exit status that its fate asks for. */
static int show_results(struct run *run) {
	struct text text = {.sink = sink_text};
	if (run->options->format == OPTIONS_JSON)
		results_write(&run->collector, &text);
	else if (run->options->format == OPTIONS_CSV)
		results_write_csv(&run->collector, &text);
	text_flush(&text);
	bool failed = text.failed;
	text_free(&text);
	if (failed)
		say(PLATFORM_STREAM_ERROR, "the results cannot be shown\n");
	return failed ? 2 : 0;
}

static int close_run(struct run *run) {
	struct runner_noise noise;
	struct platform_counters counters;
	runner_noise_measure(noise_span_ns, run->clock.hz, &noise);
	platform_clock_calibrate(&run->clock);
	platform_counters_read(&counters);
	uint64_t end_ticks = ticks_end();
	double elapsed = (double)(end_ticks - platform_describe()->start_ticks);
	struct room_seen whole;
	if (run->room)
		room_whole(&run->witness, elapsed_ns(run), &whole);
	struct run_closing closing = {
		.status = 0,
		.clock = &run->clock,
		.settling = &run->settling,
		.counters = &counters,
		.noise = &noise,
		.room = run->room ? &whole : NULL,
		.elapsed_ns = (uint64_t)(elapsed / (double)run->clock.hz * NS_PER_SECOND),
		.end_ticks = end_ticks,
		.began = run->opening.began,
	};
	for (size_t i = 0; i < run->collector.count; i++) {
		enum bench_status status = run->collector.benchmarks[i].status;
		if (status == BENCH_STATUS_FAILED || status == BENCH_STATUS_HUNG)
			closing.status = 4;
	}
	emit_context(run);
	emit_machine(run, &noise);
	record_done(&run->record, &closing);
	emit_record(run);
	hide_ladder(run);
	table_foot(&run->table, &run->collector, &closing, &run->overhead);
	emit_table(run);
	int unsaved = save_results(run), unseen = show_results(run);
	return closing.status ? closing.status : unsaved ? unsaved : unseen;
}

/* What is finished is kept. There is no DONE: the results say that they are not complete, and a log can be gone on
 * with. */
static int break_off(struct run *run) {
	size_t finished = count_finished(run);
	struct text text = {0};
	text_format(&text, "interrupted: %zu of %zu benchmark%s measured\n", finished, run->plan.count,
		    run->plan.count == 1 ? " is" : "s are");
	platform_write(PLATFORM_STREAM_ERROR, text.bytes, text.length);
	text_free(&text);
	if (finished > 0) {
		save_results(run);
		show_results(run);
	}
	return interrupted_status();
}

static void emit_done_unopened(int status) {
	struct text text = {0};
	record_open(&text, "DONE");
	text_member_u64(&text, "status", (uint64_t)status);
	text_member_bool(&text, "unopened", true);
	record_close(&text);
	if (!text.failed)
		record_stream_write(&text);
	text_free(&text);
}

static void emit_saved_other(const char *why) {
	struct run nothing = {0};
	emit_saved(&nothing, why);
	collect_free(&nothing.collector);
	text_free(&nothing.record);
}

void run_end_unopened(int status) {
	emit_done_unopened(status);
	if (platform_previous_log().length == 0) /* else what an earlier boot measured is in the log, and not saved */
		emit_saved_other(NULL);
}

/* Whose results are not saved: the log may not be said to have made room. */
static bool has_earlier_run(void) {
	struct run run = {0};
	bool has = collect_earlier(&run);
	collect_free(&run.collector);
	return has;
}

void run_end_other(int status, const char *unsaved) {
	emit_done_unopened(status);
	if (unsaved != NULL || !has_earlier_run())
		emit_saved_other(unsaved);
}

/* Of a run that an earlier boot finished, without saving what came of it: nothing is measured, the results are made
 * from its records. false: there is none. */
static bool save_earlier(int *status) {
	struct run run = {0};
	uint64_t earlier_status = 0;
	bool found = log_keeps_results() && collect_earlier(&run) && run.collector.done;
	if (found) {
		say(PLATFORM_STREAM_TEXT,
		    "anechoic: the run in anechoic.log is over and its results.json was not saved: it is "
		    "made from the log; boot again for a new run\n");
		struct json_span done = {run.collector.done, strlen(run.collector.done)};
		json_member_u64(done, "status", &earlier_status);
		record_copy(&run.record, "DONE", done);
		emit_record(&run);
		int unsaved = save_results(&run);
		*status = earlier_status ? (int)earlier_status : unsaved;
	}
	collect_free(&run.collector);
	text_free(&run.record);
	return found;
}

int run_benchmarks(const struct options *options) {
	struct run run = {.options = options};
	int status = 2;
	if (save_earlier(&status))
		return status;
	if (options->layouts && options->time_budget_ns)
		say(PLATFORM_STREAM_ERROR, "--layouts and --time-budget do not go together\n");
	else
		status = make_plan(options, &run.plan);
	if (status) {
		run_end_unopened(status);
		return status;
	}
	uint64_t *ticks = malloc(options->sample_size * sizeof(*ticks));
	uint64_t *measured_ns = malloc((run.plan.count + MORE_MOST) * sizeof(*measured_ns));
	bool has_memory = ticks && measured_ns, opened = has_memory && open_run(&run);
	if (opened) {
		measure(&run, ticks, measured_ns);
		status = platform_interrupted() ? break_off(&run) : close_run(&run);
	} else {
		status = 2;
		run_end_unopened(status);
	}
	if (!has_memory || run.collector.no_memory || run.record.failed || run.table.failed) {
		say(PLATFORM_STREAM_ERROR, "out of memory: the records are not whole\n");
		status = 2;
	}
	collect_free(&run.collector);
	text_free(&run.record);
	text_free(&run.table);
	free_room(run.room);
	free(measured_ns);
	free(ticks);
	free_plan(&run.plan);
	return status;
}
