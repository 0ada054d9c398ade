/* SPDX-License-Identifier: Apache-2.0
 *
 * jansson parses and keeps the tree, but does not know where in the text a value stood: the path to what is wrong is
 * walked a second time over the bytes, by the scanner of bench/json.h.
 */
#include "hosted/results/results_read.h"

#include "bench/json.h"
#include "bench/plain.h"
#include "bench/record.h"
#include "hosted/results/files.h"
#include "hosted/results/parse.h"
#include "hosted/results/results_figure.h"
#include "platform.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct step {
	const char *member; /* NULL: element `index` */
	size_t index;
};

struct reader {
	const char *file;
	struct json_span text;
	struct text *complaint;
	const json_t *options; /* the context's; NULL: none */
	struct step path[8];   /* to the value that is being read */
	size_t depth;
};

/* ---- complaints -------------------------------------------------------------------------------------------------- */

/* The value at the path, or the innermost one around it that there is. */
static const char *locate(const struct reader *reader) {
	struct json_span at = reader->text, next;
	while (at.length > 0 && strchr(" \t\r\n", *at.bytes)) {
		at.bytes++;
		at.length--;
	}
	at.length = json_value_length(at);
	for (size_t i = 0; at.length > 0 && i < reader->depth; i++) {
		const struct step *step = &reader->path[i];
		if (step->member) {
			if (!json_member(at, step->member, &next))
				break;
		} else {
			struct json_span cursor = at;
			bool found = json_next(&cursor, &next);
			for (size_t passed = 0; found && passed < step->index; passed++)
				found = json_next(&cursor, &next);
			if (!found)
				break;
		}
		at = next;
	}
	return at.bytes;
}

static void describe_path(const struct reader *reader) {
	for (size_t i = 0; i < reader->depth; i++) {
		const struct step *step = &reader->path[i];
		if (step->member)
			plain_format(reader->complaint, "%s%s", i ? "." : "", step->member);
		else
			text_format(reader->complaint, "[%zu]", step->index);
	}
}

static bool complain(struct reader *reader, const char *what) {
	const char *place = locate(reader);
	size_t byte = (size_t)(place - reader->text.bytes), line = 1;
	for (size_t i = 0; i < byte; i++)
		line += reader->text.bytes[i] == '\n';
	plain_add_string(reader->complaint, reader->file);
	text_format(reader->complaint, ": line %zu, byte %zu: ", line, byte);
	describe_path(reader);
	plain_format(reader->complaint, "%s%s\n", reader->depth ? " " : "", what);
	return false;
}

static bool enter(struct reader *reader, const char *member, size_t index) {
	if (reader->depth == sizeof(reader->path) / sizeof(reader->path[0]))
		return complain(reader, "lies too deep");
	reader->path[reader->depth++] = (struct step){member, index};
	return true;
}

static bool complain_at(struct reader *reader, const char *member, const char *what) {
	enter(reader, member, 0);
	complain(reader, what);
	reader->depth--;
	return false;
}

/* ---- members ----------------------------------------------------------------------------------------------------- */

static bool read_string(struct reader *reader, const json_t *object, const char *name, bool required,
			const char **string) {
	const json_t *value = json_object_get(object, name);
	*string = value && json_is_string(value) ? json_string_value(value) : "";
	if (value && !json_is_string(value))
		return complain_at(reader, name, "is not a string");
	return value || !required ? true : complain_at(reader, name, "is missing");
}

static bool read_double(struct reader *reader, const json_t *object, const char *name, double *number) {
	const json_t *value = json_object_get(object, name);
	*number = json_number_value(value);
	if (!json_is_number(value))
		return complain_at(reader, name, value ? "is not a number" : "is missing");
	return isfinite(*number) ? true : complain_at(reader, name, "is not finite");
}

static bool read_u64(struct reader *reader, const json_t *object, const char *name, uint64_t *number) {
	const json_t *value = json_object_get(object, name);
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return complain_at(reader, name, value ? "is not a whole number from 0 on" : "is missing");
	*number = (uint64_t)json_integer_value(value);
	return true;
}

/* ---- a benchmark ------------------------------------------------------------------------------------------------- */

