/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of the gate, a function each. gate_serve checks the memory that a call names, as the list in gate.h says,
 * and copies structures in before the call is served and out after it: a handler follows no address of the
 * programme's but that of bytes to write, which are read once. Another core of the programme's may change them
 * meanwhile.
 */
#include "kernel/program/gate_serve.h"

#include "kernel/console/console.h"
#include "kernel/console/recorder.h"
#include "kernel/end.h"
#include "kernel/gate.h"
#include "kernel/guard_state.h"
#include "kernel/handback.h"
#include "kernel/machine.h"
#include "kernel/machine_clock.h"
#include "kernel/memory/page_exchange.h"
#include "kernel/memory/page_work.h"
#include "kernel/memory/space.h"
#include "kernel/plant.h"
#include "kernel/pmu.h"
#include "kernel/program/core.h"
#include "kernel/program/core_state.h"
#include "kernel/program/guard.h"
#include "kernel/program/raw.h"
#include "lib/units.h"

#include <stddef.h>
#include <string.h>

/* Under handback the firmware gets the machine back after a slice of this length, at the next checkpoint. */
static const uint64_t SLICE_NS = 500 * NS_PER_MS;

enum { STRUCTURE_ALIGNMENT = 8, TEXT_PIECE_BYTES = 512 };

struct gate_request {
	const uint64_t *arguments; /* four */
	union {
		uint64_t words[sizeof(struct gate_pmu) / sizeof(uint64_t)];
		struct gate_resume resume;
		struct gate_task task;
		struct platform_clock clock;
		struct platform_counters counters;
		struct platform_core core;
		struct gate_registers registers;
		struct platform_page_request pages;
		struct platform_prefetchers prefetchers;
		struct platform_witness witness;
		struct platform_planted planted;
		struct platform_pmu pmu;
		struct gate_pmu counting;
	} copy; /* of the structure that the call takes or gives */
};

typedef int64_t gate_function(struct gate_request *request);

static int64_t gate_exit(struct gate_request *request) {
	machine_end((int)request->arguments[0]);
}

/* Consoles look at what they are given, and there are two: they get a copy. */
static void write_console(const char *bytes, uint64_t length, void (*console)(const char *text, uint64_t length)) {
	char piece[TEXT_PIECE_BYTES];
	while (length != 0) {
		uint64_t part = length < sizeof(piece) ? length : sizeof(piece);
		memcpy(piece, bytes, part);
		console(piece, part);
		bytes += part;
		length -= part;
	}
}

/* Durable first: a record that is seen on the console is on the stick. Under handback, where it goes to both, no
 * other core runs. */
static int64_t write_record(const char *bytes, uint64_t length) {
	int64_t result = 0;
	if (machine.call != NULL)
		result = firmware_request(KERNEL_REQUEST_LOG_APPEND, bytes, length, 0);
	if (recorder_present())
		recorder_write((uint64_t)(uintptr_t)bytes, length);
	else
		write_console(bytes, length, console_write_record);
	return result;
}

static int64_t write_picture(const char *bytes, uint64_t length) {
	if (!console_picture_begin())
		return PLATFORM_EUNSUPPORTED;
	write_console(bytes, length, console_picture_write);
	console_picture_end();
	return 0;
}

static int64_t gate_write(struct gate_request *request) {
	const char *bytes = (const char *)(uintptr_t)request->arguments[1];
	uint64_t length = request->arguments[2];
	switch (request->arguments[0]) {
	case PLATFORM_STREAM_TEXT:
	case PLATFORM_STREAM_ERROR:
		write_console(bytes, length, console_write_text);
		return 0;
	case PLATFORM_STREAM_RECORD:
		return write_record(bytes, length);
	case PLATFORM_STREAM_PICTURE:
		return write_picture(bytes, length);
	case PLATFORM_STREAM_RESULTS:
		return firmware_request(KERNEL_REQUEST_RESULTS_APPEND, bytes, length, 0);
	default:
		return PLATFORM_EINVAL;
	}
}

static int64_t gate_results_close(struct gate_request *request) {
	(void)request;
	return firmware_request(KERNEL_REQUEST_RESULTS_CLOSE, NULL, 0, 0);
}

