/* SPDX-License-Identifier: Apache-2.0
 *
 * One table of options; conf.h knows the syntax of the file, this file that of the command line.
 */
#include "bench/options.h"

#include "bench/decimal.h"
#include "bench/layout.h"
#include "bench/match.h"
#include "bench/plain.h"
#include "lib/conf.h"
#include "lib/escapes.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where words come from, for complaints: a line of the file, or the command line (line 0). */
struct reader {
	struct options *options;
	const struct platform_option *extra;
	struct text *complaints;
	unsigned line;
	bool in_arguments;    /* whose words are a command line's: what is wrong with them is no line to pass over */
	bool refused;         /* something was */
	bool only_filters;    /* `--` was there: what follows is no option */
	const char *of_a_run; /* the first option of a command line that says how to measure; NULL: none does */
};

/* All that is known of an option: a new one is a row of the table, and a field of struct options. */
struct option {
	const char *name;
	const char *value;   /* NULL: takes none */
	const char *summary; /* NULL: not in the help */

	/* Puts a value where it belongs (`value` is NULL for an option without one), or complains and returns false. */
	bool (*set)(struct reader *reader, const struct option *option, const char *value);

	/* Where set_flag, set_number and set_seconds put it, in struct options; for a number, what it may be. */
	size_t field, field_bytes;
	uint64_t least, most;

	/* What the field has where the option is not given; with --quick, where that is not 0, `quick`; under `ladder`,
	 * which measures hundreds of sizes, `quick` in any case, and `ladder_quick` with --quick. */
	uint64_t initial, quick, ladder_quick;

	const char *allowed; /* what a value may be, where `set` has no least and most */
	bool file_only;
	bool lists; /* `list` takes it, too */
};

static bool read_word(struct reader *reader, const char *word, const char *next, bool *next_used);

static bool complain(struct reader *reader, const char *what, const char *word, const char *hint) {
	if (reader->line)
		text_format(reader->complaints, "anechoic.conf line %u%s: ", reader->line,
			    reader->in_arguments ? "" : " ignored");
	plain_format(reader->complaints, "%s '%s'%s\n", what, word, hint);
	return false;
}

static const char *keep(struct options *options, const char *bytes, size_t length) {
	if (length >= sizeof(options->words) - options->words_used)
		return NULL;
	char *copy = options->words + options->words_used;
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	options->words_used += length + 1;
	return copy;
}

static bool add_word(struct reader *reader, const char **list, size_t *count, const char *bytes, size_t length) {
	const char *copy = *count < OPTIONS_FILTERS_MAX ? keep(reader->options, bytes, length) : NULL;
	if (!copy)
		return complain(reader, "too many words, from", bytes, "");
	list[(*count)++] = copy;
	return true;
}

static bool set_number(struct reader *reader, const struct option *option, const char *value);

static bool complain_of_value(struct reader *reader, const struct option *option, const char *value) {
	char hint[96] = ": not a valid value, ", name[40] = "";
	size_t length = strlen(hint);
	if (option->set == set_number)
		snprintf(hint + length, sizeof(hint) - length, "%" PRIu64 " to %" PRIu64, option->least, option->most);
	else
		strncat(hint, option->allowed, sizeof(hint) - length - 1);
	if (!reader->line || reader->in_arguments)
		strcat(name, "--");
	strncat(name, option->name, sizeof(name) - 3);
	return complain(reader, name, value, hint);
}

/* ---- setters -------------------------------------------------------------------------------------------------- */

static bool set_flag(struct reader *reader, const struct option *option, const char *value) {
	(void)value;
	*(bool *)((char *)reader->options + option->field) = true;
	return true;
}

