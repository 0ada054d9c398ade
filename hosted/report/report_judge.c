/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes and verdicts of a report, as `anechoic compare` has them: single launches, corrected over all rows of all
 * files. Where two files cannot be compared, the ratio of their estimates stands with the reason why it is not judged.
 */
#include "hosted/report/report.h"

#include "hosted/verdict/comparable.h"

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
	return (struct report_change){true, ratio - 1, ratio * exp(-down) - 1, ratio * exp(up) - 1, "not judged"};
}

static double figure_of(const struct results_benchmark *run) {
	double *scratch = report_has_figures(run) ? malloc(run->count * sizeof(*scratch)) : NULL;
	double figure = scratch ? change_figure(run->times, run->iters, run->count, scratch) : 0;
	free(scratch);
	return figure;
}

/* A change under way: where its verdict goes. */
struct pending {
	struct change change;
	struct change_rules rules;
	struct report_change *target;
};

static size_t judge_row(struct report *report, const struct judge *judge, struct report_row *row, size_t file,
			struct pending *pending) {
	double a = figure_of(row->runs[0]), b = figure_of(row->runs[file]);
	if (!(a > 0) || !(b > 0))
		return 0;
	size_t launches;
	double deviation = judge_deviation(judge, &report->files[0], row->name, &launches);
	*pending = (struct pending){.rules = judge_rules(judge, row->name), .target = &row->changes[file]};
	change_of_launches(a, b, deviation, launches, &pending->rules, &pending->change);
	return 1;
}

static bool decide(struct pending *pending, size_t count) {
	struct change **changes = calloc(count + 1, sizeof(struct change *));
	if (!changes)
		return false;
	for (size_t i = 0; i < count; i++)
		changes[i] = &pending[i].change;
	change_correct(changes, count);
	free(changes);
	for (size_t i = 0; i < count; i++) {
		const struct change *change = &pending[i].change;
		change_judge(&pending[i].rules, &pending[i].change);
		*pending[i].target = (struct report_change){true, change->relative, change->lower, change->upper,
							    change_verdict_name(change->verdict)};
	}
	return true;
}

int report_judge(struct report *report, const struct judge *judge) {
	struct pending *pending = calloc(report->row_count * report->file_count + 1, sizeof(*pending));
	size_t count = 0;
	if (!pending)
		return -1;
	report->threshold = judge->rules.noise_threshold;
	for (size_t file = 1; file < report->file_count; file++) {
		const char *why = comparable_refusal(&report->files[0], &report->files[file]);
		snprintf(report->refusals[file], sizeof(report->refusals[file]), "%s", why ? why : "");
		for (size_t i = 0; i < report->row_count; i++) {
			struct report_row *row = &report->rows[i];
			if (why)
				row->changes[file] = ratio_of(row->runs[0], row->runs[file]);
			else
				count += judge_row(report, judge, row, file, &pending[count]);
		}
	}
	bool decided = decide(pending, count);
	free(pending);
	return decided ? 0 : -1;
}
