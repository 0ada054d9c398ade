/* SPDX-License-Identifier: Apache-2.0
 *
 * Options, and the launches one after the other. What is measured how is peers/peers.h's.
 */
#include "bench/tune/profile_read.h"
#include "peers/choice.h"
#include "peers/cpu_name.h"
#include "peers/launch.h"
#include "peers/print.h"
#include "peers/results.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LAUNCHES = 5 };

static const struct peer_plan plan_usual = {.rounds = 51, .rounds_least = 7, .sample_ns = 20000, .row_ns = 250000000};
static const struct peer_plan plan_quick = {
	.rounds = 15, .rounds_least = 5, .sample_ns = 10000, .row_ns = 40000000, .quick = true};

struct options {
	struct peer_plan plan;
	uint64_t seed;
	unsigned launches;
	const char *filter, *cpu, *profile;
	bool variants, list;
	struct simd_profile chosen; /* the built-in choice, unless a profile was asked for and fits */
};

static int usage(FILE *file, int status) {
	fprintf(file,
		"usage: bench-peers [--quick] [--variants] [--launches=%d] [--profile=FILE] [--seed=N] [--cpu=NAME]\n"
		"                   [--list] [part of a row's name]\n",
		LAUNCHES);
	return status;
}

static int help(void) {
	usage(stdout, 0);
	printf("\nMeasures ours beside what users would pick instead, and says which bars are met.\n\n"
	       "  part of a name  rows whose name has it; without it all, but those that --variants asks for\n"
	       "  --list          names the rows and measures nothing\n"
	       "  --quick         up to %u rounds of samples of %.0f us in the place of %u of %.0f\n"
	       "  --variants      each of our methods by itself as well, and what was chosen beside the best of them\n"
	       "  --launches=N    processes that measure each row, 1 to %d; as many again for rows that were "
	       "disturbed\n"
	       "  --profile=FILE  the methods of that profile (anechoic tune) in the place of those built in\n"
	       "  --seed=N        the order of rows and samples of the first launch; each further one counts on\n"
	       "  --cpu=NAME      what this machine is called, before what Linux calls its processor\n"
	       "  --help          this\n\n"
	       "Exit status: 0 measured, 1 a launch ended before its time, or a profile is none, 2 wrong use.\n",
	       plan_quick.rounds, (double)plan_quick.sample_ns / 1000, plan_usual.rounds,
	       (double)plan_usual.sample_ns / 1000, PEER_LAUNCHES_MAX / 2);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* The number behind "--name="; false: it is not that option. */
static bool number_of(const char *argument, const char *name, uint64_t *value) {
	size_t length = strlen(name);
	char *end;
	if (strncmp(argument, name, length) != 0 || argument[length] != '=')
		return false;
	*value = strtoull(argument + length + 1, &end, 0);
	return end != argument + length + 1 && *end == 0;
}

/* false: there is no such option. */
static bool take_option(struct options *options, const char *argument) {
	uint64_t number;
	if (strcmp(argument, "--quick") == 0)
		options->plan = plan_quick;
	else if (strcmp(argument, "--variants") == 0)
		options->variants = true;
	else if (strcmp(argument, "--list") == 0)
		options->list = true;
	else if (strncmp(argument, "--cpu=", 6) == 0)
		options->cpu = argument + 6;
	else if (strncmp(argument, "--profile=", 10) == 0)
		options->profile = argument + 10;
	else if (number_of(argument, "--seed", &number))
		options->seed = number;
	else if (number_of(argument, "--launches", &number) && number >= 1 && number <= PEER_LAUNCHES_MAX / 2)
		options->launches = (unsigned)number;
	else if (argument[0] != '-' && options->filter == NULL)
		options->filter = argument;
	else
		return false;
	return true;
}

/* ---- progress ---------------------------------------------------------------------------------------------------- */

struct progress {
	struct peer_results *results;
	unsigned launch, most;
	size_t row, rows;
	bool shown;
};

static void begins(void *context, uint32_t row) {
	struct progress *progress = context;
	progress->row++;
	if (progress->shown)
		fprintf(stderr, "\r\033[Klaunch %u of %u%s, row %zu of %zu: %s", progress->launch + 1, progress->most,
			progress->launch < progress->most ? "" : " and then some", progress->row, progress->rows,
			progress->results->rows->listed[row].row->name);
}

static void record(void *context, const struct peer_record *record) {
	peer_results_record(((struct progress *)context)->results, record);
}

static void cell(void *context, uint32_t row, const struct grid_seen *seen) {
	peer_results_cell(((struct progress *)context)->results, row, seen);
}

/* ---- launches ---------------------------------------------------------------------------------------------------- */

/* As many again, for rows that were not alone on the core in so many of the first. */
static bool launch_all(struct peer_results *results, const struct options *options) {
	struct progress progress = {.results = results, .most = options->launches, .shown = isatty(STDERR_FILENO) != 0};
	const struct peer_listener listener = {&progress, begins, record, cell};
	struct peer_plan plan = options->plan;
	struct peer_choice choice;
	peer_choice_make(&options->chosen, &choice);
	plan.variants = options->variants;
	bool right = true;
	for (unsigned launch = 0; launch < 2 * options->launches && right; launch++) {
		static struct peer_wanted wanted[PEER_ROWS_MAX];
		size_t count = peer_results_lacking(results, launch, wanted);
		if (count == 0 && launch >= options->launches)
			break;
		plan.seed = options->seed + launch;
		plan.first = launch == 0;
		progress.launch = launch;
		progress.row = 0;
		progress.rows = count;
		right = count == 0 || peer_launch(&plan, &choice, wanted, count, &listener);
		for (size_t i = 0; i < count; i++)
			if (wanted[i].cells != 0)
				free((void *)(uintptr_t)wanted[i].cell);
	}
	if (progress.shown)
		fprintf(stderr, "\r\033[K");
	return right;
}

/* The caller's to free; NULL: it cannot be read. */
static char *read_file(const char *name, size_t *length) {
	enum { MOST = 1 << 20 };
	FILE *file = fopen(name, "rbe");
	char *bytes = file != NULL ? malloc(MOST) : NULL;
	if (bytes != NULL)
		*length = fread(bytes, 1, MOST, file);
	if (file != NULL)
		fclose(file);
	return bytes;
}

/* Whether it was made for this machine is the user's to know. false: it is no profile, which was said. */
static bool choose(struct options *options) {
	static struct profile_file file;
	struct text why = {0};
	size_t length = 0;
	options->chosen = *simd_profile_for(simd_cpu_detect());
	if (options->profile == NULL)
		return true;
	char *bytes = read_file(options->profile, &length);
	bool taken = bytes != NULL && profile_read(bytes, length, simd_features_detect(), &file, &why);
	if (taken)
		options->chosen = file.choices[file.what_for];
	else
		fprintf(stderr, "bench-peers: profile %s: %.*s\n", options->profile,
			bytes != NULL ? (int)why.length : INT_MAX, bytes != NULL ? why.bytes : "it cannot be read");
	free(bytes);
	text_free(&why);
	return taken;
}

static void list(const struct peer_rows *rows, const struct options *options) {
	for (size_t i = 0; i < rows->count; i++)
		if (options->filter == NULL || peer_row_wanted(rows->listed[i].row, options->filter, true))
			printf("%s\n", rows->listed[i].row->name);
}

static int measure(const struct peer_rows *rows, const struct options *options) {
	static struct peer_results results;
	char cpu[512], linux_says[256];
	results.rows = rows;
	results.launches = options->launches;
	bool any = false;
	for (size_t i = 0; i < rows->count; i++) {
		results.of[i].wanted = peer_row_wanted(rows->listed[i].row, options->filter, options->variants);
		any |= results.of[i].wanted;
	}
	if (!any) {
		fprintf(stderr, "bench-peers: no row's name has '%s' in it; --list names them\n",
			options->filter != NULL ? options->filter : "");
		return 2;
	}
	peer_cpu_name(linux_says, sizeof linux_says);
	snprintf(cpu, sizeof cpu, "%s%s%s", options->cpu != NULL ? options->cpu : "", options->cpu != NULL ? ", " : "",
		 linux_says);
	printf("%s; seed %" PRIu64 "; %u launches of up to %u rounds of samples of at least %.0f us\n", cpu,
	       options->seed, options->launches, options->plan.rounds, (double)options->plan.sample_ns / 1000);
	if (!launch_all(&results, options)) {
		fprintf(stderr, "bench-peers: a launch ended before its time\n");
		return 1;
	}
	peer_print(&results, cpu);
	return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
	static struct peer_rows rows;
	struct simd_kernels kernels;
	struct options options = {.plan = plan_usual, .seed = (uint64_t)time(NULL), .launches = LAUNCHES};
	if (argc > 1 && strcmp(argv[1], PEER_LAUNCH_ARGUMENT) == 0)
		return peer_launch_serve();
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return help();
		if (!take_option(&options, argv[i]))
			return usage(stderr, 2);
	}
	if (!choose(&options))
		return 1;
	const struct peer_machine machine = {.features = simd_features_detect(), .kernels = &kernels};
	simd_select(machine.features, NULL, &kernels);
	peer_rows_list(&machine, &rows);
	if (options.list)
		list(&rows, &options);
	else
		return measure(&rows, &options);
	return 0;
}
