/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of help_pages.c as text for people, as a man page (groff_man(7)) and as completions.
 */
#include "hosted/cli/help.h"

#include "build_info.h"
#include "hosted/cli/run_options.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 32 };

const struct help_page *help_find(const char *command) {
	for (const struct help_page *page = help_pages; page->command; page++)
		if (strcmp(page->command, command) == 0)
			return page;
	return NULL;
}

static const char *summary_of(const struct help_page *page) {
	struct options_entry entry;
	for (size_t i = 0; !page->summary && options_command(i, &entry); i++)
		if (strcmp(entry.name, page->command) == 0)
			return entry.summary;
	return page->summary;
}

/* Option `index` of the page, the run's included; false: past the last. */
static bool option_at(const struct help_page *page, size_t index, struct options_entry *entry) {
	for (size_t i = 0; i < sizeof(page->options) / sizeof(page->options[0]) && page->options[i].name; i++)
		if (index-- == 0) {
			*entry = page->options[i];
			return true;
		}
	return page->takes_run_options && options_entry(run_options, index, entry);
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

static const char exit_statuses[] =
	"0 all well, 1 a regression, 2 usage or tool error, 3 inconclusive, 4 a benchmark failed or hung,\n"
	"77 skipped, 124 time-out";

void help_write_overview(struct text *text) {
	text_add_string(text, "usage: anechoic [COMMAND] [OPTION...] [WORD...]\n\ncommands:\n");
	for (const struct help_page *page = help_pages; page->command; page++)
		options_describe(&(struct options_entry){page->command, NULL, summary_of(page)}, "", HELP_COLUMN, text);
	text_add_string(
		text,
		"\n`anechoic help COMMAND` says more of each; the options of a run are under `run`.\n\nexit status: ");
	text_add_string(text, exit_statuses);
	text_add_string(text, "\nNO_COLOR is honoured (there are no colours); progress shows only on a terminal that "
			      "is not TERM=dumb.\n");
}

void help_write_page(const struct help_page *page, struct text *text) {
	struct options_entry entry;
	text_format(text, "usage: anechoic %s%s%s\n\n", page->command, *page->synopsis ? " " : "", page->synopsis);
	text_format(text, "%s: %s\n\n", page->command, summary_of(page));
	text_add_string(text, page->text);
	for (size_t i = 0; option_at(page, i, &entry); i++) {
		text_add_string(text, i == 0 ? "\noptions:\n" : "");
		options_describe(&entry, "--", HELP_COLUMN, text);
	}
	text_format(text, "\nexit status: %s\n", page->status);
}

/* ---- man page ---------------------------------------------------------------------------------------------------- */

/* Text in roff: a backslash and a leading dot or quote would be requests, a plain hyphen a typographic one. */
static void add_roff(struct text *text, const char *string) {
	for (; *string; string++) {
		if ((*string == '.' || *string == '\'') && (text->last == '\n' || text->last == '\0'))
			text_add_string(text, "\\&");
		if (*string == '\\')
			text_add_string(text, "\\e");
		else if (*string == '-')
			text_add_string(text, "\\-");
		else if (*string == '~')
			text_add_string(text, "\\(ti");
		else if (*string == '^')
			text_add_string(text, "\\(ha");
		else if (*string == '`')
			text_add_string(text, "\\(ga");
		else
			text_add(text, string, 1);
	}
}

static void add_man_page(struct text *text, const struct help_page *page) {
	struct options_entry entry;
	text_add_string(text, ".SS anechoic ");
	add_roff(text, page->command);
	text_add_string(text, " ");
	add_roff(text, page->synopsis);
	text_add_string(text, "\n");
	add_roff(text, summary_of(page));
	text_add_string(text, ".\n");
	add_roff(text, page->text);
	for (size_t i = 0; option_at(page, i, &entry); i++) {
		text_add_string(text, ".TP\n.B \\-\\-");
		add_roff(text, entry.name);
		if (entry.value) {
			text_add_string(text, " \\fI");
			add_roff(text, entry.value);
			text_add_string(text, "\\fR");
		}
		text_add_string(text, "\n");
		add_roff(text, entry.summary);
		text_add_string(text, "\n");
	}
	text_add_string(text, ".PP\nExit status: ");
	add_roff(text, page->status);
	text_add_string(text, ".\n");
}

void help_write_man(struct text *text) {
	text_add_string(text, ".TH ANECHOIC 1 \"\" \"anechoic " BUILD_VERSION "\" \"User Commands\"\n.SH NAME\n"
			      "anechoic \\- measure memory code, with and without an operating system\n.SH SYNOPSIS\n"
			      ".B anechoic\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR...] [\\fIWORD\\fR...]\n.SH COMMANDS\n");
	for (const struct help_page *page = help_pages; page->command; page++)
		add_man_page(text, page);
	text_add_string(text, ".SH EXIT STATUS\n");
	add_roff(text, exit_statuses);
	text_add_string(text, ".\n.SH ENVIRONMENT\n.TP\n.B NO_COLOR\nHonoured: there are no colours.\n.TP\n.B TERM\n"
			      "With \\(lqdumb\\(rq, or unset, no progress is shown.\n");
}

/* ---- completions ------------------------------------------------------------------------------------------------- */

static void add_commands(struct text *text) {
	for (const struct help_page *page = help_pages; page->command; page++)
		text_format(text, "%s%s", page != help_pages ? " " : "", page->command);
}

static void add_options(const struct help_page *page, struct text *text) {
	struct options_entry entry;
	for (size_t i = 0; option_at(page, i, &entry); i++)
		text_format(text, "%s--%s", i ? " " : "", entry.name);
}

void help_write_bash(struct text *text) {
	text_add_string(text, "# bash completion for anechoic\n_anechoic() {\n"
			      "\tlocal word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=\n"
			      "\tCOMPREPLY=()\n"
			      "\tif [[ $COMP_CWORD -eq 1 && $word != -* ]]; then\n\t\twords='");
	add_commands(text);
	text_add_string(text, "'\n\telse\n\t\tcase $command in\n");
	for (const struct help_page *page = help_pages; page->command; page++) {
		text_format(text, "\t\t%s%s)\n\t\t\tif [[ $word == -* ]]; then\n\t\t\t\twords='", page->command,
			    strcmp(page->command, "run") == 0 ? "|-*" : "");
		add_options(page, text);
		text_add_string(text, "'\n");
		if (page->takes_run_options)
			text_add_string(
				text,
				"\t\t\telse\n\t\t\t\twords=$(\"${COMP_WORDS[0]}\" list 2>/dev/null | cut -d' ' -f1)\n");
		else if (strcmp(page->command, "help") == 0) {
			text_add_string(text, "\t\t\telse\n\t\t\t\twords='");
			add_commands(text);
			text_add_string(text, "'\n");
		} else if (page->words && *page->words)
			text_format(text, "\t\t\telif [[ $COMP_CWORD -eq 2 ]]; then\n\t\t\t\twords='%s'\n",
				    page->words);
		text_add_string(text, "\t\t\tfi\n\t\t\t;;\n");
	}
	text_add_string(text, "\t\tesac\n\tfi\n"
			      "\t[[ -n $words ]] && mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
			      "\treturn 0\n}\ncomplete -o default -F _anechoic anechoic\n");
}

/* In single quotes, where _arguments and _describe give colons and brackets a meaning. */
static void add_zsh(struct text *text, const char *string) {
	for (; *string; string++) {
		if (*string == '\'')
			text_add_string(text, "'\\''");
		else if (strchr(":[]\\", *string)) {
			text_add_string(text, "\\");
			text_add(text, string, 1);
		} else
			text_add(text, string, 1);
	}
}

static void add_zsh_page(struct text *text, const struct help_page *page) {
	struct options_entry entry;
	text_format(text, "\t%s)\n\t\t_arguments", page->command);
	for (size_t i = 0; option_at(page, i, &entry); i++) {
		text_format(text, " \\\n\t\t\t'--%s%s[", entry.name, entry.value ? "=" : "");
		add_zsh(text, entry.summary);
		text_add_string(text, "]");
		if (entry.value)
			text_format(text, ":%s:%s", entry.value,
				    strcmp(entry.value, "FILE") == 0 || strcmp(entry.value, "LOG") == 0 ? "_files"
													: "");
		text_add_string(text, "'");
	}
	if (page->takes_run_options)
		text_add_string(text,
				" \\\n\t\t\t'*:benchmark:($(_call_program names $words[1] list | cut -d\" \" -f1))'");
	else if (page->words && *page->words)
		text_format(text, " \\\n\t\t\t'1:word:(%s)' '*:file:_files'", page->words);
	else if (strcmp(page->command, "help") == 0) {
		text_add_string(text, " \\\n\t\t\t'1:command:(");
		add_commands(text);
		text_add_string(text, ")'");
	} else if (!page->words)
		text_add_string(text, " \\\n\t\t\t'*:file:_files'");
	text_add_string(text, "\n\t\t;;\n");
}

void help_write_zsh(struct text *text) {
	text_add_string(
		text,
		"#compdef anechoic\n# zsh completion for anechoic\n_anechoic() {\n\tlocal -a commands\n\tcommands=(\n");
	for (const struct help_page *page = help_pages; page->command; page++) {
		text_format(text, "\t\t'%s:", page->command);
		add_zsh(text, summary_of(page));
		text_add_string(text, "'\n");
	}
	text_add_string(
		text,
		"\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
		"\tlocal command=$words[2]\n\twords=($words[1] $words[3,-1])\n\t(( CURRENT-- ))\n\tcase $command in\n");
	for (const struct help_page *page = help_pages; page->command; page++)
		add_zsh_page(text, page);
	text_add_string(text, "\t*)\n\t\t_files\n\t\t;;\n\tesac\n}\n_anechoic \"$@\"\n");
}

int help_usage(const char *command) {
	struct text text = {0};
	help_write_page(help_find(command), &text);
	if (!text.failed)
		fwrite(text.bytes, 1, text.length, stderr);
	text_free(&text);
	return 2;
}
