/* SPDX-License-Identifier: Apache-2.0
 *
 * Options come from anechoic.conf, then from the command line.
 */
#include "bench/program.h"

#include "bench/machine/show.h"
#include "bench/match.h"
#include "bench/noise/publish.h"
#include "bench/plain.h"
#include "bench/run.h"
#include "bench/self_test.h"
#include "bench/start.h"
#include "bench/tune/publish.h"
#include "build_info.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 30 };

static const struct program_command *find_command(const struct program_command *commands, const char *name) {
	for (const struct program_command *command = commands; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

static void show(enum platform_stream stream, struct text *text) {
	if (text->length)
		platform_write(stream, text->bytes, text->length);
	text_free(text);
}

/* The platform's own where it has one. */
static int help(const struct program *program, const char *page) {
	struct text text = {0};
	struct options_entry entry;
	const struct program_command *own = find_command(program->commands, "help");
	if (own) {
		char name[] = "help", word[32] = "";
		char *words[] = {name, word, NULL};
		strncpy(word, page, sizeof(word) - 1);
		return own->run(*page ? 2 : 1, words);
	}
	text_add_string(
		&text,
		"usage: anechoic [COMMAND] [OPTION...] [FILTER...]\n\n"
		"A filter is a part of a name, or a glob (* ? [a-z]) of a whole one; several: any of them.\n"
		"Without one, the headline benchmarks run, which `list` marks with *; with --all, every one but\n"
		"those under machine/: these are meant by filters that begin so.\n\n"
		"commands:\n");
	for (size_t i = 0; options_command(i, &entry); i++)
		options_describe(&entry, "", HELP_COLUMN, &text);
	text_add_string(&text, "\noptions:\n");
	for (size_t i = 0; options_entry(program->options, i, &entry); i++)
		options_describe(&entry, "--", HELP_COLUMN, &text);
	text_add_string(&text, "\nexit status: 0 all well, 1 a regression, 2 usage or tool error, 3 inconclusive, 4 a "
			       "benchmark failed or "
			       "hung\n");
	show(PLATFORM_STREAM_TEXT, &text);
	return 0;
}

void program_add_version(struct text *text) {
	text_add_string(text, "anechoic " BUILD_VERSION ", commit " BUILD_COMMIT ", " BUILD_COMPILER "\n");
}

static int version(void) {
	struct text text = {0};
	program_add_version(&text);
	show(PLATFORM_STREAM_TEXT, &text);
	return 0;
}

static int caps(enum options_format format) {
	struct facts facts;
	struct text text = {0}, complaint = {0};
	if (facts_read(&facts, FACTS_WHOLE) != 0) {
		text_add_string(&complaint, "out of memory\n");
	} else if (facts_describe(&facts, &complaint) == 0) {
		if (format == OPTIONS_JSON)
			machine_show_json(&facts, &text);
		else
			machine_show_table(&facts, &text);
		text_add_string(&text, format == OPTIONS_JSON ? "\n" : "");
	}
	bool good = complaint.length == 0 && !text.failed;
	facts_free(&facts);
	show(PLATFORM_STREAM_ERROR, &complaint);
	show(PLATFORM_STREAM_TEXT, &text);
	return good ? 0 : 2;
}

static int set_extras(const struct program *program, const struct options *options) {
	for (size_t i = 0; program->options[i].name; i++)
		if (options->extra[i] && program->options[i].set(options->extra[i]) < 0)
			return 2;
	return 0;
}

static void say_phase(const char *phase, double share) {
	static const char *said;
	struct text text = {0};
	(void)share;
	if (said == phase)
		return;
	said = phase;
	text_format(&text, "%s\n", phase);
	show(PLATFORM_STREAM_TEXT, &text);
}

/* How a command ended that is no run. */
struct ending {
	int status;
	bool measured;       /* there was something to save */
	const char *unsaved; /* why it is not; NULL: it is */
};

static void end_command(const struct ending *ending) {
	if (ending->measured)
		run_end_other(ending->status, ending->unsaved);
	else
		run_end_unopened(ending->status);
}

static const char *why_unsaved(int error) {
	return error == PLATFORM_EIO ? "results.json cannot be written (disk full or read-only)"
				     : "results.json: out of memory";
}

static int publish(const struct tune *tune, const struct tune_request *request, struct ending *ending,
		   struct text *complaint) {
	struct tune_signature signature;
	struct profile_about about;
	int error = publish_about(request, &signature, &about);
	ending->measured = true;
	if (error == 0)
		error = publish_profile(tune, &about);
	if (error == 0)
		return tune_status(tune);
	ending->unsaved = why_unsaved(error);
	text_add_string(complaint, error == PLATFORM_EIO
					   ? "tune: the profile could not be saved; of its records, on the serial port "
					     "and the\nconsole, `anechoic collect` makes it\n"
					   : "tune: out of memory\n");
	return 2;
}

static int tune(const struct program *program, const struct options *options, struct ending *ending) {
	struct text text = {0}, complaint = {0};
	struct tune *tune;
	int status = set_extras(program, options);
	if (status != 0)
		return status;
	struct tune_request request = *program->tune;
	request.seed = options->seed;
	if (options->timeout_ns > request.timeout_ns)
		request.timeout_ns = options->timeout_ns;
	request.progress = say_phase;
	status = tune_make(&request, &tune, &complaint);
	if (status == 0) {
		tune_show_table(tune, request.what_for, platform_describe()->columns, &text);
		status = publish(tune, &request, ending, &complaint);
	}
	free(tune);
	show(PLATFORM_STREAM_TEXT, &text);
	show(PLATFORM_STREAM_ERROR, &complaint);
	return status;
}

static void record_so_far(void *opened, const struct noise *noise) {
	if (!*(bool *)opened)
		noise_record_head(noise);
	*(bool *)opened = true;
	noise_record_cores(noise);
}

static int save_noise(const struct noise *noise, bool *opened, struct ending *ending, struct text *complaint) {
	struct text file = {0};
	ending->measured = true;
	record_so_far(opened, noise);
	noise_record_end(noise->cut);
	noise_write(noise, noise->cut, &file);
	int error = file.failed ? PLATFORM_ENOMEM : platform_write(PLATFORM_STREAM_RESULTS, file.bytes, file.length);
	text_free(&file);
	if (error == 0)
		error = platform_results_close();
	if (error == 0 || error == PLATFORM_EUNSUPPORTED)
		return 0;
	ending->unsaved = why_unsaved(error);
	text_add_string(complaint, "noise: what was found could not be saved; of its records, on the serial port and "
				   "the\nconsole, `anechoic collect` makes the file\n");
	return 2;
}

static int noise(const struct program *program, const struct options *options, struct ending *ending) {
	struct text text = {0}, complaint = {0};
	bool opened = false;
	struct noise *noise = NULL;
	int status = set_extras(program, options);
	if (status != 0)
		return status;
	struct noise_request request = *program->noise;
	if (request.duration_ns == 0)
		request.duration_ns = (options->quick ? NOISE_SECONDS_QUICK : NOISE_SECONDS) * NS_PER_SECOND;
	request.timeout_ns = options->timeout_ns > NOISE_TIMEOUT_NS ? options->timeout_ns : NOISE_TIMEOUT_NS;
	request.progress = say_phase;
	request.so_far = record_so_far;
	request.argument = &opened;
	status = noise_make(&request, &noise, &complaint);
	if (noise != NULL && noise_has_looked(noise)) {
		noise_show_table(noise, &text);
		int saved = save_noise(noise, &opened, ending, &complaint);
		status = status != 0 ? status : saved != 0 ? saved : noise_status(noise);
	}
	noise_free(noise);
	show(PLATFORM_STREAM_ERROR, &complaint);
	show(PLATFORM_STREAM_TEXT, &text);
	return status;
}

static int watch(const struct program *program, const struct options *options) {
	struct text complaint = {0};
	int status = set_extras(program, options);
	if (status != 0)
		return status;
	status = rounds_publish(
		&(struct rounds_request){
			.filters = options->filters,
			.filter_count = options->filter_count,
			.exact = options->exact,
			.inject = options->inject,
			.inject_count = options->inject_count,
			.seed = options->seed,
			.duty = ROUNDS_DUTY,
		},
		program->watch, &complaint);
	show(PLATFORM_STREAM_ERROR, &complaint);
	return status;
}

static int save_snippet(const struct text *json, struct ending *ending, struct text *complaint) {
	ending->measured = true;
	int error = json->failed ? PLATFORM_ENOMEM : platform_write(PLATFORM_STREAM_RESULTS, json->bytes, json->length);
	if (error == 0)
		error = platform_results_close();
	if (error == 0 || error == PLATFORM_EUNSUPPORTED)
		return 0;
	ending->unsaved = why_unsaved(error);
	text_add_string(complaint, "snippet: what was found could not be saved; of its record, on the serial port and "
				   "the\nconsole, `anechoic collect` makes the file\n");
	return 2;
}

static int snippet(const struct program *program, const struct options *options, struct ending *ending) {
	struct text json = {0}, shown = {0}, complaint = {0};
	int status = set_extras(program, options);
	if (status != 0)
		return status;
	struct snippet_request request = *program->snippet;
	request.seed = options->seed;
	request.timeout_ns = options->timeout_ns;
	status = snippet_publish(&request, &json, &shown, &complaint);
	show(PLATFORM_STREAM_TEXT, &shown);
	text_add_string(&json, "\n");
	if (status != 2 && save_snippet(&json, ending, &complaint) != 0)
		status = 2;
	show(PLATFORM_STREAM_ERROR, &complaint);
	text_free(&json);
	return status;
}

/* NULL: the word is a slip of no command. */
static const char *near_command(const struct program *program, const char *word) {
	struct match_nearest nearest = match_nearest_to(word);
	struct options_entry entry;
	for (size_t i = 0; options_command(i, &entry); i++)
		match_try(&nearest, entry.name);
	for (const struct program_command *command = program->commands; command->name; command++)
		match_try(&nearest, command->name);
	return nearest.name;
}

/* NULL: it is none that another platform has. */
static const char *foreign_command(const struct program *program, const char *word) {
	for (const char *const *name = program->foreign_commands; name && *name; name++)
		if (strcmp(*name, word) == 0)
			return *name;
	return NULL;
}

/* Of words with blanks between. */
static bool is_one_of(const char *word, const char *words) {
	size_t length = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

static bool refuses_option_of_run(const struct options *options, const char *command) {
	const char *name = options_not_taken(options);
	struct text text = {0};
	if (name)
		text_format(&text, "%s takes no '--%s': that is an option of a run\n", command, name);
	show(PLATFORM_STREAM_ERROR, &text);
	return name != NULL;
}

/* Says so. */
static bool refuses_option(const struct options *options) {
	const char *command = options->command_word ? options->command_word : "run";
	if (refuses_option_of_run(options, command))
		return true;
	if (options->of == NULL || options->command == OPTIONS_HELP || is_one_of(command, options->of->of))
		return false;
	struct text text = {0};
	text_format(&text, "%s takes no '--%s': that is an option of `", command, options->of->name);
	for (const char *at = options->of->of; *at; at++)
		text_add(&text, *at == ' ' ? "` and `" : at, *at == ' ' ? strlen("` and `") : 1);
	text_add_string(&text, "`\n");
	show(PLATFORM_STREAM_ERROR, &text);
	return true;
}

/* Says so. */
static bool refuses_words(const struct options *options) {
	bool alone = options->command == OPTIONS_VERSION || options->command == OPTIONS_SELF_TEST ||
		     options->command == OPTIONS_TUNE || options->command == OPTIONS_NOISE ||
		     options->command == OPTIONS_SNIPPET || options->command == OPTIONS_CAPS;
	if (!alone || !options->command_word || options->filter_count == 0 || strcmp(options->command_word, "run") == 0)
		return false;
	struct text text = {0};
	plain_format(&text, "%s takes no '%.100s'\n", options->command_word, options->filters[0]);
	show(PLATFORM_STREAM_ERROR, &text);
	return true;
}

/* Says so. A platform's own command reads its own words, from the first on. */
static bool comes_late(const struct program *program, const struct options *options) {
	bool own = (options->command == OPTIONS_TUNE && program->tune == NULL) ||
		   (options->command == OPTIONS_NOISE && program->noise == NULL) ||
		   (options->command == OPTIONS_WATCH && program->watch == NULL) ||
		   (options->command == OPTIONS_SNIPPET && program->snippet == NULL);
	if (!own)
		return false;
	struct text text = {0};
	text_format(&text, "%s comes first: anechoic %s [OPTION...]\n", options->command_word, options->command_word);
	show(PLATFORM_STREAM_ERROR, &text);
	return true;
}

static int run_command(const struct program *program, int argc, char **argv) {
	static struct options options; /* large, and pointed into */
	struct text complaints = {0};
	options_start(&options);
	bool good = options_config(&options, program->options, platform_config(), &complaints);
	good &= options_command_line(&options, program->options, argc, argv, &complaints);
	show(PLATFORM_STREAM_ERROR, &complaints);
	if (!good) {
		run_end_unopened(2);
		return 2;
	}
	if (comes_late(program, &options) || refuses_option(&options) || refuses_words(&options)) {
		run_end_unopened(2);
		return 2;
	}
	if (options.command == OPTIONS_RUN && options.filter_count > 0) {
		const char *near = near_command(program, options.filters[0]);
		/* behind a command a slip is that of a filter */
		if (near && (!options.command_given || strcmp(near, options.filters[0]) == 0))
			options.near_command = near;
		options.foreign_command = foreign_command(program, options.filters[0]);
	}
	bool hosted = strcmp(platform_describe()->way, "hosted") == 0;
	options_settle(&options, hosted ? 100000 : 2000, hosted ? 10000 : 1000);
	options.rows |= !hosted; /* nothing else on a serial console says that the run goes on */
	struct ending ending = {0};
	switch (options.command) {
	case OPTIONS_HELP:
		ending.status = help(program, options.command_word ? options.command_word : "");
		break;
	case OPTIONS_VERSION:
		ending.status = version();
		break;
	case OPTIONS_LIST:
		ending.status = run_list(&options);
		break;
	case OPTIONS_SELF_TEST:
		ending.status = self_test();
		break;
	case OPTIONS_TUNE:
		ending.status = tune(program, &options, &ending);
		break;
	case OPTIONS_NOISE:
		ending.status = noise(program, &options, &ending);
		break;
	case OPTIONS_WATCH:
		ending.status = watch(program, &options);
		break;
	case OPTIONS_SNIPPET:
		ending.status = snippet(program, &options, &ending);
		break;
	case OPTIONS_CAPS:
		ending.status = caps(options.format);
		break;
	default:
		ending.status = set_extras(program, &options);
		if (ending.status == 0)
			return run_benchmarks(&options);
	}
	end_command(&ending);
	return ending.status;
}

/* Wherever it stands among a command's options. */
static bool asks_for_help(int argc, char **argv) {
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

_Noreturn void program_run(const struct program *program, int argc, char **argv) {
	int status;
	start_phase_end(START_PHASE_RUNTIME);
	if (program->instead && program->instead(argc, argv, &status))
		platform_exit(status);
	const struct program_command *command = argc > 1 ? find_command(program->commands, argv[1]) : NULL;
	bool asks = command && asks_for_help(argc, argv);
	status = asks      ? help(program, argv[1])
		 : command ? command->run(argc - 1, argv + 1)
			   : run_command(program, argc, argv);
	platform_exit(status);
}
