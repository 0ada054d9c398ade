/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/snippet/message.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Ticks and counts of strangers are numbers that doubles hold, and so are their sums. */
static const uint64_t number_most = UINT64_C(1) << 52;

static const char *name_of(uint32_t number) {
	static const struct {
		int number;
		const char *name;
	} names[] = {{SIGILL, "SIGILL"}, {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},
		     {SIGFPE, "SIGFPE"}, {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"}};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == (int)number)
			return names[i].name;
	return "time-out";
}

/* To read any other byte as a truth value is undefined. */
static bool are_truths(const bool *values, size_t count) {
	for (size_t i = 0; i < count; i++) {
		unsigned char byte;
		memcpy(&byte, &values[i], 1);
		if (byte > 1)
			return false;
	}
	return true;
}

static bool are_numbers(const uint64_t *values, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (values[i] > number_most)
			return false;
	return true;
}

static bool are_real(const double *values, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (!isfinite(values[i]) || values[i] < 0 || values[i] > (double)number_most)
			return false;
	return true;
}

static bool room_is_sane(const struct room_seen *seen) {
	const uint64_t numbers[] = {seen->measured_ns, seen->probes,  seen->chains,     seen->within,
				    seen->within_ns,   seen->between, seen->between_ns, seen->longest_ns};
	const double reals[] = {seen->ratio_low,   seen->ratio_median, seen->ratio_high,
				seen->ratio_alone, seen->add_before,   seen->add_after};
	return are_truths(seen->counted, ROOM_COUNTS) && are_numbers(seen->counts, ROOM_COUNTS) &&
	       are_numbers(numbers, sizeof(numbers) / sizeof(numbers[0])) &&
	       are_real(reals, sizeof(reals) / sizeof(reals[0]));
}

static bool thread_is_sane(const struct platform_thread *thread) {
	const uint64_t numbers[] = {thread->switches, thread->waits, thread->ran_ns, thread->cpu};
	return are_truths(&thread->switches_known, 1) && are_truths(&thread->ran_known, 1) &&
	       are_truths(&thread->cpu_known, 1) && are_numbers(numbers, sizeof(numbers) / sizeof(numbers[0]));
}

static bool is_sane(const struct message *message) {
	return room_is_sane(&message->seen) && thread_is_sane(&message->before) &&
	       snippet_times_are_sane(&message->times) && are_numbers(message->sums, message->times.rounds) &&
	       are_numbers(message->gaps, message->times.rounds);
}

/* What only grows was never more than it is later. */
static struct platform_thread no_more_than(struct platform_thread thread, const struct platform_thread *later) {
	thread.switches = thread.switches < later->switches ? thread.switches : later->switches;
	thread.waits = thread.waits < later->waits ? thread.waits : later->waits;
	thread.ran_ns = thread.ran_ns < later->ran_ns ? thread.ran_ns : later->ran_ns;
	return thread;
}

static void take_fault(const struct message *message, struct platform_fault *fault) {
	*fault = message->fault;
	snprintf(fault->name, sizeof(fault->name), "%s", name_of(message->fault.vector));
	fault->symbol[0] = '\0';
}

enum cage_end message_take(const struct message *message, const struct room_counted *before,
			   const struct room_counted *after, struct cage_run *run) {
	if (message->end == CAGE_FAULTED || message->end == CAGE_TIMED_OUT || message->end == CAGE_UNLOCKED) {
		take_fault(message, &run->fault);
		return (enum cage_end)message->end;
	}
	if (message->end != CAGE_DONE || !is_sane(message))
		return CAGE_GONE;
	run->seen = message->seen;
	run->job->times = message->times;
	memcpy(run->job->sums, message->sums, sizeof(message->sums));
	if (run->watched) {
		struct room_counted began = *before;
		struct room_times times = snippet_room_times(run->job);
		began.thread = no_more_than(message->before, &after->thread);
		memcpy(run->job->watch->gaps, message->gaps, sizeof(message->gaps));
		room_counts_between(&began, after, &run->seen);
		room_find_detours(&times, run->job->watch->sorted, &run->seen);
	}
	return CAGE_DONE;
}
