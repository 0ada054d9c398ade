/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard and its watchdog over a fake machine: the real guard.c, guard_state.c and handback.c; ticks, timer,
 * firmware and programme are counters of the test's.
 */
#include "kernel/end.h"
#include "kernel/guard_state.h"
#include "kernel/handback.h"
#include "kernel/machine.h"
#include "kernel/memory/page_exchange.h"
#include "kernel/memory/space.h"
#include "kernel/plant.h"
#include "kernel/program/core_state.h"
#include "kernel/program/guard.h"
#include "lib/units.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the machine ------------------------------------------------------------------------------------------------- */

struct machine machine;

static const uint64_t HZ = 1000000; /* a tick is a microsecond */
static const uint64_t MS = NS_PER_MS;
static uint64_t now;
static uint64_t timer; /* armed ticks; 0: not armed */
static unsigned arms;
static bool memory_is_theirs;
static unsigned slices;
static uint64_t firmware_ticks; /* what the firmware takes of a slice */
static char appended[256 * 1024];
static uint64_t appended_bytes;
static int answer;

static struct {
	uint64_t instruction, stack, argument;
	unsigned count;
} resumed;

static bool other_core_works;

bool core_runs(void) {
	return other_core_works;
}

static uint64_t looked_at; /* what a look takes */

uint64_t arch_ticks(void) {
	return now += looked_at;
}

void arch_timer_arm(uint64_t ticks) {
	timer = ticks;
	arms++;
}

static unsigned pmu_stops, pmu_stops_at_slice;

void arch_pmu_stop(void) {
	pmu_stops++;
}

int arch_pmu_start(struct gate_pmu *pmu) {
	(void)pmu;
	return 0;
}

void arch_handback(void) {
	slices++;
	pmu_stops_at_slice = pmu_stops;
	now += firmware_ticks;
	if (machine.call->request == KERNEL_REQUEST_LOG_APPEND) {
		memcpy(appended + appended_bytes, (const void *)(uintptr_t)machine.call->bytes, machine.call->length);
		appended_bytes += machine.call->length;
	}
	machine.call->status = answer;
}

void arch_frame_resume(struct arch_frame *frame, uint64_t instruction, uint64_t stack, uint64_t argument) {
	(void)frame;
	resumed.instruction = instruction;
	resumed.stack = stack;
	resumed.argument = argument;
	resumed.count++;
}

bool space_user_may(uint64_t address, uint64_t bytes, unsigned right) {
	(void)address, (void)bytes, (void)right;
	return memory_is_theirs;
}

bool space_user_may_go_on(uint64_t instruction, uint64_t stack) {
	return instruction != 0xbad && stack != 0xbad;
}

static unsigned settled;

void page_exchange_settle(void) {
	settled++;
}

_Noreturn void panic(const char *format, ...) {
	(void)format;
	abort();
}

void arch_prefetchers_put_back(void) {
}

static bool prefetchers_lost;

bool arch_prefetchers_lost(void) {
	return prefetchers_lost;
}

static struct gate_resume resume = {.instruction = 0x1234, .stack = 0x5678};
static struct kernel_call call;

/* The programme whose symbols a fault is looked up in: this one. */
static void program_open(void) {
	static uint8_t file[8 << 20];
	FILE *self = fopen("/proc/self/exe", "rb");
	cr_assert_neq(self, NULL);
	size_t length = fread(file, 1, sizeof(file), self);
	fclose(self);
	enum { E_MACHINE = 18 };
	cr_assert_eq(elf_open(&machine.program, file, length, file[E_MACHINE]), 0);
}

static void start(void) {
	machine = (struct machine){.cpu = {.timer = true}};
	clock_start(&machine.clock, arch_ticks, NULL, HZ, "stated", "TSC", true);
	program_open();
	now = 1000;
	memory_is_theirs = true;
}

static uint64_t resume_address(void) {
	return (uint64_t)(uintptr_t)&resume;
}

static int64_t arm_within(uint64_t timeout_ns, uint64_t total_ns) {
	return guard_arm(resume_address(), &resume, timeout_ns, total_ns);
}

static int64_t arm(uint64_t timeout_ns) {
	return arm_within(timeout_ns, 0);
}

static const struct platform_fault timed_out = {.outcome = PLATFORM_TIMED_OUT, .vector = 240, .name = "time-out"};

/* ---- arming ------------------------------------------------------------------------------------------------------ */

Test(guard, arms_the_timer_for_its_time, .init = start) {
	cr_assert_eq(arm(3 * MS), 0);
	cr_assert_eq(timer, 3000);
	guard_disarm();
	cr_assert_eq(timer, 0);
	unsigned before = arms;
	guard_disarm();
	cr_assert_eq(arms, before, "once is enough");
}

