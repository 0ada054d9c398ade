/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_run_guarded on Linux. The function runs as a context of its own on a guarded stack. A fault's signal, or
 * that of one of the two watchdog timers (checkpoints put the first off), is handled on the alternate stack, which
 * leaves by siglongjmp to the caller: the kernel enters handlers with clean floating-point state, and siglongjmp
 * restores what the ABI keeps.
 *
 * Not for threads. A time-out within malloc leaves the heap as it was then.
 */
#include "hosted/platform/guard.h"

#include "hosted/platform/machine.h"
#include "hosted/platform/plant.h"
#include "hosted/platform/sanitize.h"

#include "lib/elf.h"
#include "lib/units.h"
#include "platform.h"

#include <fcntl.h>
#include <fenv.h>
#include <link.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK_BYTES = 64 * 1024, ALTERNATE_BYTES = 64 * 1024 };

static const int fault_signals[] = {SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGTRAP};
static const int timer_signal = SIGALRM;
static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP};

static struct {
	bool ready;
	volatile sig_atomic_t armed;
	sigjmp_buf back;
	ucontext_t caller;
	ucontext_t callee;
	void *stack;              /* STACK_BYTES, between guard pages */
	const void *caller_stack; /* for the address sanitizer */
	size_t caller_stack_bytes;
	timer_t timer, total_timer;
	void (*function)(void *);
	void *argument;
	struct platform_fault fault;
	uint64_t contained;
	volatile sig_atomic_t interrupted; /* by which signal */
} guard;

bool guard_is_armed(void) {
	return guard.armed;
}

uint64_t guard_faults_contained(void) {
	return guard.contained;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static int first_object(struct dl_phdr_info *info, size_t size, void *base) {
	(void)size;
	*(uint64_t *)base = info->dlpi_addr;
	return 1;
}

void guard_find_symbol(uint64_t address, char *symbol, size_t capacity) {
	struct elf_image image;
	struct stat status;
	uint64_t base = 0, offset;
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) != 0 || status.st_size < 20)
		return;
	const uint8_t *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	close(file);
	if (bytes == MAP_FAILED)
		return;
	/* e_machine: gABI chapter 4, ELF header; whatever it is, it runs here. */
	enum elf_machine machine = (enum elf_machine)(bytes[18] | bytes[19] << 8);
	dl_iterate_phdr(first_object, &base);
	const char *name = NULL;
	if (elf_open(&image, bytes, (size_t)status.st_size, machine) == 0)
		name = elf_symbol_at(&image, address - base, &offset);
	if (name)
		snprintf(symbol, capacity, "%.40s+0x%llx", name, (unsigned long long)offset);
	munmap((void *)(uintptr_t)bytes, (size_t)status.st_size);
}

static const char *signal_name(int number) {
	switch (number) {
	case SIGILL:
		return "SIGILL";
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case SIGFPE:
		return "SIGFPE";
	case SIGTRAP:
		return "SIGTRAP";
	default:
		return "time-out";
	}
}

/* ---- signals ----------------------------------------------------------------------------------------------------- */

static void handle(int number, siginfo_t *info, void *context) {
	machine_signal_settle();
	if (!guard.armed) {
		/* Not the guarded function's: let it end the process as if we were not here. The
		 * instruction runs again. */
		if (number != timer_signal)
			signal(number, SIG_DFL);
		return;
	}
	struct platform_fault *fault = &guard.fault;
	guard.armed = 0;
	fault->outcome = number == timer_signal ? PLATFORM_TIMED_OUT : PLATFORM_FAULTED;
	fault->vector = (uint32_t)number;
	fault->code = (uint64_t)(unsigned)info->si_code;
	fault->address = number == SIGSEGV || number == SIGBUS ? (uint64_t)(uintptr_t)info->si_addr : 0;
	machine_signal_registers(context, &fault->instruction, &fault->stack);
	snprintf(fault->name, sizeof(fault->name), "%s", signal_name(number));
	__sanitizer_start_switch_fiber(NULL, guard.caller_stack, guard.caller_stack_bytes);
	siglongjmp(guard.back, 1);
}

/* The first asks for an end, which a checkpoint gives: only there is the heap whole. The second is one. */
static void note_end(int number) {
	guard.interrupted = number;
	signal(number, SIG_DFL);
}

