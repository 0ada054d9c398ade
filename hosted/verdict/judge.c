/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/judge.h"

#include "bench/decimal.h"
#include "bench/json.h"
#include "bench/match.h"
#include "bench/plain.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool judge_parse_part(const char *word, double least, double most, double *number) {
	char *end;
	*number = decimal_of(word, &end);
	return end != word && *end == '\0' && *number >= least && *number <= most;
}

void judge_start(struct judge *judge) {
	*judge = (struct judge){.rules = {.significance = 0.05, .noise_threshold = 0.01, .effect = 0.05}};
}

struct threshold {
	unsigned line;
	char pattern[128];
	double threshold;
	bool good;
};

/* The next line `NAME = THRESHOLD`; blank ones and those that begin with # are passed over. false: none is left. */
static bool next_threshold(struct json_span *text, struct threshold *found) {
	while (text->length > 0) {
		const char *end = memchr(text->bytes, '\n', text->length);
		size_t length = end ? (size_t)(end - text->bytes) : text->length, passed = length + (end != NULL);
		char line[256], equals, number[32], rest;
		snprintf(line, sizeof(line), "%.*s", (int)(length < sizeof(line) ? length : sizeof(line) - 1),
			 text->bytes);
		text->bytes += passed;
		text->length -= passed;
		found->line++;
		int words = sscanf(line, " %127s %c %31s %c", found->pattern, &equals, number, &rest);
		if (words <= 0 || found->pattern[0] == '#')
			continue;
		found->good = words == 3 && equals == '=' && judge_parse_part(number, 0, 1, &found->threshold);
		return true;
	}
	return false;
}

/* A threshold that is none is a mistake in a gate: refused, with its line. */
static int read_thresholds(struct judge *judge, struct text *complaint) {
	int status = files_read(judge->thresholds_file, FILES_BYTES_MOST, &judge->thresholds, complaint);
	struct json_span text = {judge->thresholds.bytes, judge->thresholds.length};
	struct threshold found = {0};
	while (status == 0 && next_threshold(&text, &found)) {
		if (found.good)
			continue;
		plain_add_string(complaint, judge->thresholds_file);
		text_format(complaint, " line %u: not `NAME = THRESHOLD` with a threshold from 0 to 1\n", found.line);
		status = PLATFORM_EINVAL;
	}
	judge->taken = status == 0 ? calloc(found.line + 1, sizeof(*judge->taken)) : NULL;
	return status;
}

static int read_launches(struct judge *judge, struct text *complaint) {
	char path[4096];
	json_error_t error;
	const char *name = judge->launches_file;
	if (!name) {
		struct stat status;
		if (!files_data_path("launches.json", false, path, sizeof(path)) || stat(path, &status) != 0)
			return 0;
		name = path;
	}
	struct text bytes = {0};
	if (files_read(name, FILES_BYTES_MOST, &bytes, complaint) != 0) {
		text_free(&bytes);
		return PLATFORM_EIO;
	}
	judge->launches = json_loadb(bytes.bytes ? bytes.bytes : "", bytes.length, JSON_REJECT_DUPLICATES, &error);
	text_free(&bytes);
	if (judge->launches && json_is_object(json_object_get(judge->launches, "benchmarks")))
		return 0;
	plain_add_string(complaint, name);
	text_format(complaint, ": byte %d: ", judge->launches ? 0 : error.position);
	plain_add_string(complaint, judge->launches ? "no `benchmarks` in it" : error.text);
	text_add_string(complaint, "\n");
	return PLATFORM_EINVAL;
}

int judge_open(struct judge *judge, struct text *complaint) {
	int status = judge->thresholds_file ? read_thresholds(judge, complaint) : 0;
	return status || judge->writes_launches ? status : read_launches(judge, complaint);
}

void judge_close(struct judge *judge) {
	text_free(&judge->thresholds);
	json_decref(judge->launches);
	judge->launches = NULL;
	free(judge->taken);
	judge->taken = NULL;
}

static bool is_of(const struct threshold *line, const char *name) {
	return match_name(line->pattern, name, strpbrk(line->pattern, "*?[") == NULL);
}

struct change_rules judge_rules(const struct judge *judge, const char *name) {
	struct change_rules rules = judge->rules;
	struct json_span text = {judge->thresholds.bytes, judge->thresholds.length};
	struct threshold found = {0};
	if (judge->taken)
		judge->taken[0] = true;
	while (next_threshold(&text, &found))
		if (is_of(&found, name)) {
			rules.noise_threshold = found.threshold;
			if (judge->taken)
				judge->taken[found.line] = true;
		}
	return rules;
}

