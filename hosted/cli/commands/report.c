/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `report`: reads the files, joins their benchmarks by name, writes the page.
 */
#include "hosted/report/report.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/judge_options.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is asked for beside the files. */
struct wishes {
	const char *out;
	const char *history; /* --history; NULL: none, "default": where `history` keeps it */
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

static int make_page(struct report *report, const struct judge *judge, const struct wishes *wishes) {
	struct text page = {0};
	if (report_join(report) < 0 || report_judge(report, judge) < 0) {
		fprintf(stderr, "out of memory\n");
		return 2;
	}
	if (read_history(report, wishes))
		return 2;
	report_page(&page, report);
	if (report_script_bytes == 0)
		fprintf(stderr, "report: this programme was built without the charts, the page has its tables only; "
				"`make hosted-charts` builds them in\n");
	return output_save(wishes->out, &page);
}

static int read_files(struct report *report, const char *const *names, size_t count) {
	struct text complaint = {0};
	for (size_t i = 0; i < count; i++) {
		if (results_read(names[i], &report->files[i], &complaint) < 0) {
			output_complain(&complaint);
			return 2;
		}
		report->file_count++;
	}
	text_free(&complaint);
	return 0;
}

int command_report(int argc, char **argv) {
	const char *names[REPORT_FILES_MAX];
	struct wishes wishes = {.out = "report.html"};
	struct judge judge;
	size_t count = 0;
	judge_start(&judge);
	for (int i = 1; i < argc; i++) {
		const char *value;
		int taken = judge_option(&judge, argc, argv, &i);
		if (taken < 0)
			return 2;
		if (taken > 0)
			continue;
		if ((value = words_out(argc, argv, &i)) != NULL)
			wishes.out = value;
		else if ((value = words_value(argc, argv, &i, "--history")) != NULL)
			wishes.history = value;
		else if ((argv[i][0] == '-' && argv[i][1]) || count == REPORT_FILES_MAX)
			return help_usage("report");
		else
			names[count++] = argv[i];
	}
	if (count == 0)
		return help_usage("report");
	if (!judge_open_or_say(&judge))
		return 2;
	struct report report = {0};
	int status = read_files(&report, names, count);
	if (status == 0)
		status = make_page(&report, &judge, &wishes);
	for (size_t i = 0; i < report.file_count; i++)
		results_free(&report.files[i]);
	report_history_free(&report);
	free(report.rows);
	judge_close(&judge);
	return status;
}
