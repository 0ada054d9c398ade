/* SPDX-License-Identifier: Apache-2.0
 *
 * One table of options; conf.h knows the syntax of the file, this file that of the command line.
 */
#include "bench/options.h"

#include "bench/layout.h"
#include "bench/match.h"
#include "lib/conf.h"

#include <stdlib.h>
#include <string.h>

enum option_id {
	OPTION_QUICK,
	OPTION_LIST,
	OPTION_EXACT,
	OPTION_ALL,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_SAMPLE_SIZE,
	OPTION_WARM_UP_TIME,
	OPTION_MEASUREMENT_TIME,
	OPTION_TIME_BUDGET,
	OPTION_LAYOUTS,
	OPTION_NRESAMPLES,
	OPTION_CONFIDENCE_LEVEL,
	OPTION_SEED,
	OPTION_INJECT,
	OPTION_TIMEOUT,
	OPTION_FORMAT,
	OPTION_BENCHMARK_FILTER,
	OPTION_ARGUMENTS,
	OPTION_MACHINE, /* for the loader or the kernel: accepted, so that one file serves all */
};

struct option {
	const char *name;
	enum option_id id;
	const char *value;   /* NULL: takes none */
	const char *summary; /* NULL: not in the help */
};

static const struct option table[] = {
	{"quick", OPTION_QUICK, NULL, "30 samples in 0.1 s after 0.02 s of warm-up, fewer resamples"},
	{"list", OPTION_LIST, NULL, "name the benchmarks, run none"},
	{"exact", OPTION_EXACT, NULL, "a filter is a whole name"},
	{"all", OPTION_ALL, NULL, "without a filter: every benchmark (else those that `list` marks with *)"},
	{"help", OPTION_HELP, NULL, "this text"},
	{"version", OPTION_VERSION, NULL, "version, commit and compiler"},
	{"sample-size", OPTION_SAMPLE_SIZE, "N", "samples a benchmark (100)"},
	{"warm-up-time", OPTION_WARM_UP_TIME, "SECONDS", "before the first sample (0.1)"},
	{"measurement-time", OPTION_MEASUREMENT_TIME, "SECONDS", "for all samples of a benchmark (0.4)"},
	{"time-budget", OPTION_TIME_BUDGET, "SECONDS", "for the whole run, spent where the intervals are widest"},
	{"layouts", OPTION_LAYOUTS, "N", "measure under N random placements of memory, too: how much is layout luck"},
	{"nresamples", OPTION_NRESAMPLES, "N", "of the bootstrap (100000; 2000 in the image)"},
	{"confidence-level", OPTION_CONFIDENCE_LEVEL, "LEVEL", "of the intervals (0.95)"},
	{"seed", OPTION_SEED, "N", "of each benchmark's bootstrap, and of placements (1)"},
	{"inject", OPTION_INJECT, "LIST", "broken ones first: ud,null,wx,stack,hang,checkpoint,core or all (status 4)"},
	{"timeout", OPTION_TIMEOUT, "SECONDS", "before a benchmark counts as hung (2), or 20 times what was planned"},
	{"format", OPTION_FORMAT, "FORMAT", "table, json or csv, of a run and of `list`"},
	{"benchmark_filter", OPTION_BENCHMARK_FILTER, "REGEX", "Google Benchmark's: literals, ^ $ . .* | and sets"},
	{"arguments", OPTION_ARGUMENTS, "WORDS", NULL},
	{"mode", OPTION_MACHINE, "MODE", NULL},
	{"exit", OPTION_MACHINE, "WAY", NULL},
	{"accelerator", OPTION_MACHINE, "NAME", NULL},
	{"record-port", OPTION_MACHINE, "PORT", NULL},
	{"console", OPTION_MACHINE, "NAME", NULL},
};
enum { TABLE_COUNT = sizeof(table) / sizeof(table[0]) };

/* Where words come from, for complaints: a line of the file, or the command line (line 0). */
struct reader {
	struct options *options;
	const struct platform_option *extra;
	struct text *complaints;
	unsigned line;
};

static bool read_word(struct reader *reader, const char *word, const char *next, bool *next_used);

