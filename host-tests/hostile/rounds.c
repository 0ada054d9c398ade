/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/hostile/rounds.h"

#include "host-tests/hostile/wild.h"
#include "kernel/user/gate_call.h"
#include "platform.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { ROUNDS = 1000, CORES_MAX = 512, FAULT_EACH = 10, HANG_EACH = 50, SLEEP_EACH = 25, TRIES = 50 };

/* Of one that never ends; of one that does, on a busy host; and until all are asleep. */
static const uint64_t HANG_NS = UINT64_C(2000000), LIMIT_NS = UINT64_C(60000000000), SLEEP_NS = UINT64_C(12000000);

static struct place {
	uint64_t done; /* written by the core's task */
	uint64_t expected;
} places[CORES_MAX] __attribute__((aligned(128)));

static unsigned lost, faulted, hung, ended;

static void task_ends(void *argument) {
	((struct place *)argument)->done++;
}

static void task_faults(void *argument) {
	(void)argument;
	wild_jump(8);
}

static void task_hangs(void *argument) {
	(void)argument;
	for (;;)
		__asm__ volatile("" : : : "memory");
}

static void expect(const char *what, unsigned round, unsigned core, int found, int wanted) {
	if (found == wanted)
		return;
	lost++;
	printf("hostile: round %u, core %u, %s: %d, wanted %d\n", round, core, what, found, wanted);
}

static bool hangs(unsigned task) {
	return task % HANG_EACH == HANG_EACH - 1;
}

static bool faults(unsigned task) {
	return !hangs(task) && task % FAULT_EACH == FAULT_EACH - 1;
}

/* A busy host may keep the core so long that the kernel gives it up. */
static void start(unsigned round, unsigned core, unsigned task) {
	void (*function)(void *argument) = hangs(task) ? task_hangs : faults(task) ? task_faults : task_ends;
	int result = PLATFORM_EIO;
	for (unsigned i = 0; i < TRIES && result == PLATFORM_EIO; i++)
		result = platform_core_start(core, function, &places[core]);
	expect("start", round, core, result, 0);
}

static void join(unsigned round, unsigned core, unsigned task) {
	if (hangs(task)) {
		expect("join of one that hangs", round, core, platform_core_join(core, HANG_NS), PLATFORM_EBUSY);
		int result = PLATFORM_EIO;
		for (unsigned i = 0; i < TRIES && result == PLATFORM_EIO; i++)
			result = platform_core_stop(core);
		expect("stop", round, core, result, 0);
		hung++;
		return;
	}
	int result = platform_core_join(core, LIMIT_NS);
	expect("join", round, core, result, faults(task) ? PLATFORM_EFAULT : 0);
	places[core].expected += !faults(task);
	faulted += faults(task);
	ended += !faults(task);
	if (places[core].done != places[core].expected)
		expect("what it wrote", round, core, (int)places[core].done, (int)places[core].expected);
}

static void wait(uint64_t ns) {
	struct platform_clock clock;
	if (platform_clock_calibrate(&clock) != 0)
		return;
	uint64_t since = gate_ticks(), ticks = ns / 1000 * (clock.hz / 1000) / 1000;
	while (gate_ticks() - since < ticks)
		;
}

unsigned rounds_run(void) {
	unsigned cores = platform_describe()->cores, task = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		if (round % SLEEP_EACH == SLEEP_EACH - 1)
			wait(SLEEP_NS);
		for (unsigned core = 1; core < cores; core++)
			start(round, core, task + core);
		for (unsigned core = 1; core < cores; core++)
			join(round, core, task + core);
		task += cores - 1;
		platform_checkpoint(0);
	}
	printf("hostile: %d rounds on %u cores, %u ended, %u faulted, %u hung, %u lost\n", ROUNDS, cores, ended,
	       faulted, hung, lost);
	return lost;
}
