/* SPDX-License-Identifier: Apache-2.0
 *
 * A sample is as many calls as last SAMPLE_NS, counted out by a first one of few calls, which also brings operands into
 * L1 and the branch predictors up to date.
 */
#include "bench/tune/subject.h"

#include "bench/suites/tune_loops.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

enum {
	SAMPLE_NS = 25000,
	COLD_SAMPLE_NS = 80000, /* places differ more than calls do */
	WARM_CALLS = 3,
	CALLS_MOST = 1 << 16,
	LINE_BYTES = 64,
	COMPANY_SAMPLE_NS = 60000,
	ADD_SAMPLE = 50000,
	MAP_ROUNDS = 4, /* where a page costs tens of microseconds, mapping costs as much as a round */
	PAST_BYTES = 32,
	APART_BYTES = PAGE_BYTES / 2,
	PAGE_LINES = PAGE_BYTES / LINE_BYTES,
	SLACK_BYTES = 2 * PAGE_BYTES,
	UNALIGNED_LANES = 8, /* as far as their lanes allow */
	SMALL_BYTES_MOST = 256 << 10,
	LARGE_BYTES_MOST = 64 << 20,
	COLD_BYTES_LEAST = 8 << 20,
	COLD_BYTES_MOST = 64 << 20,
	COLD_L2S = 4,
	L2_BYTES_UNKNOWN = 512 << 10,
};

static struct subject *subject_in(void *self) {
	return self;
}

static double ns_of(const struct subject *subject, uint64_t ticks) {
	return (double)ticks * NS_PER_SECOND / (double)subject->hz;
}

/* ---- operands ---------------------------------------------------------------------------------------------------- */

static bool has_two(enum simd_operation operation) {
	return operation == SIMD_OPERATION_COPY || operation == SIMD_OPERATION_COMPARE;
}

static bool is_of_pages(enum simd_operation operation) {
	return !simd_operation_is_sized(operation);
}

static size_t reach_of(const struct subject *subject, unsigned condition) {
	switch (condition / TUNE_PLACES) {
	case TUNE_COLD:
		return subject->cold_bytes;
	case TUNE_L2:
		return subject->l2_bytes;
	default:
		return 0;
	}
}

static bool has(void *self, const struct tune_cell *cell) {
	const struct subject *subject = subject_in(self);
	unsigned place = cell->condition % TUNE_PLACES, heat = cell->condition / TUNE_PLACES;
	if ((heat == TUNE_L2 && subject->l2_bytes == 0) || (heat == TUNE_COLD && subject->cold_bytes == 0))
		return false;
	if (place != TUNE_ALIGNED && is_of_pages(cell->operation))
		return false;
	if (place == TUNE_PAST && !has_two(cell->operation))
		return false;
	size_t reach = reach_of(subject, cell->condition);
	return cell->bytes <= (heat == TUNE_L1 ? subject->area_bytes - SLACK_BYTES : reach / 4);
}

/* A digit of the cell's luck, of which each is asked for once. */
static size_t draw(uint32_t *luck, size_t bound) {
	size_t digit = *luck % bound;
	*luck /= (uint32_t)bound;
	return digit;
}

/* Places of a power of two, each a line apart from the last one's end at the least. How far apart two operands are
 * modulo a page says how they share the sets of L1 where both just fit into it: it is another in each round. */
