/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/words.h"

#include <string.h>

const char *words_value(int argc, char **argv, int *index, const char *name) {
	size_t length = strlen(name);
	if (strncmp(argv[*index], name, length) != 0)
		return NULL;
	if (argv[*index][length] == '=')
		return argv[*index] + length + 1;
	return argv[*index][length] == '\0' && *index + 1 < argc ? argv[++*index] : NULL;
}

const char *words_value_or_empty(int argc, char **argv, int *i, const char *name) {
	size_t length = strlen(name);
	if (strncmp(argv[*i], name, length) != 0)
		return NULL;
	if (argv[*i][length] == '=')
		return argv[*i] + length + 1;
	if (argv[*i][length] != '\0')
		return NULL;
	return *i + 1 < argc ? argv[++*i] : "";
}
