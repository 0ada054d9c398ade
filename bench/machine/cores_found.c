/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/machine/cores_found.h"

#include "bench/ladder/clusters_told.h"
#include "lib/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "machine/cores/pair/";

/* What is found of, and the memory for it. */
struct finding {
	double latency[CLUSTERS_CORES_MOST * CLUSTERS_CORES_MOST]; /* [from * count + to], ns; 0: not known */
	uint32_t cpus[CLUSTERS_CORES_MOST];                        /* of each core */
	bool told;                                                 /* the number of each core's CPU is known */
	size_t count;
	struct clusters clusters;
	struct clusters_work work;
};

/* ---- found ------------------------------------------------------------------------------------------------------- */

static bool pair_of(const struct collected *benchmark, unsigned *from, unsigned *to) {
	const char *at = benchmark->name + sizeof(prefix) - 1;
	char *end;
	if (strncmp(benchmark->name, prefix, sizeof(prefix) - 1) != 0 || benchmark->status != BENCH_STATUS_OK)
		return false;
	*from = (unsigned)strtoul(at, &end, 10);
	if (end == at || *end != '/')
		return false;
	at = end + 1;
	*to = (unsigned)strtoul(at, &end, 10);
	return end != at && *end == '\0' && *from != *to;
}

/* How many cores the rows name; 0: there is no such row. */
static size_t count_cores(const struct collector *collector) {
	unsigned from, to, most = 0;
	for (size_t i = 0; i < collector->count; i++)
		if (pair_of(&collector->benchmarks[i], &from, &to))
			most = from > most ? (to > from ? to : from) : (to > most ? to : most);
	return most ? most + 1 : 0;
}

static void take_pairs(struct collector *collector, struct finding *finding) {
	unsigned from, to;
	for (size_t i = 0; i < collector->count; i++) {
		struct collected *benchmark = &collector->benchmarks[i];
		if (!pair_of(benchmark, &from, &to) || !collect_summarise(collector, benchmark))
			continue;
		double tick_ns = NS_PER_SECOND / (double)collect_hz(collector, benchmark);
		finding->latency[from * finding->count + to] = benchmark->summary.minimum * tick_ns;
	}
}

static void take_cpus(const struct facts *facts, struct finding *finding) {
	struct platform_core core;
	finding->told = facts->stays;
	finding->cpus[0] = facts->stays_on;
	for (size_t i = 1; i < finding->count; i++) {
		finding->told &= platform_core_describe((unsigned)i, &core) == 0;
		finding->cpus[i] = finding->told ? (uint32_t)core.cpu : 0;
	}
}

/* ---- written ----------------------------------------------------------------------------------------------------- */

static const char *outcome_name(enum clusters_outcome outcome) {
	static const char *const names[] = {
		[CLUSTERS_FOUND] = "found",
		[CLUSTERS_TOO_FEW] = "less than two cores",
		[CLUSTERS_TOO_MANY] = "more cores than are looked at",
		[CLUSTERS_APART] = "of some cores no pair with the others is known",
	};
	return names[outcome];
}

/* The kind that comes nearest of those that are told otherwise: a level that lies within one, else one that joins some;
 * CLUSTERS_KIND_COUNT: it lies across all. */
static enum clusters_kind kind_beside(const struct caps_machine *machine, const struct finding *finding,
				      const struct clusters_level *level, enum clusters_relation wanted) {
	uint32_t told[CLUSTERS_CORES_MOST];
	for (unsigned i = 0; i < CLUSTERS_KIND_COUNT; i++) {
		enum clusters_kind kind =
			(enum clusters_kind)(wanted == CLUSTERS_FINER ? i : CLUSTERS_KIND_COUNT - 1 - i);
		if (clusters_told(machine, kind, finding->cpus, finding->count, told) &&
		    clusters_compare(level, told, finding->count) == wanted)
			return kind;
	}
	return CLUSTERS_KIND_COUNT;
}

/* Nothing where the machine, as a boot's first core knows it, says of no kind who belongs to it. */
static void write_told(const struct caps_machine *machine, const struct finding *finding,
		       const struct clusters_level *level, struct text *text) {
	uint32_t told[CLUSTERS_CORES_MOST];
	unsigned known = 0;
	for (unsigned kind = 0; kind < CLUSTERS_KIND_COUNT; kind++)
		known += clusters_told(machine, (enum clusters_kind)kind, finding->cpus, finding->count, told);
	if (known == 0)
		return;
	uint32_t kinds = clusters_agree(machine, level, finding->cpus, finding->count);
	text_member_array(text, "as_told");
	for (unsigned kind = 0; kind < CLUSTERS_KIND_COUNT; kind++)
		if (kinds >> kind & 1)
			text_member_string(text, NULL, clusters_kind_name((enum clusters_kind)kind));
	text_add_string(text, "]");
	if (kinds)
		return;
	enum clusters_kind splits = kind_beside(machine, finding, level, CLUSTERS_FINER);
	enum clusters_kind joins = kind_beside(machine, finding, level, CLUSTERS_COARSER);
	if (splits != CLUSTERS_KIND_COUNT)
		text_member_string(text, "splits", clusters_kind_name(splits));
	if (joins != CLUSTERS_KIND_COUNT)
		text_member_string(text, "joins", clusters_kind_name(joins));
}