static bool complain(struct reader *reader, const char *what, const char *word, const char *hint) {
	if (reader->line)
		text_format(reader->complaints, "anechoic.conf line %u ignored: ", reader->line);
	text_add_string(reader->complaints, what);
	text_add_string(reader->complaints, " '");
	text_add_string(reader->complaints, word);
	text_add_string(reader->complaints, "'");
	text_add_string(reader->complaints, hint);
	text_add_string(reader->complaints, "\n");
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

static bool parse_u64(const char *value, uint64_t least, uint64_t most, uint64_t *number) {
	char *end;
	if (*value < '0' || *value > '9')
		return false;
	*number = strtoull(value, &end, 0);
	return *end == '\0' && *number >= least && *number <= most;
}

static bool parse_u32(const char *value, uint32_t least, uint32_t most, uint32_t *number) {
	uint64_t wide;
	if (!parse_u64(value, least, most, &wide))
		return false;
	*number = (uint32_t)wide;
	return true;
}

static bool parse_double(const char *value, double *number) {
	char *end;
	*number = strtod(value, &end);
	return end != value && *end == '\0' && *number - *number == 0;
}

/* A thousandth of a second to a day: "0.5", or with its unit, "0.5s". */
static bool parse_seconds(const char *value, uint64_t *ns) {
	double seconds;
	char digits[32];
	size_t length = strlen(value);
	if (length > 1 && value[length - 1] == 's')
		length--;
	if (length >= sizeof(digits))
		return false;
	memcpy(digits, value, length);
	digits[length] = '\0';
	if (!parse_double(digits, &seconds) || !(seconds >= 0.001 && seconds <= 86400))
		return false;
	*ns = (uint64_t)(seconds * 1e9 + 0.5);
	return true;
}

static bool parse_inject(struct reader *reader, const char *value) {
	static const char *const names[] = {"ud", "null", "wx", "stack", "hang", "checkpoint", "core"};
	enum { NAMES = sizeof(names) / sizeof(names[0]) };
	struct options *options = reader->options;
	if (strcmp(value, "all") == 0)
		value = "ud,null,wx,stack,hang,checkpoint,core";
	for (const char *end; *value; value = *end ? end + 1 : end) {
		end = value + strcspn(value, ",");
		size_t length = (size_t)(end - value), i = 0;
		while (i < NAMES && (strlen(names[i]) != length || memcmp(names[i], value, length) != 0))
			i++;
		if (i == NAMES)
			return complain(reader, "unknown fault in", value,
					": valid are ud, null, wx, stack, hang, core, all");
		if (!add_word(reader, options->inject, &options->inject_count, value, length))
			return false;
	}
	return true;
}

static bool parse_format(const char *value, enum options_format *format) {
	static const char *const names[] = {[OPTIONS_TABLE] = "table", [OPTIONS_JSON] = "json", [OPTIONS_CSV] = "csv"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0) {
			*format = (enum options_format)i;
			return true;
		}
	return false;
}

/* One alternative of a regular expression as a glob: a part of a name unless it is anchored. false: it has more than a glob can say. */
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
	if (!to_end)
		glob[used++] = '*';
	glob[used] = '\0';
	return true;
}

static bool parse_benchmark_filter(struct reader *reader, const char *value) {
	struct options *options = reader->options;
	char glob[256];
	if (strcmp(value, "all") == 0)
		value = ".";
	for (const char *end = value; *value; value = *end ? end + 1 : end) {
		end = value + strcspn(value, "|");
		if (!glob_of_regex(value, (size_t)(end - value), glob, sizeof(glob)))
			return complain(reader, "benchmark_filter", value,
					": only literals, ^ $ . .* | and sets are understood");
		if (!add_word(reader, options->filters, &options->filter_count, glob, strlen(glob)))
			return false;
	}
	return true;
}

