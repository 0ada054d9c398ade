/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic ab 'CMD_A' 'CMD_B'`: launches both in pairs, the order within each by a coin (seed given back), and judges
 * by the pairs. A slow spell of the machine then hits both sides of a pair, and neither is always the first.
 */
#include "bench/rng.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/judge_options.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/cli/still.h"
#include "hosted/cli/verdict_table.h"
#include "hosted/cli/words.h"
#include "hosted/export/export.h"
#include "hosted/import/import.h"
#include "hosted/results/files.h"
#include "hosted/verdict/comparable.h"
#include "hosted/verdict/launches.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The sign test's interval of a dozen pairs reaches over most of them: too little where a launch says one figure and
 * nothing of how sure it is. */
enum { SIDES = 2, ROWS_MAX = 1000, PAIRS_OF_SINGLES = 15 };

struct ab_row {
	char *name;
	bool is_single;        /* of another tool, and a launch measured it once */
	double *figure[SIDES]; /* of each pair; 0: none */
	struct spread_launch *launch[SIDES];
	struct row_room room;              /* over all launches */
	struct gap_outcome outcome[SIDES]; /* over all launches */
	char reason[SIDES][96];            /* of the outcome */
};

struct ab {
	struct judge judge;
	enum verdict_format format;
	const char *command[SIDES];
	size_t pairs; /* run so far */
	size_t pairs_least;
	size_t pairs_most;
	uint64_t seed;
	uint64_t limit_s;  /* of a launch */
	uint64_t budget_s; /* of all; 0: as long as it takes */
	const char *keep;  /* --keep; NULL: a temporary folder, removed */
	char base[512];
	char folder[SIDES][520]; /* a launch's results, in order */
	struct ab_row *rows;
	size_t count;
	struct results first[SIDES]; /* of the first pair: what the machine says of itself */
	size_t first_read;
	bool still;
};

/* ---- what they say ----------------------------------------------------------------------------------------------- */

static struct ab_row *find_or_add(struct ab *ab, const char *name) {
	for (size_t i = 0; i < ab->count; i++)
		if (strcmp(ab->rows[i].name, name) == 0)
			return &ab->rows[i];
	if (ab->count == ROWS_MAX)
		return NULL;
	struct ab_row *row = &ab->rows[ab->count++]; /* close_ab frees what it has */
	row->name = strdup(name);
	for (int side = 0; side < SIDES; side++) {
		row->figure[side] = calloc(ab->pairs_most, sizeof(double));
		row->launch[side] = calloc(ab->pairs_most, sizeof(struct spread_launch));
	}
	bool good = row->name && row->figure[0] && row->figure[1] && row->launch[0] && row->launch[1];
	return good ? row : NULL;
}

static bool take_figure(struct ab *ab, const struct results_benchmark *benchmark, int side, size_t pair) {
	struct ab_row *row = find_or_add(ab, benchmark->name);
	if (!row || !launches_figure_of(benchmark, &row->figure[side][pair]))
		return false;
	row->launch[side][pair] = launches_spread_launch(benchmark);
	row_room_add(&row->room, benchmark);
	if (gap_outcome_add(&row->outcome[side], benchmark->status, row->reason[side]))
		snprintf(row->reason[side], sizeof(row->reason[side]), "%s", benchmark->reason);
	return true;
}

static bool is_single(const struct results *results, const struct results_benchmark *benchmark) {
	return benchmark->count == 1 && *import_tool(results);
}

static bool take_figures(struct ab *ab, const struct results *results, int side, size_t pair) {
	bool good = true;
	for (size_t i = 0; good && i < results->count; i++) {
		good = take_figure(ab, &results->benchmarks[i], side, pair);
		if (good && is_single(results, &results->benchmarks[i]))
			find_or_add(ab, results->benchmarks[i].name)->is_single = true;
	}
	return good;
}

/* Says so. */
static bool refuses_singles(const struct ab *ab, const struct results *results) {
	for (size_t i = 0; ab->pairs_least < PAIRS_OF_SINGLES && i < results->count; i++) {
		const struct results_benchmark *one = &results->benchmarks[i];
		if (!is_single(results, one))
			continue;
		output_say(stderr,
			   "%s: %s measured it once a launch, which takes --pairs=%d or more; or let a launch measure "
			   "several times (--benchmark_repetitions, --runs)\n",
			   one->name, import_tool(results), PAIRS_OF_SINGLES);
		return true;
	}
	return false;
}

/* What another tool wrote is results.json from here on, also for who keeps it. 0, or an error, which was said. */
static int import_launch(const char *file) {
	struct text results = {0}, complaint = {0};
	int taken = import_results(file, &results, &complaint);
	if (taken > 0) {
		files_remove_tree(file);
		taken = files_save(file, &results, &complaint);
	}
	output_complain(&complaint);
	text_free(&results);
	return taken < 0 ? 4 : 0;
}

static int read_launch(struct ab *ab, const char *file, int side, size_t pair) {
	struct results results;
	struct text complaint = {0};
	int status = import_launch(file);
	if (status == 0)
		status = results_read(file, &results, &complaint) == 0 ? 0 : 4;
	output_complain(&complaint);
	if (status)
		return status;
	if (refuses_singles(ab, &results)) {
		status = 2;
	} else if (!take_figures(ab, &results, side, pair)) {
		fprintf(stderr, "out of memory, or more than %d benchmarks\n", ROWS_MAX);
		status = 2;
	}
	if (pair == 0 && status == 0) {
		ab->first[side] = results;
		ab->first_read |= (size_t)1 << side;
	} else {
		results_free(&results);
	}
	return status;
}

/* What a launch with failed benchmarks left says which they are. */
static void name_broken(const char *file) {
	struct results results;
	struct text complaint = {0};
	bool there = access(file, R_OK) == 0 && results_read(file, &results, &complaint) == 0;
	text_free(&complaint);
	if (!there)
		return;
	for (size_t i = 0; i < results.count; i++) {
		const struct results_benchmark *one = &results.benchmarks[i];
		if (one->status == BENCH_STATUS_FAILED || one->status == BENCH_STATUS_HUNG)
			output_say(stderr, "  %s %s%s%s\n", one->name, bench_status_name(one->status),
				   *one->reason ? ": " : "", one->reason);
	}
	results_free(&results);
}

/* Says so. */
static bool left_nothing(const struct ab *ab, int side, size_t pair, const char *file) {
	if (access(file, F_OK) == 0)
		return false;
	output_say(stderr, "launch %zu of %c wrote no results: %s\n", pair + 1, "AB"[side], ab -> command[side]);
	if (!strstr(ab->command[side], "{out}"))
		fprintf(stderr, "  ` --out FILE` was put behind it; write {out} where the file's name belongs\n");
	return true;
}

static int run_side(struct ab *ab, int side, size_t pair) {
	char file[600];
	struct text command = {0};
	snprintf(file, sizeof(file), "%s/%03zu.json", ab->folder[side], pair + 1);
	int status = launch_command(ab->command[side], file, &command) ? launch(command.bytes, ab->limit_s) : 2;
	bool interrupted = launch_was_interrupted(status);
	if (status && !interrupted)
		output_say(stderr, "launch %zu of %c ended with status %d: %s\n", pair + 1, "AB"[side], status,
			   command.failed ? "out of memory" : command.bytes);
	/* A run with a failed benchmark in it has figures of the others, and is no comparison all the same. */
	if (status && !interrupted)
		name_broken(file);
	if (status == 0)
		status = left_nothing(ab, side, pair, file) ? 4 : read_launch(ab, file, side, pair);
	else if (!interrupted)
		status = status == 124 ? 124 : 4;
	text_free(&command);
	if (!ab->keep)
		files_remove_tree(file);
	return status;
}

static int run_pair(struct ab *ab, struct rng *rng) {
	int first = (int)rng_below(rng, 2);
	for (int turn = 0; turn < SIDES; turn++) {
		int status = run_side(ab, first ^ turn, ab->pairs);
		if (status)
			return status;
	}
	const char *why = ab->pairs == 0 ? comparable_refusal(&ab->first[0], &ab->first[1]) : NULL;
	if (why)
		output_say(stderr, "A and B cannot be compared: %s\n", why);
	ab->pairs++;
	return why ? 2 : 0;
}

/* Pairs of which both launches have the benchmark, moved to the front of `figure`; how many. */
static size_t whole_pairs(const struct ab *ab, const struct ab_row *row, double figure[SIDES][CHANGE_PAIRS_MAX]) {
	size_t whole = 0;
	for (size_t i = 0; i < ab->pairs; i++) {
		if (!(row->figure[0][i] > 0) || !(row->figure[1][i] > 0))
			continue;
		figure[0][whole] = row->figure[0][i];
		figure[1][whole++] = row->figure[1][i];
	}
	return whole;
}

/* An interval, widened for the number of benchmarks as p will be, is still too broad. Its width alone decides, never
 * where it lies: looking on does not make chance a change. */
static bool wants_more(const struct ab *ab) {
	for (size_t i = 0; i < ab->count; i++) {
		double figure[SIDES][CHANGE_PAIRS_MAX];
		struct change change;
		struct change_rules rules = judge_rules(&ab->judge, ab->rows[i].name);
		size_t pairs = whole_pairs(ab, &ab->rows[i], figure);
		rules.significance /= (double)ab->count;
		if (pairs > 0 && change_of_pairs(figure[0], figure[1], pairs, &rules, &change) &&
		    (!change.bounded || change.smallest > 2 * rules.noise_threshold))
			return true;
	}
	return false;
}

/* The next pair, were it as long as those so far, would end beyond the budget. Time alone decides, and not what was
 * found. */
static bool ends_budget(const struct ab *ab, const struct timespec *begin) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double passed = (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
	if (ab->budget_s == 0 || ab->pairs < 2 || passed + passed / (double)ab->pairs <= (double)ab->budget_s)
		return false;
	fprintf(stderr, "the budget of %" PRIu64 " s ended after %zu pairs", ab->budget_s, ab->pairs);
	if (ab->pairs < ab->pairs_least)
		fprintf(stderr, " of at least %zu", ab->pairs_least);
	fprintf(stderr, "\n");
	return true;
}

static int run_pairs(struct ab *ab) {
	struct rng rng = rng_seeded(ab->seed);
	bool show = isatty(STDERR_FILENO);
	struct timespec begin;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (ab->pairs < ab->pairs_least || (ab->pairs < ab->pairs_most && wants_more(ab))) {
		if (ends_budget(ab, &begin))
			break;
		if (show)
			fprintf(stderr, "\rpair %zu of %zu to %zu ", ab->pairs + 1, ab->pairs_least, ab->pairs_most);
		int status = run_pair(ab, &rng);
		if (status)
			return status;
	}
	if (show)
		fprintf(stderr, "\r                          \r");
	return 0;
}

/* ---- the verdict ------------------------------------------------------------------------------------------------- */

static double median_of(double *values, size_t count) {
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && values[k - 1] > values[k]; k--) {
			double value = values[k];
			values[k] = values[k - 1];
			values[k - 1] = value;
		}
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* Of the logarithm, each side about its own mean. */
static double pooled_deviation(double figure[SIDES][CHANGE_PAIRS_MAX], size_t pairs) {
	double squares = 0;
	for (int side = 0; side < SIDES; side++) {
		double sum = 0;
		for (size_t i = 0; i < pairs; i++)
			sum += log(figure[side][i]);
		for (size_t i = 0; i < pairs; i++) {
			double offset = log(figure[side][i]) - sum / (double)pairs;
			squares += offset * offset;
		}
	}
	return sqrt(squares / (double)(2 * (pairs - 1)));
}

/* Where --save-launches puts them; NULL: nowhere, and standard error says so. */
static const char *launches_place(const struct ab *ab, char *path, size_t capacity) {
	struct text complaint = {0};
	const char *name = ab->judge.launches_file;
	if (!name && files_data_path("launches.json", true, path, capacity))
		name = path;
	if (!name)
		files_complain_of_data_path("launches.json", &complaint);
	return !output_complain(&complaint) && output_may_write(name) ? name : NULL;
}

static bool save_launches(const struct ab *ab, json_t *deviations) {
	char path[4096];
	const char *name = launches_place(ab, path, sizeof(path));
	struct text text = {0};
	json_t *root = json_pack("{s:s, s:s, s:s, s:o}", "schema", "anechoic-launches/1", "cpu",
				 results_context(&ab->first[0], "platform/cpu"), "way",
				 results_context(&ab->first[0], "platform/way"), "benchmarks", deviations);
	export_add_json(&text, root);
	if (!name)
		text_free(&text);
	bool good = name && output_save(name, &text) == 0;
	if (good)
		output_say(stderr, "deviations between launches are kept in %s\n", name);
	return good;
}

/* By the first pair: its launches have been read. */
static void complain_of_no_pairs(const struct ab *ab) {
	struct text complaint = {0};
	for (int side = 0; side < SIDES; side++)
		launches_without_time(&ab->first[side], ab->command[side], &complaint);
	if (!output_complain(&complaint))
		fprintf(stderr, "no benchmark ran in both\n");
}

static struct row_room room_of(const struct ab *ab, const struct ab_row *row) {
	size_t launches = ab->pairs < SPREAD_LAUNCHES_MAX ? ab->pairs : SPREAD_LAUNCHES_MAX;
	struct row_room room = row->room;
	struct spread spread;
	room.least = ab->judge.room;
	for (int side = 0; side < SIDES; side++) {
		spread_of(row->launch[side], launches, &spread);
		room.apart |= spread.apart_count != 0;
	}
	row_room_settle(&room);
	return room;
}

/* A row of its own, or a gap; neither where a benchmark took no time. */
static void judge_row_of(const struct ab *ab, const struct ab_row *from, struct verdict_table *table, struct gap *gaps,
			 json_t *deviations) {
	double figure[SIDES][CHANGE_PAIRS_MAX];
	size_t pairs = whole_pairs(ab, from, figure);
	struct gap gap = {.name = from->name, .against = ab->command[1]};
	if (gap_find(&from->outcome[0], &from->outcome[1], &gap)) {
		gaps[table->gap_count++] = gap;
		return;
	}
	if (pairs < 2)
		return;
	struct judge_row *row = &table->rows[table->count++];
	*row = (struct judge_row){.name = from->name,
				  .against = ab->command[1],
				  .launches = pairs,
				  .rules = judge_rules(&ab->judge, from->name)};
	row->room = room_of(ab, from);
	change_of_pairs(figure[0], figure[1], pairs, &row->rules, &row->change);
	if (from->is_single && pairs < PAIRS_OF_SINGLES)
		judge_leave_open(row, PAIRS_OF_SINGLES);
	json_object_set_new(deviations, from->name,
			    json_pack("{s:I, s:f}", "launches", (json_int_t)(2 * pairs - 1), "deviation",
				      pooled_deviation(figure, pairs)));
	row->a_ns = median_of(figure[0], pairs);
	row->b_ns = median_of(figure[1], pairs);
}

static int judge_pairs(struct ab *ab) {
	char head[200];
	size_t most = ab->count ? ab->count : 1;
	struct gap *gaps = calloc(most, sizeof(*gaps));
	struct verdict_table table = {
		.head = head, .rows = calloc(most, sizeof(*table.rows)), .gaps = gaps, .format = ab->format};
	json_t *deviations = json_object();
	for (size_t i = 0; gaps && table.rows && i < ab->count; i++)
		judge_row_of(ab, &ab->rows[i], &table, gaps, deviations);
	snprintf(head, sizeof(head), "%zu pairs of launches in random order, seed %" PRIu64, ab->pairs, ab->seed);
	int status = 2;
	if (table.count || gap_any_broken(gaps, table.gap_count))
		status = verdict_table_show(&ab->judge, &table);
	else
		complain_of_no_pairs(ab);
	if (table.count && ab->judge.writes_launches)
		status = save_launches(ab, json_incref(deviations)) ? status : 2;
	json_decref(deviations);
	free(table.rows);
	free(gaps);
	return status;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

/* 1 taken, 0 a command, -1 wrong and said so, -2 no such option. */
static int own_option(struct ab *ab, int argc, char **argv, int *i) {
	const char *value;
	uint64_t pairs = 0;
	bool good;
	if (strcmp(argv[*i], "--save-launches") == 0) {
		ab->judge.writes_launches = true;
		return 1;
	}
	if (strcmp(argv[*i], "--still") == 0) {
		ab->still = true;
		return 1;
	}
	if ((value = words_value_or_empty(argc, argv, i, "--pairs"))) {
		if ((good = launch_parse_count("--pairs", value, 2, CHANGE_PAIRS_MAX, &pairs)))
			ab->pairs_least = (size_t)pairs;
	} else if ((value = words_value_or_empty(argc, argv, i, "--pairs-max"))) {
		if ((good = launch_parse_count("--pairs-max", value, 2, CHANGE_PAIRS_MAX, &pairs)))
			ab->pairs_most = (size_t)pairs;
	} else if ((value = words_value_or_empty(argc, argv, i, "--seed")))
		good = launch_parse_count("--seed", value, 0, UINT64_MAX, &ab->seed);
	else if ((value = words_value_or_empty(argc, argv, i, "--limit")))
		good = launch_parse_count("--limit", value, 1, 86400, &ab->limit_s);
	else if ((value = words_value_or_empty(argc, argv, i, "--budget")))
		good = launch_parse_count("--budget", value, 1, 86400, &ab->budget_s);
	else if ((value = words_value_or_empty(argc, argv, i, "--keep"))) {
		ab->keep = value;
		good = *value && strlen(value) < sizeof(ab->base);
		if (!good)
			words_complain_of_value("--keep", value, "a folder's name, up to 511 bytes");
	} else
		return argv[*i][0] == '-' ? -2 : 0;
	return good ? 1 : -1;
}

static bool make_folder(const char *name, bool may_be_there) {
	if (mkdir(name, 0777) == 0 || (may_be_there && errno == EEXIST))
		return true;
	output_say(stderr, "%s: %s\n", name, strerror(errno));
	return false;
}

/* A folder for each side, which `compare` reads as launches of one version: a fresh one, so that no earlier
 * launch is among them. */
static bool open_folders(struct ab *ab) {
	const char *base = getenv("TMPDIR");
	if (ab->keep)
		snprintf(ab->base, sizeof(ab->base), "%s", ab->keep);
	else
		snprintf(ab->base, sizeof(ab->base), "%.400s/anechoic-ab-XXXXXX", base && *base ? base : "/tmp");
	if (!ab->keep && !mkdtemp(ab->base)) {
		output_say(stderr, "%s: %s\n", ab->base, strerror(errno));
		return false;
	}
	for (int side = 0; side < SIDES; side++)
		snprintf(ab->folder[side], sizeof(ab->folder[side]), "%s/%c", ab->base, "ab"[side]);
	return make_folder(ab->base, true) && make_folder(ab->folder[0], false) && make_folder(ab->folder[1], false);
}

static void remove_folders(const struct ab *ab) {
	for (int side = 0; side < SIDES; side++)
		rmdir(ab->folder[side]);
	rmdir(ab->base);
}

static void close_ab(struct ab *ab) {
	for (size_t i = 0; i < ab->count; i++) {
		for (int side = 0; side < SIDES; side++) {
			free(ab->rows[i].figure[side]);
			free(ab->rows[i].launch[side]);
		}
		free(ab->rows[i].name);
	}
	for (int side = 0; side < SIDES; side++)
		if (ab->first_read & (size_t)1 << side)
			results_free(&ab->first[side]);
	free(ab->rows);
	if (!ab->keep)
		remove_folders(ab);
	judge_say_and_close(&ab->judge);
}

int command_ab(int argc, char **argv) {
	struct ab ab = {.pairs_least = 15, .pairs_most = 60, .limit_s = 600, .seed = launch_seed()};
	int commands = 0;
	bool ended = false;
	judge_start(&ab.judge);
	for (int i = 1; i < argc; i++) {
		if (words_end_options(argv[i], &ended))
			continue;
		int taken = ended ? 0 : judge_option(&ab.judge, argc, argv, &i);
		if (taken == 0 && !ended)
			taken = judge_format_option(&ab.format, argc, argv, &i);
		if (taken == 0 && !ended)
			taken = own_option(&ab, argc, argv, &i);
		if (taken == -1)
			return 2;
		if (taken < 0 || (taken == 0 && commands == SIDES))
			return help_refuse("ab", argv[i]);
		if (taken == 0)
			ab.command[commands++] = argv[i];
	}
	if (commands < SIDES)
		return help_usage("ab");
	if (ab.pairs_most < ab.pairs_least)
		ab.pairs_most = ab.pairs_least;
	char path[4096];
	if (!judge_open_or_say(&ab.judge))
		return 2;
	if (ab.judge.writes_launches && !launches_place(&ab, path, sizeof(path))) {
		judge_close(&ab.judge);
		return 2;
	}
	launch_start();
	if (ab.still)
		still_begin_for_others();
	ab.rows = calloc(ROWS_MAX, sizeof(*ab.rows));
	int status = 2;
	if (!ab.rows)
		fprintf(stderr, "out of memory\n");
	else if (open_folders(&ab))
		status = run_pairs(&ab);
	if (status == 0)
		status = judge_pairs(&ab);
	close_ab(&ab);
	return status;
}