static bool read_interval(struct reader *reader, const json_t *estimate, struct results_estimate *result) {
	const json_t *interval = json_object_get(estimate, "confidence_interval");
	if (!json_is_object(interval))
		return complain_at(reader, "confidence_interval", "is not an object");
	if (!enter(reader, "confidence_interval", 0) ||
	    !read_double(reader, interval, "confidence_level", &result->level) ||
	    !read_double(reader, interval, "lower_bound", &result->lower) ||
	    !read_double(reader, interval, "upper_bound", &result->upper))
		return false;
	if (!(result->level > 0 && result->level < 1))
		return complain_at(reader, "confidence_level", "is not between 0 and 1");
	if (result->lower > result->upper)
		return complain_at(reader, "lower_bound", "is above upper_bound");
	reader->depth--;
	return true;
}

/* *present is NULL where the estimate must be there; it may be null or missing where not. */
static bool read_estimate(struct reader *reader, const json_t *estimates, const char *name, bool *present,
			  struct results_estimate *result) {
	const json_t *estimate = json_object_get(estimates, name);
	if (present) {
		*present = estimate && !json_is_null(estimate);
		if (!*present)
			return true;
	}
	if (!json_is_object(estimate))
		return complain_at(reader, name, estimate ? "is not an object" : "is missing");
	if (!enter(reader, name, 0) || !read_double(reader, estimate, "point", &result->point) ||
	    !read_double(reader, estimate, "standard_error", &result->standard_error) ||
	    !read_interval(reader, estimate, result))
		return false;
	reader->depth--;
	return true;
}

static bool read_estimates(struct reader *reader, struct results_benchmark *benchmark, bool *has_figure) {
	const json_t *estimates = json_object_get(benchmark->json, "estimates");
	if (!json_is_object(estimates))
		return complain_at(reader, "estimates", estimates ? "is not an object" : "is missing");
	if (!enter(reader, "estimates", 0) ||
	    !read_estimate(reader, estimates, STATS_FIGURE, has_figure, &benchmark->low_decile) ||
	    !read_estimate(reader, estimates, "slope", &benchmark->has_slope, &benchmark->slope) ||
	    !read_estimate(reader, estimates, "mean", NULL, &benchmark->mean) ||
	    !read_estimate(reader, estimates, "median", NULL, &benchmark->median) ||
	    !read_estimate(reader, estimates, "median_abs_dev", NULL, &benchmark->median_abs_dev) ||
	    !read_estimate(reader, estimates, "std_dev", NULL, &benchmark->std_dev))
		return false;
	reader->depth--;
	return true;
}

static bool read_outliers(struct reader *reader, struct results_benchmark *benchmark) {
	static const char *const names[STATS_OUTLIER_CLASSES] = {
		[STATS_LOW_SEVERE] = "low_severe",
		[STATS_LOW_MILD] = "low_mild",
		[STATS_HIGH_MILD] = "high_mild",
		[STATS_HIGH_SEVERE] = "high_severe",
	};
	const json_t *outliers = json_object_get(benchmark->json, "outliers");
	if (!json_is_object(outliers))
		return complain_at(reader, "outliers", outliers ? "is not an object" : "is missing");
	if (!enter(reader, "outliers", 0))
		return false;
	for (int kind = 0; kind < STATS_OUTLIER_CLASSES; kind++) {
		uint64_t number;
		if (!read_u64(reader, outliers, names[kind], &number))
			return false;
		if (number > benchmark->count)
			return complain_at(reader, names[kind], "is more than there are samples");
		benchmark->outliers[kind] = (uint32_t)number;
	}
	reader->depth--;
	return true;
}

static bool complain_element(struct reader *reader, const char *array, size_t index, const char *what) {
	return enter(reader, array, 0) && enter(reader, NULL, index) && complain(reader, what);
}

