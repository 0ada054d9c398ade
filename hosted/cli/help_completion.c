/* SPDX-License-Identifier: Apache-2.0
 *
 * Completions, made from help_pages.c: what an option or an operand wants, and nothing else. What the two shells share
 * is in functions that both understand.
 */
#include "hosted/cli/help.h"

#include <string.h>

/* Each prints a line for each word that there is. Cores are those that the process may run on, as taskset(1) and
 * nproc(1) see them; baselines are the files that `run --save-baseline` writes. */
static const char shared[] =
	"_anechoic_cores() {\n"
	"\tlocal allowed=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status 2>/dev/null) range=\n"
	"\tfor range in $(printf '%s' \"${allowed:-0}\" | tr ',' ' '); do\n"
	"\t\tseq \"${range%-*}\" \"${range#*-}\"\n"
	"\tdone\n"
	"}\n"
	"_anechoic_baselines() {\n"
	"\tfind \"${ANECHOIC_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/anechoic}/baselines\" -maxdepth 1 \\\n"
	"\t\t-name '*.json' 2>/dev/null | sed 's|.*/||; s|\\.json$||'\n"
	"}\n"
	"_anechoic_benchmarks() {\n"
	"\t\"$1\" list 2>/dev/null | cut -d' ' -f1\n"
	"}\n";

static void add_commands(struct text *text) {
	for (const struct help_page *page = help_pages; page->command; page++)
		text_format(text, "%s%s", page != help_pages ? " " : "", page->command);
}

static bool has_out(const struct help_page *page) {
	struct options_entry entry;
	for (size_t i = 0; help_option(page, i, &entry); i++)
		if (strcmp(entry.name, "out") == 0)
			return true;
	return false;
}

/* ---- bash -------------------------------------------------------------------------------------------------------- */

static const char bash_engine[] =
	"_anechoic() {\n"
	"\tlocal word=${COMP_WORDS[COMP_CWORD]} command=run first= kind= words= at= start=1 ended=\n"
	"\tlocal before=${COMP_WORDS[COMP_CWORD-1]} prefix=\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ $COMP_CWORD -eq 1 && $word != -* ]]; then\n"
	"\t\tcommand= kind=commands\n"
	"\telif [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} != -* ]]; then\n"
	"\t\tcommand=${COMP_WORDS[1]} start=2\n"
	"\tfi\n"
	"\tfor (( at = start; at < COMP_CWORD; at++ )); do\n"
	"\t\t[[ ${COMP_WORDS[at]} != -- ]] || ended=1\n"
	"\tdone\n"
	"\t# A word with = comes in one piece or, where COMP_WORDBREAKS has it, in three.\n"
	"\tif [[ $word == --*=* && -z $ended ]]; then\n"
	"\t\tbefore=${word%%=*}= prefix=${word%%=*}= word=${word#*=}\n"
	"\telif [[ $word == = ]]; then\n"
	"\t\tbefore+== word=\n"
	"\telif [[ $before == = ]]; then\n"
	"\t\tbefore=${COMP_WORDS[COMP_CWORD-2]}=\n"
	"\tfi\n"
	"\tif [[ $COMP_CWORD -gt 1 || -n $prefix ]] && [[ -z $ended ]]; then\n"
	"\t\t_anechoic_kind \"$command/$before\"\n"
	"\tfi\n"
	"\tif [[ -z $kind && $word == -* && -z $prefix && -z $ended ]]; then\n"
	"\t\t_anechoic_options \"$command\"\n"
	"\telif [[ -z $kind ]]; then\n"
	"\t\tfor (( at = start; at < COMP_CWORD; at++ )); do\n"
	"\t\t\tkind= words=\n"
	"\t\t\t_anechoic_kind \"$command/${COMP_WORDS[at]}\"\n"
	"\t\t\tif [[ -n $kind ]]; then\n"
	"\t\t\t\t[[ ${COMP_WORDS[++at]} != = ]] || (( ++at ))\n"
	"\t\t\telif [[ ${COMP_WORDS[at]} == = ]]; then\n"
	"\t\t\t\t(( ++at ))\n"
	"\t\t\telif [[ ${COMP_WORDS[at]} != -* ]]; then\n"
	"\t\t\t\tfirst=${COMP_WORDS[at]}\n"
	"\t\t\t\tbreak\n"
	"\t\t\tfi\n"
	"\t\tdone\n"
	"\t\tkind= words=\n"
	"\t\t_anechoic_operand \"$command/${first:-1}\"\n"
	"\tfi\n"
	"\tcase $kind in\n"
	"\tfiles|folders|results|shown|programs) compopt -o filenames 2>/dev/null ;;\n"
	"\tcores|baselines) words=$(\"_anechoic_$kind\") ;;\n"
	"\tbenchmarks) words=$(_anechoic_benchmarks \"${COMP_WORDS[0]}\") ;;\n"
	"\tcommands) words=$_anechoic_commands ;;\n"
	"\tesac\n"
	"\tcase $kind in\n"
	"\tfiles) mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
	"\tprograms) mapfile -t COMPREPLY < <(compgen -c -- \"$word\"; compgen -f -- \"$word\") ;;\n"
	"\tfolders) mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n"
	"\tresults) mapfile -t COMPREPLY < <(compgen -d -- \"$word\"; compgen -f -X '!*.json' -- \"$word\") ;;\n"
	"\tshown) mapfile -t COMPREPLY < <(compgen -d -- \"$word\"; compgen -f -X '!*.json' -- \"$word\"\n"
	"\t\tcompgen -f -X '!*.db' -- \"$word\") ;;\n"
	"\t*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
	"\tesac\n"
	"\t[[ -z $prefix ]] || COMPREPLY=(\"${COMPREPLY[@]/#/$prefix}\")\n"
	"\treturn 0\n"
	"}\n"
	"complete -F _anechoic anechoic\n";

