/* SPDX-License-Identifier: Apache-2.0
 *
 * `doctor`: what on this machine makes figures worse.
 */
#include "hosted/still/doctor.h"

#include "bench/noise/noise.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/doctor_measure.h"
#include "hosted/cli/doctor_report.h"
#include "hosted/cli/help.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/platform/pin.h"
#include "hosted/still/hold.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WATCH_MS = 500, MEASURE_SECONDS = 2 };
enum { NOTHING_WORSE = 0, SOMETHING_WORSE = 1, FAILED = 2, NOTHING_TOLD = 3 };

struct doctor_words {
	struct tree tree;
	const char *out, *log;
	bool as_json, all, cpu_given, root_given, duration_given, restore, measure, report;
	uint64_t duration_ns; /* of --measure, for each of the two */
	uint64_t cpu;
};

static bool take_option(struct doctor_words *words, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i))) {
		words->out = value;
	} else if ((value = words_value(argc, argv, i, "--root"))) {
		words->tree.root = value;
		words->root_given = true;
	} else if ((value = words_value(argc, argv, i, "--duration"))) {
		words->duration_given = true;
		if (noise_duration_of(value, &words->duration_ns))
			return true;
		words_complain_of_value("--duration", value, "0.001 to 86400 seconds");
		return false;
	} else if ((value = words_value(argc, argv, i, "--cpu"))) {
		words->cpu_given = true;
		return launch_parse_count("--cpu", value, 0, FACTS_CPUS - 1, &words->cpu);
	} else if ((value = words_value(argc, argv, i, "--format"))) {
		return words_take_format(value, &words->as_json);
	} else if (strcmp(argv[*i], "--all") == 0) {
		words->all = true;
	} else if (strcmp(argv[*i], "--measure") == 0) {
		words->measure = true;
	} else if (strcmp(argv[*i], "--restore") == 0) {
		words->restore = true;
	} else if (strcmp(argv[*i], "--report") == 0) {
		words->report = true;
	} else if (argv[*i][0] != '-' && words->report && !words->log) {
		words->log = argv[*i];
	} else {
		help_refuse("doctor", argv[*i]);
		return false;
	}
	return true;
}

static bool choose_cpu(const struct doctor_words *words, unsigned *cpu) {
	*cpu = (unsigned)words->cpu;
	if (words->cpu_given || still_facts_last_cpu(&words->tree, cpu))
		return true;
	*cpu = 0;
	return false;
}

/* A folder that stands for a machine does not change while it is watched. */
static void look(const struct doctor_words *words, struct still_facts *facts) {
	const struct timespec rest = {.tv_nsec = WATCH_MS * 1000000L};
	facts->since_start = words->tree.root[0] != '\0';
	if (!facts->since_start) {
		still_facts_count(&words->tree, facts, &facts->before);
		nanosleep(&rest, NULL);
	}
	still_facts_count(&words->tree, facts, &facts->after);
	facts->seconds = facts->since_start ? still_facts_uptime(&words->tree) : WATCH_MS / 1000.0;
}

static void show(const struct doctor_words *words, const struct still_facts *facts, const struct doctor *doctor,
		 const struct helped *helped, struct text *text) {
	if (words->as_json) {
		doctor_write_json(facts, doctor, text);
		if (helped)
			helped_write(helped, hold_summary(), text);
		text_add_string(text, "}\n");
		return;
	}
	doctor_show_table(facts, doctor, words->all, text);
	if (helped)
		helped_show(helped, (unsigned)pin_cpu(), hold_summary(), text);
}

/* Of core facts->cpu. */
static int examine(const struct doctor_words *words, struct still_facts *facts, struct doctor *doctor) {
	struct helped helped;
	struct text text = {0};
	look(words, facts);
	doctor_judge(facts, doctor);
	int status = words->measure ? doctor_measure(&words->tree, words->duration_ns, &helped) : 0;
	if (status != 0)
		return status;
	if (words->measure)
		helped_tell(&helped, doctor);
	show(words, facts, doctor, words->measure ? &helped : NULL, &text);
	if (output_save(words->out, &text) != 0)
		return FAILED;
	return doctor->worse != 0 ? SOMETHING_WORSE : doctor->told != 0 ? NOTHING_WORSE : NOTHING_TOLD;
}

static int choose_and_examine(const struct doctor_words *words) {
	struct still_facts *facts = calloc(1, sizeof(*facts));
	struct doctor *doctor = calloc(1, sizeof(*doctor));
	unsigned cpu;
	int status = FAILED;
	if (!choose_cpu(words, &cpu))
		fprintf(stderr, "doctor: which cores this process may use is not told: of core 0\n");
	if (facts)
		still_facts_read(&words->tree, cpu, facts);
	if (!facts || !doctor)
		fprintf(stderr, "doctor: out of memory\n");
	else if (facts->is_absent)
		fprintf(stderr, "doctor: there is no core %u, or it is switched off\n", cpu);
	else
		status = examine(words, facts, doctor);
	free(facts);
	free(doctor);
	return status;
}

/* Its core is the one that is pinned to. */
static bool may_measure(const struct doctor_words *words) {
	if (words->root_given)
		fprintf(stderr, "doctor: --measure is of this machine, and --root of another: give one of the two\n");
	else if (words->cpu_given && platform_core_stay(words->cpu) != 0)
		fprintf(stderr, "doctor: --measure may not stay on core %" PRIu64 "\n", words->cpu);
	else
		return true;
	return false;
}

/* It is a form for people, and has one form. */
static int report(const struct doctor_words *words) {
	if (words->as_json || words->all || words->measure || words->cpu_given) {
		fprintf(stderr, "doctor: --report goes with --root, --out and a log alone\n");
		return FAILED;
	}
	if (output_refuses(words->out, &words->log, words->log != NULL, false))
		return FAILED;
	return doctor_report(&words->tree, words->log, words->out);
}

static int restore(const struct tree *tree) {
	struct text said = {0};
	int status = hold_restore(tree, &said);
	return output_save("-", &said) != 0 ? 2 : status;
}

/* What says nothing of a machine that is not there would be taken for a machine that says nothing. */
static bool may_look(const struct doctor_words *words) {
	if (words->duration_given && !words->measure)
		fprintf(stderr, "doctor: --duration is of --measure: how long it takes\n");
	else if (words->root_given && !tree_has(&words->tree, "."))
		output_say(stderr, "--root %s: there is no such folder\n", words->tree.root);
	else
		return true;
	return false;
}

int command_doctor(int argc, char **argv) {
	struct doctor_words words = {.tree = hold_tree(), .out = "-", .duration_ns = MEASURE_SECONDS * NS_PER_SECOND};
	for (int i = 1; i < argc; i++)
		if (!take_option(&words, argc, argv, &i))
			return 2;
	if ((words.measure && !may_measure(&words)) || !may_look(&words))
		return 2;
	if (words.restore)
		return restore(&words.tree);
	if (words.report)
		return report(&words);
	if (!output_may_write(words.out))
		return 2;
	return choose_and_examine(&words);
}
