/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/run_launches.h"

#include "bench/rooms.h"
#include "bench/table.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/platform/columns.h"
#include "hosted/verdict/launches.h"
#include "hosted/verdict/spread.h"
#include "platform.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LAUNCHES_THOROUGH = 5, NAME_COLUMNS = 44, NO_LIMIT_S = 1 << 30 };

struct several {
	uint64_t launches;
	const char *out;                       /* --out; NULL: none */
	const char *format;                    /* --format */
	char folder[512];                      /* of the results, a file a launch */
	bool made;                             /* the folder, by us */
	bool answers;                          /* the words ask for a text in a run's place */
	size_t done;                           /* launches that left results */
	uint64_t numbers[SPREAD_LAUNCHES_MAX]; /* theirs, from 1, in order; `done` of them */
	int status;                            /* the worst of all launches */
};

/* ---- words ------------------------------------------------------------------------------------------------------- */

static bool parse_launches(const char *value, uint64_t *launches) {
	return launch_parse_count("--launches", value, 1, SPREAD_LAUNCHES_MAX, launches);
}

int run_launches_set(const char *value) {
	uint64_t launches;
	return parse_launches(value, &launches) ? 0 : PLATFORM_EINVAL;
}

int run_launches_set_thorough(const char *value) {
	(void)value;
	return 0;
}

/* The value of `name` at argv[i], whose value may be the next word, which *step then counts; NULL: another option. */
static const char *value_at(int argc, char **argv, int i, const char *name, int *step) {
	size_t length = strlen(name);
	*step = 1;
	if (strncmp(argv[i], name, length) != 0)
		return NULL;
	if (argv[i][length] == '=')
		return argv[i] + length + 1;
	if (argv[i][length] != '\0' || i + 1 >= argc)
		return NULL;
	*step = 2;
	return argv[i + 1];
}

/* What only one launch can do. */
static const char *refused_word(const char *word) {
	static const char *const words[] = {"--log",           "--resume",        "--save-baseline",   "--baseline",
					    "--load-baseline", "--benchmark_out", "--benchmark_format"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);
		if (strncmp(word, words[i], length) == 0 && (word[length] == '\0' || word[length] == '='))
			return words[i];
	}
	return NULL;
}

