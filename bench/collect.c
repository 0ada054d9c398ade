/* SPDX-License-Identifier: Apache-2.0
 *
 * A record is one line of printable ASCII. A line that gives none is tried again without its escape sequences and
 * control characters, which firmware puts between.
 */
#include "bench/collect.h"

#include "bench/record.h"
#include "bench/rng.h"
#include "bench/room/show.h"

#include <stdlib.h>
#include <string.h>

/* Longer lines are noise, or records with more samples than can be asked for. */
static const size_t line_bytes_max = 16u << 20;

static char *copy_span(struct collector *collector, struct json_span span) {
	char *copy = malloc(span.length + 1);
	if (!copy) {
		collector->no_memory = true;
		return NULL;
	}
	memcpy(copy, span.bytes, span.length);
	copy[span.length] = '\0';
	return copy;
}

static void forget(char **copy) {
	free(*copy);
	*copy = NULL;
}

static void replace(struct collector *collector, char **copy, struct json_span span) {
	free(*copy);
	*copy = copy_span(collector, span);
}

static struct json_span span_of(const char *string) {
	return (struct json_span){string, strlen(string)};
}

struct collected *collect_find(struct collector *collector, const char *name) {
	for (size_t i = 0; i < collector->count; i++)
		if (strcmp(collector->benchmarks[i].name, name) == 0)
			return &collector->benchmarks[i];
	return NULL;
}

static struct collected *find_or_add(struct collector *collector, struct json_span json) {
	struct collected added = {.status = BENCH_STATUS_SKIPPED};
	if (!json_member_string(json, "name", added.name, sizeof(added.name)))
		return NULL;
	struct collected *found = collect_find(collector, added.name);
	if (found)
		return found;
	json_member_u64(json, "index", &added.index);
	if (collector->count == collector->capacity) {
		size_t capacity = collector->capacity ? collector->capacity * 2 : 32;
		struct collected *more = realloc(collector->benchmarks, capacity * sizeof(*more));
		if (!more) {
			collector->no_memory = true;
			return NULL;
		}
		collector->benchmarks = more;
		collector->capacity = capacity;
	}
	collector->benchmarks[collector->count] = added;
	return &collector->benchmarks[collector->count++];
}

static void forget_benchmark(struct collected *benchmark) {
	free(benchmark->end);
	free(benchmark->visits);
}

static void forget_benchmarks(struct collector *collector) {
	for (size_t i = 0; i < collector->count; i++)
		forget_benchmark(&collector->benchmarks[i]);
	collector->count = 0;
}

/* What `tune` or `noise` left is no part of what comes now. */
static void forget_commands(struct collector *collector) {
	collector->runs_replaced += (size_t)profile_log_has(&collector->tune) + noise_log_has(&collector->noise) +
				    (collector->snippet != NULL);
	forget(&collector->snippet);
	profile_log_free(&collector->tune);
	noise_log_free(&collector->noise);
}

/* A new run begins: what came before it is none of it. */
static void begin_anew(struct collector *collector) {
	collector->runs_replaced += collector->run != NULL;
	forget_benchmarks(collector);
	forget(&collector->run);
	forget(&collector->context);
	forget(&collector->machine);
	forget(&collector->done);
}

static bool says(struct json_span json, const char *name) {
	struct json_span value;
	bool truth = false;
	return json_member(json, name, &value) && json_to_bool(value, &truth) && truth;
}

static void take_run(struct collector *collector, struct json_span json) {
	bool resumes = says(json, "resumed");
	if (says(json, RECORD_AGAIN)) {
		replace(collector, &collector->run, json);
		return;
	}
	forget_commands(collector);
	if (!resumes)
		begin_anew(collector);
	for (size_t i = 0; i < collector->count; i++)
		collector->benchmarks[i].settled = true;
	replace(collector, &collector->run, json);
	forget(&collector->context);
	forget(&collector->machine);
	forget(&collector->done);
}

/* Visits of an earlier measurement, or of one that was cut off, are not of this one. */
static void take_start(struct collector *collector, struct json_span json) {
	struct collected *benchmark = find_or_add(collector, json);
	if (!benchmark)
		return;
	benchmark->visit_count = 0;
	benchmark->misplaced[0] = '\0';
	benchmark->starts++;
	benchmark->settled &= benchmark->finished;
	if (!benchmark->finished && benchmark->starts > 1)
		benchmark->status = BENCH_STATUS_HUNG;
}

