/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking, on all cores at once, for as long as was asked for: in steps, between which the first core takes up what all
 * wrote. Then fixed work and fixed time, each for a tenth of that, as far as there is room for what they write.
 */
#include "bench/interrupted.h"
#include "bench/noise/noise.h"
#include "bench/suites/noise_crew.h"
#include "bench/suites/tune_loops.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

#define PART_NS (5.0 * NS_PER_SECOND) /* between two reports of what there is so far */

enum {
	CORES_MOST = 512,
	STEP_NS = 100 * NS_PER_MS,
	SETTLE_NS = 10 * NS_PER_MS,
	WORKS_MOST = 10000,
	WORK_NS = 100 * NS_PER_US,
	QUANTA_MOST = 1 << 16,
	QUANTUM_NS = 100 * NS_PER_US,
	QUANTUM_ADDS = 200,
	ADDS_TIMED = 100000,
	WAY_TURNS = 32,
	WAY_EVERY_MOST_NS = 10 * NS_PER_MS,
	WAY_STAY_NS = 100 * NS_PER_US,
	FIXED_SHARE = 10, /* fixed work and fixed time each take one of so many parts of the duration */
};

/* A core's, written by it alone while it runs. */
struct seat {
	uint64_t least;
	uint64_t work_adds, quantum;
	struct noise_look look;
	uint32_t works[WORKS_MOST];
	uint32_t quanta[QUANTA_MOST];
};

struct making {
	const struct noise_request *request;
	struct noise *noise;
	struct noise_crew *crew;
	struct seat *seats;
	uint64_t steps, step_ticks, works, quanta;
	struct platform_witness *before, *after;
	struct platform_planted planted;
	const char *phase;
	bool counted; /* all of the time that was looked at */
	bool lost;    /* a core does not end: what it looks at stays mapped */
	int error;
};

static uint64_t at_most(uint64_t number, uint64_t most) {
	return number < most ? number : most;
}

static uint64_t ticks_of(const struct making *making, uint64_t ns) {
	return (uint64_t)((double)ns * (double)making->noise->hz / NS_PER_SECOND);
}

/* ---- what the cores do ------------------------------------------------------------------------------------------- */

static void find_least(void *argument, uint64_t passes) {
	struct seat *seat = argument;
	(void)passes;
	seat->least = noise_least_step();
	uint64_t begin = ticks_begin();
	tune_loop_add(ADDS_TIMED);
	uint64_t ticks = ticks_end() - begin;
	seat->work_adds = seat->quantum * ADDS_TIMED / (ticks != 0 ? ticks : 1) + 1;
}

static void look(void *argument, uint64_t ticks) {
	struct seat *seat = argument;
	noise_look(&seat->look, ticks);
}

static void work(void *argument, uint64_t works) {
	struct seat *seat = argument;
	noise_fixed_work(seat->works, works, seat->work_adds);
}

static void fill_quanta(void *argument, uint64_t quanta) {
	struct seat *seat = argument;
	noise_fixed_time(seat->quanta, quanta, seat->quantum, QUANTUM_ADDS);
}

/* ---- the first core ---------------------------------------------------------------------------------------------- */

static void pause_between(const struct making *making, double share) {
	platform_checkpoint(making->request->timeout_ns);
	if (making->request->progress != NULL)
		making->request->progress(making->phase, share);
}

static void rest(struct making *making) {
	making->lost |= !noise_crew_end(making->crew);
}

static void start(struct making *making) {
	unsigned count = noise_crew_start(making->crew, &making->lost);
	making->noise->cores_not += (unsigned)making->noise->core_count - count;
	for (size_t i = count; i < making->noise->core_count; i++)
		free(making->noise->cores[i]);
	making->noise->core_count = count;
}

static void take_up(struct making *making) {
	for (size_t i = 0; i < making->noise->core_count; i++)
		noise_core_take(making->noise->cores[i], &making->seats[i].look);
}

static void begin_looking(struct making *making) {
	uint64_t us = ticks_of(making, NS_PER_US), now = ticks_begin();
	for (size_t i = 0; i < making->noise->core_count; i++) {
		struct seat *seat = &making->seats[i];
		struct noise_core *core = making->noise->cores[i];
		core->least = seat->least;
		core->us = us != 0 ? us : 1;
		core->threshold = seat->least * NOISE_TIMES_LEAST;
		memset(&seat->look, 0, sizeof(seat->look));
		seat->look.origin = now;
		seat->look.threshold = core->threshold < core->us ? core->threshold : core->us;
		core->threshold = seat->look.threshold;
	}
}

/* Others' counts are as of the end of their tasks. */
static void count_witness(struct making *making) {
	struct noise *noise = making->noise;
	rest(making);
	(void)platform_witness_read(making->after, (unsigned)noise->core_count);
	for (size_t i = 0; i < noise->core_count; i++)
		noise_settle_witness(&noise->cores[i]->witness, &making->before[i], &making->after[i]);
}

