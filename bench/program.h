/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme: what a `main` of the image (bench/main.c) and of Linux (hosted/main.c) does.
 */
#pragma once

#include "bench/noise/noise.h"
#include "bench/options.h"
#include "bench/rounds/publish.h"
#include "bench/snippet/publish.h"
#include "bench/text.h"
#include "bench/tune/make.h"

struct program_command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit status */
};

/* What a platform adds. Both lists end with a NULL name. */
struct program {
	const struct platform_option *options;
	const struct program_command *commands; /* one named `help` stands for the built-in text */

	/* Names of commands that other platforms have, ends with NULL; NULL: none. */
	const char *const *foreign_commands;

	/* Before anything is read of the words: true where it did all that they ask for, with the exit status in
	 * *status. NULL: none. */
	bool (*instead)(int argc, char **argv, int *status);

	/* As the options say; NULL: `tune`, `noise`, `watch` and `snippet` are among the commands. */
	const struct tune_request *tune;
	const struct noise_request *noise;
	const struct rounds_stream *watch;
	const struct snippet_request *snippet;
};

/* A line: version, commit and compiler of this build. */
void program_add_version(struct text *text);

/* Ends the programme. */
_Noreturn void program_run(const struct program *program, int argc, char **argv);
