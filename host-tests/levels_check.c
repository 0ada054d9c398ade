/* SPDX-License-Identifier: Apache-2.0
 *
 * `make levels-check`: how often the finder of bench/ladder/ is right, on machines made up by ladder_model.h, whose
 * numbers begin at FIRST, and on the curves of host-tests/data/latency_curves.txt. Exit status 1 where a bar is missed.
 */
#include "bench/ladder/levels.h"
#include "host-tests/ladder_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_SHOWN = 3, ROUNDS = 4 };

static const uint64_t kib = 1024, mib = 1024 * 1024;

/* ---- made-up machines -------------------------------------------------------------------------------------------- */

struct tally {
	const char *name;
	size_t curves;
	size_t caches[LEVELS_SHOWN];
	size_t held[LEVELS_SHOWN];
	size_t named[LEVELS_SHOWN];
	size_t certain[LEVELS_SHOWN];
	size_t last_near;
	size_t misnamed;
	size_t silent;
};

static void count(struct tally *tally, const struct model_verdict *verdict, size_t caches) {
	tally->curves++;
	for (size_t i = 0; i < caches; i++) {
		tally->caches[i]++;
		tally->held[i] += verdict->held[i];
		tally->named[i] += verdict->named[i];
		tally->certain[i] += verdict->certain[i];
	}
	tally->last_near += verdict->last_near;
	tally->misnamed += verdict->misnamed;
	tally->silent += verdict->silent;
}