static void look_on(struct making *making) {
	const struct noise_request *request = making->request;
	uint64_t begin = ticks_begin();
	/* Where others take most of the time a step is much longer than it looks. */
	for (uint64_t step = 0; step < making->steps; step++) {
		noise_crew_run(making->crew, look, making->step_ticks);
		take_up(making);
		pause_between(making, (double)(step + 1) / (double)making->steps);
		if ((double)(ticks_begin() - begin) < PART_NS * (double)making->noise->hz / NS_PER_SECOND ||
		    step + 1 == making->steps)
			continue;
		begin = ticks_begin();
		count_witness(making);
		if (request->so_far != NULL)
			request->so_far(request->argument, making->noise);
		start(making);
	}
	count_witness(making);
	making->counted = true;
	start(making);
}

/* On the first core, while it is looked at. */
static bool plant(struct making *making, uint64_t every_ns, uint64_t length_ns) {
	if (making->request->plant_every_ns != 0)
		making->error = platform_plant(every_ns, length_ns, &making->planted);
	return making->error == 0;
}

/* A disturbance is longer than who disturbs is there: by the way into an interrupt or a signal and out of it. The
 * first ones show it: at the same beat, as the way is another where interrupts come often, but a slow one is not waited
 * for; and so long that nothing else in a turn is likely to be longer. */
static bool find_way(struct making *making) {
	uint64_t every_ns = at_most(making->request->plant_every_ns, WAY_EVERY_MOST_NS);
	if (every_ns == 0)
		return true;
	if (!plant(making, every_ns, at_most(WAY_STAY_NS, every_ns / 2)))
		return false;
	noise_longest_steps(making->seats[0].works, WAY_TURNS, ticks_of(making, every_ns));
	if (!plant(making, 0, 0))
		return false;
	making->noise->cores[0]->plant.way = noise_way_of(making->seats[0].works, WAY_TURNS, &making->planted);
	return true;
}

/* So long that, with the way, the core is taken for what was asked. */
static uint64_t stay_ns(const struct making *making) {
	double way_ns = making->noise->cores[0]->plant.way / (double)making->noise->hz * NS_PER_SECOND;
	double stay = (double)making->request->plant_length_ns - way_ns;
	return stay > 1 ? (uint64_t)stay : 1;
}

/* Under the guard. */
static void make_all(void *argument) {
	struct making *making = argument;
	making->phase = "settling";
	(void)platform_witness_read(making->before, 1); /* from now on cores count */
	start(making);
	noise_crew_run(making->crew, find_least, 1);
	begin_looking(making);
	noise_crew_run(making->crew, look, ticks_of(making, SETTLE_NS));
	rest(making);
	if (!find_way(making))
		return;
	(void)platform_witness_read(making->before, (unsigned)making->noise->core_count);
	start(making);
	begin_looking(making);
	making->phase = "looking";
	if (!plant(making, making->request->plant_every_ns, stay_ns(making)))
		return;
	look_on(making);
	if (!plant(making, 0, 0))
		return;
	making->phase = "fixed work";
	noise_crew_run(making->crew, work, making->works);
	pause_between(making, 0.5);
	making->phase = "fixed time";
	noise_crew_run(making->crew, fill_quanta, making->quanta);
	making->error = 0;
	for (size_t i = 0; i < making->noise->core_count && making->error == 0; i++)
		making->error = noise_fixed_summarise(&making->noise->cores[i]->fixed, making->seats[i].works,
						      making->works, making->seats[i].quanta, making->quanta,
						      (double)making->seats[i].quantum);
	pause_between(making, 1);
}

/* ---- memory, and the end ----------------------------------------------------------------------------------------- */

static bool open_cores(struct making *making, unsigned count) {
	struct noise *noise = making->noise;
	for (unsigned i = 0; i < count; i++) {
		struct platform_core description;
		noise->cores[i] = calloc(1, sizeof(*noise->cores[i]));
		if (noise->cores[i] == NULL)
			return false;
		noise->core_count = i + 1;
		noise->cores[i]->core = i;
		if (i != 0 && platform_core_describe(i, &description) == 0)
			noise->cores[i]->cpu = description.cpu;
		else
			noise->cores[i]->cpu = making->request->first_cpu;
	}
	return true;
}

static int map(size_t bytes, void *memory) {
	return platform_memory_map(bytes, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, memory);
}

