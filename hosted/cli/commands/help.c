/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic help`, `man` and `completion`.
 */
#include "hosted/cli/help.h"

#include "bench/match.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/output.h"

#include <stdio.h>
#include <string.h>

static int complain_of_command(const char *word) {
	struct match_nearest nearest = match_nearest_to(word);
	for (const struct help_page *page = help_pages; page->command; page++)
		match_try(&nearest, page->command);
	output_say(stderr, "no command '%s'; `anechoic help` names all", word);
	if (nearest.name)
		output_say(stderr, "; did you mean `%s`?", nearest.name);
	fprintf(stderr, "\n");
	return 2;
}

int command_help(int argc, char **argv) {
	struct text text = {0};
	const char *command = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
	const struct help_page *page = command ? help_find(command) : NULL;
	if (command && !page) {
		return complain_of_command(command);
	}
	if (page)
		help_write_page(page, &text);
	else
		help_write_overview(&text);
	fold_begin();
	int status = output_save("-", &text);
	fold_end();
	return status;
}

int command_completion(int argc, char **argv) {
	struct text text = {0};
	if (argc == 2 && strcmp(argv[1], "bash") == 0)
		help_write_bash(&text);
	else if (argc == 2 && strcmp(argv[1], "zsh") == 0)
		help_write_zsh(&text);
	else {
		if (argc == 2)
			output_say(stderr, "no completion for '%s', but bash and zsh\n", argv[1]);
		return help_usage("completion");
	}
	return output_save("-", &text);
}

int command_man(int argc, char **argv) {
	struct text text = {0};
	(void)argv;
	if (argc != 1)
		return help_usage("man");
	help_write_man(&text);
	return output_save("-", &text);
}
