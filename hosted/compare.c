/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/compare.h"

#include "hosted/hosted.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 16 };

static int usage(void) {
	fprintf(stderr,
		"usage: anechoic compare [OPTION...] A.json B.json [C.json...]\n"
		"Each of the others against A: change, interval, p, verdict. A file is one launch: how much launches "
		"differ\n"
		"must be known from `ab --save-launches`, or the answer is `inconclusive`.\n"
		"  --platforms             other machines, platforms and clocks side by side, without verdicts\n"
		"%s"
		"Exit status: 0 no regression, 1 a regression, 2 usage, or not comparable, 3 inconclusive.\n",
		judge_options_help);
	return 2;
}

static double figure_of(const struct results_benchmark *benchmark) {
	double *scratch = benchmark->count ? malloc(benchmark->count * sizeof(*scratch)) : NULL;
	double figure = scratch ? change_figure(benchmark->times, benchmark->iters, benchmark->count, scratch) : 0;
	free(scratch);
	return figure;
}

static size_t compare_two(const struct judge *judge, const struct results *a, const struct results *b,
			  struct judge_row *rows) {
	size_t count = 0;
	for (size_t i = 0; i < a->count; i++) {
		const struct results_benchmark *other = results_find(b, a->benchmarks[i].name);
		double mine = figure_of(&a->benchmarks[i]), theirs = other ? figure_of(other) : 0;
		if (!(mine > 0) || !(theirs > 0))
			continue;
		struct judge_row *row = &rows[count++];
		size_t launches;
		double deviation = judge_deviation(judge, a, a->benchmarks[i].name, &launches);
		*row = (struct judge_row){
			.name = a->benchmarks[i].name,
			.against = b->file,
			.a_ns = mine,
			.b_ns = theirs,
			.launches = 1,
			.rules = judge_rules(judge, a->benchmarks[i].name),
		};
		change_of_launches(mine, theirs, deviation, launches, &row->rules, &row->change);
	}
	return count;
}

int compare_results(const struct judge *judge, const struct results *files, size_t count) {
	for (size_t i = 1; i < count; i++) {
		const char *why = judge_refusal(&files[0], &files[i]);
		if (!why)
			continue;
		fprintf(stderr, "%s and %s cannot be compared: %s (--platforms sets them side by side)\n",
			files[0].file, files[i].file, why);
		return 2;
	}
	struct judge_row *rows = malloc(((count - 1) * files[0].count + 1) * sizeof(*rows));
	size_t found = 0;
	if (!rows) {
		fprintf(stderr, "out of memory\n");
		return 2;
	}
	for (size_t i = 1; i < count; i++)
		found += compare_two(judge, &files[0], &files[i], rows + found);
	char head[300];
	snprintf(head, sizeof(head), "single launches against %.200s", files[0].file);
	int status = 2;
	if (found)
		status = judge_show(judge, head, rows, found);
	else
		fprintf(stderr, "no benchmark is in both\n");
	free(rows);
	return status;
}

/* ---- platform against platform ----------------------------------------------------------------------------------- */

static double geometric_mean_ratio(const struct results *a, const struct results *b) {
	double sum = 0;
	size_t count = 0;
	for (size_t i = 0; i < a->count; i++) {
		const struct results_benchmark *other = results_find(b, a->benchmarks[i].name);
		double mine = figure_of(&a->benchmarks[i]), theirs = other ? figure_of(other) : 0;
		if (!(mine > 0) || !(theirs > 0))
			continue;
		sum += log(theirs / mine);
		count++;
	}
	return count ? exp(sum / (double)count) : 1;
}

/* Normalised: the ratio over the geometric mean of all ratios, which is what a platform is good or bad at once its
 * speed is taken out. */
static int compare_platforms(const struct results *files, size_t count) {
	for (size_t k = 0; k < count; k++)
		printf("%c: %s: %s, %s, %s, %s%s\n", (char)('A' + k), files[k].file,
		       results_context(&files[k], "platform/cpu"), results_context(&files[k], "platform/architecture"),
		       results_context(&files[k], "platform/way"), results_context(&files[k], "platform/hypervisor"),
		       results_functional_only(&files[k]) ? ", FUNCTIONAL ONLY" : "");
	printf("%-44s %10s", "benchmark", "A ns");
	for (size_t k = 1; k < count; k++)
		printf(" %8c ns %7c/A %10s", (char)('A' + k), (char)('A' + k), "normalised");
	printf("\n");
	for (size_t i = 0; i < files[0].count; i++) {
		double first = figure_of(&files[0].benchmarks[i]);
		if (!(first > 0))
			continue;
		printf("%-44s %10.4g", files[0].benchmarks[i].name, first);
		for (size_t k = 1; k < count; k++) {
			const struct results_benchmark *other = results_find(&files[k], files[0].benchmarks[i].name);
			double theirs = other ? figure_of(other) : 0;
			if (theirs > 0)
				printf(" %11.4g %9.3f %10.3f", theirs, theirs / first,
				       theirs / first / geometric_mean_ratio(&files[0], &files[k]));
			else
				printf(" %11s %9s %10s", "-", "-", "-");
		}
		printf("\n");
	}
	for (size_t k = 1; k < count; k++)
		printf("geometric mean of %c/A: %.4f\n", (char)('A' + k), geometric_mean_ratio(&files[0], &files[k]));
	printf("no verdicts: these are other machines, or other platforms on one\n");
	return 0;
}

int hosted_compare(int argc, char **argv) {
	struct judge judge;
	struct results files[FILES_MAX];
	const char *names[FILES_MAX];
	size_t count = 0, read = 0;
	bool platforms = false;
	judge_start(&judge);
	for (int i = 1; i < argc; i++) {
		int taken = judge_option(&judge, argc, argv, &i);
		if (taken < 0)
			return 2;
		if (taken == 0 && strcmp(argv[i], "--platforms") == 0)
			platforms = true;
		else if (taken == 0 && (argv[i][0] == '-' || count == FILES_MAX))
			return usage();
		else if (taken == 0)
			names[count++] = argv[i];
	}
	if (count < 2)
		return usage();
	int status = judge_open(&judge) ? 0 : 2;
	struct text complaint = {0};
	while (status == 0 && read < count) {
		if (results_read(names[read], &files[read], &complaint) == 0)
			read++;
		else
			status = 2;
	}
	if (complaint.length)
		fprintf(stderr, "%.*s\n", (int)complaint.length, complaint.bytes);
	text_free(&complaint);
	if (status == 0)
		status = platforms ? compare_platforms(files, count) : compare_results(&judge, files, count);
	while (read > 0)
		results_free(&files[--read]);
	judge_close(&judge);
	return status;
}
