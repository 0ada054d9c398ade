/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_core_* on Linux: a thread pinned to its core, which takes no signal. The first core is the one that the
 * process is pinned to; the others are the further ones that it was allowed at its start: those of its package first,
 * then of others, its sibling threads last, in ascending order each. One that is stopped gets a signal, which nobody
 * else has a use for, and leaves the function from its handler: a task holds nothing of the C library's. Source: Linux,
 * Documentation/ABI/stable/sysfs-devices-system-cpu (topology).
 */
#include "hosted/platform/cores.h"

#include "hosted/platform/allowed.h"
#include "hosted/platform/pin.h"
#include "hosted/platform/sysfs.h"
#include "lib/number_list.h"
#include "lib/topology.h"
#include "lib/units.h"
#include "platform.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { STACK_BYTES = 64 * 1024, CORES_MAX = CPU_SETSIZE };

static struct {
	unsigned others; /* 0: not put in order yet, or there is none */
	struct other {
		int cpu;
		enum topology_relation relation;
	} order[CORES_MAX];
	struct core {
		pthread_t thread;
		bool started; /* and not joined */
		void (*function)(void *argument);
		void *argument;
		int cpu;
		pid_t thread_id;              /* 0: none runs */
		uint64_t switches, elsewhere; /* of threads that have ended */
	} cores[CORES_MAX];
} host;

/* A core is known by the first of its threads, a cluster by the first of its cores. */
static struct topology_place place_of(int cpu) {
	char siblings[256] = "", cluster[256] = "", package[32] = "";
	if (cpu >= 0) {
		sysfs_read_cpu_line(cpu, "topology/thread_siblings_list", siblings, sizeof(siblings));
		sysfs_read_cpu_line(cpu, "topology/cluster_cpus_list", cluster, sizeof(cluster));
		sysfs_read_cpu_line(cpu, "topology/physical_package_id", package, sizeof(package));
	}
	return (struct topology_place){
		.known = siblings[0] && package[0],
		.core = strtoull(siblings, NULL, 10),
		.cluster = strtoull(cluster[0] ? cluster : siblings, NULL, 10),
		.package = strtoull(package, NULL, 10),
	};
}

static void put_in_order(void) {
	platform_describe(); /* pins the process */
	cpu_set_t allowed;
	cores_allowed(&allowed);
	int pinned = pin_cpu();
	struct topology_place here = place_of(pinned);
	static enum topology_relation relations[CORES_MAX];
	for (int cpu = 0; cpu < CORES_MAX; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &allowed))
			continue;
		struct topology_place there = place_of(cpu);
		relations[cpu] = topology_relation(&here, &there);
	}
	for (unsigned rank = 0; rank < TOPOLOGY_RANKS; rank++)
		for (int cpu = 0; cpu < CORES_MAX; cpu++)
			if (cpu != pinned && CPU_ISSET((size_t)cpu, &allowed) && topology_rank(relations[cpu]) == rank)
				host.order[host.others++] = (struct other){cpu, relations[cpu]};
}

/* NULL: there is none of that number. */
static const struct other *other_of(unsigned core) {
	if (host.others == 0)
		put_in_order();
	return core != 0 && core <= host.others ? &host.order[core - 1] : NULL;
}

int platform_core_find(enum platform_relation relation, unsigned index) {
	static const enum topology_relation wanted[] = {
		[PLATFORM_RELATION_SIBLING] = TOPOLOGY_SIBLING,
		[PLATFORM_RELATION_CLUSTER] = TOPOLOGY_CLUSTER,
		[PLATFORM_RELATION_OTHER_CORE] = TOPOLOGY_OTHER_CORE,
		[PLATFORM_RELATION_OTHER_PACKAGE] = TOPOLOGY_OTHER_PACKAGE,
	};
	if ((size_t)relation >= sizeof(wanted) / sizeof(wanted[0]))
		return PLATFORM_EINVAL;
	const struct other *other;
	for (unsigned core = 1; (other = other_of(core)); core++)
		if ((relation == PLATFORM_RELATION_ANY || other->relation == wanted[relation]) && index-- == 0)
			return (int)core;
	return PLATFORM_EUNSUPPORTED;
}

