/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/make.h"

#include "bench/interrupted.h"
#include "bench/machine/facts.h"
#include "bench/tune/subject.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

enum {
	BUDGET_SECONDS = 25,
	THOROUGH_SECONDS = 9 * 60,
	/* Of the whole budget, in hundredths; crossovers and company take what they take, some seconds. */
	SWEEP_SHARE = 50,
	PRICE_SHARE = 30,
	STREAMS_SHARE = 8, /* --thorough */
};

struct making {
	const struct tune_request *request;
	struct tune *tune;
	struct subject subject;
	uint64_t price_budget_ns, streams_budget_ns;
	float *samples; /* of a launch: bytes, rounds */
	size_t bytes;
	uint32_t first, end;
	int error;
	const char *phase;
};

/* The largest second-level cache: 0 where nobody says. */
static uint64_t l2_bytes(void) {
	struct facts facts;
	struct text complaint = {0};
	uint64_t bytes = 0;
	if (facts_read(&facts, FACTS_BRIEF) == 0 && facts_describe(&facts, &complaint) == 0)
		for (size_t i = 0; i < facts.machine->cache_count; i++) {
			const struct caps_cache *cache = &facts.machine->caches[i];
			if (cache->level == 2 && cache->bytes > bytes)
				bytes = cache->bytes;
		}
	facts_free(&facts);
	text_free(&complaint);
	return bytes;
}

static void report_progress(void *argument, double share) {
	const struct making *making = argument;
	if (making->request->progress != NULL)
		making->request->progress(making->phase, share);
}

static void choose_all(struct making *making, const struct tune_subject *subject) {
	struct tune *tune = making->tune;
	uint64_t seed = making->request->seed;
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		const struct tune_operation *operation = &tune->operations[i];
		struct tune_choice *choices[] = {&tune->choices[TUNE_FOR_MIXED][i], &tune->choices[TUNE_FOR_BULK][i]};
		report_progress(making, (double)i / SIMD_OPERATION_COUNT);
		tune_choose(operation, choices[1]);
		tune->loud |= choices[1]->bands[0].basis == TUNE_TOO_LOUD;
		tune_refine(operation, subject, seed, choices[1]);
		tune_in_company(operation, subject, seed, choices[1], choices[0]);
	}
}

/* Under the guard. */
static void make_all(void *argument) {
	struct making *making = argument;
	struct tune *tune = making->tune;
	struct tune_subject subject = subject_of(&making->subject);
	making->phase = "measuring every method";
	making->error = tune_sweep(tune, &subject, making->request->launcher, report_progress, making);
	if (making->error != 0)
		return;
	making->phase = "crossovers, and in company";
	choose_all(making, &subject);
	making->phase = "the price of vectors";
	report_progress(making, 0);
	struct price_subject price = subject_of_price(&making->subject);
	making->error = tune_price(&tune->price, &price, making->price_budget_ns, making->request->seed);
	if (making->error != 0 || !tune->plan.thorough || tune->plan.in_caches)
		return;
	making->phase = "stores past the caches, alone and with all cores busy";
	report_progress(making, 0);
	struct streams_subject streams = subject_of_streams(&making->subject);
	making->error = tune_streams(&tune->streams, &streams, making->streams_budget_ns, making->request->seed);
}

static int finish(const struct making *making, int error, const struct platform_fault *fault, struct text *complaint) {
	if (error == 0 && fault->outcome == PLATFORM_FAULTED) {
		text_format(complaint, "tune: %s at %s while %s\n", fault->name, fault->symbol, making->phase);
		return 4;
	}
	if (error == 0 && fault->outcome == PLATFORM_TIMED_OUT) {
		text_format(complaint, "tune: nothing came back in time while %s\n", making->phase);
		return 4;
	}
	if (error == 0 && (fault->outcome == PLATFORM_INTERRUPTED || making->tune->cut))
		return interrupted_status();
	if (error == 0 && making->error == 0)
		return 0;
	text_add_string(complaint, making->request->launcher != NULL ? "tune: a launch failed, or no memory\n"
								     : "tune: out of memory\n");
	return 2;
}

static void make_rounds(void *argument) {
	struct making *making = argument;
	struct tune_subject subject = subject_of(&making->subject);
	making->phase = "measuring every method";
	making->error =
		tune_sweep_rounds(making->tune, &subject, making->samples, making->bytes, making->first, making->end);
}

static int run(struct making *making, void (*what)(void *making), struct text *complaint) {
	const struct tune_request *request = making->request;
	struct platform_fault fault = {.outcome = PLATFORM_RETURNED};
	uint64_t seconds = request->thorough ? THOROUGH_SECONDS : BUDGET_SECONDS;
	uint64_t budget = request->budget_ns != 0 ? request->budget_ns : seconds * NS_PER_SECOND;
	making->tune->plan = (struct tune_plan){
		.thorough = request->thorough,
		.budget_ns = budget / 100 * SWEEP_SHARE,
		.seed = request->seed,
		.in_caches = request->in_caches,
	};
	making->price_budget_ns = budget / 100 * PRICE_SHARE;
	making->streams_budget_ns = budget / 100 * STREAMS_SHARE;
	int error =
		subject_open(&making->subject, request->thorough, request->in_caches, l2_bytes(), request->timeout_ns);
	if (error == 0)
		error = platform_run_guarded(what, making, request->timeout_ns, 0, &fault);
	int status = finish(making, error, &fault, complaint);
	subject_close(&making->subject);
	return status;
}

int tune_make(const struct tune_request *request, struct tune **tune, struct text *complaint) {
	struct making making = {.request = request, .tune = calloc(1, sizeof(**tune)), .phase = "starting"};
	*tune = making.tune;
	if (making.tune != NULL)
		return run(&making, make_all, complaint);
	text_add_string(complaint, "tune: out of memory\n");
	return 2;
}

int tune_make_rounds(const struct tune_request *request, float *samples, size_t bytes, uint32_t first, uint32_t end,
		     struct text *complaint) {
	struct making making = {.request = request,
				.tune = calloc(1, sizeof(*making.tune)),
				.phase = "starting",
				.samples = samples,
				.bytes = bytes,
				.first = first,
				.end = end};
	int status = 2;
	if (making.tune != NULL)
		status = run(&making, make_rounds, complaint);
	else
		text_add_string(complaint, "tune: out of memory\n");
	free(making.tune);
	return status;
}

int tune_status(const struct tune *tune) {
	return tune->loud ? 3 : 0;
}
