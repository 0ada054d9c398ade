/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/words.h"

#include "hosted/cli/output.h"

#include <stdio.h>
#include <string.h>

/* `missing`: the answer where the option has no value. */
static const char *value_or(int argc, char **argv, int *index, const char *name, const char *missing) {
	size_t length = strlen(name);
	if (strncmp(argv[*index], name, length) != 0)
		return NULL;
	if (argv[*index][length] == '=')
		return argv[*index] + length + 1;
	if (argv[*index][length] != '\0')
		return NULL;
	return *index + 1 < argc ? argv[++*index] : missing;
}

const char *words_value(int argc, char **argv, int *index, const char *name) {
	return value_or(argc, argv, index, name, NULL);
}

const char *words_value_or_empty(int argc, char **argv, int *index, const char *name) {
	return value_or(argc, argv, index, name, "");
}

const char *words_out(int argc, char **argv, int *index) {
	if (strcmp(argv[*index], "-o") == 0 && *index + 1 < argc)
		return argv[++*index];
	if (strncmp(argv[*index], "-o", 2) == 0 && argv[*index][2])
		return argv[*index] + 2;
	return words_value(argc, argv, index, "--out");
}

void words_complain_of_value(const char *name, const char *value, const char *allowed) {
	output_say(stderr, "%s '%s': not a valid value, %s\n", name, value, allowed);
}

bool words_take_format(const char *value, bool *as_json) {
	*as_json = strcmp(value, "json") == 0;
	if (*as_json || strcmp(value, "table") == 0)
		return true;
	words_complain_of_value("--format", value, "table or json");
	return false;
}

bool words_end_options(const char *word, bool *ended) {
	bool ends = !*ended && strcmp(word, "--") == 0;
	*ended |= ends;
	return ends;
}