static void add_bash_value(struct text *text, const struct help_value *rule) {
	static const char *const names[] = {
		[HELP_NOTHING] = "nothing",     [HELP_WORDS] = "words",           [HELP_FILES] = "files",
		[HELP_FOLDERS] = "folders",     [HELP_RESULTS] = "results",       [HELP_CORES] = "cores",
		[HELP_BASELINES] = "baselines", [HELP_BENCHMARKS] = "benchmarks", [HELP_COMMANDS] = "commands",
		[HELP_SHOWN] = "shown",         [HELP_PROGRAMS] = "programs",
	};
	text_format(text, "kind=%s", names[rule->kind]);
	if (rule->words)
		text_format(text, " words='%s'", rule->words);
	text_add_string(text, " ;;\n");
}

static void add_bash_options(struct text *text) {
	struct options_entry entry;
	text_add_string(text, "_anechoic_kind() {\n\tcase $1 in\n");
	for (const struct help_page *page = help_pages; page->command; page++)
		for (size_t i = 0; help_option(page, i, &entry); i++) {
			if (!entry.value)
				continue;
			text_format(text, "\t%s/--%s=", page->command, entry.name);
			if (!help_value_is_optional(&entry))
				text_format(text, "|%s/--%s", page->command, entry.name);
			if (strcmp(entry.name, "out") == 0)
				text_format(text, "|%s/-o", page->command);
			text_add_string(text, ") ");
			add_bash_value(text, help_value_of(page, &entry));
		}
	text_add_string(text, "\tesac\n}\n_anechoic_options() {\n\tcase $1 in\n");
	for (const struct help_page *page = help_pages; page->command; page++) {
		text_format(text, "\t%s) words='", page->command);
		for (size_t i = 0; help_option(page, i, &entry); i++)
			text_format(text, "%s--%s", i ? " " : "", entry.name);
		text_add_string(text, "' ;;\n");
	}
	text_add_string(text, "\tesac\n}\n");
}

void help_write_bash(struct text *text) {
	text_add_string(text, "# bash completion for anechoic\n");
	text_add_string(text, shared);
	text_add_string(text, "_anechoic_commands='");
	add_commands(text);
	text_add_string(text, "'\n");
	add_bash_options(text);
	text_add_string(text, "_anechoic_operand() {\n\tcase $1 in\n");
	for (const struct help_value *rule = help_operand_values; rule->kind != HELP_NOTHING; rule++) {
		text_format(text, "\t%s/%s) ", rule->command, rule->of);
		add_bash_value(text, rule);
	}
	text_add_string(text, "\tesac\n}\n");
	text_add_string(text, bash_engine);
}

/* ---- zsh --------------------------------------------------------------------------------------------------------- */

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

