/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/launches.h"

#include "bench/json.h"
#include "bench/plain.h"
#include "hosted/results/files.h"
#include "hosted/verdict/change.h"
#include "hosted/verdict/comparable.h"
#include "platform.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BASELINE_SCHEMA "anechoic-baseline/1"

static int complain(const char *name, const char *what, struct text *complaint) {
	plain_add_string(complaint, name);
	text_add_string(complaint, ": ");
	plain_add_string(complaint, what);
	text_add_string(complaint, "\n");
	return PLATFORM_EINVAL;
}

static int is_launch(const struct dirent *entry) {
	size_t length = strlen(entry->d_name);
	return length > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 5, ".json") == 0;
}

/* After the one that was read into its place. */
static int take_launch(struct launches *launches, const char *file, struct text *complaint) {
	launches->count++;
	const char *why = comparable_refusal(&launches->all[0], &launches->all[launches->count - 1]);
	/* Figures that are no hardware's are refused where verdicts are asked for, not side by side. */
	return why && !results_functional_only(&launches->all[0]) ? complain(file, why, complaint) : 0;
}

static int read_launch(struct launches *launches, const char *file, struct text *complaint) {
	int status = results_read(file, &launches->all[launches->count], complaint);
	return status ? status : take_launch(launches, file, complaint);
}

static int read_one_of_many(struct launches *launches, const json_t *launch, struct text *complaint) {
	char *bytes = json_dumps(launch, JSON_COMPACT | JSON_ENCODE_ANY);
	struct text name = {0};
	text_add_string(&name, launches->name);
	text_format(&name, ", launch %zu", launches->count + 1);
	text_add(&name, "", 1);
	int status = bytes && !name.failed ? 0 : complain(launches->name, "out of memory", complaint);
	if (status == 0)
		status = results_parse(name.bytes, bytes, strlen(bytes), &launches->all[launches->count], complaint);
	if (status == 0)
		status = take_launch(launches, name.bytes, complaint);
	text_free(&name);
	free(bytes);
	return status;
}

static int read_baseline(struct launches *launches, const struct text *bytes, struct text *complaint) {
	json_t *root = json_loadb(bytes->bytes, bytes->length, JSON_REJECT_DUPLICATES, NULL);
	const json_t *list = json_object_get(root, "launches");
	size_t count = json_array_size(list);
	int status = 0;
	if (count == 0 || count > CHANGE_PAIRS_MAX)
		status = complain(launches->name, "launches is not an array of 1 to 500 results", complaint);
	else if (!(launches->all = calloc(count, sizeof(*launches->all))))
		status = complain(launches->name, "out of memory", complaint);
	for (size_t i = 0; status == 0 && i < count; i++)
		status = read_one_of_many(launches, json_array_get(list, i), complaint);
	json_decref(root);
	return status;
}

static int take_file(struct launches *launches, const struct text *bytes, struct text *complaint) {
	const struct json_span text = {bytes->bytes ? bytes->bytes : "", bytes->length};
	const char *name = launches->name;
	if (json_member_is(text, "schema", BASELINE_SCHEMA))
		return read_baseline(launches, bytes, complaint);
	launches->all = calloc(1, sizeof(*launches->all));
	if (!launches->all)
		return complain(name, "out of memory", complaint);
	int status = results_parse(name, text.bytes, text.length, &launches->all[0], complaint);
	return status ? status : take_launch(launches, name, complaint);
}

static int read_file(struct launches *launches, const char *name, struct text *complaint) {
	struct text bytes = {0};
	int status = files_read_named(name, FILES_SAMPLES_BYTES_MOST, &bytes, complaint);
	if (status == 0)
		status = take_file(launches, &bytes, complaint);
	text_free(&bytes);
	return status;
}

static int read_folder(struct launches *launches, struct text *complaint) {
	struct dirent **entries;
	int found = scandir(launches->name, &entries, is_launch, alphasort), status = 0;
	if (found < 0)
		return complain(launches->name, strerror(errno), complaint);
	if (found == 0)
		status = complain(launches->name, "no *.json in this folder", complaint);
	else if (found > CHANGE_PAIRS_MAX)
		status = complain(launches->name, "too many launches in this folder", complaint);
	else if (!(launches->all = calloc((size_t)found, sizeof(*launches->all))))
		status = complain(launches->name, "out of memory", complaint);
	for (int i = 0; i < found; i++) {
		struct text file = {0};
		text_add_string(&file, launches->name);
		text_add_string(&file, "/");
		text_add(&file, entries[i]->d_name, strlen(entries[i]->d_name) + 1);
		if (status == 0)
			status = file.failed ? complain(launches->name, "out of memory", complaint)
					     : read_launch(launches, file.bytes, complaint);
		text_free(&file);
		free(entries[i]);
	}
	free(entries);
	return status;
}

int launches_read(const char *name, struct launches *launches, struct text *complaint) {
	struct stat info;
	int status;
	*launches = (struct launches){.name = files_named(name)};
	if (stat(name, &info) == 0 && S_ISDIR(info.st_mode))
		status = read_folder(launches, complaint);
	else
		status = read_file(launches, name, complaint);
	if (status)
		launches_free(launches);
	return status;
}

