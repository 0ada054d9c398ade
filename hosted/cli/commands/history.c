/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic history add RESULTS...` and `anechoic history show BENCHMARK`.
 */
#include "bench/csv.h"
#include "bench/match.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/export/export.h"
#include "hosted/history/levels.h"
#include "hosted/platform/columns.h"
#include "hosted/results/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_DEFAULT = 1000, LAST_MAX = 1000000 };

struct request {
	const char *database; /* NULL: the default */
	const char *format;
	size_t last;
	char **words;
	int count;
	bool refused; /* and said why */
};

static bool read_last(const char *word, size_t *last) {
	char *end;
	unsigned long number = strtoul(word, &end, 10);
	*last = number;
	return *word >= '0' && *word <= '9' && *end == '\0' && number > 0 && number <= LAST_MAX;
}

static bool is_format(const char *word) {
	return strcmp(word, "table") == 0 || strcmp(word, "json") == 0 || strcmp(word, "csv") == 0;
}

static bool refuse(struct request *request, const char *name, const char *value, const char *allowed) {
	words_complain_of_value(name, value, allowed);
	request->refused = true;
	return false;
}

/* Words are moved to the front of argv. */
static bool read_request(int argc, char **argv, struct request *request) {
	*request = (struct request){.format = "table", .last = LAST_DEFAULT, .words = argv};
	bool ended = false;
	for (int i = 0; i < argc; i++) {
		const char *value;
		if (words_end_options(argv[i], &ended))
			continue;
		if (ended)
			request->words[request->count++] = argv[i];
		else if ((value = words_value(argc, argv, &i, "--db")) != NULL)
			request->database = value;
		else if ((value = words_value(argc, argv, &i, "--last")) != NULL) {
			if (!read_last(value, &request->last))
				return refuse(request, "--last", value, "1 to 1000000");
		} else if ((value = words_value(argc, argv, &i, "--format")) != NULL) {
			if (!is_format(value))
				return refuse(request, "--format", value, "table, json or csv");
			request->format = value;
		} else if (argv[i][0] == '-' && argv[i][1])
			return false;
		else
			request->words[request->count++] = argv[i];
	}
	return request->count > 0;
}

static int add(struct history *history, const struct request *request, struct text *complaint) {
	for (int i = 0; i < request->count; i++) {
		struct results results;
		if (results_read(request->words[i], &results, complaint) < 0)
			return 2;
		int status = history_add(history, &results, complaint);
		size_t count = results.count;
		results_free(&results);
		if (status < 0)
			return 2;
		printf("%s: %s\n", request->words[i],
		       status > 0 ? "there already"
		       : count    ? "added"
				  : "added, nothing in it");
	}
	return 0;
}

/* How far a level lies from the one before it, of the same series. */
static void add_step(struct text *text, const struct history_entry *entries, size_t count, size_t before, size_t at) {
	double from = level_figure(entries, before, at), to = level_figure(entries, at, level_end(entries, count, at));
	if (from > 0)
		text_format(text, "  <- a new level, %+.2f %% (%.6g -> %.6g ns)", (to / from - 1) * 100, from, to);
}

static void show_table(const char *name, const struct history_entry *entries, size_t count, struct text *text) {
	size_t level = 0;
	for (size_t i = 0; i < count; i++) {
		const struct history_entry *entry = &entries[i];
		bool first = i == 0 || strcmp(entry->machine, entries[i - 1].machine) != 0;
		if (first) {
			text_add_string(text, i ? "\n" : "");
			text_add_string(text, name);
			text_add_string(text, ": ");
			text_add_string(text, entry->machine);
			text_add_string(text, "\n   run  added (UTC)          commit              ns  [interval]\n");
		}
		text_format(text, "%6lld  %-19s  %-12s  %12.6g  [%.6g %.6g]", (long long)entry->run, entry->added,
			    entry->commit, entry->time, entry->lower, entry->upper);
		if (entry->changed && !first)
			add_step(text, entries, count, level, i);
		level = entry->changed || first ? i : level;
		text_add_string(text, "\n");
	}
}

static void show_json(const char *name, const struct history_entry *entries, size_t count, struct text *text) {
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:f, s:f, s:f, s:b}", "run",
						      (json_int_t)entries[i].run, "added", entries[i].added, "commit",
						      entries[i].commit, "machine", entries[i].machine, "time_ns",
						      entries[i].time, "lower_ns", entries[i].lower, "upper_ns",
						      entries[i].upper, "changed", entries[i].changed));
	export_add_json(text, json_pack("{s:s, s:o}", "benchmark", name, "runs", list));
}

static void show_csv(const struct history_entry *entries, size_t count, struct text *text) {
	text_add_string(text, "run,added,commit,machine,time_ns,lower_ns,upper_ns,changed\n");
	for (size_t i = 0; i < count; i++) {
		text_format(text, "%lld,", (long long)entries[i].run);
		csv_field(text, entries[i].added);
		csv_field(text, entries[i].commit);
		csv_field(text, entries[i].machine);
		text_format(text, "%.12g,%.12g,%.12g,%s\n", entries[i].time, entries[i].lower, entries[i].upper,
			    entries[i].changed ? "true" : "false");
	}
}

static int show(struct history *history, const struct request *request, struct text *complaint) {
	struct history_entry *entries;
	struct text text = {0};
	size_t count;
	const char *name = request->words[0];
	if (request->count != 1)
		return help_usage("history");
	if (history_read(history, name, request->last, &entries, &count, complaint) < 0)
		return 2;
	if (count == 0) {
		text_add_string(complaint, name);
		text_add_string(complaint, ": not in the history\n");
	} else if (strcmp(request->format, "json") == 0)
		show_json(name, entries, count, &text);
	else if (strcmp(request->format, "csv") == 0)
		show_csv(entries, count, &text);
	else {
		struct text wide = {0};
		show_table(name, entries, count, &wide);
		fold_add(&text, wide.bytes, wide.length, columns_of_output());
		text.failed |= wide.failed;
		text_free(&wide);
	}
	free(entries);
	int status = count == 0 || text.failed || files_save("-", &text, complaint) < 0 ? 2 : 0;
	text_free(&text);
	return status;
}

static int complain_of_word(const char *word) {
	struct match_nearest nearest = match_nearest_to(word);
	match_try(&nearest, "add");
	match_try(&nearest, "show");
	fprintf(stderr, "history does not know '%s', but add and show", word);
	if (nearest.name)
		fprintf(stderr, "; did you mean `%s`?", nearest.name);
	fprintf(stderr, "\n");
	return help_usage("history");
}

int command_history(int argc, char **argv) {
	struct request request = {.count = 0};
	struct history *history;
	struct text complaint = {0};
	bool adds = argc > 1 && strcmp(argv[1], "add") == 0, shows = argc > 1 && strcmp(argv[1], "show") == 0;
	if (argc > 1 && argv[1][0] != '-' && !adds && !shows)
		return complain_of_word(argv[1]);
	if ((!adds && !shows) || !read_request(argc - 2, argv + 2, &request))
		return request.refused ? 2 : help_usage("history");
	int status = 2;
	if (history_open(request.database, adds ? HISTORY_ADD : HISTORY_READ, &history, &complaint) == 0) {
		status = adds ? add(history, &request, &complaint) : show(history, &request, &complaint);
		history_close(history);
	}
	output_complain(&complaint);
	return status;
}