/* Words that stand in anechoic.conf after `arguments`. */
static bool parse_arguments(struct reader *reader, const char *value) {
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

static bool set_value(struct reader *reader, const struct option *option, const char *value) {
	struct options *o = reader->options;
	bool good = true;
	switch (option->id) {
	case OPTION_SAMPLE_SIZE:
		good = parse_u32(value, 10, 100000, &o->sample_size);
		o->sample_size_given |= good;
		break;
	case OPTION_WARM_UP_TIME:
		good = parse_seconds(value, &o->warm_up_ns);
		o->warm_up_given |= good;
		break;
	case OPTION_MEASUREMENT_TIME:
		good = parse_seconds(value, &o->measurement_ns);
		o->measurement_given |= good;
		break;
	case OPTION_TIME_BUDGET:
		good = parse_seconds(value, &o->time_budget_ns);
		break;
	case OPTION_LAYOUTS:
		good = parse_u32(value, LAYOUTS_LEAST, LAYOUTS_MOST, &o->layouts);
		break;
	case OPTION_NRESAMPLES:
		good = parse_u32(value, 100, 10000000, &o->resamples);
		o->resamples_given |= good;
		break;
	case OPTION_CONFIDENCE_LEVEL: {
		double level;
		good = parse_double(value, &level) && level > 0 && level < 1;
		if (good)
			o->confidence_level = level;
		break;
	}
	case OPTION_SEED:
		good = parse_u64(value, 0, UINT64_MAX, &o->seed);
		break;
	case OPTION_TIMEOUT:
		good = parse_seconds(value, &o->timeout_ns);
		break;
	case OPTION_FORMAT:
		good = parse_format(value, &o->format);
		break;
	case OPTION_BENCHMARK_FILTER:
		return parse_benchmark_filter(reader, value);
	case OPTION_INJECT:
		return parse_inject(reader, value);
	case OPTION_ARGUMENTS:
		return parse_arguments(reader, value);
	default:
		break;
	}
	return good ? true : complain(reader, option->name, value, ": not a valid value");
}

static void set_flag(struct options *options, enum option_id id) {
	switch (id) {
	case OPTION_QUICK:
		options->quick = true;
		break;
	case OPTION_EXACT:
		options->exact = true;
		break;
	case OPTION_ALL:
		options->all = true;
		break;
	case OPTION_LIST:
		options->command = OPTIONS_LIST;
		break;
	case OPTION_HELP:
		options->command = OPTIONS_HELP;
		break;
	case OPTION_VERSION:
		options->command = OPTIONS_VERSION;
		break;
	default:
		break;
	}
}

static bool name_is(const char *name, const char *bytes, size_t length) {
	return strlen(name) == length && memcmp(name, bytes, length) == 0;
}

static const struct option *find_option(const struct reader *reader, const char *bytes, size_t length) {
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (name_is(table[i].name, bytes, length) && (table[i].id != OPTION_ARGUMENTS || reader->line))
			return &table[i];
	return NULL;
}

static const struct platform_option *find_extra(const struct reader *reader, const char *bytes, size_t length) {
	for (const struct platform_option *extra = reader->extra; extra->name; extra++)
		if (name_is(extra->name, bytes, length))
			return extra;
	return NULL;
}

static bool unknown(struct reader *reader, const char *word) {
	const char *best = table[0].name;
	size_t least = match_distance(word, best);
	for (size_t i = 1; i < TABLE_COUNT; i++) {
		size_t distance = match_distance(word, table[i].name);
		if (table[i].summary && distance < least) {
			least = distance;
			best = table[i].name;
		}
	}
	for (const struct platform_option *extra = reader->extra; extra->name; extra++) {
		size_t distance = match_distance(word, extra->name);
		if (distance < least) {
			least = distance;
			best = extra->name;
		}
	}
	char hint[64] = "; the nearest is --";
	strncat(hint, best, sizeof(hint) - strlen(hint) - 1);
	return complain(reader, "unknown option", word, hint);
}

/* An option by name, with its value or without (NULL). */
static bool set_option(struct reader *reader, const char *name, size_t length, const char *value) {
	const struct option *option = find_option(reader, name, length);
	const struct platform_option *extra = option ? NULL : find_extra(reader, name, length);
	if (option && !option->value) {
		if (value && strcmp(value, "false") == 0)
			return true;
		if (value && *value && strcmp(value, "true") != 0)
			return complain(reader, "an option without a value got", value, "");
		set_flag(reader->options, option->id);
		return true;
	}
	if (!option && !extra)
		return unknown(reader, name);
	if (!value || !*value)
		return complain(reader, "no value for", option ? option->name : extra->name, "");
	if (option)
		return set_value(reader, option, value);
	const char *copy = keep(reader->options, value, strlen(value));
	if (!copy || extra - reader->extra >= OPTIONS_EXTRA_MAX)
		return complain(reader, "too many words, from", value, "");
	reader->options->extra[extra - reader->extra] = copy;
	return true;
}

static bool read_bare_word(struct reader *reader, const char *word) {
	static const char *const commands[] = {[OPTIONS_RUN] = "run",
					       [OPTIONS_LIST] = "list",
					       [OPTIONS_HELP] = "help",
					       [OPTIONS_VERSION] = "version",
					       [OPTIONS_SELF_TEST] = "self-test"};
	struct options *options = reader->options;
	if (!options->command_given && options->filter_count == 0) {
		for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
			if (strcmp(word, commands[i]) != 0)
				continue;
			options->command_given = true;
			options->command = i == OPTIONS_RUN ? options->command : (enum options_command)i;
			return true;
		}
	}
	return add_word(reader, options->filters, &options->filter_count, word, strlen(word));
}