static bool read_samples(struct reader *reader, struct results_benchmark *benchmark) {
	const json_t *iters = json_object_get(benchmark->json, "iters");
	const json_t *times = json_object_get(benchmark->json, "times");
	if (!json_is_array(iters))
		return complain_at(reader, "iters", iters ? "is not an array" : "is missing");
	if (!json_is_array(times))
		return complain_at(reader, "times", times ? "is not an array" : "is missing");
	size_t count = json_array_size(iters);
	if (count == 0)
		return complain_at(reader, "iters", "is empty");
	if (json_array_size(times) != count)
		return complain_at(reader, "times", "is not as long as iters");
	benchmark->iters = calloc(count, sizeof(*benchmark->iters));
	benchmark->times = calloc(count, sizeof(*benchmark->times));
	if (!benchmark->iters || !benchmark->times)
		return complain(reader, "does not fit into memory");
	for (size_t i = 0; i < count; i++) {
		const json_t *iterations = json_array_get(iters, i), *time = json_array_get(times, i);
		if (!json_is_integer(iterations) || json_integer_value(iterations) < 1)
			return complain_element(reader, "iters", i, "is not a whole number from 1 on");
		benchmark->iters[i] = (uint64_t)json_integer_value(iterations);
		benchmark->times[i] = json_number_value(time);
		if (!json_is_number(time) || !isfinite(benchmark->times[i]) || benchmark->times[i] < 0)
			return complain_element(reader, "times", i, "is not a number from 0 on");
	}
	benchmark->count = count;
	return true;
}

static bool read_throughput(struct reader *reader, struct results_benchmark *benchmark) {
	const json_t *throughput = json_object_get(benchmark->json, "throughput");
	benchmark->unit = "";
	if (!throughput)
		return true;
	if (!json_is_object(throughput))
		return complain_at(reader, "throughput", "is not an object");
	if (!enter(reader, "throughput", 0) || !read_string(reader, throughput, "unit", true, &benchmark->unit) ||
	    !read_u64(reader, throughput, "per_iteration", &benchmark->per_iteration) ||
	    !read_double(reader, throughput, "per_second", &benchmark->per_second))
		return false;
	if (!(benchmark->per_second > 0))
		return complain_at(reader, "per_second", "is not above 0");
	reader->depth--;
	return true;
}

static bool read_deviations(struct reader *reader, const json_t *layout, struct layout_luck *luck) {
	const struct {
		const char *name;
		double *number;
	} members[] = {{"sampling_deviation", &luck->sampling},
		       {"layout_deviation", &luck->layout},
		       {"lower_bound", &luck->lower},
		       {"upper_bound", &luck->upper}};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (!read_double(reader, layout, members[i].name, members[i].number))
			return false;
		if (*members[i].number < 0)
			return complain_at(reader, members[i].name, "is below 0");
	}
	return luck->lower <= luck->upper || complain_at(reader, "lower_bound", "is above upper_bound");
}

/* `object` has a member `room`: its word; *has: there is one. */
static bool read_room(struct reader *reader, const json_t *object, bool *has, enum room_word *room_word) {
	const json_t *room = json_object_get(object, "room");
	const char *word;
	*has = room != NULL;
	*room_word = ROOM_UNKNOWN;
	if (!room)
		return true;
	if (!json_is_object(room))
		return complain_at(reader, "room", "is not an object");
	if (!enter(reader, "room", 0) || !read_string(reader, room, "word", true, &word))
		return false;
	if (!room_word_of(word, room_word) && strcmp(word, room_word_name(ROOM_UNKNOWN)) != 0)
		return complain_at(reader, "word", "is none of silent, quiet, usable, loud, not known");
	reader->depth--;
	return true;
}

/* The visits, of which nothing here uses more than the rooms: the file's schema has them. */
static bool read_figures(struct reader *reader, const json_t *layout, struct results_benchmark *benchmark) {
	const json_t *figures = json_object_get(layout, "figures");
	if (!json_is_array(figures))
		return complain_at(reader, "figures", figures ? "is not an array" : "is missing");
	if (!enter(reader, "figures", 0))
		return false;
	for (size_t i = 0; i < json_array_size(figures); i++) {
		const json_t *figure = json_array_get(figures, i);
		uint64_t number;
		double time;
		bool has_room;
		enum room_word word;
		if (!enter(reader, NULL, i))
			return false;
		if (!json_is_object(figure))
			return complain(reader, "is not an object");
		if (!read_u64(reader, figure, "layout", &number) || !read_double(reader, figure, "time", &time))
			return false;
		if (number < 1 || number > benchmark->layouts)
			return complain_at(reader, "layout", "is none of the layouts");
		if (!(time > 0))
			return complain_at(reader, "time", "is not above 0");
		if (!read_room(reader, figure, &has_room, &word))
			return false;
		benchmark->luck_rooms.words[word]++;
		reader->depth--;
	}
	reader->depth--;
	return true;
}

