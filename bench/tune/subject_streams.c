/* SPDX-License-Identifier: Apache-2.0
 *
 * This machine's side of tune_streams: copies and zeroing with a reader behind, and other cores that copy.
 */
#include "bench/tune/subject.h"

#include "bench/suites/team.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>

enum {
	SAMPLE_NS = 1000000,
	LINE_BYTES = 64,
	WORKERS_MAX = 255,
	WORKER_BYTES = 16 << 20, /* half of it source, half destination */
	MEMORY_SHARE = 4,        /* workers take at most this part of what is free */
};

struct worker {
	simd_copy_function *copy;
	uint8_t *memory;
	const bool *stop; /* by __atomic: newlib's <stdatomic.h> knows no _Atomic */
};

struct others {
	bool stop;
	unsigned count; /* cores 1 to count run */
	struct worker workers[WORKERS_MAX];
};

static void work(void *argument) {
	const struct worker *worker = argument;
	const size_t half = WORKER_BYTES / 2;
	while (!__atomic_load_n(worker->stop, __ATOMIC_RELAXED))
		worker->copy(worker->memory, worker->memory + half, half);
}

/* What a core that is lost looks at stays, the others' own memory with it. */
static void end(struct others *others) {
	bool all = true;
	__atomic_store_n(&others->stop, true, __ATOMIC_RELAXED);
	for (unsigned core = others->count; core > 0; core--) {
		if (team_end(core))
			(void)platform_memory_unmap(others->workers[core - 1].memory, WORKER_BYTES);
		else
			all = false;
	}
	if (all)
		free(others);
}

static void others_end(void *self) {
	struct subject *subject = self;
	if (subject->others == NULL)
		return;
	end(subject->others);
	subject->others = NULL;
}

static bool add_worker(struct others *others, simd_copy_function *copy) {
	struct worker *worker = &others->workers[others->count];
	void *memory;
	if (platform_memory_map(WORKER_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0)
		return false;
	*worker = (struct worker){copy, memory, &others->stop};
	if (platform_core_start(others->count + 1, work, worker) == 0) {
		others->count++;
		return true;
	}
	(void)platform_memory_unmap(memory, WORKER_BYTES);
	return false;
}

static unsigned others_begin(void *self) {
	struct subject *subject = self;
	uint64_t most = platform_memory_free_bytes() / MEMORY_SHARE / WORKER_BYTES;
	struct others *others = calloc(1, sizeof(*others));
	if (others == NULL)
		return 0;
	subject->others = others;
	while (others->count < WORKERS_MAX && others->count < most && add_worker(others, subject->plain.copies.copy))
		;
	return others->count;
}

/* As somebody does who wanted it. */
static void read_back(const uint8_t *memory, size_t bytes) {
	for (size_t at = 0; at < bytes; at += LINE_BYTES)
		(void)*(const volatile uint8_t *)(memory + at);
}

static void call(const struct subject *subject, enum stream_operation operation, size_t bytes, enum stream_way way) {
	const struct simd_kernels *kernels = &subject->plain;
	simd_copy_function *const copies[STREAM_WAYS] = {kernels->copies.copy, kernels->copies.copy_stream,
							 subject->rep};
	if (operation == STREAM_COPY)
		copies[way](subject->area[0], subject->area[1], bytes);
	else
		(way == STREAM_PAST ? kernels->fills.zero_stream : kernels->fills.zero)(subject->area[0], bytes);
	read_back(subject->area[0], bytes);
}

static double call_ns(void *self, enum stream_operation operation, size_t bytes, enum stream_way way) {
	struct subject *subject = self;
	uint64_t calls = 0, ticks, least = SAMPLE_NS * subject->hz / NS_PER_SECOND;
	if (bytes > subject->area_bytes)
		return 0;
	call(subject, operation, bytes, way);
	uint64_t begin = ticks_begin();
	do {
		call(subject, operation, bytes, way);
		calls++;
	} while ((ticks = ticks_end() - begin) < least);
	return (double)ticks * NS_PER_SECOND / (double)subject->hz / (double)calls;
}

static bool checkpoint(void *self) {
	const struct subject *subject = self;
	platform_checkpoint(subject->timeout_ns);
	return platform_interrupted() == 0;
}

/* The method of no width that is not the first, which goes byte by byte. */
static simd_copy_function *find_rep(simd_features features) {
	struct simd_method methods[SIMD_METHODS_MAX];
	struct simd_kernels kernels;
	for (size_t i = simd_methods(features, SIMD_OPERATION_COPY, methods); i-- > 1;)
		if (methods[i].width == SIMD_WIDTH_SCALAR &&
		    simd_method_use(features, SIMD_OPERATION_COPY, methods[i].name, &kernels))
			return kernels.copies.copy;
	return NULL;
}

struct streams_subject subject_of_streams(struct subject *subject) {
	simd_select(subject->features, NULL, &subject->plain);
	subject->rep = find_rep(subject->features);
	return (struct streams_subject){
		.self = subject,
		.call_ns = call_ns,
		.has_rep = {[STREAM_COPY] = subject->rep != NULL},
		.others_begin = others_begin,
		.others_end = others_end,
		.now_ns = subject_now_ns,
		.checkpoint = checkpoint,
	};
}
