/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/cpu_name.h"

#include "peers/judge/record.h"

#include <stdio.h>
#include <string.h>

enum { FIELDS = 7 };

/* What is behind "name\t: " in the line goes to `value` where it is that field's. */
static void take_field(const char *line, const char *name, char *value, size_t bytes) {
	size_t length = strlen(name);
	const char *colon = strstr(line, ": ");
	if (strncmp(line, name, length) != 0 || (line[length] != '\t' && line[length] != ' ') || colon == NULL ||
	    value[0] != 0)
		return;
	/* "model" is no "model name" */
	if (strspn(line + length, " \t") != (size_t)(colon - line) - length)
		return;
	peer_words_copy(value, bytes, colon + 2);
	value[strcspn(value, "\n")] = 0;
}

void peer_cpu_name(char *text, size_t bytes) {
	static const char *const names[FIELDS] = {"model name", "vendor_id",       "cpu family", "model",
						  "stepping",   "CPU implementer", "CPU part"};
	char values[FIELDS][PEER_NAME_BYTES] = {{0}}, line[4096];
	FILE *file = fopen("/proc/cpuinfo", "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL && line[0] != '\n')
		for (size_t i = 0; i < FIELDS; i++)
			take_field(line, names[i], values[i], sizeof values[i]);
	if (file != NULL)
		fclose(file);
	if (values[6][0] != 0)
		snprintf(text, bytes, "implementer %s, part %s", values[5], values[6]);
	else if (values[1][0] != 0)
		snprintf(text, bytes, "%s (%s, family %s, model %s, stepping %s)", values[0], values[1], values[2],
			 values[3], values[4]);
	else
		snprintf(text, bytes, "a processor that Linux does not name");
}
