/* SPDX-License-Identifier: Apache-2.0
 *
 * platform.h through the gate. Nearly every function is one call; what the kernel leaves to this side is all work
 * over bytes, which unprivileged code does at full speed everywhere: fresh memory is zeroed, and thereby touched,
 * here.
 */
#include "platform.h"

#include "kernel/gate.h"
#include "kernel/user/gate_call.h"
#include "kernel/user/offsets.h"
#include "kernel/user/start.h"
#include "lib/splitmix.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

_Static_assert(offsetof(struct gate_resume, instruction) == GATE_RESUME_INSTRUCTION, "assembly stores here");
_Static_assert(offsetof(struct gate_resume, stack) == GATE_RESUME_STACK, "assembly stores here");

static const struct gate_start *start;

enum { LINE_PAIR = 128 };

/* State of what places mappings; 0: they begin with a page. */
static uint64_t scatter;

/* The last one that entered the kernel. */
static struct {
	uint64_t timeout_ns;
	uint64_t ticks;
} checkpoint;

static uint64_t address_of(const volatile void *pointer) {
	return (uint64_t)(uintptr_t)pointer;
}

void platform_start(const struct gate_start *from_kernel) {
	start = from_kernel;
}

uint64_t platform_ticks_of(uint64_t ns) {
	return ns / GATE_CHECKPOINT_NS * start->checkpoint_ticks +
	       ns % GATE_CHECKPOINT_NS * start->checkpoint_ticks / GATE_CHECKPOINT_NS;
}

const struct platform_info *platform_describe(void) {
	return &start->info;
}

/* Volatile: the kernel writes it. */
uint64_t platform_pmu_losses(void) {
	return *(const volatile uint64_t *)&start->pmu_losses;
}

/* Empty: where it began. */
static char pinning[24];

void platform_stays_on(uint64_t cpu) {
	snprintf(pinning, sizeof(pinning), "core %" PRIu64, cpu);
}

const struct platform_fact *platform_facts(void) {
	static struct platform_fact facts[] = {
		{.name = "left_off"}, {.name = "other_core"}, {"pinning", pinning}, {.name = NULL}};
	static struct platform_core other;
	if (gate_call(GATE_CORE_DESCRIBE, 1, address_of(&other), 0) != 0)
		other.text[0] = '\0';
	facts[0].value = start->left_off;
	facts[1].value = other.text;
	return facts;
}

int platform_clock_calibrate(struct platform_clock *clock) {
	return (int)gate_call(GATE_CLOCK, address_of(clock), 0, 0);
}

void platform_memory_scatter(uint64_t seed) {
	scatter = seed;
	gate_call(GATE_MEMORY_SCATTER, seed, 0, 0);
}

/* What was mapped lies from `memory`, less what it lies behind a page's begin. */
static size_t behind_page(const void *memory) {
	return (size_t)(address_of(memory) % PAGE_BYTES);
}

int platform_memory_map(size_t bytes, size_t page_bytes, unsigned flags, void **memory) {
	if (bytes == 0 || page_bytes == 0 || (flags & PLATFORM_MEMORY_WRITE && flags & PLATFORM_MEMORY_EXECUTE))
		return PLATFORM_EINVAL;
	unsigned writable = (flags & ~(unsigned)PLATFORM_MEMORY_EXECUTE) | PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE;
	size_t behind = scatter ? (size_t)(splitmix64_next(&scatter) % (PAGE_BYTES / LINE_PAIR) * LINE_PAIR) : 0;
	if (bytes > SIZE_MAX - behind)
		return PLATFORM_ENOMEM;
	bytes += behind;
	int64_t result = gate_call(GATE_MEMORY_MAP, bytes, page_bytes, writable);
	if (result < 0)
		return (int)result;
	size_t mapped = (bytes + page_bytes - 1) / page_bytes * page_bytes;
	void *fresh = (void *)(uintptr_t)result;
	memset(fresh, 0, mapped);
	unsigned asked = flags & ~(unsigned)PLATFORM_MEMORY_CONTIGUOUS;
	if (asked != (PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE)) {
		int error = platform_memory_protect(fresh, mapped, asked);
		if (error != 0) {
			platform_memory_unmap(fresh, mapped);
			return error;
		}
	}
	*memory = (char *)fresh + behind;
	return 0;
}

int platform_memory_protect(void *memory, size_t bytes, unsigned flags) {
	size_t behind = behind_page(memory);
	return (int)gate_call(GATE_MEMORY_PROTECT, address_of(memory) - behind, bytes + behind, flags);
}

int platform_memory_unmap(void *memory, size_t bytes) {
	size_t behind = behind_page(memory);
	return (int)gate_call(GATE_MEMORY_UNMAP, address_of(memory) - behind, bytes + behind, 0);
}

