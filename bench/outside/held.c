/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/outside/held.h"

#include "bench/benchmark.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAPPINGS_MAX = 32 };

static const uint64_t patience_ns = 5 * NS_PER_SECOND;

struct mapping {
	void *memory;
	size_t bytes;
};

static struct {
	struct mapping mappings[MAPPINGS_MAX];
	size_t mapping_count;
	unsigned cores[BENCH_CORES_MAX];
	unsigned core_count;
} held;

_Static_assert((int)BENCH_CORE_ANY == PLATFORM_RELATION_ANY && (int)BENCH_CORE_SIBLING == PLATFORM_RELATION_SIBLING &&
		       (int)BENCH_CORE_CLUSTER == PLATFORM_RELATION_CLUSTER &&
		       (int)BENCH_CORE_OTHER_CORE == PLATFORM_RELATION_OTHER_CORE &&
		       (int)BENCH_CORE_OTHER_PACKAGE == PLATFORM_RELATION_OTHER_PACKAGE,
	       "a suite's relations are the platform's");

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void *refuse(struct bench_context *context, const char *reason) {
	context->reason = reason;
	return NULL;
}

static void *refuse_size(struct bench_context *context, uint64_t bytes) {
	snprintf(context->reason_text, sizeof(context->reason_text),
		 "asks for %" PRIu64 " MiB of memory, %" PRIu64 " MiB are free", bytes >> 20,
		 platform_memory_free_bytes() >> 20);
	return refuse(context, context->reason_text);
}

static const char *why_not(int error, uint64_t page_bytes, bool contiguous) {
	if (error == PLATFORM_EINVAL)
		return "there are no pages of that size: BENCH_PAGE_4KIB, _2MIB or _1GIB";
	if (error == PLATFORM_EUNSUPPORTED && contiguous)
		return "this platform does not promise contiguous memory: the image does";
	if (page_bytes == BENCH_PAGE_4KIB)
		return "no memory of that kind is free";
	return page_bytes == BENCH_PAGE_2MIB ? "this machine has no free pages of 2 MiB"
					     : "this machine has no free pages of 1 GiB";
}

/* Bytes between the mapping's begin and what was asked for, at the most. */
static uint64_t slack(const struct bench_memory *wanted) {
	return (wanted->alignment > PAGE_BYTES ? wanted->alignment : 0) + wanted->offset;
}

/* An alignment that was not asked for is the mapping's own, which --layouts moves. */
static void *place(void *memory, const struct bench_memory *wanted) {
	uintptr_t at = (uintptr_t)memory;
	if (wanted->alignment != 0)
		at = (at + wanted->alignment - 1) & ~(uintptr_t)(wanted->alignment - 1);
	return (void *)(at + wanted->offset);
}

void *bench_map(struct bench_context *context, const struct bench_memory *wanted) {
	uint64_t page_bytes = wanted->page_bytes != 0 ? wanted->page_bytes : BENCH_PAGE_4KIB;
	uint64_t within = wanted->alignment != 0 ? wanted->alignment : page_bytes;
	unsigned flags = PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE |
			 (wanted->contiguous ? (unsigned)PLATFORM_MEMORY_CONTIGUOUS : 0);
	if (wanted->bytes == 0 || (wanted->alignment & (wanted->alignment - 1)) != 0 || wanted->offset >= within)
		return refuse(context, "memory of 0 bytes, or an alignment or offset that is none, was asked for");
	if (held.mapping_count == MAPPINGS_MAX)
		return refuse(context, "a row has 32 pieces of memory at the most");
	/* Where --layouts puts it a little behind its alignment, that takes up to a page. */
	uint64_t more = slack(wanted) + PAGE_BYTES;
	if (wanted->bytes > platform_memory_free_bytes() || more > UINT64_MAX - wanted->bytes)
		return refuse_size(context, wanted->bytes);
	struct mapping *mapping = &held.mappings[held.mapping_count];
	mapping->bytes = wanted->bytes + more;
	int error = platform_memory_map(mapping->bytes, page_bytes, flags, &mapping->memory);
	if (error != 0)
		return refuse(context, why_not(error, page_bytes, wanted->contiguous));
	held.mapping_count++;
	return place(mapping->memory, wanted);
}

/* ---- other cores ------------------------------------------------------------------------------------------------- */

static enum bench_setup_result no_core(struct bench_context *context, enum bench_core which) {
	static const char *const lacks[] = {
		[BENCH_CORE_ANY] = "there is no further core that is free",
		[BENCH_CORE_SIBLING] = "the core has no other thread that is free",
		[BENCH_CORE_CLUSTER] = "there is no other core in the cluster that is free",
		[BENCH_CORE_OTHER_CORE] = "no other core in the package, and in no common cluster, is free",
		[BENCH_CORE_OTHER_PACKAGE] = "there is no other package with a core that is free",
	};
	return bench_skip(context, lacks[which]);
}

enum bench_setup_result bench_core_start(struct bench_context *context, enum bench_core which,
					 void (*function)(void *argument), void *argument) {
	if ((unsigned)which > BENCH_CORE_OTHER_PACKAGE)
		return bench_fail(context, "there is no such relation between cores: BENCH_CORE_*");
	for (unsigned index = 0; held.core_count < BENCH_CORES_MAX && context->core_count < BENCH_CORES_MAX; index++) {
		int core = platform_core_find((enum platform_relation)which, index);
		if (core < 0)
			break;
		int error = platform_core_start((unsigned)core, function, argument);
		if (error == PLATFORM_EBUSY)
			continue;
		if (error != 0)
			return bench_skip(context, "a core that it needs could not be started");
		held.cores[held.core_count++] = (unsigned)core;
		context->cores[context->core_count++] = (unsigned)core;
		return BENCH_READY;
	}
	return no_core(context, which);
}

/* Those that have ended are held no more. A fault on one of them ends the guarded function that asks. */
bool bench_cores_join(struct bench_context *context) {
	(void)context;
	while (held.core_count != 0) {
		unsigned core = held.cores[held.core_count - 1];
		int joined = platform_core_join(core, patience_ns);
		if (joined == PLATFORM_EBUSY)
			return false;
		held.core_count--;
	}
	return true;
}

void bench_relax(void) {
	(void)ticks_end();
}

/* ---- the end of a row -------------------------------------------------------------------------------------------- */

/* How many of them had to be ended; *lost: one does not even so. */
static unsigned end_cores(bool *lost) {
	unsigned ended = 0;
	while (held.core_count != 0) {
		unsigned core = held.cores[--held.core_count];
		int joined = platform_core_join(core, NS_PER_MS);
		if (joined != PLATFORM_EBUSY)
			continue;
		ended++;
		*lost |= platform_core_stop(core) == PLATFORM_EIO;
	}
	return ended;
}

const char *outside_release(void) {
	static char said[96];
	bool lost = false;
	unsigned ended = end_cores(&lost);
	for (size_t i = 0; i < held.mapping_count && !lost; i++)
		(void)platform_memory_unmap(held.mappings[i].memory, held.mappings[i].bytes);
	held.mapping_count = 0;
	if (ended == 0)
		return NULL;
	snprintf(said, sizeof(said), "left %u core%s running behind its teardown: %s", ended, ended == 1 ? "" : "s",
		 lost ? "one does not end" : "bench_cores_join in it");
	return said;
}