/* As if it had not been begun. */
static void take_cut(struct collector *collector, struct json_span json) {
	struct collected *benchmark = find_or_add(collector, json);
	if (!benchmark || benchmark->finished || benchmark->starts == 0)
		return;
	benchmark->starts--;
	if (benchmark->starts < 2)
		benchmark->status = BENCH_STATUS_SKIPPED;
}

static enum bench_status read_status(struct json_span json) {
	for (int status = BENCH_STATUS_OK; status <= BENCH_STATUS_HUNG; status++)
		if (json_member_is(json, "status", bench_status_name((enum bench_status)status)))
			return (enum bench_status)status;
	return BENCH_STATUS_FAILED;
}

static void take_end(struct collector *collector, struct json_span json) {
	struct collected *benchmark = find_or_add(collector, json);
	char *end = benchmark ? copy_span(collector, json) : NULL;
	if (!end)
		return;
	free(benchmark->end);
	benchmark->end = end;
	benchmark->finished = true;
	benchmark->starts = 0;
	benchmark->settled = false;
	benchmark->has_summary = false;
	benchmark->status = read_status(json);
	benchmark->hz = 0;
	json_member_u64(json, "hz", &benchmark->hz);
	(void)room_read(json, &benchmark->room);
	if (collector->on_end)
		collector->on_end(collector, benchmark);
}

/* The caller's to free; NULL: none, or no memory. */
static uint64_t *read_ticks(struct json_span end, size_t *count) {
	struct json_span array, element;
	*count = 0;
	if (!json_member(end, "ticks", &array))
		return NULL;
	/* Two bytes an element at the least. */
	uint64_t *ticks = malloc((array.length / 2 + 1) * sizeof(*ticks));
	while (ticks && json_next(&array, &element) && json_to_u64(element, &ticks[*count]))
		(*count)++;
	if (*count > 0)
		return ticks;
	free(ticks);
	return NULL;
}

static double visit_figure(struct json_span json) {
	uint64_t step = 0;
	size_t count;
	uint64_t *ticks = read_ticks(json, &count);
	double *times = ticks ? malloc(count * sizeof(*times)) : NULL;
	double figure = 0;
	if (times && json_member_u64(json, "step", &step) && step > 0)
		figure = layout_figure(ticks, count, step, json_member_is(json, "sampling", "linear"), times);
	free(times);
	free(ticks);
	return figure;
}

static void take_layout(struct collector *collector, struct json_span json) {
	struct collected *benchmark = find_or_add(collector, json);
	uint64_t layout;
	if (!benchmark || !json_member_u64(json, "layout", &layout) || layout == 0 || layout > LAYOUTS_MOST ||
	    benchmark->visit_count == (size_t)LAYOUTS_MOST * LAYOUT_VISITS)
		return;
	enum { STEP = 16 };
	if (benchmark->visit_count % STEP == 0) {
		size_t bytes = (benchmark->visit_count + STEP) * sizeof(*benchmark->visits);
		struct collected_visit *more = realloc(benchmark->visits, bytes);
		if (!more) {
			collector->no_memory = true;
			return;
		}
		benchmark->visits = more;
	}
	json_member_string(json, "reason", benchmark->misplaced, sizeof(benchmark->misplaced));
	struct collected_visit *visit = &benchmark->visits[benchmark->visit_count++];
	*visit = (struct collected_visit){.layout = (uint32_t)layout, .figure = visit_figure(json)};
	(void)room_read(json, &visit->room);
}

/* DONE of a boot that began no run: it ends none before it. */
static bool is_unopened(struct json_span done) {
	return says(done, "unopened");
}

/* Its head begins a new one. A run before it may yet go on. */
static void take_tune(struct collector *collector, struct json_span json) {
	struct json_span head;
	if (json_member(json, "made", &head))
		forget_commands(collector);
	profile_log_take(&collector->tune, json);
	collector->no_memory |= collector->tune.no_memory;
}

static void take_noise(struct collector *collector, struct json_span json) {
	struct json_span head;
	if (json_member(json, "head", &head))
		forget_commands(collector);
	noise_log_take(&collector->noise, json);
	collector->no_memory |= collector->noise.no_memory;
}

