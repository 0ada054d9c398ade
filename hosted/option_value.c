/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/hosted.h"

#include <string.h>

const char *hosted_option_value(int argc, char **argv, int *index, const char *name) {
	size_t length = strlen(name);
	if (strncmp(argv[*index], name, length) != 0)
		return NULL;
	if (argv[*index][length] == '=')
		return argv[*index] + length + 1;
	return argv[*index][length] == '\0' && *index + 1 < argc ? argv[++*index] : NULL;
}
