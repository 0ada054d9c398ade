/* SPDX-License-Identifier: Apache-2.0
 *
 * `noise`: how quiet this machine is.
 */
#include "bench/interrupted.h"
#include "bench/noise/publish.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/still.h"
#include "hosted/cli/words.h"
#include "hosted/platform/pin.h"
#include "hosted/results/files.h"
#include "lib/units.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct noise_words {
	const char *out; /* NULL: not given */
	uint64_t duration_ns;
	uint64_t plant_every_ns, plant_length_ns;
	bool quick, as_json, still;
};

static bool take_option(struct noise_words *words, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i))) {
		words->out = value;
	} else if ((value = words_value(argc, argv, i, "--duration"))) {
		if (noise_duration_of(value, &words->duration_ns))
			return true;
		words_complain_of_value("--duration", value, "0.001 to 86400 seconds");
		return false;
	} else if ((value = words_value(argc, argv, i, "--plant"))) {
		if (noise_plant_of(value, &words->plant_every_ns, &words->plant_length_ns))
			return true;
		words_complain_of_value("--plant", value, NOISE_PLANT_ALLOWED);
		return false;
	} else if ((value = words_value(argc, argv, i, "--format"))) {
		return words_take_format(value, &words->as_json);
	} else if (strcmp(argv[*i], "--quick") == 0) {
		words->quick = true;
	} else if (strcmp(argv[*i], "--still") == 0) {
		words->still = true;
	} else {
		help_refuse("noise", argv[*i]);
		return false;
	}
	return true;
}

static void show_progress(const char *phase, double share) {
	fprintf(stderr, "\r\033[K%s %3.0f %%", phase, share * 100);
}

/* So that a run that is killed has left what there was. */
static void save_so_far(void *argument, const struct noise *noise) {
	const struct noise_words *words = argument;
	struct text file = {0}, complaint = {0};
	if (words->out == NULL || !files_replaces(words->out))
		return;
	noise_write(noise, true, &file);
	if (!file.failed)
		(void)files_save(words->out, &file, &complaint);
	text_free(&file);
	text_free(&complaint);
}

static int deliver(const struct noise *noise, const struct noise_words *words) {
	struct text file = {0}, table = {0};
	int status = 0;
	noise_write(noise, noise->cut, &file);
	noise_show_table(noise, &table);
	bool to_file = words->out != NULL && strcmp(words->out, "-") != 0;
	if (to_file)
		status = output_save(words->out, &file);
	else if (words->as_json || words->out != NULL)
		status = output_save("-", &file);
	if (!words->as_json && (to_file || words->out == NULL) && output_save("-", &table) != 0)
		status = 2;
	text_free(&file);
	text_free(&table);
	return status;
}

/* Nothing is asked for that others would have to wait for: the policy is as the process was started with. */
static const char *how_held(void) {
	static char text[160];
	static const struct {
		int policy;
		const char *name;
	} policies[] = {{SCHED_OTHER, "SCHED_OTHER"}, {SCHED_FIFO, "SCHED_FIFO"}, {SCHED_RR, "SCHED_RR"},
			{SCHED_BATCH, "SCHED_BATCH"}, {SCHED_IDLE, "SCHED_IDLE"}, {SCHED_DEADLINE, "SCHED_DEADLINE"}};
	int with_flags = sched_getscheduler(0), policy = with_flags & ~SCHED_RESET_ON_FORK;
	bool alone = policy != with_flags && (policy == SCHED_FIFO || policy == SCHED_RR);
	const char *name = "a policy that is not known", *others = alone ? ", its other threads by SCHED_OTHER" : "";
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (policies[i].policy == policy)
			name = policies[i].name;
	if (pin_cpu() >= 0)
		snprintf(text, sizeof(text), "pinned, first to CPU %d; scheduled by %s%s", pin_cpu(), name, others);
	else
		snprintf(text, sizeof(text), "not pinned: the system refuses it, and may move it; scheduled by %s%s",
			 name, others);
	return text;
}

int command_noise(int argc, char **argv) {
	struct noise_words words = {.out = NULL};
	struct text complaint = {0};
	struct noise *noise = NULL;
	for (int i = 1; i < argc; i++)
		if (!take_option(&words, argc, argv, &i))
			return 2;
	if (words.duration_ns == 0)
		words.duration_ns = (words.quick ? NOISE_SECONDS_QUICK : NOISE_SECONDS) * NS_PER_SECOND;
	if (!output_may_write(words.out))
		return 2;
	(void)platform_describe(); /* pins the process */
	if (words.still)
		still_begin();
	struct noise_request request = {
		.duration_ns = words.duration_ns,
		.timeout_ns = NOISE_TIMEOUT_NS,
		.held = how_held(),
		.plant_every_ns = words.plant_every_ns,
		.plant_length_ns = words.plant_length_ns,
		.first_cpu = pin_cpu() >= 0 ? (uint64_t)pin_cpu() : 0,
		.so_far = save_so_far,
		.argument = &words,
	};
	if (isatty(STDERR_FILENO))
		request.progress = show_progress;
	int status = noise_make(&request, &noise, &complaint);
	if (request.progress)
		fputs("\r\033[K", stderr);
	if (noise != NULL && noise_has_looked(noise) && (status == 0 || interrupted_is_status(status))) {
		int delivered = deliver(noise, &words);
		status = status != 0 ? status : delivered != 0 ? delivered : noise_status(noise);
	}
	noise_free(noise);
	(void)output_complain(&complaint);
	return status;
}
