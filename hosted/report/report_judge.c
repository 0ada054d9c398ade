/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes and verdicts of a report, as `anechoic compare` has them, corrected over all rows of all versions. Where two
 * versions cannot be compared, the ratio of their estimates stands with the reason why it is not judged.
 */
#include "hosted/report/report.h"

#include "hosted/verdict/comparable.h"
#include "hosted/verdict/versions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report_change report_ratio(const struct results_benchmark *from, const struct results_benchmark *to) {
	if (!report_has_figures(from) || !report_has_figures(to))
		return (struct report_change){0};
	const struct results_estimate *a = results_headline(from), *b = results_headline(to);
	if (!(a->lower > 0 && b->lower > 0))
		return (struct report_change){0};
	double ratio = b->point / a->point;
	double down = hypot(log(b->point / b->lower), log(a->upper / a->point));
	double up = hypot(log(b->upper / b->point), log(a->point / a->lower));
	return (struct report_change){
		.known = true,
		.point = ratio - 1,
		.lower = ratio * exp(-down) - 1,
		.upper = ratio * exp(up) - 1,
		.verdict = "not judged",
	};
}

static void find_gap(const struct report *report, struct report_row *row, size_t file) {
	struct gap_outcome a = launches_outcome(&report->versions[0], row->name);
	struct gap_outcome b = launches_outcome(&report->versions[file], row->name);
	struct report_change *change = &row->changes[file];
	change->gap.name = row->name;
	change->has_gap = gap_find(&a, &b, &change->gap);
	if (change->gap.side == 'B')
		change->gap.side = report_letter(file);
}

/* Rows of one version after the other; version `file` has those from ends[file - 1] on. */
struct pending {
	struct versions_found found;
	size_t ends[REPORT_FILES_MAX];
};

static void add_version(struct pending *pending, struct report *report, const struct judge *judge, size_t file) {
	const char *why = comparable_refusal(report->files[0], report->files[file]);
	snprintf(report->refusals[file], sizeof(report->refusals[file]), "%s", why ? why : "");
	for (size_t i = 0; i < report->row_count; i++) {
		struct report_row *row = &report->rows[i];
		if (why)
			row->changes[file] = report_ratio(row->runs[0], row->runs[file]);
		find_gap(report, row, file);
	}
	if (!why)
		versions_compare(judge, &report->versions[0], &report->versions[file], &pending->found);
	pending->ends[file] = pending->found.count;
}

static void hand_out(struct report *report, const struct judge_row *from, size_t file) {
	for (size_t i = 0; i < report->row_count; i++) {
		struct report_change *target = &report->rows[i].changes[file];
		if (strcmp(report->rows[i].name, from->name) != 0)
			continue;
		target->known = true;
		target->point = from->change.relative;
		target->lower = from->change.lower;
		target->upper = from->change.upper;
		target->verdict = change_verdict_name(from->change.verdict);
	}
}

int report_judge(struct report *report, const struct judge *judge) {
	size_t most = 2 * report->row_count * report->file_count + 1;
	struct pending pending = {
		.found = {.rows = calloc(most, sizeof(struct judge_row)), .gaps = calloc(most, sizeof(struct gap))}};
	bool good = pending.found.rows && pending.found.gaps;
	report->threshold = judge->rules.noise_threshold;
	for (size_t file = 1; good && file < report->file_count; file++)
		add_version(&pending, report, judge, file);
	good = good && judge_rows(pending.found.rows, pending.found.count) != 2;
	for (size_t file = 1; good && file < report->file_count; file++)
		for (size_t i = pending.ends[file - 1]; i < pending.ends[file]; i++)
			hand_out(report, &pending.found.rows[i], file);
	free(pending.found.rows);
	free(pending.found.gaps);
	return good ? 0 : -1;
}
