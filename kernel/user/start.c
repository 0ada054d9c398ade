/* SPDX-License-Identifier: Apache-2.0
 *
 * From crt0 to main: newlib's initialisers, and the command line split into words.
 */
#include "kernel/user/start.h"

#include "kernel/user/gate_call.h"
#include "lib/conf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MAX = 64 };

extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

int main(int argc, char **argv);

/* Monitors tell Linux of their virtio devices by such words (its kernel-parameters.txt). Passed over here, as an
 * emulated kernel pays for each byte that it looks at. */
static bool is_for_linux(struct conf_span word) {
	static const char begin[] = "virtio_mmio.device=";
	return word.length >= sizeof(begin) - 1 && memcmp(word.bytes, begin, sizeof(begin) - 1) == 0;
}

/* Words past ARGUMENTS_MAX, and all where memory is short, are left out. */
static int split(const struct platform_text *line, char *argv[ARGUMENTS_MAX + 1]) {
	static char name[] = "anechoic";
	int argc = 0;
	argv[argc++] = name;
	char *copy = line->bytes != NULL ? malloc(line->length + 1) : NULL;
	if (copy != NULL) {
		struct conf_cursor cursor = conf_open(line->bytes, line->length);
		struct conf_span word;
		while (argc < ARGUMENTS_MAX && conf_next_word(&cursor, &word)) {
			if (is_for_linux(word))
				continue;
			/* A word and the blank after it: the terminators fit. */
			memcpy(copy, word.bytes, word.length);
			copy[word.length] = '\0';
			argv[argc++] = copy;
			copy += word.length + 1;
		}
	}
	argv[argc] = NULL;
	return argc;
}

_Noreturn void program_start(const struct gate_start *start) {
	static char *argv[ARGUMENTS_MAX + 1];
	platform_start(start);
	for (void (*const *initialise)(void) = __init_array_start; initialise < __init_array_end; initialise++)
		(*initialise)();
	exit(main(split(&start->command_line, argv), argv));
}