static void note_cpu(void *set, unsigned cpu) {
	if (cpu < CORES_MAX)
		CPU_SET((size_t)cpu, (cpu_set_t *)set);
}

/* Intel's by the kind of counters that it has, Arm's by its part number, both by what the scheduler takes it to be
 * worth: equal numbers are one kind. Source: Linux, Documentation/ABI/testing/sysfs-devices-system-cpu (cpu_capacity,
 * midr_el1); drivers of perf, arch/x86/events/intel/core.c (cpu_core, cpu_atom, cpu_lowpower). */
static uint64_t kind_of(int cpu) {
	static const char *const lists[] = {"cpu_core", "cpu_atom", "cpu_lowpower"};
	char line[256];
	uint64_t kind = 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char path[64];
		cpu_set_t set;
		CPU_ZERO(&set);
		snprintf(path, sizeof(path), "/sys/devices/%s/cpus", lists[i]);
		sysfs_read_line(path, line, sizeof(line));
		number_list_read(line, note_cpu, &set);
		kind |= (uint64_t)(CPU_ISSET((size_t)cpu, &set) != 0) << i;
	}
	sysfs_read_cpu_line(cpu, "regs/identification/midr_el1", line, sizeof(line));
	kind |= (strtoull(line, NULL, 16) >> 4 & 0xfff) << 4;
	sysfs_read_cpu_line(cpu, "cpu_capacity", line, sizeof(line));
	return kind | strtoull(line, NULL, 10) << 16;
}

int platform_core_find_kind(unsigned index) {
	static uint64_t kinds[CORES_MAX];
	static int told_of = -1; /* the first core */
	(void)other_of(1);       /* puts them in order */
	if (told_of != pin_cpu()) {
		told_of = pin_cpu();
		kinds[0] = told_of >= 0 ? kind_of(told_of) : 0;
		for (unsigned i = 0; i < host.others; i++)
			kinds[i + 1] = kind_of(host.order[i].cpu);
	}
	unsigned cores = host.others + 1 < CORES_MAX ? host.others + 1 : CORES_MAX;
	int core = topology_find_kind(kinds, cores, index);
	return core > 0 ? core : PLATFORM_EUNSUPPORTED;
}

int platform_core_describe(unsigned core, struct platform_core *description) {
	const struct other *other = other_of(core);
	if (!other)
		return PLATFORM_EINVAL;
	description->cpu = (uint64_t)other->cpu;
	snprintf(description->text, sizeof(description->text), "core %d, %s", other->cpu,
		 topology_relation_name(other->relation));
	return 0;
}

static int stop_signal(void) {
	return SIGRTMIN;
}

static _Thread_local sigjmp_buf *way_out; /* NULL: the function has returned, or not begun */

static void stopped(int number) {
	(void)number;
	if (way_out)
		siglongjmp(*way_out, 1);
}

/* Left its CPU, by whatever made the kernel let it go on on another: hot-unplug, a changed cpuset. */
static bool is_elsewhere(int cpu) {
	cpu_set_t set;
	return cpu >= 0 && (sched_getcpu() != cpu || sched_getaffinity(0, sizeof(set), &set) != 0 ||
			    !CPU_ISSET((size_t)cpu, &set) || CPU_COUNT(&set) != 1);
}

static uint64_t own_switches(void) {
	struct rusage usage;
	return getrusage(RUSAGE_THREAD, &usage) == 0 ? (uint64_t)(usage.ru_nvcsw + usage.ru_nivcsw) : 0;
}

