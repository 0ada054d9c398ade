/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic history`: results added or imported, and shown.
 */
#include "bench/csv.h"
#include "bench/decimal.h"
#include "bench/match.h"
#include "bench/plain.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/help.h"
#include "hosted/cli/history_request.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/export/export.h"
#include "hosted/history/levels.h"
#include "hosted/history/machines.h"
#include "hosted/platform/columns.h"
#include "hosted/results/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_MAX = 1000000 };

static int refuse(const char *name, const char *value, const char *allowed) {
	words_complain_of_value(name, value, allowed);
	return 2;
}

/* An option and its value at argv[*index]. 0; 1: it is none of these; 2: refused, and said why. */
static int read_option(int argc, char **argv, int *index, struct history_request *request) {
	const char *value;
	if (strcmp(argv[*index], "--raw") == 0)
		request->raw = true;
	else if ((value = words_value(argc, argv, index, "--db")) != NULL)
		request->database = value;
	else if ((value = words_value(argc, argv, index, "--machine")) != NULL)
		request->machine = value;
	else if ((value = words_value(argc, argv, index, "--last")) != NULL) {
		uint64_t last;
		if (!decimal_whole(value, 1, LAST_MAX, &last))
			return refuse("--last", value, "1 to 1000000");
		request->last = last;
	} else if ((value = words_value(argc, argv, index, "--rate")) != NULL) {
		char *end;
		request->rate = decimal_of(value, &end);
		if (*end || !(request->rate > 0 && request->rate < 1))
			return refuse("--rate", value, "above 0 and below 1");
	} else if ((value = words_value(argc, argv, index, "--format")) != NULL) {
		if (strcmp(value, "table") != 0 && strcmp(value, "json") != 0 && strcmp(value, "csv") != 0)
			return refuse("--format", value, "table, json or csv");
		request->format = value;
	} else
		return 1;
	return 0;
}

/* Words are moved to the front of argv. 0, or an exit status. */
static int read_request(int argc, char **argv, struct history_request *request) {
	*request = (struct history_request){.format = "table", .rate = HISTORY_FLEET_RATE, .words = argv};
	bool ended = false;
	for (int i = 0; i < argc; i++) {
		if (words_end_options(argv[i], &ended))
			continue;
		int status = ended ? 1 : read_option(argc, argv, &i, request);
		if (status == 2)
			return 2;
		if (status == 0)
			continue;
		if (!ended && argv[i][0] == '-' && argv[i][1])
			return help_refuse("history", argv[i]);
		request->words[request->count++] = argv[i];
	}
	return 0;
}

static int add(struct history *history, const struct history_request *request, struct text *complaint) {
	const struct history_adding how = {.name = request->machine, .names_anew = true, .samples = request->raw};
	for (int i = 0; i < request->count; i++) {
		struct results results;
		if (results_read(request->words[i], &results, complaint) < 0)
			return 2;
		int status = history_add(history, &results, &how, complaint);
		size_t count = results.count;
		results_free(&results);
		if (status < 0 || history_commit(history, complaint) < 0)
			return 2;
		output_say(stdout, "%s: %s\n", request->words[i],
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
		bool first = i == 0 || !history_same_series(entry, &entries[i - 1]);
		if (first) {
			text_add_string(text, i ? "\n" : "");
			text_add_string(text, name);
			text_add_string(text, ": ");
			text_add_string(text, entry->name);
			text_add_string(text, *entry->name ? ", " : "");
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

static json_t *run_json(struct history *history, const char *name, const struct history_entry *entry, bool raw) {
	json_t *times = NULL, *iters = raw ? history_samples(history, name, entry->run, &times) : NULL;
	json_t *run = json_pack("{s:I, s:s, s:s, s:o, s:o, s:f, s:f, s:f, s:b}", "run", (json_int_t)entry->run, "added",
				entry->added, "commit", entry->commit, "machine", output_name_json(entry->machine),
				"name", output_name_json(entry->name), "time_ns", entry->time, "lower_ns", entry->lower,
				"upper_ns", entry->upper, "changed", entry->changed);
	if (iters) {
		json_object_set_new(run, "iters", iters);
		json_object_set_new(run, "times", times);
	}
	return run;
}

static void show_csv(const struct history_entry *entries, size_t count, struct text *text) {
	text_add_string(text, "run,added,commit,machine,time_ns,lower_ns,upper_ns,changed,name\n");
	for (size_t i = 0; i < count; i++) {
		text_format(text, "%lld,", (long long)entries[i].run);
		csv_field(text, entries[i].added);
		csv_field(text, entries[i].commit);
		csv_field(text, entries[i].machine);
		text_format(text, "%.12g,%.12g,%.12g,%s,", entries[i].time, entries[i].lower, entries[i].upper,
			    entries[i].changed ? "true" : "false");
		csv_field(text, entries[i].name);
		text_add_string(text, "\n");
	}
}

static void show_runs(struct history *history, const struct history_request *request,
		      const struct history_entry *entries, size_t count, struct text *text) {
	const char *name = request->words[0];
	if (strcmp(request->format, "csv") == 0) {
		show_csv(entries, count, text);
		return;
	}
	if (strcmp(request->format, "json") == 0) {
		json_t *list = json_array();
		for (size_t i = 0; i < count; i++)
			json_array_append_new(list, run_json(history, name, &entries[i], request->raw));
		export_add_json(text, json_pack("{s:s, s:o}", "benchmark", name, "runs", list));
		return;
	}
	struct text wide = {0};
	show_table(name, entries, count, &wide);
	fold_add(text, wide.bytes, wide.length, columns_of_output());
	text->failed |= wide.failed;
	text_free(&wide);
}

static int show(struct history *history, const struct history_request *request, struct text *complaint) {
	struct history_entry *entries;
	struct text text = {0};
	size_t count;
	if (request->count != 1)
		return help_refuse("history", request->words[1]);
	if (history_read(history, request->words[0], request->last ? request->last : HISTORY_LAST, &entries, &count,
			 complaint) < 0)
		return 2;
	if (count == 0) {
		plain_add_string(complaint, request->words[0]);
		text_add_string(complaint, ": not in the history\n");
	} else
		show_runs(history, request, entries, count, &text);
	free(entries);
	int status = count == 0 || text.failed || files_save("-", &text, complaint) < 0 ? 2 : 0;
	text_free(&text);
	return status;
}

/* What may stand behind `history`. */
static const struct {
	const char *word;
	int (*run)(struct history *history, const struct history_request *request, struct text *complaint);
	enum history_use use;
	bool alone; /* it needs no word behind it */
} words[] = {
	{"add", add, HISTORY_ADD, false},
	{"import", history_import, HISTORY_ADD, false},
	{"show", show, HISTORY_READ, false},
	{"changes", history_show_changes, HISTORY_READ, true},
	{"fleet", history_fleet, HISTORY_READ, true},
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static int complain_of_word(const char *word) {
	struct match_nearest nearest = match_nearest_to(word);
	output_say(stderr, "history does not know '%s', but ", word);
	for (int i = 0; i < WORDS; i++) {
		match_try(&nearest, words[i].word);
		output_say(stderr, "%s%s", i == 0 ? "" : i + 1 < WORDS ? ", " : " and ", words[i].word);
	}
	if (nearest.name)
		output_say(stderr, "; did you mean `%s`?", nearest.name);
	fprintf(stderr, "\n");
	return help_usage("history");
}

int command_history(int argc, char **argv) {
	struct history_request request;
	struct history *history;
	struct text complaint = {0};
	int which = 0;
	if (argc < 2 || argv[1][0] == '-')
		return help_usage("history");
	while (which < WORDS && strcmp(argv[1], words[which].word) != 0)
		which++;
	if (which == WORDS)
		return complain_of_word(argv[1]);
	int status = read_request(argc - 2, argv + 2, &request);
	if (status)
		return status;
	if (request.count == 0 && !words[which].alone)
		return help_usage("history");
	status = 2;
	if (history_open(request.database, words[which].use, &history, &complaint) == 0) {
		status = words[which].run(history, &request, &complaint);
		history_close(history);
	}
	output_complain(&complaint);
	return status;
}