static double percent(size_t part, size_t whole) {
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void show(const struct tally *tally) {
	printf("%-18s %6zu", tally->name, tally->curves);
	for (int i = 0; i < LEVELS_SHOWN; i++)
		printf("  %5.1f %5.1f %5.1f", percent(tally->held[i], tally->caches[i]),
		       percent(tally->named[i], tally->caches[i]), percent(tally->certain[i], tally->caches[i]));
	printf("  %7.1f %6zu %9zu\n", percent(tally->last_near, tally->curves), tally->silent, tally->misnamed);
}

/* What curves of one machine on small and on large pages say together: the large pages' are shown, and nothing of
 * either may be wrong in silence. */
static struct model_verdict both(const struct model *model, const uint64_t *bytes, void *workspace) {
	static struct model_run small, large;
	bool is_large = model->page_bytes >= 2 * mib, has_large_caches = bytes[0] >= 96 * kib || bytes[1] > 4 * mib;
	struct model in_small = model_in_pages(model, !is_large          ? model->page_bytes
						      : has_large_caches ? 16 * kib
									 : 4 * kib);
	struct model in_large = model_in_pages(model, is_large ? model->page_bytes : 2 * mib);
	model_measure(&in_small, 4, 1024 * mib, ROUNDS, workspace, &small);
	model_measure(&in_large, 4, 1024 * mib, ROUNDS, workspace, &large);
	levels_combine(&large.levels, &small.levels);
	const struct model_verdict other = model_judge(&small.levels, bytes, model->caches);
	struct model_verdict verdict = model_judge(&large.levels, bytes, model->caches);
	verdict.misnamed |= other.misnamed;
	verdict.silent |= other.silent;
	return verdict;
}

static bool made_up(uint64_t first, size_t curves, void *workspace) {
	static struct model_run run;
	struct tally together = {.name = "both, combined"}, all = {.name = "all"}, large = {.name = "2 MiB or 1 GiB"},
		     small = {.name = "4 or 16 KiB"};
	struct tally quiet = {.name = "noise below 1.5 %"}, loud = {.name = "noise above"};
	for (uint64_t seed = first; seed < first + curves; seed++) {
		struct model model = model_make(seed);
		uint64_t bytes[MODEL_CACHES_MOST];
		for (size_t i = 0; i < model.caches; i++)
			bytes[i] = model.cache[i].bytes;
		model_measure(&model, 4, 1024 * mib, ROUNDS, workspace, &run);
		struct model_verdict verdict = model_judge(&run.levels, bytes, model.caches);
		count(&all, &verdict, model.caches);
		count(model.page_bytes >= 2 * mib ? &large : &small, &verdict, model.caches);
		const struct model_verdict combined = both(&model, bytes, workspace);
		count(&together, &combined, model.caches);
		count(model.noise < 0.015 ? &quiet : &loud, &verdict, model.caches);
	}
	printf("%-18s %6s  %-17s  %-17s  %-17s  last in\n", "made-up machines,", "", "L1", "L2", "L3");
	printf("%-18s %6s", "pages of", "curves");
	for (int i = 0; i < LEVELS_SHOWN; i++)
		printf("  %5s %5s %5s", "held", "named", "sure");
	printf("  %7s %6s %9s\n", "25 %", "silent", "misnamed");
	show(&large);
	show(&small);
	show(&quiet);
	show(&loud);
	show(&all);
	show(&together);
	return all.silent == 0 && together.silent == 0 && percent(together.named[0], curves) >= 95 &&
	       percent(together.named[1], curves) >= 95 && percent(all.held[0], curves) >= 95 &&
	       percent(all.held[1], curves) >= 95 && percent(all.last_near, curves) >= 80;
}

/* ---- published curves -------------------------------------------------------------------------------------------- */

struct published {
	char name[80];
	uint64_t page_bytes;
	uint64_t caches[MODEL_CACHES_MOST];
	size_t cache_count;
	struct levels_point points[LEVELS_POINTS_MOST];
	size_t count;
};

static void read_caches(const char *text, struct published *curve) {
	char *end;
	for (curve->cache_count = 0; curve->cache_count < MODEL_CACHES_MOST; text = end) {
		uint64_t size = strtoull(text, &end, 10);
		if (end == text)
			return;
		curve->caches[curve->cache_count++] = size * kib;
	}
}

/* The next curve of the file; false: there is none. A curve ends at an empty line. */
static bool read_curve(FILE *file, struct published *curve) {
	char line[256];
	*curve = (struct published){0};
	while (fgets(line, sizeof line, file)) {
		double size, latency;
		if (sscanf(line, "curve: %79[^\n]", curve->name) == 1)
			continue;
		if (strncmp(line, "caches:", 7) == 0)
			read_caches(line + 7, curve);
		else if (strncmp(line, "pages:", 6) == 0)
			curve->page_bytes = strtoull(line + 6, NULL, 10);
		else if (sscanf(line, "%lf %lf", &size, &latency) == 2 && curve->count < LEVELS_POINTS_MOST)
			curve->points[curve->count++] =
				(struct levels_point){.bytes = (uint64_t)(size * (double)kib), .latency = latency};
		else if (line[0] == '\n' && curve->count)
			return true;
	}
	return curve->count > 0;
}

static void show_level(const struct levels_level *level) {
	if (level->kind == LEVEL_LAST)
		printf("      last                                 ");
	else
		printf("      %-8s %10.1f .. %10.1f KiB", levels_kind_name(level->kind),
		       (double)level->bytes_lower / (double)kib, (double)level->bytes_upper / (double)kib);
	printf("  %7.2f ns", level->latency);
	if (level->named_bytes)
		printf(", named %g KiB", (double)level->named_bytes / (double)kib);
	for (unsigned doubt = 1; doubt <= level->doubts; doubt *= 2)
		if (level->doubts & doubt)
			printf(", %s", levels_doubt_name((enum levels_doubt)doubt));
	printf("\n");
}

static bool published(const char *path, void *workspace) {
	static struct published curve;
	struct tally all = {.name = "published"};
	FILE *file = fopen(path, "r");
	if (!file) {
		fprintf(stderr, "levels-check: %s cannot be read\n", path);
		return false;
	}
	while (read_curve(file, &curve)) {
		struct levels levels;
		struct levels_curve input = {curve.points, curve.count, curve.page_bytes};
		levels_find(&input, workspace, &levels);
		struct model_verdict verdict = model_judge(&levels, curve.caches, curve.cache_count);
		count(&all, &verdict, curve.cache_count);
		printf("\n%s:", curve.name);
		for (size_t i = 0; i < curve.cache_count; i++)
			printf(" %g", (double)curve.caches[i] / (double)kib);
		printf(" KiB, %zu points: %s%s%s\n", curve.count, levels_outcome_name(levels.outcome),
		       verdict.silent ? ", SILENT ERROR" : "", verdict.misnamed ? ", MISNAMED" : "");
		for (size_t i = 0; i < levels.count; i++)
			show_level(&levels.level[i]);
	}
	fclose(file);
	printf("\n%-18s %6s  %-17s  %-17s  %-17s  last in\n", "", "", "L1", "L2", "L3");
	show(&all);
	return all.silent == 0;
}

int main(int argc, char **argv) {
	size_t curves = argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 500;
	uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
	void *workspace = malloc(levels_workspace_bytes(LEVELS_POINTS_MOST));
	if (argc < 2 || !workspace) {
		fprintf(stderr, "usage: levels_check CURVES [COUNT [FIRST]]\n");
		return 2;
	}
	bool good = curves == 0 || made_up(first, curves, workspace);
	good = published(argv[1], workspace) && good;
	free(workspace);
	return good ? 0 : 1;
}
