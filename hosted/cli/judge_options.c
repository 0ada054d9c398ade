/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/judge_options.h"

#include "hosted/cli/output.h"
#include "hosted/cli/words.h"

#include <stdio.h>
#include <string.h>

static int accept(const char *name, const char *value, bool good) {
	if (!good)
		fprintf(stderr, "%s '%s': not a valid value\n", name, value);
	return good ? 1 : -1;
}

int judge_option(struct judge *judge, int argc, char **argv, int *i) {
	const char *value, *name = argv[*i];
	bool good;
	if ((value = words_value_or_empty(argc, argv, i, "--noise-threshold")))
		good = judge_parse_part(value, 0, 1, &judge->rules.noise_threshold);
	else if ((value = words_value_or_empty(argc, argv, i, "--significance-level")))
		good = judge_parse_part(value, 1e-9, 0.5, &judge->rules.significance);
	else if ((value = words_value_or_empty(argc, argv, i, "--effect")))
		good = judge_parse_part(value, 1e-6, 10, &judge->rules.effect);
	else if ((value = words_value_or_empty(argc, argv, i, "--per-benchmark")))
		good = *(judge->thresholds_file = value) != '\0';
	else if ((value = words_value_or_empty(argc, argv, i, "--launches")))
		good = *(judge->launches_file = value) != '\0';
	else
		return 0;
	return accept(name, value, good);
}

int judge_format_option(bool *json, int argc, char **argv, int *i) {
	const char *value, *name = argv[*i];
	if (!(value = words_value_or_empty(argc, argv, i, "--format")))
		return 0;
	*json = strcmp(value, "json") == 0;
	return accept(name, value, *json || strcmp(value, "table") == 0);
}

bool judge_open_or_say(struct judge *judge) {
	struct text complaint = {0};
	bool good = judge_open(judge, &complaint) == 0;
	output_complain(&complaint);
	return good;
}
