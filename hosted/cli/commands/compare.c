/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic compare`: versions, each a launch or many of them, the first against each of the others.
 */
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/comparison.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/help.h"
#include "hosted/cli/judge_options.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSIONS_MAX = 16 };

/* ---- platform against platform ----------------------------------------------------------------------------------- */

/* 0: they have nothing in common. */
static double geometric_mean_ratio(const struct launches *a, const struct launches *b) {
	double sum = 0;
	size_t count = 0;
	for (size_t i = 0; i < a->all[0].count; i++) {
		const char *name = a->all[0].benchmarks[i].name;
		double mine = launches_median(a, name), theirs = launches_median(b, name);
		if (!(mine > 0) || !(theirs > 0))
			continue;
		sum += log(theirs / mine);
		count++;
	}
	return count ? exp(sum / (double)count) : 0;
}

/* Normalised: the ratio over the geometric mean of all ratios, which is what a platform is good or bad at once its
 * speed is taken out. */
static int compare_platforms(const struct launches *versions, size_t count) {
	double means[VERSIONS_MAX];
	bool any = false, said = comparison_complain_of_no_time(versions, count);
	for (size_t k = 0; k < count; k++) {
		means[k] = geometric_mean_ratio(&versions[0], &versions[k]);
		any |= k > 0 && means[k] > 0;
	}
	if (!any) {
		if (!said)
			comparison_complain_of_nothing_in_common(versions, count);
		return 2;
	}
	for (size_t k = 0; k < count; k++) {
		const struct results *first = &versions[k].all[0];
		printf("%c: %s: %s, %s, %s, %s%s\n", (char)('A' + k), versions[k].name,
		       results_context(first, "platform/cpu"), results_context(first, "platform/architecture"),
		       results_context(first, "platform/way"), results_context(first, "platform/hypervisor"),
		       results_functional_only(first) ? ", FUNCTIONAL ONLY" : "");
	}
	printf("%-44s %10s", "benchmark", "A ns");
	for (size_t k = 1; k < count; k++)
		printf(" %8c ns %7c/A %10s", (char)('A' + k), (char)('A' + k), "normalised");
	printf("\n");
	for (size_t i = 0; i < versions[0].all[0].count; i++) {
		const char *name = versions[0].all[0].benchmarks[i].name;
		double first = launches_median(&versions[0], name);
		if (!(first > 0))
			continue;
		printf("%-44s %10.4g", name, first);
		for (size_t k = 1; k < count; k++) {
			double theirs = launches_median(&versions[k], name);
			if (theirs > 0)
				printf(" %11.4g %9.3f %10.3f", theirs, theirs / first, theirs / first / means[k]);
			else
				printf(" %11s %9s %10s", "-", "-", "-");
		}
		printf("\n");
	}
	for (size_t k = 1; k < count; k++)
		if (means[k] > 0)
			printf("geometric mean of %c/A: %.4f\n", (char)('A' + k), means[k]);
		else
			printf("geometric mean of %c/A: -, nothing was measured in both\n", (char)('A' + k));
	printf("no verdicts: these are other machines, or other platforms on one\n");
	return 0;
}

static int show_platforms(const struct launches *versions, size_t count) {
	comparison_complain_of_incomplete(versions, count);
	fold_begin();
	int status = compare_platforms(versions, count);
	fold_end();
	return status;
}

int command_compare(int argc, char **argv) {
	struct judge judge;
	struct launches versions[VERSIONS_MAX];
	const char *names[VERSIONS_MAX];
	size_t count = 0, read = 0;
	bool platforms = false;
	enum verdict_format format = VERDICT_FORMAT_TABLE;
	bool ended = false;
	judge_start(&judge);
	for (int i = 1; i < argc; i++) {
		if (words_end_options(argv[i], &ended))
			continue;
		int taken = ended ? 0 : judge_option(&judge, argc, argv, &i);
		if (taken == 0 && !ended)
			taken = judge_format_option(&format, argc, argv, &i);
		if (taken < 0)
			return 2;
		if (taken == 0 && !ended && strcmp(argv[i], "--platforms") == 0)
			platforms = true;
		else if (taken == 0 && !ended && argv[i][0] == '-')
			return help_refuse("compare", argv[i]);
		else if (taken == 0 && count == VERSIONS_MAX) {
			output_say(stderr, "compare: %s is one too many: it takes %d\n", argv[i], VERSIONS_MAX);
			return 2;
		} else if (taken == 0)
			names[count++] = argv[i];
	}
	if (count < 2) {
		if (count == 1)
			output_say(stderr, "%s is one: compare wants another beside it\n", names[0]);
		return help_usage("compare");
	}
	int status = judge_open_or_say(&judge) ? 0 : 2;
	struct text complaint = {0};
	while (status == 0 && read < count) {
		if (launches_read(names[read], &versions[read], &complaint) == 0)
			read++;
		else
			status = 2;
	}
	output_complain(&complaint);
	const struct comparison comparison = {.judge = &judge, .versions = versions, .count = count, .format = format};
	if (status == 0)
		status = platforms ? show_platforms(versions, count) : comparison_show(&comparison);
	while (read > 0)
		launches_free(&versions[--read]);
	judge_say_and_close(&judge);
	return status;
}