/* Left every so many pages, as time-outs come only outside of the kernel. */
int platform_pages_repeat(const struct platform_page_request *request) {
	struct platform_page_request part = *request;
	if (part.page_bytes == 0 || part.bytes < part.page_bytes || part.bytes / part.page_bytes > GATE_PAGES_MOST)
		return PLATFORM_EINVAL;
	uint64_t most = GATE_PAGES_MOST / (part.bytes / part.page_bytes), left = request->rounds;
	int64_t result;
	do {
		part.rounds = left < most ? left : most;
		result = gate_call(GATE_PAGES_REPEAT, address_of(&part), 0, 0);
		left -= part.rounds;
	} while (result == 0 && left != 0);
	return (int)result;
}

int platform_page_exchange(void *page, void *other, enum platform_exchange told) {
	return (int)gate_call(GATE_PAGE_EXCHANGE, address_of(page), address_of(other), told);
}

int platform_memory_place(void *memory, size_t bytes, enum platform_place place) {
	(void)memory;
	(void)bytes;
	(void)place;
	return PLATFORM_EUNSUPPORTED;
}

int platform_memory_place_near(void *memory, size_t bytes, unsigned core) {
	(void)memory;
	(void)bytes;
	(void)core;
	return PLATFORM_EUNSUPPORTED;
}

uint64_t platform_memory_free_bytes(void) {
	return (uint64_t)gate_call(GATE_MEMORY_FREE, 0, 0, 0);
}

int platform_run_guarded(void (*function)(void *argument), void *argument, uint64_t timeout_ns, uint64_t total_ns,
			 struct platform_fault *fault) {
	/* Volatile: the kernel writes it while the compiler believes that nobody does. */
	static volatile struct gate_resume resume;
	checkpoint.ticks = 0; /* the guard's own time is not the last checkpoint's */
	int64_t result = gate_run_guarded(function, argument, start->guard_stack,
					  (struct gate_resume *)(uintptr_t)&resume, timeout_ns, total_ns);
	if (result < 0)
		return (int)result;
	if (result == 0) {
		memset(fault, 0, sizeof(*fault));
		return 0;
	}
	*fault = resume.fault;
	return 0;
}

int platform_prefetchers_switch(uint64_t off, struct platform_prefetchers *prefetchers) {
	memset(prefetchers, 0, sizeof(*prefetchers));
	return (int)gate_call(GATE_PREFETCHERS, off, address_of(prefetchers), 0);
}

void platform_counters_read(struct platform_counters *counters) {
	memset(counters, 0, sizeof(*counters));
	gate_call(GATE_COUNTERS, address_of(counters), 0, 0);
}

int platform_witness_read(struct platform_witness *witnesses, unsigned count) {
	int status = 0;
	memset(witnesses, 0, count * sizeof(*witnesses));
	for (unsigned i = 0; i < count && status == 0; i++)
		status = (int)gate_call(GATE_WITNESS, i, address_of(&witnesses[i]), 0);
	return status;
}

/* Nobody else has a thread here, and the core is always the same. */
void platform_thread_read(struct platform_thread *thread) {
	*thread = (struct platform_thread){.switches_known = true, .cpu_known = true};
}

int platform_plant(uint64_t every_ns, uint64_t length_ns, struct platform_planted *planted) {
	memset(planted, 0, sizeof(*planted));
	return (int)gate_call(GATE_PLANT, every_ns, length_ns, address_of(planted));
}

/* Samples are milliseconds, time-outs seconds: not every checkpoint has to enter the kernel, which costs 0.2 ms under
 * hosts that emulate it. */
void platform_checkpoint(uint64_t timeout_ns) {
	uint64_t now = gate_ticks();
	if (timeout_ns == checkpoint.timeout_ns && now - checkpoint.ticks < start->checkpoint_ticks)
		return;
	checkpoint.timeout_ns = timeout_ns;
	checkpoint.ticks = now;
	gate_call(GATE_CHECKPOINT, timeout_ns, 0, 0);
}

int platform_write(enum platform_stream stream, const void *bytes, size_t length) {
	return length == 0 ? 0 : (int)gate_call(GATE_WRITE, stream, address_of(bytes), length);
}

int platform_results_close(void) {
	return (int)gate_call(GATE_RESULTS_CLOSE, 0, 0, 0);
}

struct platform_text platform_config(void) {
	return start->config;
}

int platform_profile(const char *name, struct platform_text *profile) {
	if (!name || start->profile.length == 0)
		return PLATFORM_EUNSUPPORTED;
	*profile = start->profile;
	return 0;
}

struct platform_text platform_previous_log(void) {
	return start->previous_log;
}

int platform_interrupted(void) {
	return 0;
}

_Noreturn void platform_exit(int status) {
	for (;;)
		gate_call(GATE_EXIT, (uint64_t)(int64_t)status, 0, 0);
}