static void take_record(struct collector *collector, const struct record *record) {
	if (strcmp(record->tag, "RUN") == 0) {
		take_run(collector, record->json);
	} else if (strcmp(record->tag, "START") == 0) {
		take_start(collector, record->json);
	} else if (strcmp(record->tag, "CUT") == 0) {
		take_cut(collector, record->json);
	} else if (strcmp(record->tag, "LAYOUT") == 0) {
		take_layout(collector, record->json);
	} else if (strcmp(record->tag, "END") == 0) {
		take_end(collector, record->json);
	} else if (strcmp(record->tag, "TUNE") == 0) {
		take_tune(collector, record->json);
	} else if (strcmp(record->tag, "NOISE") == 0) {
		take_noise(collector, record->json);
	} else if (strcmp(record->tag, "SNIPPET") == 0) {
		forget_commands(collector);
		replace(collector, &collector->snippet, record->json);
	} else if (strcmp(record->tag, "CONTEXT") == 0) {
		replace(collector, &collector->context, record->json);
	} else if (strcmp(record->tag, "MACHINE") == 0) {
		replace(collector, &collector->machine, record->json);
	} else if (strcmp(record->tag, "DONE") == 0 && !(collector->run && is_unopened(record->json))) {
		replace(collector, &collector->done, record->json);
	}
}

static bool take_records(struct collector *collector, struct json_span text) {
	struct record record;
	bool any = false;
	for (; record_next(&text, &record); any = true)
		take_record(collector, &record);
	return any;
}

/* false: nothing of ours is in it. */
static bool take_line(struct collector *collector) {
	struct text *unpacked = &collector->unpacked;
	struct json_span text = {collector->line.bytes, collector->line.length};
	if (take_records(collector, text))
		return true;
	enum compact_line line = compact_read(&collector->compact, text, unpacked);
	if (line == COMPACT_RECORD)
		take_records(collector, (struct json_span){unpacked->bytes, unpacked->length});
	return line != COMPACT_NO_LINE;
}

/* In place: CSI sequences (ECMA-48, 5.4), two-character escapes, control characters. */
static bool strip_line(struct text *line) {
	size_t kept = 0, i = 0;
	while (i < line->length) {
		char c = line->bytes[i++];
		if (c == 0x1b && i < line->length && line->bytes[i++] == '[') {
			while (i < line->length && (line->bytes[i] < 0x40 || line->bytes[i] > 0x7e))
				i++;
			i++;
		} else if (c >= 0x20 && c <= 0x7e) {
			line->bytes[kept++] = c;
		}
	}
	bool changed = kept != line->length;
	line->length = kept;
	return changed;
}

void collect_end(struct collector *collector) {
	if (collector->line.length > 0 && !take_line(collector) && strip_line(&collector->line))
		take_line(collector);
	collector->line.length = 0;
	collector->no_memory |= collector->line.failed;
	collector->line.failed = false;
}

void collect_bytes(struct collector *collector, const char *bytes, size_t length) {
	while (length > 0) {
		const char *newline = memchr(bytes, '\n', length);
		size_t piece = newline ? (size_t)(newline - bytes) : length;
		text_add(&collector->line, bytes, piece);
		if (newline || collector->line.length > line_bytes_max)
			collect_end(collector);
		piece += newline != NULL;
		bytes += piece;
		length -= piece;
	}
}

void collect_free(struct collector *collector) {
	forget_benchmarks(collector);
	free(collector->benchmarks);
	free(collector->run);
	free(collector->context);
	free(collector->machine);
	free(collector->done);
	profile_log_free(&collector->tune);
	noise_log_free(&collector->noise);
	free(collector->snippet);
	text_free(&collector->line);
	text_free(&collector->unpacked);
	compact_reader_free(&collector->compact);
	*collector = (struct collector){0};
}

uint64_t collect_hz(const struct collector *collector, const struct collected *benchmark) {
	struct json_span clock;
	uint64_t hz = 0;
	if (!benchmark->settled && collector->done && json_member(span_of(collector->done), "clock", &clock))
		json_member_u64(clock, "hz", &hz);
	return hz ? hz : benchmark->hz;
}

/* Without bytes: there is none. */
static struct json_span context_of(const struct collector *collector) {
	struct json_span context = {0};
	if (collector->run)
		json_member(span_of(collector->run), "context", &context);
	return context;
}

void collect_began(const struct collector *collector, char text[CIVIL_TEXT_BYTES]) {
	struct json_span context = context_of(collector);
	if (!context.bytes || !json_member_string(context, "start_utc", text, CIVIL_TEXT_BYTES) || !text[0])
		memcpy(text, "unknown", sizeof("unknown"));
}

size_t collect_damaged(const struct collector *collector) {
	struct json_span context = context_of(collector);
	uint64_t planned = 0;
	size_t finished = 0;
	if (!collector->done)
		return 0;
	/* What an earlier boot began is not in the plan of a run that went on with other options. */
	for (size_t i = 0; i < collector->count; i++)
		finished += collector->benchmarks[i].finished || collector->benchmarks[i].settled;
	if (context.bytes)
		json_member_u64(context, "planned", &planned);
	size_t damaged = collector->count - finished;
	return planned > collector->count ? damaged + (size_t)planned - collector->count : damaged;
}

