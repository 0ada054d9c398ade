/* SPDX-License-Identifier: Apache-2.0
 *
 * `snippet`: what a few instructions take.
 */
#include "bench/room_alone.h"
#include "bench/snippet/show.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/cli/snippet_assemble.h"
#include "hosted/cli/words.h"
#include "hosted/platform/machine.h"
#include "hosted/snippet/cage.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct snippet_words {
	const char *code, *init, *out; /* NULL: not given */
	enum source_arch arch;
	uint64_t unroll, seed, timeout_s;
	bool latency, throughput, as_json, for_image, unconfined;
};

static bool take_option(struct snippet_words *words, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i))) {
		words->out = value;
	} else if ((value = words_value(argc, argv, i, "--init"))) {
		words->init = value;
	} else if ((value = words_value(argc, argv, i, "--unroll"))) {
		return launch_parse_count("--unroll", value, 1, SNIPPET_UNROLL_MOST, &words->unroll);
	} else if ((value = words_value(argc, argv, i, "--seed"))) {
		return launch_parse_count("--seed", value, 0, UINT64_MAX, &words->seed);
	} else if ((value = words_value(argc, argv, i, "--image"))) {
		words->for_image = true;
		if (source_arch_of(value, &words->arch))
			return true;
		words_complain_of_value("--image", value, "x86_64 or aarch64");
		return false;
	} else if ((value = words_value(argc, argv, i, "--timeout"))) {
		return launch_parse_count("--timeout", value, 1, CAGE_SECONDS_MOST, &words->timeout_s);
	} else if ((value = words_value(argc, argv, i, "--format"))) {
		return words_take_format(value, &words->as_json);
	} else if (strcmp(argv[*i], "--latency") == 0) {
		words->latency = true;
	} else if (strcmp(argv[*i], "--throughput") == 0) {
		words->throughput = true;
	} else if (strcmp(argv[*i], "--unconfined") == 0) {
		words->unconfined = true;
	} else if (argv[*i][0] != '-' && words->code == NULL) {
		words->code = argv[*i];
	} else {
		help_refuse("snippet", argv[*i]);
		return false;
	}
	return true;
}

static bool take_words(struct snippet_words *words, int argc, char **argv) {
	for (int i = 1; i < argc; i++)
		if (!take_option(words, argc, argv, &i))
			return false;
	if (words->code == NULL) {
		help_usage("snippet");
		return false;
	}
	if (words->latency && words->throughput) {
		fputs("snippet: --latency and --throughput: one of them\n", stderr);
		return false;
	}
	if (!words->for_image)
		(void)source_arch_of(platform_describe()->architecture, &words->arch);
	return output_may_write(words->out);
}

/* What was written, as bytes, with what faults are explained by. */
struct made {
	struct snippet snippet;
	struct assembled code, init;
};

static int assemble(const struct snippet_words *words, struct made *made, struct text *complaint) {
	struct snippet *snippet = &made->snippet;
	launch_start();
	int status = snippet_assemble("snippet", words->code, words->arch, &made->code, complaint);
	if (status == 0 && words->init != NULL)
		status = snippet_assemble("--init", words->init, words->arch, &made->init, complaint);
	if (status != 0)
		return status;
	if (words->latency && made->code.copies > 1) {
		text_add_string(complaint, "snippet: alternatives do not wait for each other, so that there is no "
					   "--latency of them\n");
		return 2;
	}
	*snippet = (struct snippet){
		.code_bytes = made->code.byte_count,
		.init_bytes = made->init.byte_count,
		.instructions = made->code.instructions,
		.copies = made->code.copies,
		.unroll = (uint32_t)words->unroll,
		.latency = words->latency,
	};
	memcpy(snippet->code, made->code.bytes, snippet->code_bytes);
	memcpy(snippet->init, made->init.bytes, snippet->init_bytes);
	return 0;
}

static const char *why_faulted(const struct platform_fault *fault) {
	switch (fault->vector) {
	case SIGILL:
		return "this processor has no such instruction, or the system does not let it be used";
	case SIGSYS:
		return "a snippet asks nothing of the system";
	case SIGFPE:
		return "a division by 0, one with a quotient that is too large, or a floating-point exception that is "
		       "not masked: --init sets registers";
	case SIGTRAP:
		return "a breakpoint, or a single step";
	case SIGBUS:
		return "an address that is not aligned as is asked of it";
	default:
		return fault->code == SI_KERNEL
			       ? "an instruction that only a kernel may execute, or an address that no machine has"
			       : "there is no such memory, or not for that: rsi, rdi, r14 and rsp, or x1, x0, x27 and "
				 "sp, "
				 "point to some";
	}
}

