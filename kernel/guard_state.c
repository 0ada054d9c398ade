/* SPDX-License-Identifier: Apache-2.0
 *
 * There are two ends: a deadline, which every checkpoint puts off, and one that nothing does, for what calls its
 * checkpoints and never comes back.
 *
 * Under handback the watchdog also ends a slice: where the programme's time is longer, it fires earlier, the firmware
 * has the machine for a moment, and the programme goes on with the rest. A run that calls its checkpoints never sees
 * that.
 */
#include "kernel/guard_state.h"

#include "kernel/machine.h"
#include "kernel/plant.h"
#include "lib/units.h"

/* Longer than any run, and no sum with a counter's value wraps. */
static const uint64_t TIMEOUT_TICKS_MAX = UINT64_C(1) << 62;

static uint64_t ticks_of(uint64_t ns) {
	uint64_t ticks = clock_scale(ns, clock_hz(&machine.clock), NS_PER_SECOND);
	return ticks < TIMEOUT_TICKS_MAX ? ticks : TIMEOUT_TICKS_MAX;
}

/* Called between every two samples with the same time, as a rule: scaled once. The watchdog is no clock; the estimate
 * of the first call is good enough. */
static uint64_t timeout_ticks(uint64_t timeout_ns) {
	static uint64_t last_ns, last_ticks;
	if (timeout_ns != last_ns) {
		last_ns = timeout_ns;
		last_ticks = ticks_of(timeout_ns);
	}
	return last_ticks;
}

static uint64_t nearer_end(void) {
	return machine.guard_deadline < machine.guard_end ? machine.guard_deadline : machine.guard_end;
}

static uint64_t smaller(uint64_t a, uint64_t b) {
	return a < b ? a : b;
}

/* The nearer end, the end of the slice, or what is planted. 0 disarms, so that an end that has passed is one tick
 * away. */
static void arm(uint64_t now) {
	uint64_t end = nearer_end(), left = end == UINT64_MAX ? end : end > now ? end - now : 1;
	uint64_t slice = machine.call != NULL ? clock_hz(&machine.clock) : UINT64_MAX;
	uint64_t least = smaller(smaller(left, slice), plant_left(now));
	arch_timer_arm(least == UINT64_MAX ? 0 : least);
}

void guard_timeout_set(uint64_t timeout_ns) {
	if (!machine.guard_armed || !machine.cpu.timer)
		return;
	uint64_t now = arch_ticks();
	machine.guard_deadline = timeout_ns != 0 ? now + timeout_ticks(timeout_ns) : UINT64_MAX;
	arm(now);
}

void guard_set(uint64_t resume, const struct gate_resume *from, uint64_t timeout_ns, uint64_t total_ns) {
	machine.guard_resume = resume;
	machine.guard_instruction = from->instruction;
	machine.guard_stack = from->stack;
	machine.guard_armed = true;
	guard_catch_end();
	machine.guard_end = total_ns != 0 ? arch_ticks() + ticks_of(total_ns) : UINT64_MAX;
	guard_timeout_set(timeout_ns);
}

bool guard_is_over(void) {
	return arch_ticks() >= nearer_end();
}

void guard_go_on(void) {
	arm(arch_ticks());
}

void guard_disarm(void) {
	if (machine.guard_armed && machine.cpu.timer)
		arch_timer_arm(0);
	machine.guard_armed = false;
	plant_end();
	guard_catch_end();
}

void guard_catch_set(uint64_t resume, const struct gate_resume *from) {
	machine.catch_resume = resume;
	machine.catch_instruction = from->instruction;
	machine.catch_stack = from->stack;
}

void guard_catch_end(void) {
	machine.catch_resume = 0;
}

static bool overlaps(uint64_t address, uint64_t bytes, uint64_t other, uint64_t other_bytes) {
	return other < address + bytes && address < other + other_bytes;
}

static bool stands_on(uint64_t address, uint64_t bytes, uint64_t resume, uint64_t instruction, uint64_t stack) {
	return overlaps(address, bytes, resume, sizeof(struct gate_resume)) ||
	       overlaps(address, bytes, instruction, 1) || overlaps(address, bytes, stack, 1);
}

bool guard_stands_on(uint64_t address, uint64_t bytes) {
	if (!machine.guard_armed)
		return false;
	return stands_on(address, bytes, machine.guard_resume, machine.guard_instruction, machine.guard_stack) ||
	       (machine.catch_resume != 0 &&
		stands_on(address, bytes, machine.catch_resume, machine.catch_instruction, machine.catch_stack));
}