static void *thread_main(void *argument) {
	struct core *core = argument;
	__atomic_store_n(&core->thread_id, gettid(), __ATOMIC_RELAXED);
	sigjmp_buf out;
	sigset_t stop;
	if (sigsetjmp(out, 1) == 0) {
		way_out = &out;
		sigemptyset(&stop);
		sigaddset(&stop, stop_signal());
		pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
		core->function(core->argument);
	}
	way_out = NULL;
	__atomic_store_n(&core->thread_id, 0, __ATOMIC_RELAXED);
	core->switches += own_switches();
	core->elsewhere += is_elsewhere(core->cpu);
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
	struct sigaction stop = {.sa_handler = stopped};
	sigaction(stop_signal(), &stop, NULL);
	/* The guard's signals are the first thread's, whatever is going on here. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	good = good && pthread_create(&core->thread, &attributes, thread_main, core) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return good ? 0 : PLATFORM_ENOMEM;
}

int platform_core_start(unsigned core, void (*function)(void *argument), void *argument) {
	const struct other *other = other_of(core);
	if (!other || !function)
		return PLATFORM_EINVAL;
	struct core *it = &host.cores[core];
	if (it->started)
		return PLATFORM_EBUSY;
	it->function = function;
	it->argument = argument;
	it->cpu = other->cpu;
	int status = create_thread(it, other->cpu);
	it->started = status == 0;
	return status;
}

int platform_core_join(unsigned core, uint64_t timeout_ns) {
	if (core >= CORES_MAX || !host.cores[core].started)
		return PLATFORM_EINVAL;
	struct core *it = &host.cores[core];
	struct timespec end;
	clock_gettime(CLOCK_MONOTONIC, &end);
	uint64_t ns = (uint64_t)end.tv_nsec + timeout_ns % NS_PER_SECOND;
	end.tv_sec += (time_t)(timeout_ns / NS_PER_SECOND + ns / NS_PER_SECOND);
	end.tv_nsec = (long)(ns % NS_PER_SECOND);
	int status = timeout_ns == 0 ? pthread_join(it->thread, NULL)
				     : pthread_clockjoin_np(it->thread, NULL, CLOCK_MONOTONIC, &end);
	if (status != 0)
		return PLATFORM_EBUSY;
	it->started = false;
	return 0;
}

int platform_core_stop(unsigned core) {
	if (core >= CORES_MAX || !host.cores[core].started)
		return PLATFORM_EINVAL;
	pthread_kill(host.cores[core].thread, stop_signal());
	return platform_core_join(core, 0) == 0 ? 0 : PLATFORM_EIO;
}

/* "voluntary_ctxt_switches:\t12" and "nonvoluntary_..." of a thread that runs: proc(5). */
static uint64_t switches_of(pid_t thread) {
	char name[64], line[128];
	uint64_t sum = 0;
	snprintf(name, sizeof(name), "/proc/self/task/%d/status", (int)thread);
	FILE *file = fopen(name, "re");
	while (file && fgets(line, sizeof(line), file)) {
		const char *word = strstr(line, "voluntary_ctxt_switches:");
		if (word)
			sum += strtoull(strchr(word, ':') + 1, NULL, 10);
	}
	if (file)
		fclose(file);
	return sum;
}

bool cores_switches(unsigned core, uint64_t *switches) {
	*switches = core == 0 ? own_switches() : 0;
	if (core == 0 || core >= CORES_MAX)
		return core == 0;
	pid_t thread = __atomic_load_n(&host.cores[core].thread_id, __ATOMIC_RELAXED);
	*switches = host.cores[core].switches + (thread != 0 ? switches_of(thread) : 0);
	return true;
}

uint64_t cores_elsewhere(unsigned core) {
	static uint64_t first;
	if (core == 0)
		return first += is_elsewhere(pin_cpu());
	return core < CORES_MAX ? host.cores[core].elsewhere : 0;
}

int platform_core_stay(uint64_t cpu) {
	platform_describe(); /* pins the process to another one */
	if (cpu > INT_MAX || !pin_to((int)cpu))
		return PLATFORM_EINVAL;
	host.others = 0;
	return 0;
}