static bool read_luck(struct reader *reader, struct results_benchmark *benchmark) {
	const json_t *layout = json_object_get(benchmark->json, "layout");
	benchmark->has_luck = layout != NULL;
	if (!layout)
		return true;
	if (!json_is_object(layout))
		return complain_at(reader, "layout", "is not an object");
	if (!enter(reader, "layout", 0) || !read_u64(reader, layout, "layouts", &benchmark->layouts) ||
	    !read_u64(reader, layout, "visits", &benchmark->visits_each) ||
	    !read_deviations(reader, layout, &benchmark->luck) ||
	    !read_double(reader, layout, "worst_to_best", &benchmark->luck.worst_to_best))
		return false;
	if (benchmark->layouts < LAYOUTS_LEAST)
		return complain_at(reader, "layouts", "is below 3");
	if (benchmark->visits_each < LAYOUT_VISITS)
		return complain_at(reader, "visits", "is below 2");
	if (benchmark->luck.worst_to_best < 1)
		return complain_at(reader, "worst_to_best", "is below 1");
	if (!read_figures(reader, layout, benchmark))
		return false;
	reader->depth--;
	return true;
}

static bool read_limit(struct reader *reader, struct results_benchmark *benchmark) {
	const json_t *limit = json_object_get(benchmark->json, "limit");
	benchmark->limit_source = "";
	if (!limit)
		return true;
	if (!json_is_object(limit))
		return complain_at(reader, "limit", "is not an object");
	if (!*benchmark->unit)
		return complain_at(reader, "limit", "is there without a throughput");
	if (!enter(reader, "limit", 0) || !read_double(reader, limit, "per_second", &benchmark->limit) ||
	    !read_string(reader, limit, "source", true, &benchmark->limit_source))
		return false;
	if (!(benchmark->limit > 0))
		return complain_at(reader, "per_second", "is not above 0");
	if (!*benchmark->limit_source)
		return complain_at(reader, "source", "is empty");
	reader->depth--;
	return true;
}

static bool read_unchecked(struct reader *reader, struct results_benchmark *benchmark) {
	const json_t *unchecked = json_object_get(benchmark->json, "unchecked");
	benchmark->unchecked = json_is_true(unchecked);
	return !unchecked || json_is_boolean(unchecked) ||
	       complain_at(reader, "unchecked", "is neither true nor false");
}

static bool read_measured(struct reader *reader, struct results_benchmark *benchmark) {
	const char *sampling;
	if (!read_string(reader, benchmark->json, "sampling", true, &sampling))
		return false;
	benchmark->linear = strcmp(sampling, "linear") == 0;
	if (!benchmark->linear && strcmp(sampling, "flat") != 0)
		return complain_at(reader, "sampling", "is neither linear nor flat");
	bool has_figure = false;
	const char *figure;
	if (!read_string(reader, benchmark->json, "figure", false, &figure))
		return false;
	if (*figure && strcmp(figure, STATS_FIGURE) != 0)
		return complain_at(reader, "figure", "is not " STATS_FIGURE ", the one that this version knows");
	if (!read_samples(reader, benchmark) || !read_estimates(reader, benchmark, &has_figure) ||
	    !read_outliers(reader, benchmark) || !read_throughput(reader, benchmark) || !read_luck(reader, benchmark) ||
	    !read_limit(reader, benchmark) ||
	    !read_room(reader, benchmark->json, &benchmark->has_room, &benchmark->room) ||
	    !read_unchecked(reader, benchmark))
		return false;
	return has_figure || results_figure_of_samples(benchmark, reader->options) ||
	       complain(reader, "does not fit into memory");
}

static bool read_status(struct reader *reader, struct results_benchmark *benchmark) {
	const char *status;
	if (!read_string(reader, benchmark->json, "status", true, &status))
		return false;
	for (int known = BENCH_STATUS_OK; known <= BENCH_STATUS_HUNG; known++)
		if (strcmp(status, bench_status_name((enum bench_status)known)) == 0) {
			benchmark->status = (enum bench_status)known;
			return true;
		}
	return complain_at(reader, "status", "is none of ok, failed, skipped, hung");
}