static int measure(struct making *making, unsigned count, struct platform_fault *fault) {
	size_t seat_bytes = count * sizeof(struct seat), crew_bytes = noise_crew_bytes(count);
	void *seats, *crew;
	int error = map(seat_bytes, &seats);
	if (error != 0)
		return error;
	error = map(crew_bytes, &crew);
	if (error != 0) {
		(void)platform_memory_unmap(seats, seat_bytes);
		return error;
	}
	making->seats = seats;
	making->crew = noise_crew_make(crew, count, seats, sizeof(struct seat));
	for (unsigned i = 0; i < count; i++)
		making->seats[i].quantum = ticks_of(making, QUANTUM_NS);
	error = platform_run_guarded(make_all, making, making->request->timeout_ns, 0, fault);
	rest(making);
	if (!making->counted)
		count_witness(making);
	if (making->lost)
		return error;
	(void)platform_memory_unmap(seats, seat_bytes);
	(void)platform_memory_unmap(crew, crew_bytes);
	return error;
}

static int finish(struct making *making) {
	struct noise *noise = making->noise;
	int error = 0;
	for (size_t i = 0; i < noise->core_count && error == 0; i++)
		error = noise_core_periods(noise->cores[i]);
	noise->cores[0]->plant.every_ns = making->request->plant_every_ns;
	noise->cores[0]->plant.length_ns = making->request->plant_length_ns;
	if (error == 0)
		noise_find_plant(noise->cores[0], noise->hz, &making->planted);
	noise_mark_together(noise->cores, noise->core_count, ticks_of(making, NS_PER_US));
	return error;
}

static int status_of(const struct making *making, int error, const struct platform_fault *fault,
		     struct text *complaint) {
	if (error == 0 && fault->outcome == PLATFORM_INTERRUPTED) {
		making->noise->cut = true;
		return interrupted_status();
	}
	if (error == 0 && fault->outcome == PLATFORM_FAULTED)
		text_format(complaint, "noise: %s at %s while %s\n", fault->name, fault->symbol, making->phase);
	else if (error == 0 && fault->outcome == PLATFORM_TIMED_OUT)
		text_format(complaint, "noise: a core did not come back in time while %s\n", making->phase);
	else if (error == 0 && making->lost)
		text_add_string(complaint, "noise: a core was lost\n");
	else if (error == 0 && making->error == 0)
		return 0;
	else if (error == 0 && making->error == PLATFORM_EUNSUPPORTED)
		text_add_string(complaint, "noise: nothing can be planted here: there is no timer\n");
	else
		text_add_string(complaint, "noise: out of memory\n");
	return error == 0 && making->error == 0 ? 4 : 2;
}

static void plan(struct making *making) {
	const struct noise_request *request = making->request;
	uint64_t step_ns = at_most(request->duration_ns, STEP_NS);
	making->steps = (request->duration_ns + step_ns - 1) / step_ns;
	making->step_ticks = ticks_of(making, step_ns);
	making->works = at_most(request->duration_ns / FIXED_SHARE / WORK_NS + 2, WORKS_MOST);
	making->quanta = at_most(request->duration_ns / FIXED_SHARE / QUANTUM_NS + 2, QUANTA_MOST);
}

static unsigned cores_to_take(struct noise *noise) {
	unsigned cores = platform_describe()->cores_usable;
	uint64_t each = 2 * (sizeof(struct seat) + sizeof(struct noise_core)),
		 most = platform_memory_free_bytes() / each;
	unsigned taken = (unsigned)at_most(at_most(cores != 0 ? cores : 1, most != 0 ? most : 1), CORES_MOST);
	noise->cores_not = cores > taken ? cores - taken : 0;
	return taken;
}

int noise_make(const struct noise_request *request, struct noise **noise, struct text *complaint) {
	unsigned most = platform_describe()->cores_usable;
	struct platform_clock clock;
	struct platform_fault fault = {.outcome = PLATFORM_RETURNED};
	struct making making = {.request = request, .phase = "starting"};
	making.noise = *noise = calloc(1, sizeof(**noise) + (most != 0 ? most : 1) * sizeof((*noise)->cores[0]));
	if (*noise == NULL) {
		text_add_string(complaint, "noise: out of memory\n");
		return 2;
	}
	unsigned count = cores_to_take(*noise);
	making.before = calloc(count, 2 * sizeof(*making.before));
	making.after = making.before != NULL ? making.before + count : NULL;
	int error = platform_clock_calibrate(&clock);
	if (error == 0 && (making.before == NULL || !open_cores(&making, count)))
		error = PLATFORM_ENOMEM;
	if (error == 0) {
		(*noise)->hz = clock.hz;
		(*noise)->asked_ns = request->duration_ns;
		(*noise)->held = request->held;
		plan(&making);
		error = measure(&making, count, &fault);
	}
	if (error == 0)
		error = finish(&making);
	free(making.before);
	return status_of(&making, error, &fault, complaint);
}

void noise_free(struct noise *noise) {
	for (size_t i = 0; noise != NULL && i < noise->core_count; i++)
		free(noise->cores[i]);
	free(noise);
}
