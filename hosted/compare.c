/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/compare.h"

#include "hosted/hosted.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSIONS_MAX = 16 };

static int usage(void) {
	fprintf(stderr,
		"usage: anechoic compare [OPTION...] A B [C...]\n"
		"Each of the others against A: change, interval, p, verdict. A folder holds many launches of one "
		"version, a\n*.json each; in order of their names they pair up with the other's. A file is one launch: "
		"how much launches\ndiffer must be known from a folder on the other side or from `ab --save-launches`, "
		"or the answer is\n`inconclusive`.\n"
		"  --platforms             other machines, platforms and clocks side by side, without verdicts\n"
		"%s"
		"Exit status: 0 no regression, 1 a regression, 2 usage, or not comparable, 3 inconclusive.\n",
		judge_options_help);
	return 2;
}

/* The i-th launch of one side with the i-th of the other, where both have the benchmark; how many. */
static size_t pair_up(const struct launches *a, const struct launches *b, const char *name,
		      double figures[2][CHANGE_PAIRS_MAX]) {
	size_t pairs = 0;
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		figures[0][pairs] = launches_figure(a, i, name);
		figures[1][pairs] = launches_figure(b, i, name);
		pairs += figures[0][pairs] > 0 && figures[1][pairs] > 0;
	}
	return pairs;
}

/* Many launches on both sides are pairs. One launch on a side is as good as what is known of launches: from the other side, where that
 * has many, else from the file. */
static void compare_one(const struct judge *judge, const struct launches *a, const struct launches *b,
			struct judge_row *row) {
	double figures[2][CHANGE_PAIRS_MAX];
	if (a->count > 1 && b->count > 1) {
		row->launches = pair_up(a, b, row->name, figures);
		if (!change_of_pairs(figures[0], figures[1], row->launches, &row->rules, &row->change))
			change_of_launches(row->a_ns, row->b_ns, 0, 0, &row->rules, &row->change);
		return;
	}
	const struct launches *many = a->count > 1 ? a : b;
	size_t known;
	double deviation = many->count > 1 ? launches_deviation(many, row->name, &known)
					   : judge_deviation(judge, &a->all[0], row->name, &known);
	row->launches = 1;
	change_of_launches(row->a_ns, row->b_ns, deviation, known, &row->rules, &row->change);
}

static size_t compare_two(const struct judge *judge, const struct launches *a, const struct launches *b,
			  struct judge_row *rows) {
	const struct results *first = &a->all[0];
	size_t count = 0;
	for (size_t i = 0; i < first->count; i++) {
		const char *name = first->benchmarks[i].name;
		double mine = launches_median(a, name), theirs = launches_median(b, name);
		if (!(mine > 0) || !(theirs > 0))
			continue;
		struct judge_row *row = &rows[count++];
		*row = (struct judge_row){
			.name = name,
			.against = b->name,
			.a_ns = mine,
			.b_ns = theirs,
			.rules = judge_rules(judge, name),
		};
		compare_one(judge, a, b, row);
	}
	return count;
}

static bool may_compare(const struct launches *a, const struct launches *b) {
	const char *why = judge_refusal(&a->all[0], &b->all[0]);
	if (why)
		fprintf(stderr, "%s and %s cannot be compared: %s (--platforms sets them side by side)\n", a->name,
			b->name, why);
	else if (a->count > 1 && b->count > 1 && a->count != b->count)
		fprintf(stderr, "%s has %zu launches and %s %zu: those beyond the shorter of the two pair with none\n",
			a->name, a->count, b->name, b->count);
	return !why;
}

/* Each file's own line, once. false: there is nothing to say. */
static bool complain_of_no_time(const struct launches *versions, size_t count) {
	struct text complaint = {0};
	for (size_t k = 0; k < count; k++) {
		bool again = false;
		for (size_t before = 0; before < k; before++)
			again |= strcmp(versions[before].name, versions[k].name) == 0;
		for (size_t i = 0; !again && i < versions[k].count; i++)
			launches_without_time(&versions[k].all[i], versions[k].all[i].file, &complaint);
	}
	bool any = complaint.length > 0;
	if (any)
		fwrite(complaint.bytes, 1, complaint.length, stderr);
	text_free(&complaint);
	return any;
}