void guard_listen_for_end(void) {
	static bool listens;
	if (listens)
		return;
	listens = true;
	for (size_t i = 0; i < sizeof(end_signals) / sizeof(end_signals[0]); i++) {
		struct sigaction before, action = {.sa_handler = note_end, .sa_flags = SA_RESTART};
		if (sigaction(end_signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			sigaction(end_signals[i], &action, NULL);
	}
}

int platform_interrupted(void) {
	return guard.interrupted;
}

static bool prepare(void) {
	static char alternate[ALTERNATE_BYTES] __attribute__((aligned(16)));
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
	struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = timer_signal};
	if (guard.ready)
		return true;
	sigfillset(&action.sa_mask);
	if (platform_memory_map(STACK_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &guard.stack) !=
		    0 ||
	    sigaltstack(&stack, NULL) != 0 || timer_create(CLOCK_MONOTONIC, &event, &guard.timer) != 0 ||
	    timer_create(CLOCK_MONOTONIC, &event, &guard.total_timer) != 0 ||
	    sigaction(timer_signal, &action, NULL) != 0)
		return false;
	for (size_t i = 0; i < sizeof(fault_signals) / sizeof(fault_signals[0]); i++)
		if (sigaction(fault_signals[i], &action, NULL) != 0)
			return false;
	guard_listen_for_end();
	guard.ready = true;
	return true;
}

/* 0 stops it. */
static void set_timer(timer_t timer, uint64_t ns) {
	struct itimerspec time = {
		.it_value = {.tv_sec = (time_t)(ns / NS_PER_SECOND), .tv_nsec = (long)(ns % NS_PER_SECOND)}};
	timer_settime(timer, 0, &time, NULL);
}

static void callee_main(void) {
	__sanitizer_finish_switch_fiber(NULL, &guard.caller_stack, &guard.caller_stack_bytes);
	guard.function(guard.argument);
	guard.armed = 0;
	__sanitizer_start_switch_fiber(NULL, guard.caller_stack, guard.caller_stack_bytes);
}

static bool enter(void) {
	if (getcontext(&guard.callee) != 0)
		return false;
	guard.callee.uc_stack.ss_sp = guard.stack;
	guard.callee.uc_stack.ss_size = STACK_BYTES;
	guard.callee.uc_link = &guard.caller;
	makecontext(&guard.callee, callee_main, 0);
	guard.armed = 1;
	__sanitizer_start_switch_fiber(NULL, guard.stack, STACK_BYTES);
	int status = swapcontext(&guard.caller, &guard.callee);
	guard.armed = 0;
	return status == 0;
}

int platform_run_guarded(void (*function)(void *argument), void *argument, uint64_t timeout_ns, uint64_t total_ns,
			 struct platform_fault *fault) {
	if (!prepare())
		return PLATFORM_ENOMEM;
	guard.function = function;
	guard.argument = argument;
	guard.fault = (struct platform_fault){.outcome = PLATFORM_RETURNED};
	ASAN_UNPOISON_MEMORY_REGION(guard.stack, STACK_BYTES);
	volatile bool entered = true; /* its value is wanted after a jump */
	if (sigsetjmp(guard.back, 1) == 0) {
		set_timer(guard.total_timer, total_ns);
		set_timer(guard.timer, timeout_ns);
		entered = enter();
	}
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
	set_timer(guard.timer, 0);
	set_timer(guard.total_timer, 0);
	plant_end();
	fesetenv(FE_DFL_ENV);
	if (guard.fault.outcome == PLATFORM_FAULTED || guard.fault.outcome == PLATFORM_TIMED_OUT) {
		guard.contained++;
		guard_find_symbol(guard.fault.instruction, guard.fault.symbol, sizeof(guard.fault.symbol));
	}
	*fault = guard.fault;
	return entered ? 0 : PLATFORM_ENOMEM;
}

void platform_checkpoint(uint64_t timeout_ns) {
	if (guard.armed && guard.interrupted) {
		guard.armed = 0;
		guard.fault.outcome = PLATFORM_INTERRUPTED;
		__sanitizer_start_switch_fiber(NULL, guard.caller_stack, guard.caller_stack_bytes);
		siglongjmp(guard.back, 1);
	}
	if (guard.armed)
		set_timer(guard.timer, timeout_ns);
}
