/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/judge.h"

#include "bench/json.h"
#include "bench/match.h"
#include "hosted/hosted.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char judge_options_help[] =
	"  --noise-threshold X     the whole interval must lie beyond it (0.01)\n"
	"  --significance-level X  p, corrected for the number of benchmarks, must be below (0.05)\n"
	"  --effect X              a change of this size must not be missed, else inconclusive (0.05)\n"
	"  --per-benchmark FILE    noise thresholds by benchmark, lines `NAME-OR-GLOB = X`\n"
	"  --launches FILE         deviations between launches, as `ab --save-launches` writes them\n"
	"  --format table|json\n";

void judge_start(struct judge *judge) {
	*judge = (struct judge){.rules = {.significance = 0.05, .noise_threshold = 0.01, .effect = 0.05}};
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

static bool parse_part(const char *word, double least, double most, double *number) {
	char *end;
	*number = strtod(word, &end);
	return end != word && *end == '\0' && *number >= least && *number <= most;
}

/* The value of option `name` at argv[*i]; NULL: it is another option. An option without its value gives "". */
static const char *value_of(const char *name, int argc, char **argv, int *i) {
	size_t length = strlen(name);
	if (strncmp(argv[*i], name, length) != 0)
		return NULL;
	if (argv[*i][length] == '=')
		return argv[*i] + length + 1;
	if (argv[*i][length] != '\0')
		return NULL;
	return *i + 1 < argc ? argv[++*i] : "";
}

static int accept(const char *name, const char *value, bool good) {
	if (!good)
		fprintf(stderr, "%s '%s': not a valid value\n", name, value);
	return good ? 1 : -1;
}

int judge_option(struct judge *judge, int argc, char **argv, int *i) {
	const char *value, *name = argv[*i];
	bool good;
	if ((value = value_of("--noise-threshold", argc, argv, i)))
		good = parse_part(value, 0, 1, &judge->rules.noise_threshold);
	else if ((value = value_of("--significance-level", argc, argv, i)))
		good = parse_part(value, 1e-9, 0.5, &judge->rules.significance);
	else if ((value = value_of("--effect", argc, argv, i)))
		good = parse_part(value, 1e-6, 10, &judge->rules.effect);
	else if ((value = value_of("--per-benchmark", argc, argv, i)))
		good = *(judge->thresholds_file = value) != '\0';
	else if ((value = value_of("--launches", argc, argv, i)))
		good = *(judge->launches_file = value) != '\0';
	else
		return 0;
	return accept(name, value, good);
}

int judge_format_option(struct judge *judge, int argc, char **argv, int *i) {
	const char *value, *name = argv[*i];
	if (!(value = value_of("--format", argc, argv, i)))
		return 0;
	judge->json = strcmp(value, "json") == 0;
	return accept(name, value, judge->json || strcmp(value, "table") == 0);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

bool judge_data_path(const char *file, bool make, char *path, size_t capacity) {
	const char *own = getenv("ANECHOIC_HOME"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int length;
	if (own && *own)
		length = snprintf(path, capacity, "%s/%s", own, file);
	else if (data && *data)
		length = snprintf(path, capacity, "%s/anechoic/%s", data, file);
	else
		length = snprintf(path, capacity, "%s/.local/share/anechoic/%s", home && *home ? home : ".", file);
	if (length < 0 || (size_t)length >= capacity)
		return false;
	for (char *slash = path + 1; make && (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		int status = mkdir(path, 0777);
		*slash = '/';
		if (status != 0 && errno != EEXIST)
			return false;
	}
	return true;
}

static bool read_text(const char *name, struct text *text) {
	char bytes[4096];
	size_t length;
	FILE *file = fopen(name, "re");
	if (!file) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		return false;
	}
	while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		text_add(text, bytes, length);
	bool good = !ferror(file) && !text->failed;
	fclose(file);
	if (!good)
		fprintf(stderr, "%s: cannot be read\n", name);
	return good;
}

struct threshold {
	unsigned line;
	char pattern[128];
	double threshold;
	bool good;
};

/* The next line `NAME = THRESHOLD`; blank ones and those that begin with # are passed over. false: none is left. */
static bool next_threshold(struct json_span *text, struct threshold *found) {
	while (text->length > 0) {
		const char *end = memchr(text->bytes, '\n', text->length);
		size_t length = end ? (size_t)(end - text->bytes) : text->length, passed = length + (end != NULL);
		char line[256], equals, number[32], rest;
		snprintf(line, sizeof(line), "%.*s", (int)(length < sizeof(line) ? length : sizeof(line) - 1),
			 text->bytes);
		text->bytes += passed;
		text->length -= passed;
		found->line++;
		int words = sscanf(line, " %127s %c %31s %c", found->pattern, &equals, number, &rest);
		if (words <= 0 || found->pattern[0] == '#')
			continue;
		found->good = words == 3 && equals == '=' && parse_part(number, 0, 1, &found->threshold);
		return true;
	}
	return false;
}

/* A threshold that is none is a mistake in a gate: refused, with its line. */
static bool check_thresholds(const struct judge *judge) {
	struct json_span text = {judge->thresholds.bytes, judge->thresholds.length};
	struct threshold found = {0};
	while (next_threshold(&text, &found)) {
		if (found.good)
			continue;
		fprintf(stderr, "%s line %u: not `NAME = THRESHOLD` with a threshold from 0 to 1\n",
			judge->thresholds_file, found.line);
		return false;
	}
	return true;
}

static bool open_launches(struct judge *judge) {
	char path[4096];
	json_error_t error;
	const char *name = judge->launches_file;
	if (!name) {
		struct stat status;
		if (!judge_data_path("launches.json", false, path, sizeof(path)) || stat(path, &status) != 0)
			return true;
		name = path;
	}
	judge->launches = json_load_file(name, JSON_REJECT_DUPLICATES, &error);
	if (!judge->launches || !json_is_object(json_object_get(judge->launches, "benchmarks"))) {
		fprintf(stderr, "%s: byte %d: %s\n", name, judge->launches ? 0 : error.position,
			judge->launches ? "no `benchmarks` in it" : error.text);
		return false;
	}
	return true;
}

bool judge_open(struct judge *judge) {
	if (judge->thresholds_file &&
	    (!read_text(judge->thresholds_file, &judge->thresholds) || !check_thresholds(judge)))
		return false;
	return open_launches(judge);
}

void judge_close(struct judge *judge) {
	text_free(&judge->thresholds);
	json_decref(judge->launches);
	judge->launches = NULL;
}

struct change_rules judge_rules(const struct judge *judge, const char *name) {
	struct change_rules rules = judge->rules;
	struct json_span text = {judge->thresholds.bytes, judge->thresholds.length};
	struct threshold found = {0};
	while (next_threshold(&text, &found))
		if (match_name(found.pattern, name, strpbrk(found.pattern, "*?[") == NULL))
			rules.noise_threshold = found.threshold;
	return rules;
}

double judge_deviation(const struct judge *judge, const struct results *results, const char *name, size_t *launches) {
	*launches = 0;
	const char *cpu = json_string_value(json_object_get(judge->launches, "cpu"));
	const char *way = json_string_value(json_object_get(judge->launches, "way"));
	if (!cpu || !way || strcmp(cpu, results_context(results, "platform/cpu")) != 0 ||
	    strcmp(way, results_context(results, "platform/way")) != 0)
		return 0;
	const json_t *entry = json_object_get(json_object_get(judge->launches, "benchmarks"), name);
	json_int_t count = json_integer_value(json_object_get(entry, "launches"));
	double deviation = json_number_value(json_object_get(entry, "deviation"));
	if (count < 2 || !(deviation > 0))
		return 0;
	*launches = (size_t)count;
	return deviation;
}

/* ---- what may be compared ---------------------------------------------------------------------------------------- */

static double clock_hz(const struct results *results) {
	return json_number_value(json_object_get(json_object_get(results->context, "clock"), "hz"));
}

const char *judge_mismatch(const struct results *a, const struct results *b) {
	static const struct {
		const char *path;
		const char *what;
	} same[] = {
		{"platform/architecture", "architectures"},
		{"platform/cpu", "CPUs"},
		{"platform/way", "platforms"},
		{"platform/hypervisor", "hypervisors"},
		{"figures", "kinds of figures"},
		{"clock/counter", "clocks"},
		{"clock/rate", "clocks' trust"},
	};
	static char why[256];
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		const char *mine = results_context(a, same[i].path), *theirs = results_context(b, same[i].path);
		if (strcmp(mine, theirs) == 0)
			continue;
		snprintf(why, sizeof(why), "different %s: '%.60s' and '%.60s'", same[i].what, mine, theirs);
		return why;
	}
	double ratio = clock_hz(b) > 0 ? clock_hz(a) / clock_hz(b) : 0;
	if (fabs(ratio - 1) > 0.001) {
		snprintf(why, sizeof(why), "different clocks: %.6g MHz and %.6g MHz", clock_hz(a) / 1e6,
			 clock_hz(b) / 1e6);
		return why;
	}
	return NULL;
}

const char *judge_refusal(const struct results *a, const struct results *b) {
	const char *why = judge_mismatch(a, b);
	if (why)
		return why;
	return results_functional_only(a) ? "functional only: these figures say nothing of the hardware" : NULL;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static double geometric_mean(const struct judge_row *rows, size_t count) {
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += log(rows[i].b_ns / rows[i].a_ns);
	return count ? exp(sum / (double)count) : 1;
}

static void print_row(const struct judge_row *row) {
	const struct change *change = &row->change;
	printf("%-44s %10.4g %10.4g %+7.2f%% ", row->name, row->a_ns, row->b_ns, change->relative * 100);
	if (change->bounded)
		printf("[%+7.2f%% %+7.2f%%] %8.2g %6.2f%%  ", change->lower * 100, change->upper * 100,
		       change->corrected, change->smallest * 100);
	else
		printf("%19s %8s %7s  ", "[unknown]", "-", "-");
	printf("%s\n", change_verdict_name(change->verdict));
}

static void print_table(const struct judge *judge, const char *head, const struct judge_row *rows, size_t count,
			const size_t counts[4]) {
	const char *against = NULL;
	bool open = false;
	printf("%s\n", head);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].against != against) {
			against = rows[i].against;
			printf("%s\n%-44s %10s %10s %8s %19s %8s %7s  %s\n", against, "benchmark", "A ns", "B ns",
			       "change", "interval", "p", "shows", "verdict");
		}
		print_row(&rows[i]);
		open |= !rows[i].change.bounded;
	}
	printf("geometric mean of B/A: %.4f over %zu benchmarks\n", geometric_mean(rows, count), count);
	printf("%zu improved, %zu regressed, %zu no change, %zu inconclusive\n", counts[CHANGE_IMPROVED],
	       counts[CHANGE_REGRESSED], counts[CHANGE_NONE], counts[CHANGE_INCONCLUSIVE]);
	printf("A and B are the 10 %% quantile of t / x; p is corrected by Holm's procedure over %zu benchmarks, and "
	       "must be "
	       "below %g;\nthe interval must lie beyond +-%g%%; `shows`: the change that would be found in 9 of 10 "
	       "cases\n",
	       count, judge->rules.significance, judge->rules.noise_threshold * 100);
	if (open)
		printf("[unknown]: how much launches differ is not known; `anechoic ab` measures it, and `ab "
		       "--save-launches` "
		       "keeps it\n");
}

