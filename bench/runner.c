/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/runner.h"

#include "bench/consume.h"
#include "bench/outside/held.h"
#include "bench/ticks.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OVERHEAD_ROUNDS = 1001,
	SETUP_PATIENCE = 5,   /* times the plan's time-out: tables are built there */
	SAMPLE_PATIENCE = 10, /* times what is expected: a busy machine is no hung one */
	TOTAL_PATIENCE = 20,
};

/* Thirty years: a limit that does not overflow in any platform's ticks. */
static const uint64_t limit_most_ns = UINT64_C(1000000000000000000);

/* A run that is still too short to see after this many iterations does nothing. */
static const uint64_t iterations_max = UINT64_C(1) << 40;

/* What the guarded functions share. It outlives a fault in them, so all that is known until then stands. */
struct job {
	const struct benchmark *benchmark;
	struct bench_context context;
	const struct runner_plan *plan;
	struct measurement *measurement;
	enum bench_setup_result setup_result;
	double hz;
	void (*part)(struct job *job); /* of the run: warm_up, then take_samples */
	double iteration_ns;           /* as warm_up found it */
	bool clock_went_back;
	bool takes_no_time;
	bool wrong_result;
	uint64_t checkpoint_ticks; /* what the last one took: the platform's own time, and no detour */
};

struct timed {
	uint64_t begin, end;
};

static uint64_t ticks_of(struct timed timed) {
	return timed.end - timed.begin;
}

/* The one timed region, in a function of its own: nothing of the caller's is moved in between the clock's
 * readings, and nothing is known here of what is run, so that one which the compiler sees through costs the
 * same call as any other. */
__attribute__((noinline)) static struct timed time_once(const struct benchmark *benchmark, void *state,
							uint64_t iterations) {
	void (*run)(void *, uint64_t) = benchmark->run;
	__asm__ volatile("" : "+r"(run));
	uint64_t begin = ticks_begin();
	run(state, iterations);
	return (struct timed){begin, ticks_end()};
}

static uint64_t limit_ns(double expected_ns, unsigned patience, uint64_t least_ns) {
	double limit = expected_ns * patience;
	if (!(limit > (double)least_ns))
		return least_ns;
	return limit < (double)limit_most_ns ? (uint64_t)limit : limit_most_ns;
}

uint64_t runner_total_ns(double planned_ns, uint64_t timeout_ns) {
	return limit_ns(planned_ns, TOTAL_PATIENCE, timeout_ns);
}

/* As time_once, with the watchdog put off and the clock checked, both outside of the timed region. */
static struct timed sample(struct job *job, uint64_t iterations, double expected_ns) {
	uint64_t begin = ticks_begin();
	platform_checkpoint(limit_ns(expected_ns, SAMPLE_PATIENCE, job->plan->timeout_ns));
	job->checkpoint_ticks = ticks_end() - begin;
	struct timed timed = time_once(job->benchmark, job->context.state, iterations);
	if (ticks_of(timed) > INT64_MAX)
		job->clock_went_back = true;
	return timed;
}

static void setup_guarded(void *argument) {
	struct job *job = argument;
	const struct benchmark *benchmark = job->benchmark;
	job->setup_result = benchmark->setup(benchmark, &job->context);
	if (job->setup_result != BENCH_READY || benchmark->check == NULL)
		return;
	const char *wrong = benchmark->check(benchmark, job->context.state);
	if (wrong == NULL)
		return;
	job->context.reason = wrong;
	job->wrong_result = true;
}

static void teardown_guarded(void *argument) {
	struct job *job = argument;
	job->benchmark->teardown(job->benchmark, &job->context);
}

/* As many as before again, or fewer where the rest of the time is shorter than that. */
static uint64_t next_iterations(uint64_t iterations, double ticks_left, double iteration_ticks) {
	double rest = ticks_left / iteration_ticks + 1;
	return rest < (double)iterations * 2 ? (uint64_t)rest : iterations * 2;
}

/* Finds the time of an iteration, over all of the warm-up. */
static void warm_up(struct job *job) {
	double ticks_wanted = (double)job->plan->warm_up_ns * job->hz / NS_PER_SECOND, ticks = 0, done = 0;
	for (uint64_t iterations = 1; !job->clock_went_back;) {
		double iteration_ns = done > 0 ? ticks / done / job->hz * NS_PER_SECOND : 0;
		struct timed timed = sample(job, iterations, iteration_ns * (double)iterations);
		ticks += (double)(ticks_of(timed));
		done += (double)iterations;
		if (ticks >= ticks_wanted)
			break;
		if (iterations >= iterations_max) {
			job->takes_no_time = true;
			break;
		}
		iterations =
			ticks > 0 ? next_iterations(iterations, ticks_wanted - ticks, ticks / done) : iterations * 2;
	}
	job->iteration_ns = ticks / done / job->hz * NS_PER_SECOND;
}