/* Words that say what to do; three of them are options, too. */
static const struct options_entry commands[] = {
	[OPTIONS_RUN] = {"run", NULL, "measure (when no command is named)"},
	[OPTIONS_LIST] = {"list", NULL, "name the benchmarks"},
	[OPTIONS_HELP] = {"help", NULL, "this text"},
	[OPTIONS_VERSION] = {"version", NULL, "version, commit and compiler"},
	[OPTIONS_CAPS] = {"caps", NULL, "what this machine is: cores, caches, features, memory, each with its source"},
	[OPTIONS_TUNE] = {"tune", NULL, "which method simd/ should use here, by size"},
	[OPTIONS_NOISE] = {"noise", NULL, "how quiet this machine is: time that its cores do not get, and when"},
	[OPTIONS_WATCH] = {"watch", NULL, "rounds of a few short benchmarks, for days, of which others make alerts"},
	[OPTIONS_SNIPPET] = {"snippet", NULL, "what a few instructions take, in ns and cycles"},
	[OPTIONS_LADDER] = {"ladder", NULL,
			    "how long a load takes over the size of what is read: the levels of the memory"},
	[OPTIONS_SELF_TEST] = {"self-test", NULL, "known samples through the statistics, to the last bit"},
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static bool find_command(const char *name, enum options_command *command) {
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(name, commands[i].name) == 0) {
			*command = (enum options_command)i;
			return true;
		}
	return false;
}

static bool set_command(struct reader *reader, const struct option *option, const char *value) {
	(void)value;
	return find_command(option->name, &reader->options->command);
}

static void store_number(struct options *options, const struct option *option, uint64_t number) {
	void *field = (char *)options + option->field;
	if (option->field_bytes == sizeof(uint32_t))
		*(uint32_t *)field = (uint32_t)number;
	else
		*(uint64_t *)field = number;
}

static bool set_number(struct reader *reader, const struct option *option, const char *value) {
	uint64_t number;
	if (!decimal_whole(value, option->least, option->most, &number))
		return complain_of_value(reader, option, value);
	store_number(reader->options, option, number);
	return true;
}

/* A thousandth of a second to a day: "0.5", or with its unit, "0.5s". */
static bool set_seconds(struct reader *reader, const struct option *option, const char *value) {
	double seconds;
	if (!decimal_seconds(value, 0.001, 86400, &seconds))
		return complain_of_value(reader, option, value);
	store_number(reader->options, option, (uint64_t)(seconds * NS_PER_SECOND + 0.5));
	return true;
}

static bool set_confidence_level(struct reader *reader, const struct option *option, const char *value) {
	char *end;
	double level = decimal_of(value, &end);
	if (*end != '\0' || !(level > 0 && level < 1))
		return complain_of_value(reader, option, value);
	reader->options->confidence_level = level;
	return true;
}

static bool set_format(struct reader *reader, const struct option *option, const char *value) {
	static const char *const names[] = {[OPTIONS_TABLE] = "table", [OPTIONS_JSON] = "json", [OPTIONS_CSV] = "csv"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0) {
			reader->options->format = (enum options_format)i;
			return true;
		}
	return complain_of_value(reader, option, value);
}

#define FAULTS "ud,null,wx,stack,hang,checkpoint,core"

static bool is_fault(const char *bytes, size_t length) {
	const char *name = FAULTS;
	for (size_t name_length;; name += name_length + 1) {
		name_length = strcspn(name, ",");
		if (name_length == length && memcmp(name, bytes, length) == 0)
			return true;
		if (name[name_length] == '\0')
			return false;
	}
}

static bool set_profile(struct reader *reader, const struct option *option, const char *value) {
	const char *copy = keep(reader->options, value, strlen(value));
	if (!copy)
		return complain(reader, "too many words, from", option->name, "");
	reader->options->profile = copy;
	return true;
}