static void place_operands(const struct subject *subject, const struct tune_cell *cell, struct tune_loop *loop) {
	unsigned place = cell->condition % TUNE_PLACES;
	uint32_t luck = cell->luck;
	bool lanes = cell->operation >= SIMD_OPERATION_LANES_ADD || cell->operation == SIMD_OPERATION_SUM;
	size_t source = 0, destination = 0;
	loop->code_place = (unsigned)draw(&luck, TUNE_LOOP_PLACES);
	if (!is_of_pages(cell->operation))
		destination = (APART_BYTES + draw(&luck, PAGE_LINES) * LINE_BYTES) % PAGE_BYTES;
	if (place == TUNE_UNALIGNED) {
		size_t step = lanes ? UNALIGNED_LANES : 1, steps = LINE_BYTES / step;
		source = draw(&luck, steps) * step;
		destination += draw(&luck, steps) * step;
	} else if (place == TUNE_PAST) {
		destination = PAST_BYTES;
	}
	loop->to = subject->area[0] + destination;
	loop->a = subject->area[1] + source;
	loop->b = subject->area[2] + source;
	size_t reach = reach_of(subject, cell->condition),
	       unit = is_of_pages(cell->operation) ? PAGE_BYTES : LINE_BYTES;
	loop->stride = (cell->bytes + 2 * unit - 1) / unit * unit;
	loop->stride += is_of_pages(cell->operation) ? 0 : LINE_BYTES;
	uint32_t places = 1;
	while (reach != 0 && (size_t)places * 2 * loop->stride + SLACK_BYTES <= reach)
		places *= 2;
	loop->place_mask = places - 1;
}

static struct tune_loop loop_of(struct subject *subject, const struct tune_cell *cell, unsigned method) {
	struct tune_loop loop = {
		.kernels = &subject->kernels[cell->operation][method],
		.operation = cell->operation,
		.bytes = cell->bytes,
	};
	place_operands(subject, cell, &loop);
	return loop;
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

static uint64_t calls_for(const struct subject *subject, uint64_t ticks, uint64_t calls, uint64_t sample_ns) {
	double each = ns_of(subject, ticks) / (double)calls;
	double wanted = (double)sample_ns / (each > 0.2 ? each : 0.2);
	return wanted < 1 ? 1 : wanted > CALLS_MOST ? CALLS_MOST : (uint64_t)wanted;
}

static double call_ns(void *self, const struct tune_cell *cell, unsigned method) {
	struct subject *subject = subject_in(self);
	struct tune_loop loop = loop_of(subject, cell, method);
	tune_loop_run(&loop, 1);
	uint64_t begin = ticks_begin();
	tune_loop_run(&loop, WARM_CALLS);
	uint64_t sample_ns = reach_of(subject, cell->condition) != 0 ? COLD_SAMPLE_NS : SAMPLE_NS;
	uint64_t calls = calls_for(subject, ticks_end() - begin, WARM_CALLS, sample_ns);
	begin = ticks_begin();
	tune_loop_run(&loop, calls);
	return ns_of(subject, ticks_end() - begin) / (double)calls;
}

static double company_ns(void *self, enum simd_operation operation, size_t bytes, unsigned method, uint64_t adds) {
	struct subject *subject = subject_in(self);
	struct tune_cell cell = {operation, bytes, TUNE_CONDITION(TUNE_ALIGNED, TUNE_L1), 0};
	struct tune_loop loop = loop_of(subject, &cell, method);
	uint64_t begin = ticks_begin();
	tune_loop_run_in_company(&loop, WARM_CALLS, adds);
	uint64_t calls = calls_for(subject, ticks_end() - begin, WARM_CALLS, COMPANY_SAMPLE_NS);
	begin = ticks_begin();
	tune_loop_run_in_company(&loop, calls, adds);
	return ns_of(subject, ticks_end() - begin) / (double)calls;
}

static double add_ns(void *self) {
	struct subject *subject = subject_in(self);
	uint64_t begin = ticks_begin();
	tune_loop_add(ADD_SAMPLE);
	return ns_of(subject, ticks_end() - begin) / ADD_SAMPLE;
}

uint64_t subject_now_ns(void *self) {
	const struct subject *subject = subject_in(self);
	return (uint64_t)ns_of(subject, ticks_begin() - subject->began);
}

static bool checkpoint(void *self) {
	platform_checkpoint(subject_in(self)->timeout_ns);
	return platform_interrupted() == 0;
}

static size_t methods_of(void *self, enum simd_operation operation, struct simd_method *methods, size_t *built_in) {
	const struct subject *subject = subject_in(self);
	const char *name = simd_method_built_in(subject->features, operation);
	size_t count = simd_methods(subject->features, operation, methods);
	*built_in = 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(methods[i].name, name) == 0)
			*built_in = i;
	return count;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void unmap(struct subject *subject) {
	for (unsigned i = 0; i < 3; i++) {
		if (subject->area[i] != NULL)
			(void)platform_memory_unmap(subject->area[i], subject->area_bytes);
		subject->area[i] = NULL;
	}
}

/* Elsewhere each time. What is read is 0 throughout, so that no byte is found, all compares to its end, and a page
 * is a zero page. */
static int map(void *self, uint32_t round) {
	struct subject *subject = subject_in(self);
	if (subject->area[0] != NULL && round % MAP_ROUNDS != 0)
		return 0;
	unmap(subject);
	platform_memory_scatter(round + 1);
	for (unsigned i = 0; i < 3; i++) {
		void *memory;
		int error = platform_memory_map(subject->area_bytes, PAGE_BYTES,
						PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory);
		if (error == PLATFORM_ENOMEM) {
			platform_memory_scatter(0);
			error = platform_memory_map(subject->area_bytes, PAGE_BYTES,
						    PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory);
		}
		if (error != 0)
			return -1;
		subject->area[i] = memory;
	}
	return 0;
}

static size_t power_of_two_from(size_t bytes) {
	size_t power = 1;
	while (power < bytes)
		power *= 2;
	return power;
}

static int open_kernels(struct subject *subject) {
	struct simd_method methods[SIMD_METHODS_MAX];
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		size_t count = simd_methods(subject->features, (enum simd_operation)i, methods);
		subject->kernels[i] = malloc(count * sizeof(*subject->kernels[i]));
		if (subject->kernels[i] == NULL)
			return PLATFORM_ENOMEM;
		for (size_t m = 0; m < count; m++) {
			struct simd_profile profile = {.copy_stream_bytes = SIZE_MAX, .zero_stream_bytes = SIZE_MAX};
			profile.choice[i].method[0] = methods[m].name;
			simd_select(subject->features, &profile, &subject->kernels[i][m]);
		}
	}
	return 0;
}

