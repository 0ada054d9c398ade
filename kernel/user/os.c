/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel of the image does for the programme, each by the calls that the programme has for it.
 */
#include "kernel/gate.h"
#include "kernel/user/gate_call.h"
#include "platform.h"

#include <stddef.h>

static unsigned core_held; /* 0: none */

static int call(struct platform_os_request *request) {
	for (; request->done < request->rounds; request->done++)
		if (gate_call(GATE_MEMORY_FREE, 0, 0, 0) < 0)
			return PLATFORM_EIO;
	return 0;
}

static int read_clock(struct platform_os_request *request) {
	for (; request->done < request->rounds; request->done++)
		(void)gate_ticks();
	return 0;
}

static int map(struct platform_os_request *request) {
	const unsigned flags = PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE;
	if (request->page_bytes == 0 || request->bytes % request->page_bytes != 0)
		return PLATFORM_EINVAL;
	for (; request->done < request->rounds; request->done++) {
		void *memory;
		int status = platform_memory_map(request->bytes, request->page_bytes, flags, &memory);
		if (status == 0)
			status = platform_memory_unmap(memory, request->bytes);
		if (status != 0)
			return status;
	}
	return 0;
}

/* Nothing is ever mapped at address 0. */
static int fault(struct platform_os_request *request) {
	/* Volatile: the kernel writes it while the compiler believes that nobody does. */
	static volatile struct gate_resume resume;
	request->done = gate_catch_loads(NULL, request->rounds, (struct gate_resume *)(uintptr_t)&resume);
	return request->done == request->rounds ? 0 : PLATFORM_EIO;
}

static void answer(void *argument) {
	__atomic_fetch_add((uint64_t *)argument, 1, __ATOMIC_RELEASE);
}

/* Asleep it is at the end of the call: a core that has ended its task looks for the next one for a while. */
static int wake_one(unsigned core) {
	static uint64_t answers;
	uint64_t before = __atomic_load_n(&answers, __ATOMIC_RELAXED);
	int status = platform_core_start(core, answer, &answers);
	if (status != 0)
		return status;
	while (__atomic_load_n(&answers, __ATOMIC_ACQUIRE) == before)
		;
	status = platform_core_join(core, 0);
	return status != 0 ? status : (int)gate_call(GATE_CORE_REST, core, 0, 0);
}

static int wake(struct platform_os_request *request) {
	int status = 0;
	core_held = (unsigned)request->core;
	for (; status == 0 && request->done < request->rounds; request->done += status == 0)
		status = wake_one((unsigned)request->core);
	return status;
}

int platform_os_rest(void) {
	unsigned core = core_held;
	core_held = 0;
	if (core == 0)
		return 0;
	int status = platform_core_stop(core);
	return status == PLATFORM_EINVAL ? 0 : status;
}

static int (*const works[PLATFORM_OS_WORKS])(struct platform_os_request *request) = {
	[PLATFORM_OS_CALL] = call,   [PLATFORM_OS_CLOCK] = read_clock, [PLATFORM_OS_MAP] = map,
	[PLATFORM_OS_FAULT] = fault, [PLATFORM_OS_WAKE] = wake,
};

int platform_os_repeat(struct platform_os_request *request) {
	request->done = 0;
	return request->work < PLATFORM_OS_WORKS ? works[request->work](request) : PLATFORM_EINVAL;
}
