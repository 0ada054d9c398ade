/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic collect LOG -o results.json`: records in, results out; of `tune`'s records profile.json, of `noise`'s
 * noise.json, of `snippet`'s what it found. Of a folder each log in it.
 */
#include "bench/collect.h"
#include "bench/results.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/results/files.h"
#include "hosted/results/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_ENDING ".log"

static int complain(const char *name) {
	output_say(stderr, "%s: %s\n", name, strerror(errno));
	return 2;
}

static int read_records(const char *name, struct collector *collector) {
	struct text complaint = {0};
	FILE *file = strcmp(name, "-") == 0 ? stdin : files_open(name, &complaint);
	char bytes[65536];
	size_t length;
	if (output_complain(&complaint))
		return 2;
	while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		collect_bytes(collector, bytes, length);
	collect_end(collector);
	int status = ferror(file) ? complain(name) : 0;
	if (file != stdin)
		fclose(file);
	return status;
}

static void say_what_was_tuned(const struct profile_log *tune) {
	size_t count = 0;
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
		count += tune->operations[i] != NULL;
	output_say(stderr, "a profile, %zu of %d operations; `tune` %s\n", count, SIMD_OPERATION_COUNT,
		   tune->end ? "came to its end" : "was cut off, and the rest is marked as not measured");
	if (!tune->head)
		fprintf(stderr,
			"its first record is lost: nobody knows what it was measured on, and no run will use it\n");
}

static void say_runs_replaced(const struct collector *collector) {
	bool is_behind =
		profile_log_has(&collector->tune) || noise_log_has(&collector->noise) || collector->snippet != NULL;
	size_t left_out = collector->runs_replaced + (is_behind && collector->run != NULL);
	if (left_out)
		fprintf(stderr, "earlier runs in the same log, left out: %zu\n", left_out);
}

static void say_what_was_heard(const struct noise_log *log) {
	size_t count = 0;
	for (size_t i = 0; i < log->core_count; i++)
		count += log->cores[i] != NULL;
	output_say(stderr, "noise of %zu core%s; `noise` %s\n", count, count == 1 ? "" : "s",
		   noise_log_is_whole(log) ? "came to its end" : "was cut off");
}

/* A stranger's line may look like a compact record's, as a prompt of root@Web01 does: they count where a record came of
 * them. */
static bool has_compact(const struct collector *collector) {
	return collector->unpacked.bytes != NULL;
}

/* Of compact records, whose lines are numbered. */
static void say_what_is_cut(const struct collector *collector) {
	const struct compact_reader *compact = &collector->compact;
	if (!has_compact(collector))
		return;
	if (compact->cut)
		output_say(stderr,
			   "the log begins with line %llu of its compact records: what came before is cut off\n",
			   (unsigned long long)compact->cut + 1);
	if (compact->lost)
		output_say(stderr, "%llu line%s of compact records %s lost or damaged\n",
			   (unsigned long long)compact->lost, compact->lost == 1 ? "" : "s",
			   compact->lost == 1 ? "is" : "are");
}

static void say_what_there_was(const struct collector *collector) {
	if (profile_log_has(&collector->tune)) {
		say_what_was_tuned(&collector->tune);
		return;
	}
	if (noise_log_has(&collector->noise)) {
		say_what_was_heard(&collector->noise);
		return;
	}
	if (collector->snippet != NULL) {
		fprintf(stderr, "a snippet\n");
		return;
	}
	size_t counts[BENCH_STATUS_HUNG + 1] = {0};
	for (size_t i = 0; i < collector->count; i++)
		counts[collector->benchmarks[i].status]++;
	output_say(stderr, "%zu benchmark%s", collector->count, collector->count == 1 ? "" : "s");
	for (int status = BENCH_STATUS_OK; status <= BENCH_STATUS_HUNG; status++)
		if (counts[status])
			output_say(stderr, ", %zu %s", counts[status], bench_status_name((enum bench_status)status));
	output_say(stderr, "; the run %s\n", collector->done ? "came to its end" : "was cut off");
	size_t damaged = collect_damaged(collector);
	bool is_cut = has_compact(collector) && collector->compact.cut;
	if (damaged)
		output_say(stderr, "%zu record%s %s: the results are not complete\n", damaged,
			   damaged == 1 ? " is" : "s are", is_cut ? "missing" : "damaged");
}

/* 0 and what collect_status says, or 2 and a line that says why there are no results. `of_many`: what there was is said
 * with the log's name. */
static int collect(const char *log, const char *out, bool of_many) {
	struct collector collector = {0};
	int status = read_records(log, &collector);
	if (status == 0 && collect_status(&collector) == 2) {
		output_say(stderr, "%s: no record in it\n", log);
		status = 2;
	} else if (status == 0) {
		if (of_many)
			output_say(stderr, "%s: ", log);
		say_what_there_was(&collector);
		say_what_is_cut(&collector);
		say_runs_replaced(&collector);
		struct text text = {0};
		if (profile_log_has(&collector.tune))
			profile_log_write(&collector.tune, &text);
		else if (noise_log_has(&collector.noise))
			noise_log_write(&collector.noise, &text);
		else if (collector.snippet != NULL)
			text_add_string(&text, collector.snippet);
		else
			results_write(&collector, &text);
		status = output_save(out, &text);
		status = status ? status : collect_status(&collector);
	}
	if (collector.no_memory)
		fprintf(stderr, "out of memory: something is missing\n");
	collect_free(&collector);
	return status;
}

/* ---- a folder of logs -------------------------------------------------------------------------------------------- */

static bool is_folder(const char *name) {
	struct stat info;
	return stat(name, &info) == 0 && S_ISDIR(info.st_mode);
}

/* LOG with .json in the place of its ending, below `into` as it lies below the folder; NULL: beside it. */
static bool name_results(const char *log, const char *folder, const char *into, struct text *name) {
	const char *rest = into ? log + strlen(folder) : log;
	if (into) {
		text_add_string(name, into);
		text_add_string(name, *rest == '/' ? "" : "/");
	}
	text_add(name, rest, strlen(rest) - strlen(LOG_ENDING));
	text_add(name, ".json", sizeof(".json"));
	return !name->failed;
}

/* Whether results of this name are those of the same name's log with its ending in small letters. */
static bool has_other(const char *log) {
	size_t stem = strlen(log) - strlen(LOG_ENDING);
	struct text other = {0};
	text_add(&other, log, stem);
	text_add(&other, LOG_ENDING, sizeof(LOG_ENDING));
	bool there = strcmp(log + stem, LOG_ENDING) != 0 && !other.failed && access(other.bytes, F_OK) == 0 &&
		     !files_are_same(other.bytes, log);
	if (there)
		output_say(stderr, "%s: left out, as its results would have the name of those of %s\n", log,
			   other.bytes);
	text_free(&other);
	return there;
}

static int collect_into(const char *log, const char *results) {
	if (has_other(log))
		return 2;
	char *name = strdup(results);
	bool made = name && files_make_folders(name);
	if (!made)
		complain(results);
	free(name);
	if (!made || output_refuses(results, &log, 1, true))
		return 2;
	return collect(log, results, true);
}

/* The rest is done whatever one of them is. */
static int collect_all(const char *folder, const struct walk *logs, const char *into) {
	size_t without = 0, partial = 0;
	for (size_t i = 0; i < logs->count; i++) {
		struct text name = {0};
		bool named = name_results(logs->names[i], folder, into, &name);
		int status = named ? collect_into(logs->names[i], name.bytes) : 2;
		without += status == 2;
		partial += status == 4;
		text_free(&name);
	}
	output_say(stderr, "%zu log%s: %zu whole, %zu with a failure or cut off, %zu without results\n", logs->count,
		   logs->count == 1 ? "" : "s", logs->count - without - partial, partial, without);
	return without ? 2 : partial ? 4 : 0;
}

static int collect_folder(const char *folder, const char *into) {
	struct text complaint = {0};
	struct walk logs;
	if (into && !is_folder(into) && access(into, F_OK) == 0) {
		output_say(stderr, "%s: logs of a folder become a folder of results, and this is none\n", into);
		return 2;
	}
	int walked = walk_folder(folder, LOG_ENDING, &logs, &complaint), status = 2;
	output_complain(&complaint);
	if (logs.count)
		status = collect_all(folder, &logs, into);
	else
		output_say(stderr, "%s: no *" LOG_ENDING " in it\n", folder);
	walk_free(&logs);
	return walked ? 2 : status;
}

int command_collect(int argc, char **argv) {
	const char *log = NULL, *out = NULL;
	bool ended = false;
	for (int i = 1; i < argc; i++) {
		if (words_end_options(argv[i], &ended))
			continue;
		const char *value = ended ? NULL : words_out(argc, argv, &i);
		if (value)
			out = value;
		else if ((!ended && argv[i][0] == '-' && argv[i][1]) || log)
			return help_refuse("collect", argv[i]);
		else
			log = argv[i];
	}
	if (!log)
		return help_usage("collect");
	if (is_folder(log))
		return collect_folder(log, out);
	return output_refuses(out, &log, 1, true) ? 2 : collect(log, out ? out : "-", false);
}