static bool has_benchmark(const struct launches *launches, const char *name) {
	bool found = false;
	for (size_t i = 0; !found && i < launches->count; i++)
		found = results_find(&launches->all[i], name) != NULL;
	return found;
}

/* Why no row came of it, where that is not the times' fault. */
static void complain_of_nothing_in_common(const struct launches *versions, size_t count) {
	size_t common = 0;
	for (size_t k = 0; k < count; k++)
		if (versions[k].all[0].count == 0) {
			fprintf(stderr, "%s: there is no benchmark in it\n", versions[k].name);
			return;
		}
	for (size_t k = 1; k < count; k++)
		for (size_t i = 0; i < versions[0].all[0].count; i++)
			common += has_benchmark(&versions[k], versions[0].all[0].benchmarks[i].name);
	if (common)
		fprintf(stderr, "no benchmark has samples in both\n");
	else
		fprintf(stderr, "no benchmark is in both\n");
}

int compare_launches(const struct judge *judge, const struct launches *versions, size_t count) {
	for (size_t i = 1; i < count; i++)
		if (!may_compare(&versions[0], &versions[i]))
			return 2;
	bool said = complain_of_no_time(versions, count);
	struct judge_row *rows = malloc(((count - 1) * versions[0].all[0].count + 1) * sizeof(*rows));
	size_t found = 0;
	if (!rows) {
		fprintf(stderr, "out of memory\n");
		return 2;
	}
	for (size_t i = 1; i < count; i++)
		found += compare_two(judge, &versions[0], &versions[i], rows + found);
	char head[300];
	if (versions[0].count > 1)
		snprintf(head, sizeof(head), "against %zu launches of %.200s", versions[0].count, versions[0].name);
	else
		snprintf(head, sizeof(head), "against a single launch, %.200s", versions[0].name);
	int status = 2;
	if (found)
		status = judge_show(judge, head, rows, found);
	else if (!said)
		complain_of_nothing_in_common(versions, count);
	free(rows);
	return status;
}

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
	bool any = false, said = complain_of_no_time(versions, count);
	for (size_t k = 0; k < count; k++) {
		means[k] = geometric_mean_ratio(&versions[0], &versions[k]);
		any |= k > 0 && means[k] > 0;
	}
	if (!any) {
		if (!said)
			complain_of_nothing_in_common(versions, count);
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

int hosted_compare(int argc, char **argv) {
	struct judge judge;
	struct launches versions[VERSIONS_MAX];
	const char *names[VERSIONS_MAX];
	size_t count = 0, read = 0;
	bool platforms = false;
	judge_start(&judge);
	for (int i = 1; i < argc; i++) {
		int taken = judge_option(&judge, argc, argv, &i);
		if (taken == 0)
			taken = judge_format_option(&judge, argc, argv, &i);
		if (taken < 0)
			return 2;
		if (taken == 0 && strcmp(argv[i], "--platforms") == 0)
			platforms = true;
		else if (taken == 0 && (argv[i][0] == '-' || count == VERSIONS_MAX))
			return usage();
		else if (taken == 0)
			names[count++] = argv[i];
	}
	if (count < 2)
		return usage();
	int status = judge_open(&judge) ? 0 : 2;
	struct text complaint = {0};
	while (status == 0 && read < count) {
		if (launches_read(names[read], &versions[read], &complaint) == 0)
			read++;
		else
			status = 2;
	}
	if (complaint.length)
		fwrite(complaint.bytes, 1, complaint.length, stderr);
	text_free(&complaint);
	if (status == 0)
		status = platforms ? compare_platforms(versions, count) : compare_launches(&judge, versions, count);
	while (read > 0)
		launches_free(&versions[--read]);
	judge_close(&judge);
	return status;
}