static int64_t gate_heap_grow(struct gate_request *request) {
	return space_heap_grow(request->arguments[0]);
}

static int64_t gate_memory_map(struct gate_request *request) {
	return space_map(request->arguments[0], request->arguments[1], request->arguments[2]);
}

static int64_t gate_memory_scatter(struct gate_request *request) {
	space_scatter(request->arguments[0]);
	return 0;
}

static int64_t gate_memory_protect(struct gate_request *request) {
	/* No other core is told to forget what it has of the old mapping. */
	return core_runs() ? PLATFORM_EBUSY
			   : space_protect(request->arguments[0], request->arguments[1], request->arguments[2]);
}

static int64_t gate_memory_unmap(struct gate_request *request) {
	return core_runs() ? PLATFORM_EBUSY : space_unmap(request->arguments[0], request->arguments[1]);
}

static int64_t gate_memory_free(struct gate_request *request) {
	(void)request;
	return (int64_t)machine.memory.free_bytes;
}

static int64_t gate_clock(struct gate_request *request) {
	machine_clock_read();
	clock_describe(&machine.clock, &machine.clock_second, &request->copy.clock);
	return 0;
}

static int64_t gate_counters(struct gate_request *request) {
	request->copy.counters = machine.counters;
	return 0;
}

static int64_t gate_guard_arm(struct gate_request *request) {
	return guard_arm(request->arguments[0], &request->copy.resume, request->arguments[1], request->arguments[2]);
}

static int64_t gate_catch(struct gate_request *request) {
	return guard_catch(request->arguments[0], &request->copy.resume);
}

static int64_t gate_catch_end(struct gate_request *request) {
	(void)request;
	guard_catch_end();
	return 0;
}

static int64_t gate_guard_disarm(struct gate_request *request) {
	(void)request;
	guard_disarm();
	return 0;
}

static int64_t gate_checkpoint(struct gate_request *request) {
	uint64_t slice = arch_ticks() - machine.slice_start;
	if (machine.call != NULL && !core_runs() &&
	    slice >= clock_scale(SLICE_NS, clock_hz(&machine.clock), NS_PER_SECOND))
		guard_slice_end();
	guard_timeout_set(request->arguments[0]);
	return 0;
}

static int64_t gate_core_start(struct gate_request *request) {
	return core_start(request->arguments[0], &request->copy.task);
}

static int64_t gate_core_join(struct gate_request *request) {
	return core_join(request->arguments[0]);
}

static int64_t gate_core_raise(struct gate_request *request) {
	return core_raise(request->arguments[0]);
}

static int64_t gate_core_stop(struct gate_request *request) {
	return core_stop(request->arguments[0]);
}

static int64_t gate_core_rest(struct gate_request *request) {
	return core_rest(request->arguments[0]);
}

static int64_t gate_core_move(struct gate_request *request) {
	pmu_lose();
	return core_move(request->arguments[0]);
}

static int64_t gate_core_find(struct gate_request *request) {
	return core_find(request->arguments[0], request->arguments[1]);
}

static int64_t gate_core_describe(struct gate_request *request) {
	return core_describe(request->arguments[0], &request->copy.core);
}

static int64_t gate_table(struct gate_request *request) {
	return raw_table_copy(request->arguments[0], (void *)(uintptr_t)request->arguments[1], request->arguments[2]);
}

static int64_t gate_registers(struct gate_request *request) {
	return core_registers(request->arguments[0], &request->copy.registers);
}

static int64_t gate_pages_repeat(struct gate_request *request) {
	const struct platform_page_request *pages = &request->copy.pages;
	return core_runs() && page_work_takes_away(pages->work) ? PLATFORM_EBUSY : page_work(pages, core_tlb_flush);
}

static int64_t gate_page_exchange(struct gate_request *request) {
	return core_runs() ? PLATFORM_EBUSY
			   : page_exchange(request->arguments[0], request->arguments[1], request->arguments[2]);
}

static int64_t gate_prefetchers(struct gate_request *request) {
	return arch_prefetchers_switch(request->arguments[0], &request->copy.prefetchers);
}