int subject_open(struct subject *subject, bool thorough, bool in_caches, uint64_t l2_bytes, uint64_t timeout_ns) {
	struct platform_clock clock;
	*subject = (struct subject){.features = simd_features_detect(), .timeout_ns = timeout_ns};
	if (platform_clock_calibrate(&clock) != 0)
		return PLATFORM_EIO;
	subject->hz = clock.hz;
	subject->began = ticks_begin();
	size_t l2 = l2_bytes != 0 ? (size_t)l2_bytes : L2_BYTES_UNKNOWN;
	size_t cold = power_of_two_from(COLD_L2S * l2), most = (size_t)platform_memory_free_bytes() / 8;
	cold = cold < COLD_BYTES_LEAST ? COLD_BYTES_LEAST : cold > COLD_BYTES_MOST ? COLD_BYTES_MOST : cold;
	while (cold > most && cold > 4 * SLACK_BYTES)
		cold /= 2;
	subject->cold_bytes = in_caches ? 0 : cold;
	/* Three areas together fit into it. */
	subject->l2_bytes = in_caches ? power_of_two_from(l2) / 4 : thorough ? power_of_two_from(l2) / 2 : 0;
	size_t largest = thorough ? LARGE_BYTES_MOST : SMALL_BYTES_MOST;
	subject->area_bytes = (cold > largest ? cold : largest) + SLACK_BYTES;
	while (subject->area_bytes > most && subject->area_bytes > cold + SLACK_BYTES)
		subject->area_bytes = subject->area_bytes / 2 + SLACK_BYTES;
	int error = open_kernels(subject);
	if (error == 0 && map(subject, 0) != 0)
		error = PLATFORM_ENOMEM;
	return error;
}

void subject_close(struct subject *subject) {
	unmap(subject);
	platform_memory_scatter(0);
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++)
		free(subject->kernels[i]);
}

struct tune_subject subject_of(struct subject *subject) {
	return (struct tune_subject){
		.self = subject,
		.methods = methods_of,
		.has = has,
		.call_ns = call_ns,
		.company_ns = company_ns,
		.add_ns = add_ns,
		.now_ns = subject_now_ns,
		.round = map,
		.checkpoint = checkpoint,
	};
}
