/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/help.h"

#include <string.h>

static void add_commands(struct text *text) {
	for (const struct help_page *page = help_pages; page->command; page++)
		text_format(text, "%s%s", page != help_pages ? " " : "", page->command);
}

static void add_options(const struct help_page *page, struct text *text) {
	struct options_entry entry;
	for (size_t i = 0; help_option(page, i, &entry); i++)
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
	for (size_t i = 0; help_option(page, i, &entry); i++) {
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
		add_zsh(text, help_summary(page));
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