int collect_status(const struct collector *collector) {
	if (profile_log_has(&collector->tune))
		return profile_log_is_whole(&collector->tune) ? 0 : 4;
	if (noise_log_has(&collector->noise))
		return noise_log_is_whole(&collector->noise) ? 0 : 4;
	if (collector->snippet != NULL)
		return json_member_is(span_of(collector->snippet), "status", bench_status_name(BENCH_STATUS_OK)) ? 0
														 : 4;
	if (!collector->run && collector->count == 0)
		return 2;
	for (size_t i = 0; i < collector->count; i++) {
		enum bench_status status = collector->benchmarks[i].status;
		if (status == BENCH_STATUS_FAILED || status == BENCH_STATUS_HUNG)
			return 4;
	}
	return collector->run && collector->done && collect_damaged(collector) == 0 ? 0 : 4;
}

/* What RUN and CONTEXT say of how to compute; without them the defaults. */
static void read_settings(const struct collector *collector, struct stats_input *input) {
	struct json_span context, options, runner, value;
	uint64_t resamples = 0;
	input->confidence_level = 0.95;
	input->seed = 1;
	if (collector->run && json_member(span_of(collector->run), "context", &context) &&
	    json_member(context, "options", &options)) {
		json_member_u64(options, "seed", &input->seed);
		json_member_u64(options, "nresamples", &resamples);
		if (json_member(options, "confidence_level", &value))
			json_to_double(value, &input->confidence_level);
	}
	if (collector->context && json_member(span_of(collector->context), "context", &context) &&
	    json_member(context, "runner", &runner))
		json_member_u64(runner, "clock_step_ticks", &input->clock_step);
	input->resamples = resamples > 0 && resamples <= 10000000 ? (uint32_t)resamples : 2000;
}

bool collect_samples(const struct collector *collector, const struct collected *benchmark, struct stats_input *input,
		     uint64_t **ticks) {
	*input = (struct stats_input){0};
	*ticks = NULL;
	size_t count;
	if (!benchmark->end || benchmark->status != BENCH_STATUS_OK || benchmark->hz == 0)
		return false;
	struct json_span end = span_of(benchmark->end);
	if (!json_member_u64(end, "step", &input->step) || input->step == 0)
		return false;
	uint64_t *read = read_ticks(end, &count);
	if (!read)
		return false;
	read_settings(collector, input);
	/* Noise of the resampling that all rows shared would look like something that they have in common. */
	input->seed = rng_seed_of(input->seed, benchmark->name);
	input->linear = json_member_is(end, "sampling", "linear");
	input->ticks = *ticks = read;
	input->count = count;
	return true;
}

bool collect_summarise(struct collector *collector, struct collected *benchmark) {
	struct stats_input input;
	uint64_t *ticks;
	if (benchmark->has_summary)
		return true;
	if (!collect_samples(collector, benchmark, &input, &ticks))
		return false;
	size_t bytes = stats_workspace_bytes(input.count, input.resamples);
	void *workspace = bytes ? malloc(bytes) : NULL;
	if (workspace)
		benchmark->has_summary = stats_summarise(&input, workspace, &benchmark->summary);
	else
		collector->no_memory = true;
	free(workspace);
	free(ticks);
	return benchmark->has_summary;
}

bool collect_luck(const struct collected *benchmark, struct layout_luck *luck, size_t *visits) {
	size_t layouts = 0, count = benchmark->visit_count;
	for (size_t i = 0; i < count; i++)
		if (benchmark->visits[i].layout > layouts)
			layouts = benchmark->visits[i].layout;
	double *figures = layouts > 0 && count % layouts == 0 ? malloc(count * sizeof(*figures)) : NULL;
	size_t each = layouts > 0 ? count / layouts : 0;
	bool whole = figures != NULL;
	for (size_t layout = 0; whole && layout < layouts; layout++) {
		size_t have = 0;
		for (size_t i = 0; i < count; i++)
			if (benchmark->visits[i].layout == layout + 1 && have < each)
				figures[layout * each + have++] = benchmark->visits[i].figure;
		whole = have == each;
	}
	whole = whole && layout_decompose(figures, layouts, each, luck);
	free(figures);
	if (whole && visits)
		*visits = each;
	return whole;
}