static int64_t gate_witness(struct gate_request *request) {
	return core_witness(request->arguments[0], &request->copy.witness);
}

static int64_t gate_plant(struct gate_request *request) {
	if (request->arguments[0] != 0 && !(machine.guard_armed && machine.cpu.timer))
		return PLATFORM_EUNSUPPORTED;
	int error = plant_set(request->arguments[0], request->arguments[1], &request->copy.planted);
	if (error == 0 && request->arguments[0] != 0)
		guard_go_on();
	return error;
}

static int64_t gate_pmu_describe(struct gate_request *request) {
	pmu_stop(); /* it may try them */
	request->copy.pmu = (struct platform_pmu){0};
	arch_pmu_describe(&request->copy.pmu);
	return 0;
}

static int64_t gate_pmu_start(struct gate_request *request) {
	return pmu_start(&request->copy.counting);
}

static int64_t gate_pmu_stop(struct gate_request *request) {
	(void)request;
	pmu_stop();
	return 0;
}

/* Another core's, which never comes here. */
static int64_t gate_core_end(struct gate_request *request) {
	(void)request;
	return PLATFORM_EINVAL;
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

/* What a call names of the programme's memory: nothing where it needs no right. */
struct gate_row {
	gate_function *serve;
	unsigned right;    /* PAGE_READ, PAGE_WRITE */
	unsigned argument; /* holds the address */
	size_t bytes;      /* 0: the next argument says */
	size_t taken;      /* of them, copied in before the call is served */
	size_t given;      /* copied out after it */
};

#define NOTHING        .right = 0
#define BYTES(n)       .right = PAGE_READ, .argument = (n)
#define TAKES(n, type) .right = PAGE_READ, .argument = (n), .bytes = sizeof(type), .taken = sizeof(type)
#define FILLS(n)       .right = PAGE_WRITE, .argument = (n)
#define GIVES(n, type) .right = PAGE_WRITE, .argument = (n), .bytes = sizeof(type), .given = sizeof(type)
#define KEEPS(n, type, member) \
	.right = PAGE_WRITE, .argument = (n), .bytes = sizeof(type), .taken = offsetof(type, member)
#define TRADES(n, type) \
	.right = PAGE_WRITE, .argument = (n), .bytes = sizeof(type), .taken = sizeof(type), .given = sizeof(type)

#define GATE_ROW(NAME, handler, ...) {.serve = gate_##handler, __VA_ARGS__},
static const struct gate_row rows[] = {GATE_CALLS(GATE_ROW)};

/* Whether the call may have the memory that it names. */
static bool memory_check(const struct gate_row *row, const uint64_t arguments[4]) {
	uint64_t address = arguments[row->argument];
	if (row->bytes == 0)
		return space_user_may(address, arguments[row->argument + 1], row->right);
	return address % STRUCTURE_ALIGNMENT == 0 && space_user_may(address, row->bytes, row->right);
}

/* volatile: each word is read once, so that what is checked is what is used. */
static void copy_in(struct gate_request *request, uint64_t address, size_t bytes) {
	const volatile uint64_t *from = (const volatile uint64_t *)(uintptr_t)address;
	for (size_t i = 0; i < bytes / sizeof(*from); i++)
		request->copy.words[i] = from[i];
}

int64_t gate_serve(uint64_t number, const uint64_t arguments[4]) {
	if (machine.pages_untold && number != GATE_PAGE_EXCHANGE)
		page_exchange_settle();
	if (number >= GATE_CALL_COUNT)
		return PLATFORM_EINVAL;
	const struct gate_row *row = &rows[number];
	struct gate_request request;
	request.arguments = arguments;
	if (row->right == 0)
		return row->serve(&request);
	if (!memory_check(row, arguments))
		return PLATFORM_EINVAL;
	uint64_t address = arguments[row->argument];
	copy_in(&request, address, row->taken);
	int64_t result = row->serve(&request);
	if (result == 0 && row->given != 0)
		memcpy((void *)(uintptr_t)address, &request.copy, row->given);
	return result;
}