/* One word of a command line; `next` is the one behind it or NULL, and *next_used says whether it was this one's value. */
static bool read_word(struct reader *reader, const char *word, const char *next, bool *next_used) {
	if (strcmp(word, "-h") == 0)
		word = "--help";
	if (word[0] != '-' || word[1] == '\0')
		return read_bare_word(reader, word);
	const char *name = word + (word[1] == '-' ? 2 : 1);
	const char *equals = strchr(name, '=');
	if (equals)
		return set_option(reader, name, (size_t)(equals - name), equals + 1);
	const struct option *option = find_option(reader, name, strlen(name));
	bool takes_value = option ? option->value != NULL : find_extra(reader, name, strlen(name)) != NULL;
	*next_used = takes_value && next;
	return set_option(reader, name, strlen(name), takes_value ? next : NULL);
}

void options_start(struct options *options) {
	*options = (struct options){
		.sample_size = 100,
		.warm_up_ns = 100000000,
		.measurement_ns = 400000000,
		.confidence_level = 0.95,
		.seed = 1,
		.timeout_ns = UINT64_C(2000000000),
	};
}

void options_config(struct options *options, const struct platform_option *extra, struct platform_text config,
		    struct text *complaints) {
	struct conf_cursor cursor = conf_open(config.bytes, config.length);
	struct conf_span key, value;
	enum conf_result result;
	while ((result = conf_next(&cursor, &key, &value)) != CONF_END) {
		struct reader reader = {options, extra, complaints, cursor.line};
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
	}
}

bool options_command_line(struct options *options, const struct platform_option *extra, int argc, char **argv,
			  struct text *complaints) {
	struct reader reader = {options, extra, complaints, 0};
	bool all_good = true;
	for (int i = 1; i < argc; i++) {
		bool next_used = false;
		all_good &= read_word(&reader, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &next_used);
		i += next_used;
	}
	return all_good;
}

void options_settle(struct options *options, uint32_t resamples, uint32_t resamples_quick) {
	if (options->quick && !options->sample_size_given)
		options->sample_size = 30;
	if (options->quick && !options->warm_up_given)
		options->warm_up_ns = 20000000;
	if (options->quick && !options->measurement_given)
		options->measurement_ns = 100000000;
	if (!options->resamples_given)
		options->resamples = options->quick ? resamples_quick : resamples;
}

static void describe_one(struct text *text, const char *name, const char *value, const char *summary) {
	text_format(text, "  --%s%s%s", name, value ? " " : "", value ? value : "");
	text_pad(text, 30);
	text_add_string(text, summary);
	text_add_string(text, "\n");
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

void options_describe(const struct platform_option *extra, struct text *text) {
	struct options_entry entry;
	for (size_t i = 0; options_entry(extra, i, &entry); i++)
		describe_one(text, entry.name, entry.value, entry.summary);
}