static bool read_parameters(struct reader *reader, struct results_benchmark *benchmark) {
	const json_t *parameters = json_object_get(benchmark->json, "parameters");
	if (!json_is_array(parameters))
		return complain_at(reader, "parameters", parameters ? "is not an array" : "is missing");
	benchmark->parameter_count = json_array_size(parameters);
	benchmark->parameters = calloc(benchmark->parameter_count + 1, sizeof(*benchmark->parameters));
	if (!benchmark->parameters)
		return complain(reader, "does not fit into memory");
	for (size_t i = 0; i < benchmark->parameter_count; i++) {
		benchmark->parameters[i] = json_string_value(json_array_get(parameters, i));
		if (!benchmark->parameters[i])
			return complain_element(reader, "parameters", i, "is not a string");
	}
	return true;
}

static bool read_benchmark(struct reader *reader, struct results_benchmark *benchmark) {
	if (!json_is_object(benchmark->json))
		return complain(reader, "is not an object");
	if (!read_string(reader, benchmark->json, "name", true, &benchmark->name) ||
	    !read_string(reader, benchmark->json, "group", true, &benchmark->group) ||
	    !read_string(reader, benchmark->json, "reason", false, &benchmark->reason) ||
	    !read_string(reader, benchmark->json, "iteration", false, &benchmark->iteration) ||
	    !read_status(reader, benchmark) || !read_parameters(reader, benchmark))
		return false;
	if (!*benchmark->name)
		return complain_at(reader, "name", "is empty");
	benchmark->unit = "";
	bool has_samples = json_object_get(benchmark->json, "iters") != NULL;
	return benchmark->status == BENCH_STATUS_OK || has_samples ? read_measured(reader, benchmark) : true;
}

/* ---- levels of the memory ---------------------------------------------------------------------------------------- */

static bool read_above_0(struct reader *reader, const json_t *object, const char *name, double *number) {
	return read_double(reader, object, name, number) &&
	       (*number > 0 || complain_at(reader, name, "is not above 0"));
}

static bool read_bytes(struct reader *reader, const json_t *object, const char *name, bool required, uint64_t *bytes) {
	*bytes = 0;
	if (!required && !json_object_get(object, name))
		return true;
	return read_u64(reader, object, name, bytes) && (*bytes > 0 || complain_at(reader, name, "is 0"));
}

static bool read_kind(struct reader *reader, const json_t *object, enum levels_kind *kind) {
	const char *name;
	if (!read_string(reader, object, "kind", true, &name))
		return false;
	for (int known = LEVEL_STEP; known <= LEVEL_LAST; known++)
		if (strcmp(name, levels_kind_name((enum levels_kind)known)) == 0) {
			*kind = (enum levels_kind)known;
			return true;
		}
	return complain_at(reader, "kind", "is none of step, between, last");
}

static bool read_doubts(struct reader *reader, const json_t *object, struct results_level *level) {
	const json_t *certain = json_object_get(object, "certain");
	level->doubts = json_object_get(object, "doubts");
	level->certain = json_is_true(certain);
	if (!json_is_boolean(certain))
		return complain_at(reader, "certain", certain ? "is neither true nor false" : "is missing");
	if (!json_is_array(level->doubts))
		return complain_at(reader, "doubts", level->doubts ? "is not an array" : "is missing");
	for (size_t i = 0; i < json_array_size(level->doubts); i++)
		if (json_string_length(json_array_get(level->doubts, i)) == 0)
			return complain_element(reader, "doubts", i, "is not a string with something in it");
	return true;
}

static bool read_level(struct reader *reader, const json_t *object, struct results_level *level) {
	if (!json_is_object(object))
		return complain(reader, "is not an object");
	if (!read_kind(reader, object, &level->kind) || !read_above_0(reader, object, "ns", &level->ns) ||
	    !read_above_0(reader, object, "ns_lower", &level->ns_lower) ||
	    !read_above_0(reader, object, "ns_upper", &level->ns_upper) || !read_doubts(reader, object, level))
		return false;
	if (level->ns_lower > level->ns || level->ns > level->ns_upper)
		return complain_at(reader, "ns", "is not between ns_lower and ns_upper");
	if (level->kind == LEVEL_LAST)
		return true;
	if (!read_bytes(reader, object, "bytes", true, &level->bytes) ||
	    !read_bytes(reader, object, "bytes_lower", true, &level->bytes_lower) ||
	    !read_bytes(reader, object, "bytes_upper", true, &level->bytes_upper) ||
	    !read_bytes(reader, object, "named_bytes", false, &level->named_bytes) ||
	    !read_bytes(reader, object, "told_bytes", false, &level->told_bytes))
		return false;
	if (level->bytes_lower > level->bytes || level->bytes > level->bytes_upper)
		return complain_at(reader, "bytes", "is not between bytes_lower and bytes_upper");
	return true;
}