Test(guard, a_slice_begins_as_the_last_one_was, .init = start) {
	machine.call = &call;
	guard_slice_end();
	cr_assert_eq(slices, 1);
}

Test(guard, a_slice_with_a_prefetcher_on_that_was_off_is_the_end, .init = start, .signal = SIGABRT) {
	machine.call = &call;
	prefetchers_lost = true;
	guard_slice_end();
}

Test(guard, without_a_time_nothing_is_armed, .init = start) {
	cr_assert_eq(arm(0), 0);
	cr_assert_eq(timer, 0);
}

Test(guard, a_time_below_a_tick_is_a_tick, .init = start) {
	cr_assert_eq(arm(1), 0);
	cr_assert_eq(timer, 1);
}

/* A checkpoint every millisecond, each of which puts the deadline off by five. */
static void call_checkpoints(uint64_t ticks) {
	for (uint64_t end = now + ticks; now < end && resumed.count == 0;) {
		guard_timeout_set(5 * MS);
		uint64_t step = timer < 1000 ? timer : 1000;
		now += step;
		if (step == timer)
			guard_timer(NULL, &timed_out);
	}
}

Test(guard, checkpoints_do_not_put_the_end_off, .init = start) {
	uint64_t begin = now;
	cr_assert_eq(arm_within(5 * MS, 100 * MS), 0);
	call_checkpoints(99000);
	cr_assert_eq(resumed.count, 0, "within its time");
	call_checkpoints(99000);
	cr_assert_eq(resumed.count, 1);
	cr_assert_eq(now - begin, 100000, "at its end");
	cr_assert_eq(resume.fault.outcome, PLATFORM_TIMED_OUT);
	cr_assert_not(machine.guard_armed);
}

/* Ticks are microseconds here; the clock goes on by one each time that it is looked at. */
Test(guard, what_is_planted_comes_at_its_beat_and_leaves_the_ends_alone, .init = start) {
	static struct platform_planted planted;
	looked_at = 1;
	cr_assert_eq(arm_within(5 * MS, 100 * MS), 0);
	cr_assert_eq(plant_set(MS, 3 * MS / 4, &planted), PLATFORM_EINVAL, "more than half of it");
	cr_assert_eq(plant_set(MS / 20, MS / 50, &planted), PLATFORM_EINVAL, "too often");
	cr_assert_eq(plant_set(MS, MS / 10, &planted), 0);
	guard_go_on();
	uint64_t begin = machine.plant.next - 1000;
	for (unsigned i = 1; i <= 40; i++) {
		cr_assert(timer <= 1000, "%lu", (unsigned long)timer);
		now = machine.plant.next + i % 3; /* a little late */
		guard_timeout_set(5 * MS);
		cr_assert(plant_is_due(now));
		guard_go_on();
		plant_stay(now);
		cr_assert_eq(machine.plant.next, begin + (i + 1) * 1000, "lateness does not add up");
	}
	cr_assert_eq(resumed.count, 0);
	cr_assert_not(plant_is_due(now), "not due: it is the watchdog's");
	now += 20000;
	cr_assert(guard_is_over(), "who calls no checkpoint is ended");
	guard_timer(NULL, &timed_out);
	cr_assert_eq(resumed.count, 1);
	cr_assert_eq(plant_left(now), UINT64_MAX, "and what was planted ends with it");
	cr_assert_eq(plant_set(0, 0, &planted), 0);
	cr_assert_eq(planted.times, 40);
	for (unsigned i = 0; i < 40; i++)
		cr_assert(planted.ticks[i] >= 100 && planted.ticks[i] < 110, "%u", planted.ticks[i]);
}

Test(guard, an_end_that_has_passed_is_a_tick_away, .init = start) {
	cr_assert_eq(arm_within(0, 3 * MS), 0);
	cr_assert_eq(timer, 3000, "without a deadline, too");
	now += 4000;
	guard_timeout_set(5 * MS);
	cr_assert_eq(timer, 1);
}

Test(guard, the_end_is_of_one_guard_only, .init = start) {
	cr_assert_eq(arm_within(MS, 2 * MS), 0);
	guard_disarm();
	cr_assert_eq(arm(9 * MS), 0);
	cr_assert_eq(timer, 9000);
}

Test(guard, refuses_where_it_could_not_go_on, .init = start) {
	const struct gate_resume nowhere = {.instruction = 0xbad, .stack = 0x5678};
	cr_assert_eq(guard_arm(resume_address(), &nowhere, MS, 0), PLATFORM_EINVAL);
	const struct gate_resume no_stack = {.instruction = 0x1234, .stack = 0xbad};
	cr_assert_eq(guard_arm(resume_address(), &no_stack, MS, 0), PLATFORM_EINVAL);
	cr_assert_not(machine.guard_armed);
}

