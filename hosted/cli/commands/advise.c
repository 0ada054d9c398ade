/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic advise RECORD`: what kind of load it is, and which setting gains it something on this machine.
 * `anechoic advise --stream FILE`: which software TLB an address stream wants.
 */
#include "bench/tune/signature.h"
#include "hosted/advise/advice.h"
#include "hosted/advise/replay.h"
#include "hosted/cli/advise_costs.h"
#include "hosted/cli/advise_stream.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/platform/allowed.h"
#include "hosted/profile/tunables.h"
#include "hosted/results/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, WALK_NS_MOST = 1000000 };
/* Of a guest's smallest page (mem/tlb.h). */
#define PAGE_BYTES_LEAST UINT64_C(4096)
#define PAGE_BYTES_MOST  (UINT64_C(1) << 40)

struct advise_words {
	const char *record, *out, *profile, *costs; /* NULL: not given */
	bool as_json, remeasure;
	struct advise_stream_request stream; /* its `stream` NULL: not given */
	bool has_stream_option;
};

/* 1: an option of --stream, 0: none, -1: one with a bad value, which was said. */
static int take_stream_option(struct advise_stream_request *request, int argc, char **argv, int *i) {
	const char *value;
	uint64_t number = 0;
	if ((value = words_value(argc, argv, i, "--stream"))) {
		request->stream = value;
		return 1;
	}
	if ((value = words_value(argc, argv, i, "--walk-ns"))) {
		bool good = launch_parse_count("--walk-ns", value, 0, WALK_NS_MOST, &number);
		request->walk_ns = (double)number;
		return good ? 1 : -1;
	}
	if ((value = words_value(argc, argv, i, "--flush-every")))
		return launch_parse_count("--flush-every", value, 1, UINT64_MAX, &request->flush_every) ? 1 : -1;
	if (!(value = words_value(argc, argv, i, "--page-bytes")))
		return 0;
	if (!launch_parse_count("--page-bytes", value, PAGE_BYTES_LEAST, PAGE_BYTES_MOST, &request->page_bytes))
		return -1;
	if ((request->page_bytes & (request->page_bytes - 1)) == 0)
		return 1;
	words_complain_of_value("--page-bytes", value, "a power of two");
	return -1;
}

static bool take_option(struct advise_words *words, int argc, char **argv, int *i) {
	const char *value;
	int taken = take_stream_option(&words->stream, argc, argv, i);
	if (taken != 0) {
		words->has_stream_option = true;
		return taken > 0;
	}
	if ((value = words_out(argc, argv, i))) {
		words->out = value;
	} else if ((value = words_value(argc, argv, i, "--profile"))) {
		words->profile = value;
	} else if ((value = words_value(argc, argv, i, "--costs"))) {
		words->costs = value;
	} else if ((value = words_value(argc, argv, i, "--format"))) {
		return words_take_format(value, &words->as_json);
	} else if (strcmp(argv[*i], "--remeasure") == 0) {
		words->remeasure = true;
	} else if ((argv[*i][0] == '-' && argv[*i][1]) || words->record) {
		help_refuse("advise", argv[*i]);
		return false;
	} else {
		words->record = argv[*i];
	}
	return true;
}

/* ---- costs ------------------------------------------------------------------------------------------------------- */

static void show_progress(const char *phase, double share) {
	fprintf(stderr, "\r\033[K%s %3.0f %%", phase, share * 100);
}

static void keep(const char *path, const struct costs *costs) {
	struct text json = {0}, complaint = {0};
	costs_write(costs, &json);
	(void)files_save(path, &json, &complaint);
	(void)output_complain(&complaint);
	text_free(&json);
}

static bool measure(const struct advise_words *words, const struct costs *here, struct costs *costs) {
	bool shown = isatty(STDERR_FILENO);
	*costs = *here;
	int error = costs_measure_here(words->profile, shown ? show_progress : NULL, costs);
	if (shown)
		fputs("\r\033[K", stderr);
	if (error)
		fprintf(stderr, "advise: what memory costs here could not be measured: a process failed\n");
	return error == 0;
}

/* Costs by a profile that was named are of that one, and are not kept. */
static bool find_costs(const struct advise_words *words, struct costs *costs) {
	static struct costs here; /* large */
	struct text complaint = {0};
	char path[PATH_BYTES] = "";
	if (words->costs && !words->remeasure) {
		bool good = advise_costs_read(words->costs, costs, &complaint);
		(void)output_complain(&complaint);
		return good;
	}
	if (advise_costs_here(&here) != 0) {
		fprintf(stderr, "advise: out of memory\n");
		return false;
	}
	if (words->costs)
		snprintf(path, sizeof(path), "%s", words->costs);
	else if (!words->profile && !files_data_path(ADVISE_COSTS_FILE, true, path, sizeof(path)))
		*path = '\0';
	if (*path && !words->remeasure && advise_costs_kept(path, &here, costs))
		return true;
	if (!measure(words, &here, costs))
		return false;
	if (*path)
		keep(path, costs);
	return true;
}

/* ---- the advice -------------------------------------------------------------------------------------------------- */

static bool read_record(const char *name, struct record *record) {
	struct text bytes = {0}, complaint = {0};
	bool good = files_read(name, FILES_BYTES_MOST, &bytes, &complaint) == 0 &&
		    record_read(bytes.bytes, bytes.length, name, record, &complaint);
	text_free(&bytes);
	(void)output_complain(&complaint);
	return good;
}

/* Where pools are for some sizes, and the costs are of this machine and build. */
static bool replay_blocks(const struct record *record, const struct costs *costs, const struct advice *advice,
			  struct replay *replay) {
	struct tune_signature here;
	cpu_set_t cores;
	struct text ignored = {0}, sizes = {0};
	char build[CRC32C_DIGITS + 1] = "";
	if (!advice->settings[ADVICE_POOLS].measured || tune_signature_read(&here) != 0)
		return false;
	advise_costs_build(build);
	bool good = tune_signature_fits(&costs->machine, &here, &ignored) && strcmp(costs->build, build) == 0;
	advice_pool_sizes(advice, &sizes);
	text_add(&sizes, "", 1);
	cores_allowed(&cores);
	if (good)
		replay_measure_here(record, sizes.bytes, &cores, replay);
	text_free(&ignored);
	text_free(&sizes);
	return good && replay->is_known;
}

static int advise(const struct advise_words *words) {
	static struct record record;
	struct costs *costs = calloc(1, sizeof(*costs));
	struct advice advice;
	struct replay replay;
	struct text text = {0};
	int status = 2;
	if (!costs)
		fprintf(stderr, "advise: out of memory\n");
	else if (read_record(words->record, &record) && find_costs(words, costs)) {
		advice_make(&record, costs, NULL, &advice);
		if (replay_blocks(&record, costs, &advice, &replay))
			advice_make(&record, costs, &replay, &advice);
		advice.tunables = getenv(TUNABLES_VARIABLE);
		(words->as_json ? advice_write : advice_show)(&record, &advice, &text);
		status = output_save(words->out ? words->out : "-", &text);
		if (status == 0 && advice.missing)
			status = 3;
	}
	free(costs);
	return status;
}

int command_advise(int argc, char **argv) {
	struct advise_words words = {.stream.walk_ns = -1};
	if (argc == 5 && strcmp(argv[1], "sample") == 0 && strcmp(argv[2], "replay") == 0)
		return replay_sample_print(argv[3], argv[4]);
	if (argc >= 2 && strcmp(argv[1], "sample") == 0 && argc <= 3 && (argc == 2 || strcmp(argv[2], "start") == 0))
		return costs_sample_print(argc == 3);
	for (int i = 1; i < argc; i++)
		if (!take_option(&words, argc, argv, &i))
			return 2;
	const char *const inputs[] = {words.record, words.stream.stream, words.profile, words.costs};
	if (!output_may_write(words.out) || output_refuses(words.out, inputs, 4, false))
		return 2;
	if (words.stream.stream && !words.record && !words.profile && !words.costs && !words.remeasure) {
		words.stream.out = words.out;
		words.stream.as_json = words.as_json;
		return advise_stream(&words.stream);
	}
	if (!words.record || words.has_stream_option)
		return help_usage("advise");
	if (words.profile && words.costs) {
		fprintf(stderr, "advise: --profile is measured, and --costs was: one of them\n");
		return 2;
	}
	if (words.remeasure && output_refuses(words.costs, inputs, 1, false))
		return 2;
	return advise(&words);
}