void judge_complain_of_lines(const struct judge *judge, judge_knows *knows, struct text *complaint) {
	struct json_span text = {judge->thresholds.bytes, judge->thresholds.length};
	struct threshold found = {0};
	while (judge->taken && judge->taken[0] && next_threshold(&text, &found))
		if (!judge->taken[found.line] && !knows(found.pattern))
			plain_format(complaint,
				     "%s line %u: '%s' is nothing that was compared, and no benchmark of ours\n",
				     judge->thresholds_file, found.line, found.pattern);
}

double judge_deviation(const struct judge *judge, const struct results *results, const char *name, size_t *launches) {
	*launches = 0;
	const char *cpu = json_string_value(json_object_get(judge->launches, "cpu"));
	const char *way = json_string_value(json_object_get(judge->launches, "way"));
	if (!cpu || !way || strcmp(cpu, results_context(results, "platform/cpu")) != 0 ||
	    strcmp(way, results_context(results, "platform/way")) != 0)
		return 0;
	const json_t *entry = json_object_get(json_object_get(judge->launches, "benchmarks"), name);
	json_int_t count = json_integer_value(json_object_get(entry, "launches"));
	double deviation = json_number_value(json_object_get(entry, "deviation"));
	if (count < 2 || !(deviation > 0))
		return 0;
	*launches = (size_t)count;
	return deviation;
}

int judge_rows(struct judge_row *rows, size_t count) {
	struct change **changes = calloc(count ? count : 1, sizeof(struct change *));
	size_t regressed = 0, inconclusive = 0;
	if (!changes)
		return 2;
	for (size_t i = 0; i < count; i++)
		changes[i] = &rows[i].change;
	change_correct(changes, count);
	free(changes);
	for (size_t i = 0; i < count; i++) {
		change_judge(&rows[i].rules, &rows[i].change);
		if (row_room_refusal(&rows[i].room))
			rows[i].change.verdict = CHANGE_INCONCLUSIVE;
		regressed += rows[i].change.verdict == CHANGE_REGRESSED;
		inconclusive += rows[i].change.verdict == CHANGE_INCONCLUSIVE;
	}
	return regressed ? 1 : inconclusive ? 3 : 0;
}

void judge_leave_open(struct judge_row *row, size_t needed) {
	struct change *change = &row->change;
	change->lower = change->upper = change->relative;
	change->p = change->corrected = 1;
	change->smallest = 0;
	change->bounded = false;
	row->needed = needed;
}

/* In the order in which change_judge finds them. */
bool judge_reason(const struct judge_row *row, char reason[JUDGE_REASON_BYTES]) {
	const struct change *change = &row->change;
	const char *refusal = row_room_refusal(&row->room);
	if (change->verdict != CHANGE_INCONCLUSIVE)
		return false;
	if (refusal)
		snprintf(reason, JUDGE_REASON_BYTES, "%s", refusal);
	else if (!change->bounded && row->launches < 2)
		snprintf(reason, JUDGE_REASON_BYTES, "how much launches differ is not known");
	else if (!change->bounded)
		snprintf(reason, JUDGE_REASON_BYTES, "%zu launches of each, %zu are needed", row->launches,
			 row->needed ? row->needed : change_pairs_least(row->rules.significance));
	else if (change->smallest > row->rules.effect)
		snprintf(reason, JUDGE_REASON_BYTES,
			 "only changes from %.2g%% on would be found, and %g%% is asked for", change->smallest * 100,
			 row->rules.effect * 100);
	else if (change->corrected >= row->rules.significance &&
		 (change->lower > row->rules.noise_threshold || change->upper < -row->rules.noise_threshold))
		snprintf(reason, JUDGE_REASON_BYTES, "p is not below %g over all benchmarks", row->rules.significance);
	else
		snprintf(reason, JUDGE_REASON_BYTES, "the interval lies neither beyond %g%% nor within it",
			 row->rules.noise_threshold * 100);
	return true;
}

int judge_status(int rows_status, const struct gap *gaps, size_t count) {
	bool failed = false, open = false;
	for (size_t i = 0; i < count; i++) {
		bool broken = gaps[i].kind == GAP_FAILED || gaps[i].kind == GAP_HUNG;
		failed |= broken && gaps[i].side == 'B';
		open |= gaps[i].kind != GAP_ONLY_IN_B;
	}
	if (failed && rows_status != 2)
		return 4;
	return rows_status == 0 && open ? 3 : rows_status;
}