static void print_json(const struct judge *judge, const struct judge_row *rows, size_t count, int status) {
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		const struct judge_row *row = &rows[i];
		const struct change *c = &row->change;
		json_t *entry = json_pack("{s:s, s:s, s:s, s:f, s:f, s:I, s:f, s:f, s:f}", "name", row->name, "against",
					  row->against, "verdict", change_verdict_name(c->verdict), "a_ns", row->a_ns,
					  "b_ns", row->b_ns, "launches", (json_int_t)row->launches, "change",
					  c->relative, "noise_threshold", row->rules.noise_threshold, "p", c->p);
		json_object_set_new(entry, "p_corrected", json_real(c->corrected));
		json_object_set_new(entry, "lower", c->bounded ? json_real(c->lower) : json_null());
		json_object_set_new(entry, "upper", c->bounded ? json_real(c->upper) : json_null());
		json_object_set_new(entry, "smallest_effect", c->bounded ? json_real(c->smallest) : json_null());
		json_array_append_new(list, entry);
	}
	json_t *root = json_pack("{s:s, s:f, s:f, s:f, s:i, s:o}", "schema", "anechoic-compare/1", "significance_level",
				 judge->rules.significance, "effect", judge->rules.effect, "geometric_mean",
				 geometric_mean(rows, count), "status", status, "benchmarks", list);
	json_dumpf(root, stdout, JSON_INDENT(1));
	printf("\n");
	json_decref(root);
}

int judge_show(const struct judge *judge, const char *head, struct judge_row *rows, size_t count) {
	struct change **changes = calloc(count ? count : 1, sizeof(struct change *));
	size_t counts[4] = {0};
	if (!changes) {
		fprintf(stderr, "out of memory\n");
		return 2;
	}
	for (size_t i = 0; i < count; i++)
		changes[i] = &rows[i].change;
	change_correct(changes, count);
	free(changes);
	for (size_t i = 0; i < count; i++) {
		change_judge(&rows[i].rules, &rows[i].change);
		counts[rows[i].change.verdict]++;
	}
	int status = counts[CHANGE_REGRESSED] ? 1 : counts[CHANGE_INCONCLUSIVE] ? 3 : 0;
	if (judge->json)
		print_json(judge, rows, count, status);
	else
		print_table(judge, head, rows, count, counts);
	return status;
}
