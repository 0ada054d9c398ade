/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_core_* on Linux: a thread pinned to its core, which takes no signal. The first core is the one that the process is pinned
 * to; the others are the further ones that it was allowed at its start, in ascending order.
 */
#include "hosted/hosted.h"
#include "platform.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

enum { STACK_BYTES = 64 * 1024, CORES_MAX = CPU_SETSIZE };

static struct {
	cpu_set_t allowed; /* at the start, before the process was pinned */
	struct core {
		pthread_t thread;
		bool started; /* and not joined */
		void (*function)(void *argument);
		void *argument;
	} cores[CORES_MAX];
} host;

__attribute__((constructor)) static void remember_allowed(void) {
	if (sched_getaffinity(0, sizeof(host.allowed), &host.allowed) != 0)
		CPU_ZERO(&host.allowed);
}

/* -1: there is none of that number. */
static int cpu_of(unsigned core) {
	int pinned = hosted_pinned_cpu();
	for (int cpu = 0; core != 0 && cpu < CPU_SETSIZE; cpu++)
		if (cpu != pinned && CPU_ISSET((size_t)cpu, &host.allowed) && --core == 0)
			return cpu;
	return -1;
}

static void *thread_main(void *argument) {
	const struct core *core = argument;
	core->function(core->argument);
	return NULL;
}

static int create_thread(struct core *core, int cpu) {
	pthread_attr_t attributes;
	cpu_set_t set;
	sigset_t all, before;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (pthread_attr_init(&attributes) != 0)
		return PLATFORM_ENOMEM;
	bool good = pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0 &&
		    pthread_attr_setaffinity_np(&attributes, sizeof(set), &set) == 0;
	/* The guard's signals are the first thread's, whatever is going on here. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	good = good && pthread_create(&core->thread, &attributes, thread_main, core) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return good ? 0 : PLATFORM_ENOMEM;
}

int platform_core_start(unsigned core, void (*function)(void *argument), void *argument) {
	platform_describe(); /* pins the process */
	int cpu = cpu_of(core);
	if (cpu < 0 || !function)
		return PLATFORM_EINVAL;
	struct core *it = &host.cores[core];
	if (it->started)
		return PLATFORM_EBUSY;
	it->function = function;
	it->argument = argument;
	int status = create_thread(it, cpu);
	it->started = status == 0;
	return status;
}

int platform_core_join(unsigned core, uint64_t timeout_ns) {
	if (core >= CORES_MAX || !host.cores[core].started)
		return PLATFORM_EINVAL;
	struct core *it = &host.cores[core];
	struct timespec end;
	clock_gettime(CLOCK_MONOTONIC, &end);
	uint64_t ns = (uint64_t)end.tv_nsec + timeout_ns % 1000000000u;
	end.tv_sec += (time_t)(timeout_ns / 1000000000u + ns / 1000000000u);
	end.tv_nsec = (long)(ns % 1000000000u);
	int status = timeout_ns == 0 ? pthread_join(it->thread, NULL)
				     : pthread_clockjoin_np(it->thread, NULL, CLOCK_MONOTONIC, &end);
	if (status != 0)
		return PLATFORM_EBUSY;
	it->started = false;
	return 0;
}