/* An action of _arguments, within single quotes. */
static void add_zsh_action(struct text *text, const struct help_value *rule) {
	static const char *const actions[] = {
		[HELP_NOTHING] = " ",
		[HELP_FILES] = "_files",
		[HELP_FOLDERS] = "_files -/",
		[HELP_RESULTS] = "_files -g \"*.json\"",
		[HELP_SHOWN] = "_files -g \"*.(json|db)\"",
		[HELP_CORES] = "($(_anechoic_cores))",
		[HELP_BASELINES] = "($(_anechoic_baselines))",
		[HELP_BENCHMARKS] = "($(_anechoic_benchmarks $program))",
		[HELP_PROGRAMS] = "{_command_names -e; _files}",
	};
	if (rule->kind == HELP_WORDS)
		text_format(text, "(%s)", rule->words);
	else if (rule->kind == HELP_COMMANDS) {
		text_add_string(text, "(");
		add_commands(text);
		text_add_string(text, ")");
	} else
		text_add_string(text, actions[rule->kind]);
}

static bool is_behind_a_word(const struct help_value *rule) {
	return strcmp(rule->of, "1") != 0 && strcmp(rule->of, "*") != 0;
}

/* Those behind a certain first one: a case of their own, since an action cannot ask for it; nor may there be two that
 * are for every word. `behind`: so far, the first words of such, each with a | behind it. */
static void add_zsh_operand(struct text *text, const struct help_value *rule, const struct text *behind) {
	bool any = strcmp(rule->of, "*") == 0 && behind->length > 0;
	text_add_string(text, " \\\n\t\t\t");
	if (is_behind_a_word(rule))
		text_format(text, "${${(M)words[2]:#%s}:+'*:word:", rule->of);
	else if (any)
		text_format(text, "${${${:-x$words[2]}:#x(%.*s)}:+'*:word:", (int)behind->length - 1, behind->bytes);
	else
		text_format(text, "'%s:word:", rule->of);
	add_zsh_action(text, rule);
	text_add_string(text, any || is_behind_a_word(rule) ? "'}" : "'");
}

static void add_zsh_operands(struct text *text, const struct help_page *page) {
	struct text behind = {0};
	for (const struct help_value *rule = help_operand_values; rule->kind != HELP_NOTHING; rule++) {
		if (strcmp(rule->command, page->command) != 0)
			continue;
		if (is_behind_a_word(rule))
			text_format(&behind, "%s|", rule->of);
		add_zsh_operand(text, rule, &behind);
	}
	text->failed |= behind.failed;
	text_free(&behind);
}

static void add_zsh_page(struct text *text, const struct help_page *page) {
	struct options_entry entry;
	text_format(text, "\t%s)\n\t\t_arguments -S", page->command);
	if (has_out(page))
		text_add_string(text, " \\\n\t\t\t'-o[as --out]:FILE:_files'");
	for (size_t i = 0; help_option(page, i, &entry); i++) {
		bool optional = help_value_is_optional(&entry);
		text_format(text, " \\\n\t\t\t'--%s%s[", entry.name, optional ? "=-" : entry.value ? "=" : "");
		add_zsh(text, entry.summary);
		text_add_string(text, "]");
		if (entry.value) {
			text_add_string(text, optional ? "::" : ":");
			add_zsh(text, entry.value);
			text_add_string(text, ":");
			add_zsh_action(text, help_value_of(page, &entry));
		}
		text_add_string(text, "'");
	}
	add_zsh_operands(text, page);
	text_add_string(text, "\n\t\t;;\n");
}

void help_write_zsh(struct text *text) {
	text_add_string(text, "#compdef anechoic\n# zsh completion for anechoic\n");
	text_add_string(text, shared);
	/* A local `commands` would hide zsh's own, which has the programs. */
	text_add_string(text, "_anechoic() {\n\tlocal -a known\n\tknown=(\n");
	for (const struct help_page *page = help_pages; page->command; page++) {
		text_format(text, "\t\t'%s:", page->command);
		add_zsh(text, help_summary(page));
		text_add_string(text, "'\n");
	}
	text_add_string(
		text,
		"\t)\n\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n\t\t_describe command known\n"
		"\t\treturn\n\tfi\n\tlocal command=run program=$words[1]\n\tif [[ $words[2] != -* ]]; then\n"
		"\t\tcommand=$words[2] words=(\"$words[1]\" \"${(@)words[3,-1]}\")\n\t\t(( CURRENT-- ))\n\tfi\n\tcase "
		"$command in\n");
	for (const struct help_page *page = help_pages; page->command; page++)
		add_zsh_page(text, page);
	text_add_string(text, "\tesac\n}\n_anechoic \"$@\"\n");
}