static void choose_sampling(const struct runner_plan *plan, double iteration_ns, struct measurement *measurement) {
	double samples = plan->sample_size, wanted_ns = (double)plan->measurement_ns;
	double sum = samples * (samples + 1) / 2; /* iterations in steps, under linear sampling */
	measurement->linear = iteration_ns * sum <= 2 * wanted_ns;
	double step = wanted_ns / (measurement->linear ? sum : samples) / iteration_ns;
	measurement->step = step < 1 ? 1 : (uint64_t)step;
}

static uint64_t iterations_of(const struct measurement *m, size_t index) {
	return m->linear ? (index + 1) * m->step : m->step;
}

/* What the samples will take if every iteration takes what those of the warm-up did. */
static double sampling_ns(const struct job *job) {
	double iterations = 0;
	for (size_t i = 0; i < job->plan->sample_size; i++)
		iterations += (double)iterations_of(job->measurement, i);
	return iterations * job->iteration_ns;
}

static void take_samples(struct job *job) {
	struct measurement *m = job->measurement;
	uint64_t before = 0;
	for (size_t i = 0; i < job->plan->sample_size && !job->clock_went_back; i++) {
		uint64_t iterations = iterations_of(m, i);
		struct timed timed = sample(job, iterations, job->iteration_ns * (double)iterations);
		m->ticks[i] = ticks_of(timed);
		m->count = i + 1;
		job->clock_went_back |= timed.begin < before;
		if (m->room) {
			m->room->gaps[i] = timed.begin - before - m->room->probed - job->checkpoint_ticks;
			room_watch_sample(m->room, i);
		}
		before = timed.end;
	}
}

/* ---- counted, not timed ------------------------------------------------------------------------------------------ */

/* Of the time of all samples: for n iterations; at the most, for all groups. */
enum { COUNTED_PART = 200, COUNTED_PART_MOST = 4 };

static void before_counting(void *argument, uint64_t iterations) {
	struct job *job = argument;
	double expected_ns = job->iteration_ns * (double)iterations;
	platform_checkpoint(limit_ns(expected_ns, SAMPLE_PATIENCE, job->plan->timeout_ns));
}

static void choose_counting(const struct job *job, struct counts *counts) {
	double wanted_ns = (double)job->plan->measurement_ns, iterations = wanted_ns / COUNTED_PART / job->iteration_ns;
	*counts = (struct counts){.iterations = iterations < 1 ? 1 : (uint64_t)iterations};
	double round_ns = 3 * (double)counts->iterations * job->iteration_ns * job->plan->counting->group_count;
	double rounds = wanted_ns / COUNTED_PART_MOST / round_ns;
	counts->rounds = rounds < 1 ? 1 : rounds < COUNTING_ROUNDS ? (unsigned)rounds : COUNTING_ROUNDS;
}

static double counting_ns(const struct job *job) {
	const struct counts *counts = job->measurement->counts;
	return 3 * (double)counts->iterations * counts->rounds * job->iteration_ns * job->plan->counting->group_count;
}

static void count(struct job *job) {
	const struct counting *counting = job->plan->counting;
	struct counts *counts = job->measurement->counts;
	for (unsigned group = 0; group < counting->group_count && !counts->reason; group++)
		if (!counting_measure(counting, group, job->benchmark, job->context.state, before_counting, job,
				      counts))
			counts->reason = "the counters were taken away, time after time";
}

static void run_guarded(void *argument) {
	struct job *job = argument;
	/* What `run` has on the stack lies behind it. */
	if (job->plan->placement)
		bench_consume_memory(__builtin_alloca(job->plan->placement->stack_bytes));
	job->part(job);
}

static void fail(struct measurement *measurement, enum bench_status status, const char *reason) {
	measurement->status = status;
	snprintf(measurement->reason, sizeof(measurement->reason), "%s", reason);
	measurement->count = 0;
}