Test(guard, no_time_is_so_long_that_it_wraps, .init = start) {
	now = UINT64_C(1) << 50;
	cr_assert_eq(arm(UINT64_MAX), 0);
	cr_assert_gt(machine.guard_deadline, now);
	cr_assert_gt(timer, UINT64_C(1) << 40);
	cr_assert_eq(arm_within(MS, UINT64_MAX), 0);
	cr_assert_gt(machine.guard_end, now);
	cr_assert_eq(arm(UINT64_MAX), 0);
	guard_timeout_set(UINT64_MAX - 1);
	now += HZ;
	guard_timer(NULL, &(struct platform_fault){.outcome = PLATFORM_TIMED_OUT});
	cr_assert_eq(resumed.count, 0);
	/* Where the counter is so quick that the ticks of the time do not fit. */
	machine.clock.stated_hz = UINT64_C(5000000000);
	guard_timeout_set(UINT64_MAX);
	cr_assert_gt(machine.guard_deadline, now);
}

Test(guard, stands_on_what_it_needs, .init = start) {
	cr_assert_not(guard_stands_on(0, UINT64_MAX));
	cr_assert_eq(arm(MS), 0);
	const struct {
		uint64_t address, bytes;
		bool needed;
	} cases[] = {
		{0x1000, 0x1000, true},
		{0x1235, 0x1000, false},
		{0x1234, 1, true},
		{0x1000, 0x234, false},
		{0x5000, 0x1000, true},
		{0x6000, 0x1000, false},
		{resume_address(), 1, true},
		{resume_address() + sizeof(resume) - 1, 1, true},
		{resume_address() + sizeof(resume), 1, false},
		{resume_address() - 16, 16, false},
		{resume_address() - 16, 17, true},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(guard_stands_on(cases[i].address, cases[i].bytes), cases[i].needed, "case %zu", i);
	guard_disarm();
	cr_assert_not(guard_stands_on(0x1000, 0x1000));
}

Test(guard, without_a_timer_there_are_no_time_outs, .init = start) {
	machine.cpu.timer = false;
	cr_assert_eq(arm(MS), PLATFORM_EUNSUPPORTED);
	cr_assert_eq(arm_within(0, MS), PLATFORM_EUNSUPPORTED);
	cr_assert_eq(arm(0), 0);
	guard_timeout_set(MS);
	guard_disarm();
	cr_assert_eq(arms, 0);
}

/* ---- ends -------------------------------------------------------------------------------------------------------- */

Test(guard, a_fault_is_told_and_the_programme_goes_on, .init = start) {
	cr_assert_eq(arm(MS), 0);
	const struct platform_fault fault = {
		.outcome = PLATFORM_FAULTED, .vector = 14, .address = 8, .name = "#PF read"};
	guard_fault(NULL, &fault);
	cr_assert_eq(resumed.count, 1);
	cr_assert_eq(resumed.instruction, 0x1234);
	cr_assert_eq(resumed.stack, 0x5678);
	cr_assert_eq(resumed.argument, resume_address());
	cr_assert_eq(resume.fault.vector, 14);
	cr_assert_str_eq(resume.fault.name, "#PF read");
	cr_assert_eq(timer, 0);
	cr_assert_not(machine.guard_armed, "what faults now is not contained again");
	cr_assert_eq(machine.counters.faults_contained, 1);
	cr_assert_eq(settled, 1, "no TLB has an exchanged page");
}

Test(guard, a_time_out_is_told, .init = start) {
	cr_assert_eq(arm(MS), 0);
	now += 1000;
	guard_timer(NULL, &timed_out);
	cr_assert_eq(resumed.count, 1);
	cr_assert_eq(resume.fault.outcome, PLATFORM_TIMED_OUT);
}

Test(guard, a_timer_of_before_ends_nothing, .init = start) {
	guard_timer(NULL, &timed_out);
	cr_assert_eq(resumed.count, 0, "no guard");
	cr_assert_eq(arm(MS), 0);
	now += 999;
	guard_timeout_set(5 * MS);
	guard_timer(NULL, &timed_out);
	cr_assert_eq(resumed.count, 0, "put off while it was on its way");
	cr_assert_eq(timer, 5000);
}

Test(guard, memory_taken_away_is_a_panic, .init = start, .signal = SIGABRT) {
	cr_assert_eq(arm(MS), 0);
	memory_is_theirs = false;
	guard_fault(NULL, &timed_out);
}

Test(guard, a_fault_puts_the_counters_back, .init = start) {
	static struct gate_start from_kernel;
	machine.start = &from_kernel;
	cr_assert_eq(arm(MS), 0);
	machine.pmu_counts = true;
	guard_fault(NULL, &timed_out);
	cr_expect_eq(pmu_stops, 1);
	cr_expect_eq(from_kernel.pmu_losses, 1, "what is counted next is not the sum of both");
	cr_expect_not(machine.pmu_counts);
	cr_assert_eq(arm(MS), 0);
	guard_fault(NULL, &timed_out);
	cr_expect_eq(pmu_stops, 1);
	cr_expect_eq(from_kernel.pmu_losses, 1);
}

/* ---- handback ---------------------------------------------------------------------------------------------------- */

static void start_handback(void) {
	start();
	machine.call = &call;
	firmware_ticks = 50000;
}

Test(handback, the_firmware_finds_its_own_counters, .init = start_handback) {
	static struct gate_start from_kernel;
	machine.start = &from_kernel;
	machine.pmu_counts = true;
	cr_assert_eq(firmware_request(KERNEL_REQUEST_CHECKPOINT, NULL, 0, 0), 0);
	cr_expect_eq(slices, 1);
	cr_expect_eq(pmu_stops_at_slice, 1);
	cr_expect_eq(from_kernel.pmu_losses, 1);
}

Test(guard, a_slice_ends_after_a_second, .init = start_handback) {
	cr_assert_eq(arm(2500 * MS), 0);
	cr_assert_eq(timer, HZ);
	for (unsigned i = 1; i <= 2; i++) {
		now += timer;
		guard_timer(NULL, &timed_out);
		cr_assert_eq(slices, i);
		cr_assert_eq(resumed.count, 0);
	}
	cr_assert_eq(timer, HZ / 2, "the firmware's time is not the programme's");
	now += timer;
	guard_timer(NULL, &timed_out);
	cr_assert_eq(resumed.count, 1);
	cr_assert_eq(slices, 2);
}

Test(guard, a_slice_does_not_end_beside_a_working_core, .init = start_handback) {
	cr_assert_eq(arm(2500 * MS), 0);
	other_core_works = true;
	now += timer;
	guard_timer(NULL, &timed_out);
	cr_assert_eq(slices, 0);
	cr_assert_eq(timer, HZ);
	other_core_works = false;
	now += timer;
	guard_timer(NULL, &timed_out);
	cr_assert_eq(slices, 1);
}

static unsigned quiets, leaves;

static bool quiet(bool leave) {
	cr_expect_eq(slices, quiets, "before the firmware");
	quiets++;
	leaves += leave;
	return !leave;
}

Test(handback, cores_are_asleep_first_and_leave_at_the_end, .init = start_handback) {
	handback_quiet = quiet;
	cr_expect_eq(firmware_request(KERNEL_REQUEST_LOG_APPEND, "", 1, 0), 0);
	cr_expect_eq(leaves, 0);
	firmware_request(KERNEL_REQUEST_EXIT, NULL, 0, 0);
	cr_expect_eq(quiets, 2);
	cr_expect_eq(leaves, 1);
	cr_expect_eq(slices, 2, "whoever does not answer");
}

Test(guard, the_firmware_s_time_moves_the_end, .init = start_handback) {
	cr_assert_eq(arm_within(0, 1500 * MS), 0);
	now += timer;
	guard_timer(NULL, &timed_out);
	cr_assert_eq(slices, 1);
	cr_assert_eq(timer, HZ / 2);
	now += timer;
	guard_timer(NULL, &timed_out);
	cr_assert_eq(resumed.count, 1);
}

Test(guard, no_limit_still_means_slices, .init = start_handback) {
	cr_assert_eq(arm(0), 0);
	cr_assert_eq(timer, HZ);
	now += timer;
	guard_timer(NULL, &timed_out);
	cr_assert_eq(slices, 1);
	cr_assert_eq(resumed.count, 0);
	cr_assert_eq(timer, HZ);
}

Test(handback, long_appends_go_in_parts, .init = start_handback) {
	static char text[150 * 1024];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 31 >> 3);
	cr_assert_eq(firmware_request(KERNEL_REQUEST_LOG_APPEND, text, sizeof(text), 0), 0);
	cr_assert_eq(slices, 3);
	cr_assert_eq(appended_bytes, sizeof(text));
	cr_assert_eq(memcmp(appended, text, sizeof(text)), 0);
}

Test(handback, an_error_ends_an_append, .init = start_handback) {
	static char text[150 * 1024];
	answer = PLATFORM_EIO;
	cr_assert_eq(firmware_request(KERNEL_REQUEST_LOG_APPEND, text, sizeof(text), 0), PLATFORM_EIO);
	cr_assert_eq(slices, 1);
}

Test(handback, takeover_has_no_firmware, .init = start) {
	cr_assert_eq(firmware_request(KERNEL_REQUEST_CHECKPOINT, NULL, 0, 0), PLATFORM_EUNSUPPORTED);
}
