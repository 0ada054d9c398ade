/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `report`: reads the files, joins their benchmarks by name, writes the page.
 */
#include "hosted/report.h"

#include "hosted/hosted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void) {
	fprintf(stderr,
		"usage: anechoic report FILE... [-o FILE]\n"
		"One self-contained page of HTML from one results.json or several (up to %d), the others beside the "
		"first.\n"
		"Without -o it is report.html; -o - is standard output. Verdicts are those of `anechoic compare`, "
		"whose\n"
		"--launches, --per-benchmark, --noise-threshold, --significance-level and --effect are understood.\n"
		"--history FILE draws each benchmark's past out of `anechoic history`; `default`: where that keeps "
		"it.\n"
		"Exit status: 0 written, 2 usage or tool error.\n",
		REPORT_FILES_MAX);
	return 2;
}

static struct report_row *find_row(const struct report *report, const char *name) {
	for (size_t i = 0; i < report->row_count; i++)
		if (strcmp(report->rows[i].name, name) == 0)
			return &report->rows[i];
	return NULL;
}

/* The place of a new row: behind the last of its group, so that groups stay together whatever each file's order was. */
static size_t place_of(const struct report *report, const char *group) {
	size_t place = report->row_count;
	while (place > 0 && strcmp(report->rows[place - 1].group, group) != 0)
		place--;
	return place ? place : report->row_count;
}

static int join(struct report *report) {
	size_t most = 0;
	for (size_t file = 0; file < report->file_count; file++)
		most += report->files[file].count;
	report->rows = calloc(most ? most : 1, sizeof(*report->rows));
	if (!report->rows)
		return -1;
	for (size_t file = 0; file < report->file_count; file++) {
		for (size_t i = 0; i < report->files[file].count; i++) {
			const struct results_benchmark *run = &report->files[file].benchmarks[i];
			struct report_row *row = file ? find_row(report, run->name) : NULL;
			if (!row) {
				size_t place = place_of(report, run->group);
				row = &report->rows[place];
				memmove(row + 1, row, (report->row_count++ - place) * sizeof(*row));
				*row = (struct report_row){.name = run->name, .group = run->group};
			}
			row->runs[file] = run;
		}
	}
	return 0;
}

static int write_page(const char *name, const struct text *page) {
	FILE *file = strcmp(name, "-") == 0 ? stdout : fopen(name, "wbe");
	bool good = file && fwrite(page->bytes, 1, page->length, file) == page->length && fflush(file) == 0;
	if (!good)
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
	if (file && file != stdout && fclose(file) != 0 && good) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		good = false;
	}
	return good ? 0 : 2;
}

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
	if (complaint.length)
		fwrite(complaint.bytes, 1, complaint.length, stderr);
	text_free(&complaint);
	return status;
}

static int make_page(struct report *report, const struct judge *judge, const struct wishes *wishes) {
	struct text page = {0};
	if (join(report) < 0 || report_judge(report, judge) < 0) {
		fprintf(stderr, "out of memory\n");
		return 2;
	}
	if (read_history(report, wishes))
		return 2;
	report_page(&page, report);
	if (report_script_bytes == 0)
		fprintf(stderr, "report: this programme was built without the charts, the page has its tables only; "
				"`make hosted-charts` builds them in\n");
	int status = 2;
	if (page.failed)
		fprintf(stderr, "out of memory\n");
	else
		status = write_page(wishes->out, &page);
	text_free(&page);
	return status;
}

static int read_files(struct report *report, const char *const *names, size_t count) {
	struct text complaint = {0};
	for (size_t i = 0; i < count; i++) {
		if (results_read(names[i], &report->files[i], &complaint) < 0) {
			fwrite(complaint.bytes, 1, complaint.length, stderr);
			text_free(&complaint);
			return 2;
		}
		report->file_count++;
	}
	text_free(&complaint);
	return 0;
}

int hosted_report(int argc, char **argv) {
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
		if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
			wishes.out = argv[++i];
		else if ((value = hosted_option_value(argc, argv, &i, "--out")) != NULL)
			wishes.out = value;
		else if ((value = hosted_option_value(argc, argv, &i, "--history")) != NULL)
			wishes.history = value;
		else if ((argv[i][0] == '-' && argv[i][1]) || count == REPORT_FILES_MAX)
			return usage();
		else
			names[count++] = argv[i];
	}
	if (count == 0)
		return usage();
	if (!judge_open(&judge))
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