/* true: it came back. */
static bool guard(struct job *job, const char *phase, void (*function)(void *), uint64_t timeout_ns,
		  uint64_t total_ns) {
	struct measurement *m = job->measurement;
	struct platform_fault fault;
	memset(&fault, 0, sizeof(fault));
	int error = platform_run_guarded(function, job, timeout_ns, total_ns, &fault);
	if (error == PLATFORM_EUNSUPPORTED)
		error = platform_run_guarded(function, job, 0, 0, &fault);
	if (error < 0) {
		fail(m, BENCH_STATUS_FAILED, "the platform could not set up its guard");
		return false;
	}
	if (fault.outcome == PLATFORM_RETURNED)
		return true;
	m->phase = phase;
	m->fault = fault;
	if (fault.outcome == PLATFORM_TIMED_OUT)
		fail(m, BENCH_STATUS_HUNG, "did not end in its time");
	else
		fail(m, BENCH_STATUS_FAILED, "faulted");
	return false;
}

static bool run_part(struct job *job, void (*part)(struct job *), double planned_ns) {
	uint64_t timeout_ns = job->plan->timeout_ns;
	job->part = part;
	return guard(job, "run", run_guarded, timeout_ns, runner_total_ns(planned_ns, timeout_ns));
}

/* false: it did not come back from it. */
static bool count_beside(struct job *job) {
	if (!job->plan->counting || job->plan->counting->group_count == 0)
		return true;
	choose_counting(job, job->measurement->counts);
	bool returned = run_part(job, count, counting_ns(job));
	platform_pmu_stop();
	return returned;
}

/* The samples, and what happened beside them. false: it did not come back from them. */
static bool sample_in_room(struct job *job) {
	struct measurement *m = job->measurement;
	double planned_ns = sampling_ns(job);
	if (m->room)
		room_watch_begin(m->room, job->plan->sample_size, planned_ns, m->hz);
	if (!run_part(job, take_samples, planned_ns))
		return false;
	const struct room_times times = {
		.ticks = m->ticks,
		.gaps = m->room ? m->room->gaps : NULL,
		.count = m->count,
		.step = m->step,
		.linear = m->linear,
		.us = m->hz / (NS_PER_SECOND / NS_PER_US),
		.hz = m->hz,
	};
	if (m->room && !job->clock_went_back)
		room_watch_end(m->room, &times);
	return true;
}

/* Runs what setup made ready. Two parts, as what the second will take is known after the first only. */
static void run_and_check(struct job *job) {
	if (!run_part(job, warm_up, (double)job->plan->warm_up_ns))
		return;
	if (!job->clock_went_back && !job->takes_no_time) {
		choose_sampling(job->plan, job->iteration_ns, job->measurement);
		if (!sample_in_room(job))
			return;
		if (!job->clock_went_back && !count_beside(job))
			return;
	}
	if (job->clock_went_back)
		fail(job->measurement, BENCH_STATUS_FAILED, "the clock went backwards");
	else if (job->takes_no_time)
		fail(job->measurement, BENCH_STATUS_FAILED, "takes no time, however often it is run");
}

/* After a fault its own may follow: only a healthy benchmark is judged by its teardown. */
static void tear_down(struct job *job) {
	if (!job->benchmark->teardown)
		return;
	struct measurement before = *job->measurement;
	uint64_t patience_ns = job->plan->timeout_ns * SETUP_PATIENCE;
	job->context.reason = NULL;
	if (guard(job, "teardown", teardown_guarded, patience_ns, patience_ns) && job->context.reason)
		fail(job->measurement, BENCH_STATUS_FAILED, job->context.reason);
	if (before.status != BENCH_STATUS_OK)
		*job->measurement = before;
}

static void measure(const struct benchmark *benchmark, const struct bench_context *context,
		    const struct runner_plan *plan, struct measurement *m) {
	*m = (struct measurement){.ticks = m->ticks, .counts = m->counts, .room = m->room, .hz = m->hz};
	if (m->room)
		m->room->seen = (struct room_seen){0};
	if (m->counts)
		*m->counts = (struct counts){0};
	struct job job = {
		.benchmark = benchmark, .context = *context, .plan = plan, .measurement = m, .hz = (double)m->hz};
	uint64_t free_bytes = platform_memory_free_bytes();
	if (benchmark->memory_bytes > free_bytes) {
		m->status = BENCH_STATUS_SKIPPED;
		snprintf(m->reason, sizeof(m->reason), "needs %" PRIu64 " KiB of memory, %" PRIu64 " KiB are free",
			 benchmark->memory_bytes / 1024, free_bytes / 1024);
		return;
	}
	uint64_t patience_ns = plan->timeout_ns * SETUP_PATIENCE;
	if (!guard(&job, "setup", setup_guarded, patience_ns, patience_ns))
		return;
	for (unsigned i = 0; i < job.context.core_count && i < BENCH_CORES_MAX; i++)
		m->core_count += platform_core_describe(job.context.cores[i], &m->cores[m->core_count]) == 0;
	m->tlb_geometry = job.context.tlb_geometry;
	const char *reason = job.context.reason ? job.context.reason : "no reason given";
	if (job.setup_result == BENCH_SKIP)
		fail(m, BENCH_STATUS_SKIPPED, reason);
	else if (job.setup_result != BENCH_READY || job.wrong_result)
		fail(m, BENCH_STATUS_FAILED, reason);
	else
		run_and_check(&job);
	if (job.setup_result == BENCH_READY)
		tear_down(&job);
}