int launches_take(const char *name, const struct text *bytes, struct launches *launches, struct text *complaint) {
	*launches = (struct launches){.name = files_named(name)};
	int status = take_file(launches, bytes, complaint);
	if (status)
		launches_free(launches);
	return status;
}

void launches_free(struct launches *launches) {
	while (launches->count > 0)
		results_free(&launches->all[--launches->count]);
	free(launches->all);
	*launches = (struct launches){0};
}

bool launches_write(const struct launches *launches, struct text *text) {
	json_t *list = json_array(), *root = json_pack("{s:s, s:O}", "schema", BASELINE_SCHEMA, "launches", list);
	for (size_t i = 0; i < launches->count; i++)
		text->failed |= json_array_append(list, launches->all[i].root) != 0;
	char *bytes = json_dumps(launches->count == 1 ? launches->all[0].root : root, JSON_COMPACT);
	text->failed |= !bytes;
	if (bytes)
		text_add_string(text, bytes);
	text_add_string(text, "\n");
	free(bytes);
	json_decref(root);
	json_decref(list);
	return !text->failed;
}

bool launches_figure_of(const struct results_benchmark *benchmark, double *figure) {
	*figure = 0;
	if (!benchmark || benchmark->count == 0)
		return true;
	double *scratch = malloc(benchmark->count * sizeof(*scratch));
	if (scratch)
		*figure = change_figure(benchmark->times, benchmark->iters, benchmark->count, scratch);
	free(scratch);
	return scratch != NULL;
}

/* 0: not measured. */
static double figure_of(const struct results_benchmark *benchmark) {
	double figure;
	launches_figure_of(benchmark, &figure);
	return figure;
}

double launches_figure(const struct launches *launches, size_t index, const char *benchmark) {
	return figure_of(results_find(&launches->all[index], benchmark));
}

struct gap_outcome launches_outcome(const struct launches *launches, const char *benchmark) {
	struct gap_outcome outcome = {0};
	for (size_t i = 0; i < launches->count; i++) {
		const struct results_benchmark *one = results_find(&launches->all[i], benchmark);
		if (one)
			gap_outcome_add(&outcome, one->status, one->reason);
	}
	return outcome;
}

bool launches_without_time(const struct results *launch, const char *name, struct text *complaint) {
	const char *first = NULL;
	size_t count = 0;
	for (size_t i = 0; i < launch->count; i++) {
		const struct results_benchmark *benchmark = &launch->benchmarks[i];
		if (benchmark->count == 0 || figure_of(benchmark) > 0)
			continue;
		first = first ? first : benchmark->name;
		count++;
	}
	if (!first)
		return false;
	plain_add_string(complaint, name);
	text_add_string(complaint, ": no time passed in ");
	plain_add_string(complaint, first);
	if (count > 1)
		text_format(complaint, " and %zu more", count - 1);
	text_add_string(complaint, ": left out\n");
	return true;
}

void launches_incomplete(const struct results *launch, const char *name, struct text *complaint) {
	if (!json_is_false(json_object_get(launch->context, "complete")))
		return;
	plain_add_string(complaint, name);
	text_add_string(complaint, ": the run is not complete: it was cut off, or its log is damaged\n");
}

/* Of all launches that have it, ascending; how many. */
static size_t sorted_figures(const struct launches *launches, const char *benchmark, double figures[CHANGE_PAIRS_MAX]) {
	size_t count = 0;
	for (size_t i = 0; i < launches->count; i++) {
		double figure = launches_figure(launches, i, benchmark);
		size_t at = count;
		if (!(figure > 0))
			continue;
		for (; at > 0 && figures[at - 1] > figure; at--)
			figures[at] = figures[at - 1];
		figures[at] = figure;
		count++;
	}
	return count;
}

struct spread_launch launches_spread_launch(const struct results_benchmark *benchmark) {
	struct spread_launch launch = {.figure = figure_of(benchmark)};
	const struct results_estimate *estimate = launch.figure > 0 ? results_headline(benchmark) : NULL;
	if (estimate && estimate->point > 0)
		launch.within = (estimate->upper - estimate->lower) / 2 / estimate->point;
	return launch;
}

bool launches_apart(const struct launches *launches, const char *benchmark) {
	struct spread_launch all[SPREAD_LAUNCHES_MAX];
	struct spread spread;
	size_t count = launches->count < SPREAD_LAUNCHES_MAX ? launches->count : SPREAD_LAUNCHES_MAX;
	for (size_t i = 0; i < count; i++)
		all[i] = launches_spread_launch(results_find(&launches->all[i], benchmark));
	spread_of(all, count, &spread);
	return spread.apart_count != 0;
}

double launches_median(const struct launches *launches, const char *benchmark) {
	double figures[CHANGE_PAIRS_MAX];
	size_t count = sorted_figures(launches, benchmark, figures);
	return count ? (figures[(count - 1) / 2] + figures[count / 2]) / 2 : 0;
}

double launches_deviation(const struct launches *launches, const char *benchmark, size_t *known) {
	double figures[CHANGE_PAIRS_MAX], sum = 0, squares = 0;
	size_t count = sorted_figures(launches, benchmark, figures);
	*known = count;
	for (size_t i = 0; i < count; i++)
		sum += log(figures[i]);
	for (size_t i = 0; i < count; i++)
		squares += pow(log(figures[i]) - sum / (double)count, 2);
	return count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
}