static bool read_found(struct reader *reader, const json_t *object, struct results_ladder *ladder) {
	const json_t *found = json_object_get(object, "found");
	if (!json_is_array(found))
		return complain_at(reader, "found", found ? "is not an array" : "is missing");
	ladder->levels = calloc(json_array_size(found) + 1, sizeof(*ladder->levels));
	if (!ladder->levels)
		return complain(reader, "does not fit into memory");
	if (!enter(reader, "found", 0))
		return false;
	for (; ladder->count < json_array_size(found); ladder->count++) {
		struct results_level *level = &ladder->levels[ladder->count];
		if (!enter(reader, NULL, ladder->count) ||
		    !read_level(reader, json_array_get(found, ladder->count), level))
			return false;
		if (level->kind == LEVEL_LAST && ladder->count + 1 < json_array_size(found))
			return complain_at(reader, "kind", "is last, and another level follows");
		reader->depth--;
	}
	reader->depth--;
	return true;
}

static bool read_ladder(struct reader *reader, const json_t *object, struct results_ladder *ladder) {
	const json_t *noise = json_object_get(object, "noise");
	if (!json_is_object(object))
		return complain(reader, "is not an object");
	if (!read_u64(reader, object, "page_bytes", &ladder->page_bytes) ||
	    !read_string(reader, object, "outcome", true, &ladder->outcome))
		return false;
	if (ladder->page_bytes < 4096)
		return complain_at(reader, "page_bytes", "is below 4096");
	if (!*ladder->outcome)
		return complain_at(reader, "outcome", "is empty");
	ladder->noise = -1;
	if (!json_is_null(noise) && !read_double(reader, object, "noise", &ladder->noise))
		return false;
	if (!json_is_null(noise) && ladder->noise < 0)
		return complain_at(reader, "noise", "is below 0");
	return read_found(reader, object, ladder);
}

