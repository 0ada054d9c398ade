/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `report`: reads files and folders of launches, and files of other kinds, joins benchmarks by name,
 * writes the page.
 */
#include "hosted/report/report.h"
#include "hosted/cli/advise_costs.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/comparison.h"
#include "hosted/cli/help.h"
#include "hosted/cli/judge_options.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/results/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What is asked for beside the files. */
struct wishes {
	const char *out;
	const char *history; /* --history; NULL: none, "default": where `history` keeps it */
	const char *costs;   /* --costs; NULL: what is kept for this machine */
};

static int read_history(struct report *report, const struct wishes *wishes) {
	struct text complaint = {0};
	if (!wishes->history)
		return 0;
	const char *file = strcmp(wishes->history, "default") == 0 ? NULL : wishes->history;
	int status = report_history_read(report, file, &complaint);
	output_complain(&complaint);
	return status;
}

/* false: what was named cannot be read, which was said, or nothing is kept, for which `costs` has no rounds. */
static bool find_costs(const struct wishes *wishes, struct costs *costs) {
	struct text complaint = {0};
	struct costs *here = calloc(1, sizeof(*here));
	char path[4096];
	bool good = true;
	if (wishes->costs)
		good = advise_costs_read(wishes->costs, costs, &complaint);
	else if (!here || !files_data_path(ADVISE_COSTS_FILE, false, path, sizeof(path)) ||
		 advise_costs_here(here) != 0 || !advise_costs_kept(path, here, costs))
		costs->rounds = 0;
	output_complain(&complaint);
	free(here);
	return good;
}

/* Advice is made of what is known: nothing is measured for it. */
static int advise(struct report *report, const struct wishes *wishes) {
	if (!report_has_records(report)) {
		if (wishes->costs)
			output_say(stderr, "--costs %s: it is for records, and none of the files is one\n",
				   wishes->costs);
		return wishes->costs ? 2 : 0;
	}
	struct costs *costs = calloc(1, sizeof(*costs));
	bool found = costs && find_costs(wishes, costs);
	bool good = found && (costs->rounds == 0 || report_records_advise(report, costs) == 0);
	if (!good && (!costs || found))
		fprintf(stderr, "out of memory\n");
	free(costs);
	return good ? 0 : 2;
}

static int make_page(struct report *report, const struct judge *judge, const struct wishes *wishes) {
	struct text page = {0};
	if (report->file_count && (report_join(report) < 0 || report_judge(report, judge) < 0)) {
		fprintf(stderr, "out of memory\n");
		return 2;
	}
	if (read_history(report, wishes) || advise(report, wishes))
		return 2;
	report_page(&page, report);
	if (report_script_bytes == 0)
		fprintf(stderr, "report: this programme was built without the charts, the page has its tables only; "
				"`make hosted-charts` builds them in\n");
	return output_save(wishes->out, &page);
}

/* Names of versions; an `ab --keep` folder is two, whose names are made up here. */
struct names {
	const char *all[REPORT_FILES_MAX];
	size_t count;
	char made[REPORT_FILES_MAX][4096];
};

static bool is_folder(const char *name) {
	struct stat info;
	return stat(name, &info) == 0 && S_ISDIR(info.st_mode);
}

/* false: there are too many. */
static bool add_name(struct names *names, const char *name) {
	static const char *const sides[] = {"a", "b"};
	size_t sides_there = 0;
	for (size_t i = 0; i < 2 && names->count + i < REPORT_FILES_MAX; i++) {
		size_t room = sizeof(names->made[0]);
		char *made = names->made[names->count + i];
		int length = snprintf(made, room, "%s/%s", name, sides[i]);
		sides_there += length > 0 && (size_t)length < room && is_folder(made);
	}
	if (names->count == REPORT_FILES_MAX)
		return false;
	if (sides_there == 2) {
		names->all[names->count] = names->made[names->count];
		names->all[names->count + 1] = names->made[names->count + 1];
		names->count += 2;
	} else {
		names->all[names->count++] = name;
	}
	return true;
}

/* Of results, or of another kind. */
static int read_file(struct report *report, const char *name, struct text *complaint) {
	struct launches *version = &report->versions[report->file_count];
	struct text bytes = {0};
	bool has_launches = is_folder(name);
	int taken = has_launches ? 0 : report_part_read(report, name, &bytes, complaint);
	int status = taken < 0 ? 2 : 0;
	if (taken == 0)
		status = has_launches ? launches_read(name, version, complaint)
				      : launches_take(name, &bytes, version, complaint);
	if (taken == 0 && status == 0)
		report->files[report->file_count++] = &version->all[0];
	text_free(&bytes);
	return status;
}

static int read_versions(struct report *report, const struct names *names) {
	struct text complaint = {0};
	for (size_t i = 0; i < names->count; i++)
		if (read_file(report, names->all[i], &complaint)) {
			output_complain(&complaint);
			return 2;
		}
	text_free(&complaint);
	return 0;
}

/* 1 taken, 0 a name, -1 wrong. */
static int own_option(struct wishes *wishes, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i)) != NULL)
		wishes->out = value;
	else if ((value = words_value(argc, argv, i, "--history")) != NULL)
		wishes->history = value;
	else if ((value = words_value(argc, argv, i, "--costs")) != NULL)
		wishes->costs = value;
	else
		return argv[*i][0] == '-' && argv[*i][1] ? -1 : 0;
	return 1;
}

static int report_of(const struct names *names, const struct judge *judge, const struct wishes *wishes) {
	struct report report = {0};
	int status = read_versions(&report, names);
	if (status == 0)
		comparison_complain_of_incomplete(report.versions, report.file_count);
	if (status == 0)
		status = make_page(&report, judge, wishes);
	for (size_t i = 0; i < report.file_count; i++)
		launches_free(&report.versions[i]);
	report_parts_free(&report);
	report_history_free(&report);
	report_fleet_free(&report);
	free(report.rows);
	return status;
}

int command_report(int argc, char **argv) {
	struct names names = {0};
	struct wishes wishes = {.out = "report.html"};
	struct judge judge;
	bool ended = false;
	judge_start(&judge);
	for (int i = 1; i < argc; i++) {
		if (words_end_options(argv[i], &ended))
			continue;
		int taken = ended ? 0 : judge_option(&judge, argc, argv, &i);
		if (taken == 0 && !ended && (taken = own_option(&wishes, argc, argv, &i)) < 0)
			return help_refuse("report", argv[i]);
		if (taken < 0)
			return 2;
		if (taken == 0 && !add_name(&names, argv[i])) {
			output_say(stderr, "report: %s is one file too many: %d fit on a page\n", argv[i],
				   REPORT_FILES_MAX);
			return 2;
		}
	}
	if (names.count == 0)
		return help_usage("report");
	if (!judge_open_or_say(&judge))
		return 2;
	bool may = output_may_write(wishes.out) && !output_refuses(wishes.out, names.all, names.count, false);
	int status = may ? report_of(&names, &judge, &wishes) : 2;
	judge_say_and_close(&judge);
	return status;
}