static bool set_inject(struct reader *reader, const struct option *option, const char *value) {
	(void)option;
	struct options *options = reader->options;
	if (strcmp(value, "all") == 0)
		value = FAULTS;
	for (const char *end; *value; value = *end ? end + 1 : end) {
		end = value + strcspn(value, ",");
		size_t length = (size_t)(end - value);
		if (!is_fault(value, length))
			return complain(reader, "unknown fault in", value, ": valid are " FAULTS " and all");
		if (!add_word(reader, options->inject, &options->inject_count, value, length))
			return false;
	}
	return true;
}

/* One alternative of a regular expression as a glob: a part of a name unless it is anchored. false: it has more than a
 * glob can say. */
static bool glob_of_regex(const char *regex, size_t length, char *glob, size_t capacity) {
	bool from_start = length > 0 && regex[0] == '^', in_set = false;
	bool to_end = length > from_start && regex[length - 1] == '$';
	size_t used = 0;
	if (!from_start)
		glob[used++] = '*';
	for (size_t i = from_start; i < length - to_end; i++) {
		char c = regex[i];
		if (used + 3 >= capacity || (!in_set && strchr("()+?*{}\\^$", c)))
			return false;
		bool any = !in_set && c == '.';
		bool many = any && i + 1 < length - to_end && regex[i + 1] == '*';
		i += many;
		if (c == '[' || c == ']')
			in_set = c == '[';
		else if (in_set && c == '^')
			c = '!';
		glob[used++] = many ? '*' : any ? '?' : c;
	}
	if (in_set)
		return false;
	if (!to_end)
		glob[used++] = '*';
	glob[used] = '\0';
	return true;
}

static bool set_benchmark_filter(struct reader *reader, const struct option *option, const char *value) {
	struct options *options = reader->options;
	char glob[256];
	if (strcmp(value, "all") == 0)
		value = ".";
	for (const char *end = value; *value; value = *end ? end + 1 : end) {
		end = value + strcspn(value, "|");
		if (!glob_of_regex(value, (size_t)(end - value), glob, sizeof(glob)))
			return complain(reader, option->name, value,
					": only literals, ^ $ . .* | and sets are understood");
		if (!add_word(reader, options->filters, &options->filter_count, glob, strlen(glob)))
			return false;
		options->typed[options->filter_count - 1] = keep(options, value, (size_t)(end - value));
	}
	return true;
}

static bool read_arguments(struct reader *reader, const char *value) {
	struct conf_cursor cursor = conf_open(value, strlen(value));
	struct conf_span span;
	const char *word = NULL, *next = NULL;
	bool all_good = true, more;
	do {
		more = conf_next_word(&cursor, &span);
		next = more ? keep(reader->options, span.bytes, span.length) : NULL;
		if (more && !next)
			return complain(reader, "too many words in", value, "");
		bool next_used = false;
		if (word)
			all_good &= read_word(reader, word, next, &next_used);
		word = next_used ? NULL : next;
	} while (more);
	return all_good;
}

/* Words that stand in anechoic.conf after `arguments`. */
static bool set_arguments(struct reader *reader, const struct option *option, const char *value) {
	(void)option;
	reader->in_arguments = true;
	bool good = read_arguments(reader, value);
	reader->in_arguments = false;
	reader->refused |= !good;
	return good;
}

/* `list` has commas and a last "or" between its words. */
static bool is_one_of(const char *list, const char *word) {
	size_t length;
	for (; *list; list += length + strspn(list + length, ", ")) {
		length = strcspn(list, ", ");
		if (strlen(word) == length && memcmp(list, word, length) == 0 && strcmp(word, "or") != 0)
			return true;
	}
	return false;
}

/* Those for the loader and the kernel: accepted, so that one file serves all. Neither says that a word means nothing
 * to it. */