static bool read_ladders(struct reader *reader, struct results *results) {
	const json_t *levels = json_object_get(results->root, "levels");
	reader->depth = 0;
	if (!levels)
		return true;
	if (!json_is_array(levels) || json_array_size(levels) == 0)
		return complain_at(reader, "levels", json_is_array(levels) ? "is empty" : "is not an array");
	results->ladders = calloc(json_array_size(levels), sizeof(*results->ladders));
	if (!results->ladders)
		return complain(reader, "does not fit into memory");
	while (results->ladder_count < json_array_size(levels)) {
		size_t at = results->ladder_count++;
		struct results_ladder *ladder = &results->ladders[at];
		reader->depth = 0;
		if (!enter(reader, "levels", 0) || !enter(reader, NULL, at) ||
		    !read_ladder(reader, json_array_get(levels, at), ladder))
			return false;
		if (at > 0 && ladder->page_bytes <= ladder[-1].page_bytes)
			return complain_at(reader, "page_bytes", "is not above the one before");
	}
	return true;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static bool read_benchmarks(struct reader *reader, struct results *results) {
	const json_t *benchmarks = json_object_get(results->root, "benchmarks");
	if (!json_is_array(benchmarks))
		return complain_at(reader, "benchmarks", benchmarks ? "is not an array" : "is missing");
	size_t count = json_array_size(benchmarks);
	results->benchmarks = calloc(count + 1, sizeof(*results->benchmarks));
	json_t *names = json_object();
	bool good = results->benchmarks && names;
	if (!good)
		complain(reader, "does not fit into memory");
	for (size_t i = 0; good && i < count; i++) {
		struct results_benchmark *benchmark = &results->benchmarks[results->count++];
		benchmark->json = json_array_get(benchmarks, i);
		reader->depth = 0;
		good = enter(reader, "benchmarks", 0) && enter(reader, NULL, i) && read_benchmark(reader, benchmark);
		if (good && json_object_get(names, benchmark->name))
			good = complain_at(reader, "name", "is that of another benchmark, too");
		if (good && json_object_set_new(names, benchmark->name, json_true()) != 0)
			good = complain(reader, "does not fit into memory");
	}
	json_decref(names);
	return good;
}

static bool complain_of_schema(struct reader *reader, const char *schema) {
	static const struct {
		const char *schema, *complaint;
	} others[] = {
		{"anechoic-noise/", "says that it is what `noise` found, and no results of a run"},
		{"anechoic-machine/", "says that it is what `caps` read, and no results of a run"},
		{"anechoic-doctor/", "says that it is what `doctor` found, and no results of a run"},
		{"anechoic-baseline/",
		 "says that it is a baseline of several launches, and no results of a single run"},
		{"anechoic-os-tax/", "says that it is what `os-tax` said, and no results of a run"},
		{"anechoic-compare/", "says that it is what `compare` or `ab` said, and no results of a run"},
		{"anechoic-profile/", "says that it is what `tune` chose, and no results of a run"},
		{"anechoic-snippet/", "says that it is what `snippet` found, and no results of a run"},
		{"anechoic-record/", "says that it is what `record` counted, and no results of a run"},
		{"anechoic-advice/", "says that it is what `advise` said, and no results of a run"},
		{"anechoic-tlb-advice/", "says that it is what `advise --stream` said, and no results of a run"},
		{"anechoic-watch/", "says that it is what `watch show` said, and no results of a run"},
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(schema, others[i].schema, strlen(others[i].schema)) == 0)
			return complain_at(reader, "schema", others[i].complaint);
	return complain_at(reader, "schema", "is not " RECORD_SCHEMA ", the one that this version reads");
}

static bool read_root(struct reader *reader, struct results *results) {
	const char *schema;
	if (!json_is_object(results->root))
		return complain(reader, "the file is not an object");
	if (!read_string(reader, results->root, "schema", true, &schema))
		return false;
	if (strcmp(schema, RECORD_SCHEMA) != 0)
		return complain_of_schema(reader, schema);
	results->context = json_object_get(results->root, "context");
	if (!json_is_object(results->context))
		return complain_at(reader, "context", results->context ? "is not an object" : "is missing");
	reader->options = json_object_get(results->context, "options");
	return read_benchmarks(reader, results) && read_ladders(reader, results);
}

int results_parse(const char *file, const char *bytes, size_t length, struct results *results, struct text *complaint) {
	struct reader reader = {.file = file, .text = {bytes, length}, .complaint = complaint};
	*results = (struct results){.file = strdup(file), .root = parse_json(file, bytes, length, complaint)};
	if (results->file && results->root && read_root(&reader, results))
		return 0;
	results_free(results);
	return PLATFORM_EINVAL;
}

int results_read(const char *name, struct results *results, struct text *complaint) {
	struct text bytes = {0};
	*results = (struct results){0};
	int status = files_read_named(name, FILES_SAMPLES_BYTES_MOST, &bytes, complaint);
	if (status == 0)
		status = results_parse(files_named(name), bytes.bytes, bytes.length, results, complaint);
	text_free(&bytes);
	return status;
}

void results_free(struct results *results) {
	for (size_t i = 0; i < results->count; i++) {
		free(results->benchmarks[i].parameters);
		free(results->benchmarks[i].iters);
		free(results->benchmarks[i].times);
	}
	for (size_t i = 0; i < results->ladder_count; i++)
		free(results->ladders[i].levels);
	free(results->ladders);
	free(results->benchmarks);
	json_decref(results->root);
	free(results->file);
	*results = (struct results){0};
}

const struct results_benchmark *results_find(const struct results *results, const char *name) {
	for (size_t i = 0; i < results->count; i++)
		if (strcmp(results->benchmarks[i].name, name) == 0)
			return &results->benchmarks[i];
	return NULL;
}

const struct results_estimate *results_headline(const struct results_benchmark *benchmark) {
	return &benchmark->low_decile;
}

const char *results_context(const struct results *results, const char *path) {
	const json_t *value = results->context;
	char name[64];
	while (*path) {
		size_t length = strcspn(path, "/");
		if (length >= sizeof(name))
			return "";
		memcpy(name, path, length);
		name[length] = '\0';
		value = json_object_get(value, name);
		path += length + (path[length] == '/');
	}
	return json_is_string(value) ? json_string_value(value) : "";
}

bool results_functional_only(const struct results *results) {
	return strcmp(results_context(results, "figures"), "hardware") != 0;
}
