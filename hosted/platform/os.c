/* SPDX-License-Identifier: Apache-2.0
 *
 * What Linux does for a program, the way a program that cares would ask for it.
 *
 * A fault's handler is this file's for the time of the call, and gives way to the guard's where another address
 * faults. The thread that WAKE holds waits in futex(2) whenever it has nothing to do; a wake-up counts once it found
 * somebody waiting, so that no round is answered by a thread that was not yet asleep.
 */
#include "bench/ticks.h"
#include "hosted/platform/machine.h"
#include "lib/units.h"
#include "platform.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int call(struct platform_os_request *request) {
	for (; request->done < request->rounds; request->done++)
		if (syscall(SYS_getpid) <= 0)
			return PLATFORM_EIO;
	return 0;
}

static int read_clock(struct platform_os_request *request) {
	struct timespec now;
	for (; request->done < request->rounds; request->done++)
		if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
			return PLATFORM_EIO;
	return 0;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* `slack` more bytes than asked for: somewhere in them a large page begins. */
static bool map_and_give_back(size_t bytes, size_t page_bytes, size_t slack) {
	char *memory = mmap(NULL, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	char *first = memory + (slack ? -(uintptr_t)memory & (page_bytes - 1) : 0);
	bool good = slack == 0 || madvise(first, bytes, MADV_HUGEPAGE) == 0;
	for (size_t at = 0; good && at < bytes; at += page_bytes)
		*(volatile char *)(first + at) = 0;
	return munmap(memory, bytes + slack) == 0 && good;
}

static int map(struct platform_os_request *request) {
	const bool large = request->page_bytes == LARGE_PAGE_BYTES;
	if ((!large && request->page_bytes != PAGE_BYTES) || request->bytes == 0 ||
	    request->bytes % request->page_bytes != 0)
		return PLATFORM_EINVAL;
	if (large && !(platform_describe()->page_sizes & PLATFORM_PAGE_2MIB))
		return PLATFORM_EUNSUPPORTED;
	for (; request->done < request->rounds; request->done++)
		if (!map_and_give_back(request->bytes, request->page_bytes, large ? LARGE_PAGE_BYTES : 0))
			return PLATFORM_ENOMEM;
	return 0;
}

/* ---- a fault ----------------------------------------------------------------------------------------------------- */

static struct {
	const char *page; /* of which nothing may be read */
	struct sigaction before;
	volatile sig_atomic_t told;
} faults;

static void step_over(int number, siginfo_t *info, void *context) {
	if (info->si_addr != faults.page) {
		sigaction(number, &faults.before, NULL);
		return;
	}
	faults.told = 1;
	machine_signal_step_over_load(context);
}

static bool take_fault(void) {
	faults.told = 0;
	machine_load(faults.page);
	return faults.told;
}

static int fault(struct platform_os_request *request) {
	struct sigaction action = {.sa_sigaction = step_over, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	void *page = mmap(NULL, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return PLATFORM_ENOMEM;
	faults.page = page;
	bool good = sigaction(SIGSEGV, &action, &faults.before) == 0;
	for (; good && request->done < request->rounds; request->done += good)
		good = take_fault();
	sigaction(SIGSEGV, &faults.before, NULL);
	munmap(page, PAGE_BYTES);
	return good ? 0 : PLATFORM_EIO;
}

/* ---- another core ------------------------------------------------------------------------------------------------ */

/* Lines that one side writes are apart, in pairs, as cores fetch them. */
static struct {
	unsigned core;                         /* 0: none is held */
	_Alignas(128) _Atomic(uint32_t) ended; /* what the thread waits on */
	_Alignas(128) _Atomic(uint64_t) answers;
} sleeper;

static long futex(_Atomic(uint32_t) *word, int operation, uint32_t value) {
	return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void sleep_and_answer(void *argument) {
	(void)argument;
	while (atomic_load_explicit(&sleeper.ended, memory_order_relaxed) == 0)
		if (futex(&sleeper.ended, FUTEX_WAIT, 0) == 0)
			atomic_fetch_add_explicit(&sleeper.answers, 1, memory_order_release);
}

static void wake_one(void) {
	uint64_t before = atomic_load_explicit(&sleeper.answers, memory_order_relaxed);
	while (futex(&sleeper.ended, FUTEX_WAKE, 1) != 1)
		(void)ticks_end();
	while (atomic_load_explicit(&sleeper.answers, memory_order_acquire) == before)
		(void)ticks_end(); /* a core that shares its units with this one has them meanwhile */
}

static int hold(unsigned core) {
	if (sleeper.core == core)
		return 0;
	if (sleeper.core != 0)
		return PLATFORM_EBUSY;
	atomic_store_explicit(&sleeper.ended, 0, memory_order_relaxed);
	int status = platform_core_start(core, sleep_and_answer, NULL);
	if (status == 0)
		sleeper.core = core;
	return status;
}

static int wake(struct platform_os_request *request) {
	int status = hold((unsigned)request->core);
	for (; status == 0 && request->done < request->rounds; request->done++)
		wake_one();
	return status;
}

int platform_os_rest(void) {
	unsigned core = sleeper.core;
	if (core == 0)
		return 0;
	sleeper.core = 0;
	atomic_store_explicit(&sleeper.ended, 1, memory_order_relaxed);
	(void)futex(&sleeper.ended, FUTEX_WAKE, 1);
	return platform_core_stop(core);
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static int (*const works[PLATFORM_OS_WORKS])(struct platform_os_request *request) = {
	[PLATFORM_OS_CALL] = call,   [PLATFORM_OS_CLOCK] = read_clock, [PLATFORM_OS_MAP] = map,
	[PLATFORM_OS_FAULT] = fault, [PLATFORM_OS_WAKE] = wake,
};

int platform_os_repeat(struct platform_os_request *request) {
	request->done = 0;
	return request->work < PLATFORM_OS_WORKS ? works[request->work](request) : PLATFORM_EINVAL;
}
