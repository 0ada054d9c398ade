/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of the gate, a function each. Every pointer is checked against the programme's own mappings before it is
 * followed.
 */
#include "kernel/gate.h"

#include "kernel/console.h"
#include "kernel/machine.h"
#include "kernel/recorder.h"

#include <stddef.h>

/* Under handback the firmware gets the machine back after a slice of this length, at the next checkpoint. */
static const uint64_t SLICE_NS = 500 * UINT64_C(1000000);

typedef int64_t gate_function(const uint64_t arguments[4]);

static int64_t gate_exit(const uint64_t arguments[4]) {
	machine_end((int)arguments[0]);
}

/* Durable first: a record that is seen on the console is on the stick. */
static int64_t write_record(uint64_t address, uint64_t length) {
	const char *bytes = (const char *)(uintptr_t)address;
	int64_t result = 0;
	if (machine.call != NULL)
		result = firmware_request(KERNEL_REQUEST_LOG_APPEND, bytes, length, 0);
	if (recorder_present())
		recorder_write(address, length);
	else
		console_write_record(bytes, length);
	return result;
}

static int64_t gate_write(const uint64_t arguments[4]) {
	uint64_t address = arguments[1], length = arguments[2];
	if (!space_user_may(address, length, PAGE_READ))
		return PLATFORM_EINVAL;
	const char *bytes = (const char *)(uintptr_t)address;
	switch ((enum platform_stream)arguments[0]) {
	case PLATFORM_STREAM_TEXT:
	case PLATFORM_STREAM_ERROR:
		console_write_text(bytes, length);
		return 0;
	case PLATFORM_STREAM_RECORD:
		return write_record(address, length);
	case PLATFORM_STREAM_RESULTS:
		return firmware_request(KERNEL_REQUEST_RESULTS_APPEND, bytes, length, 0);
	}
	return PLATFORM_EINVAL;
}

static int64_t gate_heap_grow(const uint64_t arguments[4]) {
	return space_heap_grow(arguments[0]);
}

static int64_t gate_memory_map(const uint64_t arguments[4]) {
	return space_map(arguments[0], arguments[1], (unsigned)arguments[2]);
}

static int64_t gate_memory_scatter(const uint64_t arguments[4]) {
	space_scatter(arguments[0]);
	return 0;
}

static int64_t gate_memory_protect(const uint64_t arguments[4]) {
	/* No other core is told to forget what it has of the old mapping. */
	return core_runs() ? PLATFORM_EBUSY : space_protect(arguments[0], arguments[1], (unsigned)arguments[2]);
}

static int64_t gate_memory_unmap(const uint64_t arguments[4]) {
	return core_runs() ? PLATFORM_EBUSY : space_unmap(arguments[0], arguments[1]);
}

static int64_t gate_memory_free(const uint64_t arguments[4]) {
	(void)arguments;
	return (int64_t)machine.memory.free_bytes;
}

static int64_t gate_clock(const uint64_t arguments[4]) {
	if (!space_user_may(arguments[0], sizeof(struct platform_clock), PAGE_WRITE))
		return PLATFORM_EINVAL;
	machine_clock_read();
	clock_describe(&machine.clock, &machine.clock_second, (struct platform_clock *)(uintptr_t)arguments[0]);
	return 0;
}

static int64_t gate_counters(const uint64_t arguments[4]) {
	if (!space_user_may(arguments[0], sizeof(struct platform_counters), PAGE_WRITE))
		return PLATFORM_EINVAL;
	*(struct platform_counters *)(uintptr_t)arguments[0] = machine.counters;
	return 0;
}

static int64_t gate_guard_arm(const uint64_t arguments[4]) {
	return guard_arm(arguments[0], arguments[1]);
}

static int64_t gate_guard_disarm(const uint64_t arguments[4]) {
	(void)arguments;
	guard_disarm();
	return 0;
}

static int64_t gate_checkpoint(const uint64_t arguments[4]) {
	uint64_t slice = arch_ticks() - machine.slice_start;
	if (machine.call != NULL && slice >= clock_scale(SLICE_NS, clock_hz(&machine.clock), UINT64_C(1000000000)))
		firmware_request(KERNEL_REQUEST_CHECKPOINT, NULL, 0, 0);
	guard_timeout_set(arguments[0]);
	return 0;
}

static int64_t gate_core_start(const uint64_t arguments[4]) {
	return core_start(arguments[0], arguments[1]);
}

static int64_t gate_core_join(const uint64_t arguments[4]) {
	return core_join(arguments[0]);
}

static int64_t gate_core_raise(const uint64_t arguments[4]) {
	return core_raise(arguments[0]);
}

/* Another core's, which never comes here. */
static int64_t gate_core_end(const uint64_t arguments[4]) {
	(void)arguments;
	return PLATFORM_EINVAL;
}

static gate_function *const calls[GATE_CALL_COUNT] = {
	[GATE_EXIT] = gate_exit,
	[GATE_WRITE] = gate_write,
	[GATE_HEAP_GROW] = gate_heap_grow,
	[GATE_MEMORY_MAP] = gate_memory_map,
	[GATE_MEMORY_SCATTER] = gate_memory_scatter,
	[GATE_MEMORY_PROTECT] = gate_memory_protect,
	[GATE_MEMORY_UNMAP] = gate_memory_unmap,
	[GATE_MEMORY_FREE] = gate_memory_free,
	[GATE_CLOCK] = gate_clock,
	[GATE_COUNTERS] = gate_counters,
	[GATE_GUARD_ARM] = gate_guard_arm,
	[GATE_GUARD_DISARM] = gate_guard_disarm,
	[GATE_CHECKPOINT] = gate_checkpoint,
	[GATE_CORE_START] = gate_core_start,
	[GATE_CORE_JOIN] = gate_core_join,
	[GATE_CORE_RAISE] = gate_core_raise,
	[GATE_CORE_END] = gate_core_end,
};

int64_t gate_serve(uint64_t number, const uint64_t arguments[4]) {
	return number < GATE_CALL_COUNT ? calls[number](arguments) : PLATFORM_EINVAL;
}
