/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic layout 'COMMAND' 'COMMAND' 'COMMAND'...`: the same programme, linked in several orders, launched in rounds
 * of random order; what the place of code does to each benchmark, beside what the place of data does (`run --layouts`,
 * in one more launch of the first). A layout of bench/layout.h is a variant here, and a visit to it a launch.
 */
#include "bench/layout.h"
#include "bench/rng.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/results/results_read.h"
#include "hosted/verdict/comparable.h"
#include "hosted/verdict/launches.h"
#include "hosted/verdict/row_room.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VARIANTS_MAX = 32, ROUNDS_MAX = 100, ROWS_MAX = 1000 };

struct row {
	char name[96];
	double figures[VARIANTS_MAX * ROUNDS_MAX]; /* [variant * rounds + round]; 0: none */
	bool has_data;
	struct layout_luck data;
	struct row_room room; /* of all launches, and of the visits to placements of data */
};

struct variants {
	const char *commands[VARIANTS_MAX];
	size_t count;
	uint64_t rounds;
	uint64_t layouts; /* of data, in the extra launch; 0: none */
	uint64_t seed;
	uint64_t limit_s;
	char file[512]; /* a launch's results.json, removed when it is read */
	struct row *rows;
	size_t row_count;
	struct results first; /* what the machine says of itself */
	bool first_read;
};

/* ---- launches ---------------------------------------------------------------------------------------------------- */

static struct row *find_or_add(struct variants *variants, const char *name) {
	for (size_t i = 0; i < variants->row_count; i++)
		if (strcmp(variants->rows[i].name, name) == 0)
			return &variants->rows[i];
	struct row *row = &variants->rows[variants->row_count];
	if (variants->row_count == ROWS_MAX || strlen(name) >= sizeof(row->name))
		return NULL;
	variants->row_count++;
	strcpy(row->name, name);
	return row;
}

/* `place`: where a figure goes; data's luck is taken instead where it is past all of them. */
static bool take(struct variants *variants, const struct results_benchmark *benchmark, size_t place) {
	if (benchmark->count == 0)
		return true;
	struct row *row = find_or_add(variants, benchmark->name);
	if (row == NULL)
		return false;
	row_room_add(&row->room, benchmark);
	if (place < variants->count * variants->rounds)
		return launches_figure_of(benchmark, &row->figures[place]);
	row->has_data = benchmark->has_luck;
	row->data = benchmark->luck;
	for (int word = 0; word < ROOM_WORDS; word++)
		row->room.tally.words[word] += benchmark->luck_rooms.words[word];
	return true;
}

static int read_launch(struct variants *variants, size_t place) {
	struct results results;
	struct text complaint = {0};
	int status = results_read(variants->file, &results, &complaint) == 0 ? 0 : 4;
	output_complain(&complaint);
	if (status)
		return status;
	const char *why = variants->first_read ? comparable_mismatch(&variants->first, &results) : NULL;
	if (why) {
		output_say(stderr, "the launches cannot stand in one table: %s\n", why);
		status = 2;
	}
	for (size_t i = 0; status == 0 && i < results.count; i++)
		if (!take(variants, &results.benchmarks[i], place)) {
			fprintf(stderr, "out of memory, or more than %d benchmarks\n", ROWS_MAX);
			status = 2;
		}
	if (variants->first_read || status)
		results_free(&results);
	else
		variants->first = results;
	variants->first_read |= status == 0;
	return status;
}

/* `layouts`: the option for random placements, or "". */
static int launch_one(struct variants *variants, const char *command, const char *layouts, size_t place) {
	struct text with_layouts = {0}, words = {0};
	bool good = launch_insert(command, "{layouts}", layouts, *layouts != '\0', &with_layouts) &&
		    launch_command(with_layouts.bytes, variants->file, &words);
	int status = good ? launch(words.bytes, variants->limit_s) : 2;
	bool interrupted = launch_was_interrupted(status);
	if (status && !interrupted)
		output_say(stderr, "ended with status %d: %s\n", status, good ? words.bytes : "out of memory");
	text_free(&with_layouts);
	text_free(&words);
	if (status == 0)
		return read_launch(variants, place);
	return interrupted || status == 124 ? status : 4;
}

static int launch_for_data(struct variants *variants) {
	char layouts[40];
	snprintf(layouts, sizeof(layouts), "--layouts %" PRIu64, variants->layouts);
	return launch_one(variants, variants->commands[0], layouts, SIZE_MAX);
}

/* Each variant once a round, so that drift hits all of them. */
static int launch_round(struct variants *variants, size_t round, struct rng *rng) {
	size_t order[VARIANTS_MAX];
	for (size_t i = 0; i < variants->count; i++) {
		size_t other = rng_below(rng, (uint32_t)i + 1);
		order[i] = order[other];
		order[other] = i;
	}
	int status = 0;
	for (size_t i = 0; status == 0 && i < variants->count; i++)
		status = launch_one(variants, variants->commands[order[i]], "", order[i] * variants->rounds + round);
	return status;
}

static int launch_all(struct variants *variants) {
	struct rng rng = rng_seeded(variants->seed);
	bool show = isatty(STDERR_FILENO);
	int status = variants->layouts ? launch_for_data(variants) : 0;
	for (size_t round = 0; status == 0 && round < variants->rounds; round++) {
		if (show)
			fprintf(stderr, "\rround %zu of %" PRIu64 " ", round + 1, variants->rounds);
		status = launch_round(variants, round, &rng);
	}
	if (show)
		fprintf(stderr, "\r                    \r");
	return status;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static void show_deviation(double deviation, double lower, double upper) {
	printf("  %6.2f%% [%6.2f %6.2f]", deviation * 100, lower * 100, upper * 100);
}

static void show_row(struct row *row, size_t variants, size_t rounds) {
	struct layout_luck code;
	printf("%-44s", row->name);
	if (!layout_decompose(row->figures, variants, rounds, &code)) {
		printf("  not in every launch\n");
		return;
	}
	printf(" %10.4g", code.mean);
	show_deviation(code.sampling, code.sampling_lower, code.sampling_upper);
	if (row->has_data)
		show_deviation(row->data.layout, row->data.lower, row->data.upper);
	else
		printf("%25s", "-");
	show_deviation(code.layout, code.lower, code.upper);
	row_room_settle(&row->room);
	printf("  %6.3f  %s\n", code.worst_to_best, room_word_name(row->room.word));
}

static void show(const struct variants *variants) {
	printf("%zu variants, %" PRIu64 " launches of each in random order, seed %" PRIu64
	       "; placements of data: %" PRIu64 "%s\n",
	       variants->count, variants->rounds, variants->seed, variants->layouts,
	       results_functional_only(&variants->first) ? "; FUNCTIONAL ONLY" : "");
	printf("%-44s %10s  %-23s  %-23s  %-23s  %6s  %s\n", "benchmark", "ns", "   launches", "   data", "   code",
	       "w/b", "room");
	for (size_t i = 0; i < variants->row_count; i++)
		show_row(&variants->rows[i], variants->count, variants->rounds);
	printf("relative standard deviations with their intervals at 0.95; w/b: the slowest variant over the fastest, "
	       "each by its\n"
	       "fastest launch; room: of its launches and of the visits to placements of data\n");
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

/* 1 taken, 0 a command, -1 wrong and said so, -2 no such option. */
static int take_option(struct variants *variants, int argc, char **argv, int *i) {
	const struct {
		const char *name;
		uint64_t least, most;
		uint64_t *number;
	} options[] = {{"--rounds", 2, ROUNDS_MAX, &variants->rounds},
		       {"--layouts", 0, LAYOUTS_MOST, &variants->layouts},
		       {"--seed", 0, UINT64_MAX, &variants->seed},
		       {"--limit", 1, 86400, &variants->limit_s}};
	for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++) {
		const char *value = words_value_or_empty(argc, argv, i, options[k].name);
		if (value)
			return launch_parse_count(options[k].name, value, options[k].least, options[k].most,
						  options[k].number)
				       ? 1
				       : -1;
	}
	return argv[*i][0] == '-' ? -2 : 0;
}

static bool open_file(struct variants *variants) {
	const char *base = getenv("TMPDIR");
	snprintf(variants->file, sizeof(variants->file), "%.400s/anechoic-layout-XXXXXX",
		 base && *base ? base : "/tmp");
	int file = mkstemp(variants->file);
	if (file >= 0)
		close(file);
	else
		output_say(stderr, "%s: %s\n", variants->file, strerror(errno));
	return file >= 0;
}

int command_layout(int argc, char **argv) {
	struct variants variants = {.rounds = 6, .layouts = 8, .limit_s = 600, .seed = launch_seed()};
	bool ended = false;
	for (int i = 1; i < argc; i++) {
		if (words_end_options(argv[i], &ended))
			continue;
		int taken = ended ? 0 : take_option(&variants, argc, argv, &i);
		if (taken == -1)
			return 2;
		if (taken < 0 || (taken == 0 && variants.count == VARIANTS_MAX))
			return help_refuse("layout", argv[i]);
		if (taken == 0)
			variants.commands[variants.count++] = argv[i];
	}
	if (variants.layouts && variants.layouts < LAYOUTS_LEAST) {
		words_complain_of_value("--layouts", variants.layouts == 1 ? "1" : "2", "0, or 3 to 1000");
		return 2;
	}
	if (variants.count < LAYOUTS_LEAST)
		return help_usage("layout");
	variants.rows = calloc(ROWS_MAX, sizeof(*variants.rows));
	if (!variants.rows || !open_file(&variants)) {
		free(variants.rows);
		return 2;
	}
	launch_start();
	int status = launch_all(&variants);
	unlink(variants.file);
	if (status == 0)
		show(&variants);
	if (variants.first_read)
		results_free(&variants.first);
	free(variants.rows);
	return status;
}