static void write_clusters(const struct finding *finding, const struct clusters_level *level, struct text *text) {
	text_member_array(text, "clusters");
	for (size_t cluster = 0; cluster < level->clusters; cluster++) {
		text_member_array(text, NULL);
		for (size_t core = 0; core < finding->count; core++)
			if (level->cluster[core] == cluster)
				text_member_u64(text, NULL, core);
		text_add_string(text, "]");
	}
	text_add_string(text, "]");
}

static void write_found(const struct facts *facts, const struct finding *finding, struct text *text) {
	text_member_object(text, "cores_found");
	text_member_string(text, "outcome", outcome_name(finding->clusters.outcome));
	if (finding->told) {
		text_member_array(text, "cpus");
		for (size_t i = 0; i < finding->count; i++)
			text_member_u64(text, NULL, finding->cpus[i]);
		text_add_string(text, "]");
	}
	text_member_array(text, "levels");
	for (size_t i = 0; i < finding->clusters.level_count; i++) {
		const struct clusters_level *level = &finding->clusters.levels[i];
		text_member_object(text, NULL);
		text_member_double(text, "ns", level->latency);
		text_member_double(text, "ns_least", level->least);
		text_member_double(text, "ns_most", level->most);
		text_member_u64(text, "pairs", level->pairs);
		if (!clusters_are_sure(level))
			text_member_u64(text, "contrary", level->contrary);
		write_clusters(finding, level, text);
		if (finding->told)
			write_told(facts->machine, finding, level, text);
		text_add_string(text, "}");
	}
	text_add_string(text, "]}");
}

void cores_found_write(struct collector *collector, const struct facts *facts, struct text *text) {
	size_t count = count_cores(collector);
	struct finding *finding = count ? calloc(1, sizeof(*finding)) : NULL;
	if (!finding)
		return;
	if (count <= CLUSTERS_CORES_MOST) {
		finding->count = count;
		take_pairs(collector, finding);
		take_cpus(facts, finding);
	}
	clusters_find(finding->latency, count, &finding->work, &finding->clusters);
	write_found(facts, finding, text);
	free(finding);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static double number_of(struct json_span object, const char *name) {
	struct json_span value;
	double number = 0;
	return json_member(object, name, &value) && json_to_double(value, &number) ? number : 0;
}

static void show_clusters(struct json_span level, struct text *text) {
	struct json_span clusters, cluster, core;
	const char *before = "";
	if (!json_member(level, "clusters", &clusters))
		return;
	while (json_next(&clusters, &cluster)) {
		text_add_string(text, before);
		for (before = ""; json_next(&cluster, &core); before = " ")
			text_format(text, "%s%.*s", before, (int)core.length, core.bytes);
		before = " | ";
	}
}

static void show_told(struct json_span level, struct text *text) {
	struct json_span told, kind;
	char word[16];
	bool any = false;
	if (json_member(level, "contrary", &told)) {
		text_format(text, "; uncertain: %.0f of %.0f pairs take twice as long one way",
			    number_of(level, "contrary"), number_of(level, "pairs"));
		return;
	}
	if (!json_member(level, "as_told", &told))
		return;
	for (; json_next(&told, &kind) && json_to_string(kind, word, sizeof(word)); any = true)
		text_format(text, "%s%s", any ? ", " : "; as told: ", word);
	if (any)
		return;
	text_add_string(text, "; not as told");
	if (json_member_string(level, "splits", word, sizeof(word)))
		text_format(text, ": splits a %s", word);
	else if (json_member_string(level, "joins", word, sizeof(word)))
		text_format(text, ": joins what a %s is told to part", word);
}

void cores_found_show(const struct collector *collector, struct text *text) {
	struct json_span context, found, levels, level;
	char outcome[64];
	if (!collector->machine)
		return;
	const struct json_span record = {collector->machine, strlen(collector->machine)};
	if (!json_member(record, "context", &context) || !json_member(context, "cores_found", &found) ||
	    !json_member_string(found, "outcome", outcome, sizeof(outcome)) || !json_member(found, "levels", &levels))
		return;
	text_format(text, "cores   who is near to whom, by what a line takes there and back: %s\n", outcome);
	while (json_next(&levels, &level)) {
		text_format(text, "        %.4g ns [%.4g %.4g]: ", number_of(level, "ns"), number_of(level, "ns_least"),
			    number_of(level, "ns_most"));
		show_clusters(level, text);
		show_told(level, text);
		text_add_string(text, "\n");
	}
}