static bool leave_to_machine(struct reader *reader, const struct option *option, const char *value) {
	return !option->allowed || is_one_of(option->allowed, value) || complain_of_value(reader, option, value);
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

#define SECONDS_ALLOWED .allowed = "0.001 to 86400 seconds"
#define FIELD(member)   .field = offsetof(struct options, member), .field_bytes = sizeof(((struct options *)0)->member)

static const struct option table[] = {
	{"quick", NULL, "30 samples in 0.1 s after 0.02 s of warm-up, fewer resamples", .set = set_flag, FIELD(quick)},
	{"list", NULL, "name the benchmarks, run none", .set = set_command},
	{"exact", NULL, "a filter is a whole name", .set = set_flag, FIELD(exact), .lists = true},
	{"resume-anyway", NULL, "go on with that run although it has another commit or other options", .set = set_flag,
	 FIELD(resume_anyway)},
	{"all", NULL, "without a filter: every benchmark but machine/ (else those that `list` marks with *)",
	 .set = set_flag, FIELD(all)},
	{"help", NULL, "this text", .set = set_command},
	{"version", NULL, "version, commit and compiler", .set = set_command},
	{"sample-size", "N", "samples a benchmark (100)", .set = set_number, FIELD(sample_size), .least = 10,
	 .most = 100000, .initial = 100, .quick = 30},
	{"warm-up-time", "SECONDS", "before the first sample (0.1)", .set = set_seconds, FIELD(warm_up_ns),
	 SECONDS_ALLOWED, .initial = 100 * NS_PER_MS, .quick = 20 * NS_PER_MS, .ladder_quick = 10 * NS_PER_MS},
	{"measurement-time", "SECONDS", "for all samples of a benchmark (0.4)", .set = set_seconds,
	 FIELD(measurement_ns), SECONDS_ALLOWED, .initial = 400 * NS_PER_MS, .quick = 100 * NS_PER_MS,
	 .ladder_quick = 40 * NS_PER_MS},
	{"time-budget", "SECONDS", "for the whole run, spent where the intervals are widest", .set = set_seconds,
	 FIELD(time_budget_ns), SECONDS_ALLOWED},
	{"layouts", "N", "measure under N random placements of memory, too: how much is layout luck", .set = set_number,
	 FIELD(layouts), .least = LAYOUTS_LEAST, .most = LAYOUTS_MOST},
	{"counters", NULL, "count cycles, instructions, misses, branches of each benchmark, in samples of their own",
	 .set = set_flag, FIELD(counters)},
	{"unwatched", NULL, "without the room beside each figure, to see what watching it costs", .set = set_flag,
	 FIELD(unwatched)},
	{"nresamples", "N", "of the bootstrap (100000; 2000 in the image)", .set = set_number, FIELD(resamples),
	 .least = 100, .most = 10000000},
	{"confidence-level", "LEVEL", "of the intervals (0.95)", .set = set_confidence_level,
	 .allowed = "more than 0 and less than 1"},
	{"seed", "N", "of each benchmark's bootstrap, and of placements (1)", .set = set_number, FIELD(seed),
	 .most = UINT64_MAX, .initial = 1},
	{"profile", "FILE", "methods as `tune` chose (those that it kept, else of this kind of CPU); none: built in",
	 .set = set_profile},
	{"inject", "LIST", "broken ones first: " FAULTS " or all (status 4)", .set = set_inject},
	{"timeout", "SECONDS", "before a benchmark counts as hung (2), or 20 times what was planned",
	 .set = set_seconds, FIELD(timeout_ns), SECONDS_ALLOWED, .initial = 2 * NS_PER_SECOND},
	{"format", "FORMAT", "table, json or csv, of a run and of `list` (table)", .set = set_format,
	 .allowed = "table, json or csv", .lists = true},
	{"benchmark_filter", "REGEX", "Google Benchmark's: literals, ^ $ . .* | and sets", .set = set_benchmark_filter,
	 .lists = true},
	{"rows", NULL, "of `ladder`: a line a size, too; they are in results.json in any case", .set = set_flag,
	 FIELD(rows)},
	{"arguments", "WORDS", NULL, .set = set_arguments, .file_only = true},
	{"mode", "MODE", NULL, .set = leave_to_machine, .allowed = "takeover or handback"},
	{"exit", "WAY", NULL, .set = leave_to_machine, .allowed = "isa-debug-exit, semihosting or reset"},
	{"accelerator", "NAME", NULL, .set = leave_to_machine},
	{"record-port", "PORT", NULL, .set = leave_to_machine},
	{"cores", "started", NULL, .set = leave_to_machine, .allowed = "started"},
	{"stop-at", "STEP", NULL, .set = leave_to_machine},
	{"console", "NAME", NULL, .set = leave_to_machine, .allowed = ESCAPE_CONSOLE_WORDS},
	{"watchdog", "SWITCH", NULL, .set = leave_to_machine, .allowed = ESCAPE_SWITCH_WORDS},
	{"timer", "NAME", NULL, .set = leave_to_machine, .allowed = ESCAPE_TIMER_WORDS},
	{"pages", "SIZE", NULL, .set = leave_to_machine, .allowed = ESCAPE_PAGES_WORDS},
	{"smp", "SWITCH", NULL, .set = leave_to_machine, .allowed = ESCAPE_SWITCH_WORDS},
};
enum { TABLE_COUNT = sizeof(table) / sizeof(table[0]) };
_Static_assert(sizeof(table) / sizeof(table[0]) <= OPTIONS_TABLE_MAX, "options->given has a place for each");

/* ---- words ------------------------------------------------------------------------------------------------------ */

static bool name_is(const char *name, const char *bytes, size_t length) {
	return strlen(name) == length && memcmp(name, bytes, length) == 0;
}

static const struct option *find_option(const struct reader *reader, const char *bytes, size_t length) {
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (name_is(table[i].name, bytes, length) && (!table[i].file_only || reader->line))
			return &table[i];
	return NULL;
}

static const struct platform_option *find_extra(const struct reader *reader, const char *bytes, size_t length) {
	for (const struct platform_option *extra = reader->extra; extra->name; extra++)
		if (name_is(extra->name, bytes, length))
			return extra;
	return NULL;
}

static bool unknown(struct reader *reader, const char *word, size_t length) {
	char name[64] = "";
	struct options_entry entry;
	const char *best = "";
	size_t least = SIZE_MAX;
	memcpy(name, word, length < sizeof(name) ? length : sizeof(name) - 1);
	for (size_t i = 0; options_entry(reader->extra, i, &entry); i++) {
		size_t distance = match_distance(name, entry.name);
		if (distance < least) {
			least = distance;
			best = entry.name;
		}
	}
	char hint[64] = "; the nearest is --";
	strncat(hint, best, sizeof(hint) - strlen(hint) - 1);
	return complain(reader, "unknown option", name, least <= 1 + strlen(name) / 3 ? hint : "");
}

/* Takes it, or loses nothing by it: every benchmark is listed as it is. */
static bool is_lists(const struct option *option) {
	return option->lists || option->set == set_command || option->set == leave_to_machine ||
	       option->field == offsetof(struct options, all);
}

static void note_of_a_run(struct reader *reader, const char *name) {
	if (!reader->line && !reader->of_a_run)
		reader->of_a_run = name;
}

/* A flag may say "true"; "false" leaves it as it is. */
static bool set_own(struct reader *reader, const struct option *option, const char *value) {
	if (!option->value) {
		if (value && strcmp(value, "false") == 0)
			return true;
		if (value && *value && strcmp(value, "true") != 0)
			return complain(reader, "an option without a value got", value, "");
		value = NULL;
	} else if (!value || !*value)
		return complain(reader, "no value for", option->name, "");
	bool good = option->set(reader, option, value);
	if (!is_lists(option))
		note_of_a_run(reader, option->name);
	reader->options->given[option - table] |= good;
	reader->options->worded[option - table] |= !reader->line || reader->in_arguments;
	return good;
}

static bool set_extra(struct reader *reader, const struct platform_option *extra, const char *value) {
	if (!extra->value && value)
		return complain(reader, "no value wanted by", extra->name, "");
	if (!extra->value)
		value = extra->name;
	if (!value || !*value)
		return complain(reader, "no value for", extra->name, "");
	const char *copy = keep(reader->options, value, strlen(value));
	if (extra->of && (!reader->line || reader->in_arguments))
		reader->options->of = extra;
	if (!copy || extra - reader->extra >= OPTIONS_EXTRA_MAX)
		return complain(reader, "too many words, from", value, "");
	reader->options->extra[extra - reader->extra] = copy;
	note_of_a_run(reader, extra->name);
	return true;
}

/* An option by name, with its value or without (NULL). */
static bool set_option(struct reader *reader, const char *name, size_t length, const char *value) {
	const struct option *option = find_option(reader, name, length);
	if (option)
		return set_own(reader, option, value);
	const struct platform_option *extra = find_extra(reader, name, length);
	return extra ? set_extra(reader, extra, value) : unknown(reader, name, length);
}

static bool read_bare_word(struct reader *reader, const char *word) {
	struct options *options = reader->options;
	enum options_command command;
	if (options->command_given || options->filter_count != 0 || !find_command(word, &command))
		return add_word(reader, options->filters, &options->filter_count, word, strlen(word));
	options->command_given = true;
	if (command != OPTIONS_HELP)
		options->command_word = commands[command].name;
	if (command != OPTIONS_RUN) /* else an earlier --list, --help or --version stands */
		options->command = command;
	return true;
}

/* -oFILE, where it is no option's name with one dash. */
static bool is_out_in_one(const struct reader *reader, const char *word) {
	size_t length = strcspn(word + 1, "=");
	return word[1] == 'o' && length > 1 && find_extra(reader, "out", strlen("out")) &&
	       !find_option(reader, word + 1, length) && !find_extra(reader, word + 1, length);
}

/* One word of a command line; `next` is the one behind it or NULL, and *next_used says whether it was this one's
 * value. */
static bool read_word(struct reader *reader, const char *word, const char *next, bool *next_used) {
	if (strcmp(word, "-h") == 0 && !reader->only_filters)
		word = "--help";
	else if (!reader->only_filters && strcmp(word, "-o") == 0 && find_extra(reader, "out", 3))
		word = "--out";
	else if (strcmp(word, "--") == 0 && !reader->only_filters)
		return reader->only_filters = true;
	if (reader->only_filters)
		return add_word(reader, reader->options->filters, &reader->options->filter_count, word, strlen(word));
	if (word[0] != '-' || word[1] == '\0')
		return read_bare_word(reader, word);
	const char *name = word + (word[1] == '-' ? 2 : 1);
	const char *equals = strchr(name, '=');
	if (is_out_in_one(reader, word))
		return set_option(reader, "out", strlen("out"), word + strlen("-o"));
	if (equals)
		return set_option(reader, name, (size_t)(equals - name), equals + 1);
	const struct option *option = find_option(reader, name, strlen(name));
	const struct platform_option *extra = find_extra(reader, name, strlen(name));
	bool takes_value = option ? option->value != NULL : extra && extra->value;
	*next_used = takes_value && next;
	return set_option(reader, name, strlen(name), takes_value ? next : NULL);
}

/* ---- for callers ------------------------------------------------------------------------------------------------ */

void options_start(struct options *options) {
	*options = (struct options){.confidence_level = 0.95};
	for (const struct option *option = table; option < table + TABLE_COUNT; option++)
		if (option->initial)
			store_number(options, option, option->initial);
}

bool options_config(struct options *options, const struct platform_option *extra, struct platform_text config,
		    struct text *complaints) {
	struct conf_cursor cursor = conf_open(config.bytes, config.length);
	struct conf_span key, value;
	enum conf_result result;
	bool refused = false;
	while ((result = conf_next(&cursor, &key, &value)) != CONF_END) {
		struct reader reader = {
			.options = options, .extra = extra, .complaints = complaints, .line = cursor.line};
		char name[64], words[512];
		if (result == CONF_BROKEN || key.length >= sizeof(name) || value.length >= sizeof(words)) {
			text_format(complaints, "anechoic.conf line %u ignored: not `key = value`\n", cursor.line);
			continue;
		}
		memcpy(name, key.bytes, key.length);
		name[key.length] = '\0';
		if (value.length)
			memcpy(words, value.bytes, value.length);
		words[value.length] = '\0';
		set_option(&reader, name, key.length, value.bytes ? words : NULL);
		refused |= reader.refused;
	}
	return !refused;
}

bool options_command_line(struct options *options, const struct platform_option *extra, int argc, char **argv,
			  struct text *complaints) {
	struct reader reader = {.options = options, .extra = extra, .complaints = complaints};
	bool all_good = true;
	for (int i = 1; i < argc; i++) {
		bool next_used = false;
		all_good &= read_word(&reader, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &next_used);
		i += next_used;
	}
	const char *word = options->command_word;
	if (reader.of_a_run && word && strcmp(word, commands[OPTIONS_LIST].name) == 0) {
		char name[40] = "--";
		strncat(name, reader.of_a_run, sizeof(name) - 3);
		return complain(&reader, "list measures nothing, and takes no", name, "");
	}
	return all_good;
}

/* Of `tune`, `noise` and `snippet`, which are no runs. */
static bool is_taken(const struct option *option, enum options_command command) {
	if (option->set == set_command || option->set == leave_to_machine || option->set == set_arguments)
		return true;
	if (command != OPTIONS_NOISE && command != OPTIONS_TUNE && command != OPTIONS_SNIPPET)
		return true;
	return strcmp(option->name, "timeout") == 0 ||
	       strcmp(option->name, command == OPTIONS_NOISE ? "quick" : "seed") == 0;
}

const char *options_not_taken(const struct options *options) {
	for (const struct option *option = table; option < table + TABLE_COUNT; option++)
		if (options->worded[option - table] && !is_taken(option, options->command))
			return option->name;
	return NULL;
}

void options_settle(struct options *options, uint32_t resamples, uint32_t resamples_quick) {
	bool is_ladder = options->command == OPTIONS_LADDER;
	for (size_t i = 0; (options->quick || is_ladder) && i < TABLE_COUNT; i++) {
		bool shorter = is_ladder && options->quick && table[i].ladder_quick;
		if (table[i].quick && !options->given[i])
			store_number(options, &table[i], shorter ? table[i].ladder_quick : table[i].quick);
	}
	if (!options->resamples)
		options->resamples = options->quick ? resamples_quick : resamples;
}

bool options_command(size_t index, struct options_entry *entry) {
	if (index >= COMMAND_COUNT)
		return false;
	*entry = commands[index];
	return true;
}

bool options_list_entry(size_t index, struct options_entry *entry) {
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (table[i].lists && index-- == 0) {
			*entry = (struct options_entry){table[i].name, table[i].value, table[i].summary};
			return true;
		}
	return false;
}

bool options_entry(const struct platform_option *extra, size_t index, struct options_entry *entry) {
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (table[i].summary && index-- == 0) {
			*entry = (struct options_entry){table[i].name, table[i].value, table[i].summary};
			return true;
		}
	for (; extra->name; extra++)
		if (index-- == 0) {
			*entry = (struct options_entry){extra->name, extra->value, extra->summary};
			return true;
		}
	return false;
}

void options_describe(const struct options_entry *entry, const char *dashes, size_t column, struct text *text) {
	text_format(text, "  %s%s%s%s", dashes, entry->name, entry->value ? " " : "", entry->value ? entry->value : "");
	text_pad(text, column);
	text_add_string(text, entry->summary);
	text_add_string(text, "\n");
}
