/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/judge_options.h"

#include "bench/match.h"
#include "bench/suites.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"

#include <stdio.h>
#include <string.h>

static int accept(const char *name, const char *value, bool good, const char *allowed) {
	if (!good)
		words_complain_of_value(name, value, allowed);
	return good ? 1 : -1;
}

int judge_set(struct judge *judge, const char *name, const char *value) {
	const char *allowed = "a file's name";
	bool good;
	if (strcmp(name, "--noise-threshold") == 0) {
		allowed = "0 to 1";
		good = judge_parse_part(value, 0, 1, &judge->rules.noise_threshold);
	} else if (strcmp(name, "--significance-level") == 0) {
		allowed = "1e-9 to 0.5";
		good = judge_parse_part(value, 1e-9, 0.5, &judge->rules.significance);
	} else if (strcmp(name, "--effect") == 0) {
		allowed = "1e-6 to 10";
		good = judge_parse_part(value, 1e-6, 10, &judge->rules.effect);
	} else if (strcmp(name, "--room") == 0) {
		allowed = "silent, quiet, usable or loud";
		good = room_word_of(value, &judge->room);
	} else if (strcmp(name, "--per-benchmark") == 0)
		good = *(judge->thresholds_file = value) != '\0';
	else if (strcmp(name, "--launches") == 0)
		good = *(judge->launches_file = value) != '\0';
	else
		return 0;
	return accept(name, value, good, allowed);
}

int judge_option(struct judge *judge, int argc, char **argv, int *i) {
	static const char *const names[] = {
		"--noise-threshold", "--significance-level", "--effect", "--per-benchmark", "--room", "--launches"};
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		const char *value = words_value_or_empty(argc, argv, i, names[k]);
		if (value)
			return judge_set(judge, names[k], value);
	}
	return 0;
}

int judge_format_option(enum verdict_format *format, int argc, char **argv, int *i) {
	static const char *const names[] = {[VERDICT_FORMAT_TABLE] = "table",
					    [VERDICT_FORMAT_MARKDOWN] = "markdown",
					    [VERDICT_FORMAT_JSON] = "json"};
	const size_t count = sizeof(names) / sizeof(names[0]);
	size_t found = 0;
	const char *value;
	if (!(value = words_value_or_empty(argc, argv, i, "--format")))
		return 0;
	while (found < count && strcmp(value, names[found]) != 0)
		found++;
	if (found < count)
		*format = (enum verdict_format)found;
	return accept("--format", value, found < count, "table, markdown or json");
}

bool judge_open_or_say(struct judge *judge) {
	struct text complaint = {0};
	bool good = judge_open(judge, &complaint) == 0;
	output_complain(&complaint);
	return good;
}

/* Of those that hang on the machine others may have more: whatever may be one of theirs by its begin. */
static bool may_have(const struct bench_suite *suite, const char *pattern) {
	struct bench_row row;
	size_t begin = strcspn(pattern, "*?["), length = strlen(suite->name);
	bool is_glob = pattern[begin] != '\0';
	if (suite->count_made && strncmp(pattern, suite->name, is_glob && begin < length ? begin : length) == 0)
		return true;
	for (size_t i = 0; i < bench_suite_count(suite); i++)
		if (match_name(pattern, bench_suite_row(suite, i, &row)->name, !is_glob))
			return true;
	return false;
}

static bool is_ours(const char *pattern) {
	const struct bench_suite *suite;
	for (size_t i = 0; (suite = bench_suite_at(i)); i++)
		if (may_have(suite, pattern))
			return true;
	return false;
}

void judge_say_and_close(struct judge *judge) {
	struct text complaint = {0};
	judge_complain_of_lines(judge, is_ours, &complaint);
	output_complain(&complaint);
	judge_close(judge);
}