/* However it ended: the next one shall find cores and memory as this one did. */
static void release(struct measurement *m) {
	const char *left = outside_release();
	if (left != NULL && m->status == BENCH_STATUS_OK)
		fail(m, BENCH_STATUS_FAILED, left);
}

void runner_measure(const struct benchmark *benchmark, const struct bench_context *context,
		    const struct runner_plan *plan, struct measurement *m) {
	const struct placement *placement = plan->placement;
	if (!placement) {
		measure(benchmark, context, plan, m);
		release(m);
		return;
	}
	void *held = malloc(placement->heap_bytes);
	/* The compiler must not see that nobody uses it. */
	bench_consume_memory(held);
	platform_memory_scatter(placement->memory_seed);
	measure(benchmark, context, plan, m);
	release(m);
	platform_memory_scatter(0);
	free(held);
}

static void return_at_once(void *argument) {
	(void)argument;
}

bool runner_has_limits(void) {
	const uint64_t ample_ns = NS_PER_SECOND;
	struct platform_fault fault;
	return platform_run_guarded(return_at_once, NULL, ample_ns, 0, &fault) != PLATFORM_EUNSUPPORTED;
}

/* ---- the runner itself ------------------------------------------------------------------------------------------- */

static void empty_run(void *state, uint64_t iterations) {
	(void)state;
	for (uint64_t i = 0; i < iterations; i++)
		bench_consume(i);
}

static void sort_ticks(uint64_t *ticks, size_t count) {
	for (size_t gap = count / 2; gap > 0; gap /= 2)
		for (size_t i = gap; i < count; i++) {
			uint64_t value = ticks[i];
			size_t at = i;
			for (; at >= gap && ticks[at - gap] > value; at -= gap)
				ticks[at] = ticks[at - gap];
			ticks[at] = value;
		}
}

static uint64_t clock_step(void) {
	uint64_t least = UINT64_MAX, previous = ticks_begin();
	for (int i = 0; i < OVERHEAD_ROUNDS; i++) {
		uint64_t now = ticks_begin();
		if (now > previous && now - previous < least)
			least = now - previous;
		previous = now;
	}
	return least == UINT64_MAX ? 0 : least;
}

void runner_overhead_measure(struct runner_overhead *overhead) {
	static const struct benchmark empty = {.name = "empty", .run = empty_run};
	const uint64_t loop_iterations = 10000;
	uint64_t ticks[OVERHEAD_ROUNDS], loop = UINT64_MAX;
	for (int i = 0; i < OVERHEAD_ROUNDS; i++)
		ticks[i] = ticks_of(time_once(&empty, NULL, 0));
	sort_ticks(ticks, OVERHEAD_ROUNDS);
	for (int i = 0; i < 5; i++) {
		uint64_t once = ticks_of(time_once(&empty, NULL, loop_iterations));
		loop = once < loop ? once : loop;
	}
	*overhead = (struct runner_overhead){
		.clock_step = clock_step(),
		.sample_median = ticks[OVERHEAD_ROUNDS / 2],
		.sample_minimum = ticks[0],
		.empty_loop_iterations = loop_iterations,
		.empty_loop_ticks = loop,
	};
}

void runner_noise_measure(uint64_t span_ns, uint64_t hz, struct runner_noise *noise) {
	enum { READS_MAX = 50000000 }; /* a clock that stands still must not hold us */
	uint64_t limit = hz / (NS_PER_SECOND / NS_PER_US),
		 span = (uint64_t)((double)span_ns * (double)hz / NS_PER_SECOND);
	uint64_t begin = ticks_begin(), previous = begin;
	*noise = (struct runner_noise){0};
	for (int i = 0; i < READS_MAX && previous - begin < span; i++) {
		uint64_t now = ticks_begin(), gap = now - previous;
		previous = now;
		if (gap <= limit)
			continue;
		noise->gaps++;
		noise->gap_ticks += gap;
		if (gap > noise->longest_ticks)
			noise->longest_ticks = gap;
	}
	noise->span_ticks = previous - begin;
}
