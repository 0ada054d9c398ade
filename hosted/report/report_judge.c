/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes and verdicts of a report, as `anechoic compare` has them: single launches, corrected over all rows of all
 * files. Where two files cannot be compared, the ratio of their estimates stands with the reason why it is not judged.
 */
#include "hosted/report/report.h"

#include "hosted/verdict/comparable.h"
#include "hosted/verdict/launches.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The two intervals, taken as independent, joined on the logarithm's scale. */
static struct report_change ratio_of(const struct results_benchmark *from, const struct results_benchmark *to) {
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

static struct gap_outcome outcome_of(const struct results_benchmark *run) {
	return run ? (struct gap_outcome){true, run->status, run->reason} : (struct gap_outcome){0};
}

static void find_gap(struct report_row *row, size_t file) {
	struct gap_outcome a = outcome_of(row->runs[0]), b = outcome_of(row->runs[file]);
	struct report_change *change = &row->changes[file];
	change->gap.name = row->name;
	change->has_gap = gap_find(&a, &b, &change->gap);
	if (change->gap.side == 'B')
		change->gap.side = report_letter(file);
}

/* Rows under way, and where the verdict of each goes. */
struct pending {
	struct judge_row *rows;
	struct report_change **targets;
	size_t count;
};

static void add_row(struct pending *pending, const struct report *report, const struct judge *judge,
		    struct report_row *row, size_t file) {
	double a, b;
	launches_figure_of(row->runs[0], &a);
	launches_figure_of(row->runs[file], &b);
	if (!(a > 0) || !(b > 0))
		return;
	size_t launches;
	double deviation = judge_deviation(judge, &report->files[0], row->name, &launches);
	struct judge_row *pended = &pending->rows[pending->count];
	*pended = (struct judge_row){.name = row->name, .rules = judge_rules(judge, row->name)};
	change_of_launches(a, b, deviation, launches, &pended->rules, &pended->change);
	pending->targets[pending->count++] = &row->changes[file];
}

static void add_file(struct pending *pending, struct report *report, const struct judge *judge, size_t file) {
	const char *why = comparable_refusal(&report->files[0], &report->files[file]);
	snprintf(report->refusals[file], sizeof(report->refusals[file]), "%s", why ? why : "");
	for (size_t i = 0; i < report->row_count; i++) {
		struct report_row *row = &report->rows[i];
		if (why)
			row->changes[file] = ratio_of(row->runs[0], row->runs[file]);
		else
			add_row(pending, report, judge, row, file);
		find_gap(row, file);
	}
}

int report_judge(struct report *report, const struct judge *judge) {
	size_t most = report->row_count * report->file_count + 1;
	struct pending pending = {calloc(most, sizeof(*pending.rows)), calloc(most, sizeof(*pending.targets)), 0};
	bool good = pending.rows && pending.targets;
	report->threshold = judge->rules.noise_threshold;
	for (size_t file = 1; good && file < report->file_count; file++)
		add_file(&pending, report, judge, file);
	good = good && judge_rows(pending.rows, pending.count) != 2;
	for (size_t i = 0; good && i < pending.count; i++) {
		const struct change *change = &pending.rows[i].change;
		struct report_change *target = pending.targets[i];
		target->known = true;
		target->point = change->relative;
		target->lower = change->lower;
		target->upper = change->upper;
		target->verdict = change_verdict_name(change->verdict);
	}
	free(pending.rows);
	free(pending.targets);
	return good ? 0 : -1;
}