/* Of what the process came to. */
static void judge(enum cage_end end, const struct cage_run *run, const struct snippet_area *area,
		  const struct made *made, struct snippet_result *result) {
	static const char *const reasons[] = {
		[CAGE_DONE] = "",
		[CAGE_TIMED_OUT] = "it did not end in its time (--timeout)",
		[CAGE_GONE] = "its process ended, or was ended, without a word",
		[CAGE_UNLOCKED] = "this system does not confine processes (seccomp), and nothing ran; --unconfined "
				  "runs it all the same",
		[CAGE_FAILED] = "no process can be started for it",
	};
	result->status = end == CAGE_DONE        ? BENCH_STATUS_OK
			 : end == CAGE_TIMED_OUT ? BENCH_STATUS_HUNG
						 : BENCH_STATUS_FAILED;
	result->reason = end == CAGE_FAULTED ? why_faulted(&run->fault) : reasons[end];
	if (end == CAGE_FAULTED || end == CAGE_TIMED_OUT) {
		result->fault = &run->fault;
		/* A call that is refused is over when that is told. */
		bool is_behind =
			run->fault.vector == SIGSYS || (run->fault.vector == SIGTRAP && machine_trap_is_behind);
		result->part =
			snippet_area_find(area, &made->snippet, run->fault.instruction - is_behind, &result->offset);
		if (result->part != SNIPPET_ELSEWHERE)
			result->instruction = assembled_at(result->part == SNIPPET_IN_INIT ? &made->init : &made->code,
							   &result->offset, is_behind);
	}
	if (end == CAGE_DONE)
		snippet_result_figure(result);
}

static int deliver(const struct snippet_words *words, const struct snippet_result *result) {
	struct text file = {0}, table = {0};
	int status = snippet_result_status(result), saved = 0;
	text_add_string(&file, "{");
	snippet_write(result, &file);
	text_add_string(&file, "}\n");
	snippet_show(result, &table);
	bool to_file = words->out != NULL && strcmp(words->out, "-") != 0;
	if (to_file)
		saved = output_save(words->out, &file);
	else if (words->as_json || words->out != NULL)
		saved = output_save("-", &file);
	if (!words->as_json && (to_file || words->out == NULL) && output_save("-", &table) != 0)
		saved = 2;
	text_free(&file);
	text_free(&table);
	return saved != 0 ? saved : status;
}

static void add_digits(const char *option, const uint8_t *bytes, uint32_t count, struct text *text) {
	text_add_string(text, option);
	for (uint32_t i = 0; i < count; i++)
		text_format(text, "%02x", bytes[i]);
}

/* The words that `snippet` of the image takes, for `make run` and anechoic.conf. */
static int print_for_image(const struct snippet_words *words, const struct snippet *snippet, struct text *complaint) {
	enum { BYTES_MOST = 800 }; /* of a kernel's command line there are 2048 */
	struct text line = {0};
	if (snippet->code_bytes + snippet->init_bytes > BYTES_MOST) {
		text_format(complaint, "snippet: %u bytes of code, and the image's command line has room for %d\n",
			    snippet->code_bytes + snippet->init_bytes, BYTES_MOST);
		return 2;
	}
	add_digits("snippet --code=", snippet->code, snippet->code_bytes, &line);
	if (snippet->init_bytes != 0)
		add_digits(" --init-code=", snippet->init, snippet->init_bytes, &line);
	text_format(&line, " --instructions=%u --copies=%u --seed=%llu", snippet->instructions, snippet->copies,
		    (unsigned long long)words->seed);
	if (snippet->unroll != 0)
		text_format(&line, " --unroll=%u", snippet->unroll);
	text_add_string(&line, snippet->latency ? " --latency\n" : "\n");
	int status = output_save("-", &line);
	text_free(&line);
	return status;
}

static int measure(const struct snippet_words *words, const struct made *made, struct snippet_job *job,
		   struct text *complaint) {
	static uint64_t gaps[SNIPPET_ROUNDS];
	static double sorted[SNIPPET_ROUNDS];
	simd_features features = simd_features_detect();
	struct snippet_area area;
	struct platform_clock clock;
	struct room_watch watch = {.ratio_alone = room_ratio_alone(features), .gaps = gaps, .sorted = sorted};
	int error = snippet_area_make(&made->snippet, features, &area);
	if (error != 0 || platform_clock_calibrate(&clock) != 0) {
		text_add_string(complaint, error == PLATFORM_EINVAL ? "snippet: the loops are too long: fewer times "
								      "(--unroll)\n"
								    : "snippet: no memory for its loops\n");
		return 2;
	}
	*job = (struct snippet_job){
		.area = &area, .hz = clock.hz, .seed = words->seed, .end_ns = UINT64_C(3000000000), .watch = &watch};
	struct cage_run run = {
		.job = job, .watched = true, .unconfined = words->unconfined, .timeout_s = words->timeout_s};
	enum cage_end end = cage_run(&run);
	int asked = launch_end_asked();
	if (asked != 0) {
		snippet_area_free(&area);
		return asked;
	}
	struct snippet_result result = {
		.snippet = &made->snippet,
		.source = words->code,
		.init_source = words->init,
		.times = &job->times,
		.hz = clock.hz,
		.seed = words->seed,
		.seen = end == CAGE_DONE ? &run.seen : NULL,
	};
	judge(end, &run, &area, made, &result);
	int status = deliver(words, &result);
	snippet_area_free(&area);
	return status;
}

int command_snippet(int argc, char **argv) {
	struct snippet_words words = {.seed = 1, .timeout_s = CAGE_SECONDS};
	struct text complaint = {0};
	if (!take_words(&words, argc, argv))
		return 2;
	struct made *made = calloc(1, sizeof(*made));
	struct snippet_job *job = calloc(1, sizeof(*job));
	int status = 2;
	if (made == NULL || job == NULL)
		text_add_string(&complaint, "snippet: out of memory\n");
	else
		status = assemble(&words, made, &complaint);
	if (status == 0)
		status = words.for_image ? print_for_image(&words, &made->snippet, &complaint)
					 : measure(&words, made, job, &complaint);
	free(made);
	free(job);
	(void)output_complain(&complaint);
	return status;
}