/* One launch answers these, and nothing runs. */
static bool is_question(const char *word) {
	static const char *const words[] = {"--list", "--help", "-h", "--version"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* Words of a launch: those of this programme but for what is ours; `words` has room for them all and three more. How
 * many; -1: a number of launches that is none, and it has been said. */
static int sort_words(int argc, char **argv, struct several *several, char **words) {
	int count = 0, step = 1;
	bool ended = false;
	for (int i = 0; i < argc; i += step) {
		const char *value;
		step = 1;
		ended = ended || strcmp(argv[i], "--") == 0;
		if (ended || i == 0) {
			words[count++] = argv[i];
		} else if ((value = value_at(argc, argv, i, "--launches", &step))) {
			if (!parse_launches(value, &several->launches))
				return -1;
		} else if (strcmp(argv[i], "--thorough") == 0) {
			several->launches = several->launches ? several->launches : LAUNCHES_THOROUGH;
		} else if ((value = value_at(argc, argv, i, "--out", &step)) ||
			   (value = value_at(argc, argv, i, "-o", &step))) {
			several->out = value;
		} else if (strncmp(argv[i], "-o", 2) == 0 && argv[i][2] && strncmp(argv[i], "-out", 4) != 0) {
			several->out = argv[i] + 2;
		} else {
			several->answers |= is_question(argv[i]);
			if ((value = value_at(argc, argv, i, "--format", &step)))
				several->format = value;
			for (int word = 0; word < step; word++)
				words[count++] = argv[i + word];
		}
	}
	words[count] = NULL;
	return count;
}

/* ---- the folder -------------------------------------------------------------------------------------------------- */

static bool has_launches(const char *folder) {
	DIR *opened = opendir(folder);
	bool found = false;
	for (struct dirent *entry; opened && !found && (entry = readdir(opened));) {
		size_t length = strlen(entry->d_name);
		found = length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
	}
	if (opened)
		closedir(opened);
	return found;
}

static bool open_folder(struct several *several) {
	const char *base = getenv("TMPDIR");
	struct stat info;
	if (!several->out) {
		snprintf(several->folder, sizeof(several->folder), "%.400s/anechoic-run-XXXXXX",
			 base && *base ? base : "/tmp");
		several->made = mkdtemp(several->folder) != NULL;
	} else if (strlen(several->out) >= sizeof(several->folder)) {
		errno = ENAMETOOLONG;
		return output_say(stderr, "--out %s: %s\n", several->out, strerror(errno)), false;
	} else {
		strcpy(several->folder, several->out);
		several->made = mkdir(several->folder, 0777) == 0;
		int why = errno;
		bool there = !several->made && stat(several->folder, &info) == 0;
		if (there && !S_ISDIR(info.st_mode)) {
			output_say(stderr, "--out %s: with several launches a folder, a file each; this is a file\n",
				   several->out);
			return false;
		}
		if (there && has_launches(several->folder)) {
			output_say(stderr, "--out %s: results of other launches are in there\n", several->out);
			return false;
		}
		if (there)
			return true;
		errno = why;
	}
	if (!several->made)
		output_say(stderr, "%s: %s\n", several->folder, strerror(errno));
	return several->made;
}

static void file_of(const struct several *several, size_t launch, char *file, size_t capacity) {
	snprintf(file, capacity, "%s/%03zu.json", several->folder, launch + 1);
}

static void close_folder(const struct several *several) {
	for (size_t i = 0; !several->out && i < several->launches; i++) {
		char file[600];
		file_of(several, i, file, sizeof(file));
		unlink(file);
	}
	if (several->made && (!several->out || several->done == 0))
		rmdir(several->folder);
}

/* ---- launches ---------------------------------------------------------------------------------------------------- */

/* A failed benchmark outweighs all else, but for a wrong use, which is every launch's. */
static int worse(int a, int b) {
	if (launch_was_interrupted(a) || launch_was_interrupted(b))
		return launch_was_interrupted(a) ? a : b;
	return a > b ? a : b;
}

static void run_one(struct several *several, char **words, int count, size_t launch) {
	char file[600], self[] = "/proc/self/exe", option[] = "--out";
	struct stat info;
	file_of(several, launch, file, sizeof(file));
	words[0] = self;
	/* Behind the command's word where there is one, so that `--` ends no option of ours. */
	int at = count > 1 && strcmp(words[1], "run") == 0 ? 2 : 1;
	memmove(&words[at + 2], &words[at], (size_t)(count - at + 1) * sizeof(*words));
	words[at] = option;
	words[at + 1] = file;
	int status = launch_words(words, NO_LIMIT_S);
	memmove(&words[at], &words[at + 2], (size_t)(count - at + 1) * sizeof(*words));
	bool left = stat(file, &info) == 0;
	if (left)
		several->numbers[several->done++] = launch + 1;
	if (status && !launch_was_interrupted(status))
		output_say(stderr, "launch %zu of %llu ended with status %d%s\n", launch + 1,
			   (unsigned long long)several->launches, status, left ? "" : " and left no results");
	several->status = worse(several->status, status);
}

static void run_all(struct several *several, char **words, int count) {
	bool show = isatty(STDERR_FILENO);
	launch_start();
	for (size_t i = 0; i < several->launches; i++) {
		if (show)
			fprintf(stderr, "\rlaunch %zu of %llu ", i + 1, (unsigned long long)several->launches);
		run_one(several, words, count, i);
		/* Wrong words are wrong in every launch. */
		if (launch_was_interrupted(several->status) || (several->status == 2 && several->done == 0))
			break;
	}
	if (show)
		fprintf(stderr, "\r                          \r");
}

/* ---- what came of it --------------------------------------------------------------------------------------------- */

static void measure(const struct launches *launches, const char *name, struct spread_launch *figures,
		    struct spread *spread) {
	for (size_t i = 0; i < launches->count; i++) {
		const struct results_benchmark *benchmark = results_find(&launches->all[i], name);
		figures[i] = (struct spread_launch){.figure = launches_figure(launches, i, name)};
		if (figures[i].figure > 0) {
			const struct results_estimate *estimate = results_headline(benchmark);
			if (estimate->point > 0)
				figures[i].within = (estimate->upper - estimate->lower) / 2 / estimate->point;
		}
	}
	spread_of(figures, launches->count, spread);
}

static void add_row(struct text *text, const struct several *several, const struct launches *launches,
		    const char *name) {
	struct spread_launch figures[SPREAD_LAUNCHES_MAX];
	struct spread spread;
	struct gap_outcome outcome = launches_outcome(launches, name);
	measure(launches, name, figures, &spread);
	text_format(text, "%-*s ", NAME_COLUMNS, name);
	if (spread.launches == 0) {
		text_format(text, "%s%s%s\n", bench_status_name(outcome.status), *outcome.reason ? ": " : "",
			    outcome.reason);
		return;
	}
	text_format(text, "%10.4g %6.1f%%", spread.figure, spread.within * 100);
	if (spread.launches > 1)
		text_format(text, " %7.1f%%", spread.between * 100);
	else
		text_format(text, " %8s", "-");
	if (spread.launches < launches->count)
		text_format(text, "  %zu of %zu launches", spread.launches, launches->count);
	if (outcome.status != BENCH_STATUS_OK)
		text_format(text, "  %s", bench_status_name(outcome.status));
	for (size_t i = 0; i < spread.apart_count; i++)
		text_format(text, "  APART: launch %" PRIu64 ", %.4g", several->numbers[spread.apart[i]],
			    figures[spread.apart[i]].figure);
	if (spread.apart_count)
		text_format(text, "; the others %.4g to %.4g", spread.least, spread.most);
	text_add_string(text, "\n");
}

static void add_json_row(struct text *text, const struct several *several, const struct launches *launches,
			 const char *name) {
	struct spread_launch figures[SPREAD_LAUNCHES_MAX];
	struct spread spread;
	measure(launches, name, figures, &spread);
	text_member_object(text, NULL);
	text_member_string(text, "name", name);
	text_member_string(text, "status", bench_status_name(launches_outcome(launches, name).status));
	text_member_double(text, "figure", spread.figure);
	text_member_double(text, "within", spread.within);
	if (spread.launches > 1)
		text_member_double(text, "between", spread.between);
	else
		text_member_null(text, "between");
	text_member_array(text, "figures");
	for (size_t i = 0; i < launches->count; i++)
		text_member_double(text, NULL, figures[i].figure);
	text_add_string(text, "]");
	text_member_array(text, "apart");
	for (size_t i = 0; i < spread.apart_count; i++)
		text_member_u64(text, NULL, several->numbers[spread.apart[i]]);
	text_add_string(text, "]}");
}

static bool is_first(const struct launches *launches, size_t launch, const char *name) {
	for (size_t i = 0; i < launch; i++)
		if (results_find(&launches->all[i], name))
			return false;
	return true;
}

static void add_rows(struct text *text, const struct several *several, const struct launches *launches,
		     void (*add)(struct text *text, const struct several *several, const struct launches *launches,
				 const char *name)) {
	for (size_t i = 0; i < launches->count; i++)
		for (size_t k = 0; k < launches->all[i].count; k++)
			if (is_first(launches, i, launches->all[i].benchmarks[k].name))
				add(text, several, launches, launches->all[i].benchmarks[k].name);
}

static size_t count_apart(const struct launches *launches) {
	size_t apart = 0;
	for (size_t i = 0; i < launches->count; i++)
		for (size_t k = 0; k < launches->all[i].count; k++) {
			const char *name = launches->all[i].benchmarks[k].name;
			struct spread_launch figures[SPREAD_LAUNCHES_MAX];
			struct spread spread;
			if (!is_first(launches, i, name))
				continue;
			measure(launches, name, figures, &spread);
			apart += spread.apart_count > 0;
		}
	return apart;
}

/* Of all launches' benchmarks. */
static struct room_tally tally_of(const struct launches *launches) {
	struct room_tally tally = {{0}};
	for (size_t i = 0; i < launches->count; i++)
		for (size_t k = 0; k < launches->all[i].count; k++)
			if (launches->all[i].benchmarks[k].has_room)
				tally.words[launches->all[i].benchmarks[k].room]++;
	return tally;
}

/* A launch that lies apart is the room's. */
static void add_room(struct text *text, const struct launches *launches, size_t apart) {
	struct room_tally tally = tally_of(launches);
	if (rooms_show_words(&tally, room_of_many(&tally, apart > 0), text))
		text_add_string(text, ", over all launches\n");
}

static void add_table(struct text *text, const struct several *several, const struct launches *launches) {
	text_format(text, "%zu ", launches->count);
	if (launches->count < several->launches)
		text_format(text, "of %llu ", (unsigned long long)several->launches);
	text_format(text, "launches\n%-*s %10s %7s %8s\n", NAME_COLUMNS, "benchmark", "ns", "within", "between");
	add_rows(text, several, launches, add_row);
	text_add_string(text, "ns: median over launches of the 10 % quantile of t / x; within: half of one launch's "
			      "interval, the median;\nbetween: from the smallest launch to the largest\n");
	if (results_functional_only(&launches->all[0]))
		text_add_string(text, "FUNCTIONAL ONLY, no figure above is the hardware's\n");
	size_t apart = count_apart(launches);
	if (apart)
		text_format(text, "%zu benchmark%s a launch that lies apart\n", apart, apart == 1 ? " has" : "s have");
	add_room(text, launches, apart);
	if (several->out)
		text_format(text, "results in %s, a file a launch\n", several->out);
}

static void add_folded_table(struct text *text, const struct several *several, const struct launches *launches) {
	struct text wide = {0};
	add_table(&wide, several, launches);
	fold_add(text, wide.bytes, wide.length, columns_of_output());
	text->failed |= wide.failed;
	text_free(&wide);
}

static void add_json(struct text *text, const struct several *several, const struct launches *launches) {
	text_add_string(text, "{");
	text_member_string(text, "schema", "anechoic-spread/1");
	text_member_u64(text, "launches", launches->count);
	text_member_array(text, "numbers");
	for (size_t i = 0; i < launches->count; i++)
		text_member_u64(text, NULL, several->numbers[i]);
	text_add_string(text, "]");
	text_member_array(text, "benchmarks");
	add_rows(text, several, launches, add_json_row);
	text_add_string(text, "]");
	struct room_tally tally = tally_of(launches);
	rooms_write_words(&tally, room_of_many(&tally, count_apart(launches) > 0), text);
	text_add_string(text, "}\n");
}

static int show(const struct several *several) {
	struct launches launches;
	struct text complaint = {0}, text = {0};
	if (launches_read(several->folder, &launches, &complaint) == 0) {
		if (several->format && strcmp(several->format, "json") == 0)
			add_json(&text, several, &launches);
		else
			add_folded_table(&text, several, &launches);
		launches_free(&launches);
	}
	return output_complain(&complaint) ? 2 : output_save("-", &text);
}

/* Says so. */
static bool refuses(const struct several *several, int count, char **words) {
	const char *word = NULL;
	for (int i = 1; !word && i < count && strcmp(words[i], "--") != 0; i++)
		word = refused_word(words[i]);
	if (!word && several->format && strcmp(several->format, "csv") == 0)
		word = "--format csv";
	if (!word && several->out && (*several->out == '\0' || strcmp(several->out, "-") == 0))
		word = *several->out ? "--out -" : "--out ''";
	if (word)
		output_say(stderr, "%s is of one launch, and --launches asks for %llu\n", word,
			   (unsigned long long)several->launches);
	return word != NULL;
}

bool run_launches(int argc, char **argv, int *status) {
	struct several several = {0};
	char **words = malloc((size_t)(argc + 3) * sizeof(*words));
	/* Another command's words are its own. */
	bool ours = words && (argc < 2 || argv[1][0] == '-' || strcmp(argv[1], "run") == 0);
	int count = ours ? sort_words(argc, argv, &several, words) : 0;
	ours = count < 0 || (several.launches > 1 && !several.answers);
	*status = 2;
	if (ours && count > 0 && !refuses(&several, count, words) && open_folder(&several)) {
		run_all(&several, words, count);
		int shown = several.done ? show(&several) : 0;
		*status = worse(several.status, shown);
		close_folder(&several);
	}
	free(words);
	return ours;
}
