/* SPDX-License-Identifier: Apache-2.0
 *
 * platform.h on Linux: memory with its guards, the guard with its outcomes, the clock.
 */
#include "bench/ticks.h"
#include "hosted/platform/pin.h"
#include "lib/number_list.h"
#include "platform.h"

#include <criterion/criterion.h>
#include <fenv.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

enum { READ_WRITE = PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE };

static void write_byte(void *argument) {
	*(volatile char *)argument = 1;
}

static struct platform_fault guarded(void (*function)(void *), void *argument) {
	struct platform_fault fault;
	cr_assert_eq(platform_run_guarded(function, argument, UINT64_C(60000000000), 0, &fault), 0);
	return fault;
}

static void expect_memory(size_t bytes, size_t page_bytes) {
	void *memory;
	cr_assert_eq(platform_memory_map(bytes, page_bytes, READ_WRITE, &memory), 0);
	char *first = memory;
	size_t rounded = (bytes + page_bytes - 1) / page_bytes * page_bytes;
	cr_expect_eq((uintptr_t)memory % page_bytes, 0);
	for (size_t i = 0; i < rounded; i++)
		cr_assert_eq(first[i], 0);
	cr_expect_eq(guarded(write_byte, first).outcome, PLATFORM_RETURNED);
	cr_expect_eq(guarded(write_byte, first + rounded - 1).outcome, PLATFORM_RETURNED);
	struct platform_fault before = guarded(write_byte, first - 1), behind = guarded(write_byte, first + rounded);
	cr_expect_eq(before.outcome, PLATFORM_FAULTED);
	cr_expect_eq(before.address, (uintptr_t)(first - 1));
	cr_expect_eq(behind.outcome, PLATFORM_FAULTED);
	cr_expect_str_eq(behind.name, "SIGSEGV");
	cr_expect_eq(platform_memory_unmap(memory, bytes), 0);
	cr_expect_eq(guarded(write_byte, first).outcome, PLATFORM_FAULTED, "unmapped");
}

Test(hosted, memory_lies_between_guards) {
	expect_memory(1, 4096);
	expect_memory(10000, 4096);
	if (platform_describe()->page_sizes & PLATFORM_PAGE_2MIB)
		expect_memory(3 << 20, 2 << 20);
}

Test(hosted, memory_rights) {
	void *memory;
	cr_expect_eq(platform_memory_map(4096, 4096, READ_WRITE | PLATFORM_MEMORY_EXECUTE, &memory), PLATFORM_EINVAL);
	cr_expect_eq(platform_memory_map(0, 4096, READ_WRITE, &memory), PLATFORM_EINVAL);
	cr_expect_eq(platform_memory_map(4096, 8192, READ_WRITE, &memory), PLATFORM_EINVAL);
	cr_expect_eq(platform_memory_map(4096, 4096, READ_WRITE | PLATFORM_MEMORY_CONTIGUOUS, &memory),
		     PLATFORM_EUNSUPPORTED);
	cr_assert_eq(platform_memory_map(4096, 4096, PLATFORM_MEMORY_READ, &memory), 0);
	cr_expect_eq(guarded(write_byte, memory).outcome, PLATFORM_FAULTED);
	cr_expect_eq(platform_memory_protect(memory, 4096, READ_WRITE), 0);
	cr_expect_eq(guarded(write_byte, memory).outcome, PLATFORM_RETURNED);
	cr_expect_eq(platform_memory_unmap(memory, 4096), 0);
	cr_expect_eq(platform_memory_unmap(memory, 4096), PLATFORM_EINVAL, "twice");
}

struct spinning {
	uint64_t piece_ticks;
	uint64_t since; /* the latest checkpoint */
};

static void spin(void *argument) {
	const struct spinning *it = argument;
	uint64_t begin = ticks_begin();
	while (ticks_begin() - begin < it->piece_ticks)
		continue;
}

static void spin_in_pieces(void *argument) {
	struct spinning *it = argument;
	for (int i = 0; i < 6; i++) {
		it->since = ticks_begin();
		platform_checkpoint(200000000);
		spin(it);
	}
}

Test(hosted, the_watchdog_ends_what_is_too_long) {
	struct platform_fault fault;
	struct platform_clock clock;
	cr_assert_eq(platform_clock_calibrate(&clock), 0);
	struct spinning too_long = {.piece_ticks = clock.hz * 3600};
	cr_assert_eq(platform_run_guarded(spin, &too_long, 50000000, 0, &fault), 0);
	cr_expect_eq(fault.outcome, PLATFORM_TIMED_OUT);
	cr_expect_neq(fault.instruction, 0);
}

/* 300 ms, put off by 200 every 50. Where a busy machine made one of the pieces that long, the watchdog was right. */
Test(hosted, checkpoints_put_the_watchdog_off) {
	struct platform_fault fault = {.outcome = PLATFORM_TIMED_OUT};
	struct platform_clock clock;
	cr_assert_eq(platform_clock_calibrate(&clock), 0);
	for (int attempt = 0; attempt < 20 && fault.outcome != PLATFORM_RETURNED; attempt++) {
		struct spinning pieces = {.piece_ticks = clock.hz / 20};
		cr_assert_eq(platform_run_guarded(spin_in_pieces, &pieces, 200000000, 0, &fault), 0);
		if (fault.outcome != PLATFORM_RETURNED)
			cr_assert_geq(ticks_begin() - pieces.since, clock.hz / 5, "ended too early");
	}
	cr_expect_eq(fault.outcome, PLATFORM_RETURNED);
}

static void call_checkpoints(void *argument) {
	(void)argument;
	for (;;)
		platform_checkpoint(60 * UINT64_C(1000000000));
}

static void do_nothing(void *argument) {
	(void)argument;
}

Test(hosted, checkpoints_do_not_put_the_end_off) {
	struct platform_fault fault;
	cr_assert_eq(platform_run_guarded(call_checkpoints, NULL, 0, 50000000, &fault), 0);
	cr_expect_eq(fault.outcome, PLATFORM_TIMED_OUT);
	cr_assert_eq(platform_run_guarded(do_nothing, NULL, 0, 0, &fault), 0);
	cr_expect_eq(fault.outcome, PLATFORM_RETURNED, "the end was that guard's only");
}

static void raise_rounding(void *argument) {
	fesetround(FE_UPWARD);
	write_byte(argument);
}

Test(hosted, floating_point_state_is_clean_after_a_fault) {
	cr_expect_eq(guarded(raise_rounding, (void *)16).outcome, PLATFORM_FAULTED);
	cr_expect_eq(fegetround(), FE_TONEAREST);
}

Test(hosted, the_clock_settles) {
	struct platform_clock a, b;
	cr_assert_eq(platform_clock_calibrate(&a), 0);
	cr_assert_eq(platform_clock_calibrate(&b), 0);
	cr_expect_geq(b.span_ns, a.span_ns);
	double ratio = (double)a.hz / (double)b.hz;
	cr_expect(ratio > 0.999 && ratio < 1.001, "%llu, then %llu", (unsigned long long)a.hz,
		  (unsigned long long)b.hz);
}

Test(hosted, describes_itself) {
	const struct platform_info *info = platform_describe();
	cr_expect_str_eq(info->way, "hosted");
	cr_expect_gt(info->cores, 0);
	cr_expect_gt(info->memory_bytes, 0);
	cr_expect(info->page_sizes & PLATFORM_PAGE_4KIB);
	cr_expect_gt(platform_memory_free_bytes(), 0);
	cr_expect_geq(pin_cpu(), 0);
	for (const struct platform_fact *fact = platform_facts(); fact->name; fact++)
		cr_expect_not_null(fact->value);
}

static void note_cpu(void *argument) {
	*(int *)argument = sched_getcpu();
}

static void wait_until(void *argument) {
	while (!atomic_load_explicit((atomic_bool *)argument, memory_order_acquire))
		continue;
}

static void start_and_join(void *argument) {
	if (platform_core_start(1, note_cpu, argument) == 0)
		platform_core_join(1, 0);
}

Test(hosted, pages_are_worked_on_where_the_system_lets_a_program) {
	void *memory;
	cr_assert_eq(platform_memory_map(4 * 4096, 4096, READ_WRITE, &memory), 0);
	struct platform_page_request request = {memory, 4 * 4096, 4096, PLATFORM_PAGES_NOTHING, 3};
	cr_expect_eq(platform_pages_repeat(&request), 0);
	for (request.work = 1; request.work < PLATFORM_PAGE_WORKS; request.work++) {
		bool lets = request.work >= PLATFORM_PAGES_PROTECT;
		cr_expect_eq(platform_pages_repeat(&request), lets ? 0 : PLATFORM_EUNSUPPORTED, "%lu", request.work);
		*(volatile char *)memory = 1;
	}
	cr_expect_eq(platform_pages_repeat(&request), PLATFORM_EINVAL, "no such work");
	request.work = PLATFORM_PAGES_PROTECT, request.bytes = 4097;
	cr_expect_eq(platform_pages_repeat(&request), PLATFORM_EINVAL, "a part of a page");
	cr_assert_eq(platform_memory_unmap(memory, 4 * 4096), 0);
}

/* WAKE needs a second CPU. */
Test(hosted, linux_does_what_it_is_asked_for_as_often_as_it_is) {
	for (uint64_t work = 0; work < PLATFORM_OS_WORKS; work++) {
		struct platform_os_request request = {
			.work = work, .rounds = 3, .bytes = 8192, .page_bytes = 4096, .core = 1, .done = 9};
		bool alone = work == PLATFORM_OS_WAKE && platform_describe()->cores_usable < 2;
		cr_expect_eq(platform_os_repeat(&request), alone ? PLATFORM_EINVAL : 0, "%lu", work);
		cr_expect_eq(request.done, alone ? 0 : 3, "%lu", work);
		cr_expect_eq(platform_os_rest(), 0);
		cr_expect_eq(platform_os_rest(), 0, "nothing is held");
	}
	struct platform_os_request request = {.work = PLATFORM_OS_WORKS, .rounds = 1};
	cr_expect_eq(platform_os_repeat(&request), PLATFORM_EINVAL, "no such work");
	request = (struct platform_os_request){.work = PLATFORM_OS_MAP, .rounds = 1, .bytes = 4097, .page_bytes = 4096};
	cr_expect_eq(platform_os_repeat(&request), PLATFORM_EINVAL, "a part of a page");
}

Test(hosted, pages_are_not_exchanged) {
	void *memory;
	cr_assert_eq(platform_memory_map(2 * 4096, 4096, READ_WRITE, &memory), 0);
	for (enum platform_exchange told = 0; told < PLATFORM_EXCHANGES; told++)
		cr_expect_eq(platform_page_exchange(memory, (char *)memory + 4096, told), PLATFORM_EUNSUPPORTED);
	cr_assert_eq(platform_memory_unmap(memory, 2 * 4096), 0);
}

Test(hosted, other_cores_run_what_they_are_given) {
	static atomic_bool go;
	int cpu = -1;
	int status = platform_core_start(1, wait_until, &go);
	if (status == PLATFORM_EINVAL)
		cr_skip_test("one core");
	cr_assert_eq(status, 0);
	cr_expect_eq(platform_core_start(1, wait_until, &go), PLATFORM_EBUSY);
	cr_expect_eq(platform_core_join(1, 1000000), PLATFORM_EBUSY);
	atomic_store_explicit(&go, true, memory_order_release);
	cr_expect_eq(platform_core_join(1, UINT64_C(100000000000)), 0);
	cr_expect_eq(platform_core_join(1, 0), PLATFORM_EINVAL, "joined already");
	cr_expect_eq(guarded(start_and_join, &cpu).outcome, PLATFORM_RETURNED);
	cr_expect_geq(cpu, 0);
	cr_expect_neq(cpu, sched_getcpu());
}

Test(hosted, other_cores_bad_arguments) {
	cr_expect_eq(platform_core_start(0, note_cpu, NULL), PLATFORM_EINVAL, "the first core is ours");
	cr_expect_eq(platform_core_start(CPU_SETSIZE, note_cpu, NULL), PLATFORM_EINVAL);
	cr_expect_eq(platform_core_start(1, NULL, NULL), PLATFORM_EINVAL);
	cr_expect_eq(platform_core_join(UINT32_MAX, 0), PLATFORM_EINVAL);
}

static void never_return(void *argument) {
	for (;;)
		atomic_store_explicit((atomic_bool *)argument, true, memory_order_release);
}

Test(hosted, a_core_that_does_not_return_is_stopped) {
	static atomic_bool began;
	struct platform_core core;
	cr_expect_eq(platform_core_stop(1), PLATFORM_EINVAL, "nothing was started");
	if (platform_core_find(PLATFORM_RELATION_ANY, 0) == PLATFORM_EUNSUPPORTED)
		cr_skip_test("one core");
	for (unsigned i = 0; i < 3; i++) {
		cr_assert_eq(platform_core_start(1, never_return, &began), 0);
		while (i != 0 && !atomic_load_explicit(&began, memory_order_acquire))
			continue;
		cr_expect_eq(platform_core_stop(1), 0);
		cr_expect_eq(platform_core_join(1, 0), PLATFORM_EINVAL, "it was joined");
	}
	cr_expect_eq(platform_core_find(PLATFORM_RELATION_ANY, 0), 1);
	cr_assert_eq(platform_core_describe(1, &core), 0);
	cr_expect_neq((int)core.cpu, sched_getcpu());
	cr_expect_eq(platform_core_describe(0, &core), PLATFORM_EINVAL);
	cr_expect_eq(platform_core_find((enum platform_relation)7, 0), PLATFORM_EINVAL);
}

static void set_bit(void *argument, unsigned number) {
	*(uint64_t *)argument |= UINT64_C(1) << number;
}

Test(hosted, lists_of_the_kernel) {
	static const struct {
		const char *text;
		uint64_t bits;
	} lists[] = {{"", 0}, {"0", 1}, {"0-3,8", 0x10f}, {"1,3,5-6", 0x6a}, {"(null)", 0}};
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		uint64_t bits = 0;
		number_list_read(lists[i].text, set_bit, &bits);
		cr_expect_eq(bits, lists[i].bits, "%s", lists[i].text);
	}
}

/* With several nodes it is really done, and memory keeps what is in it; with one it is said. */
Test(hosted, memory_is_placed_where_there_are_nodes) {
	void *memory;
	cr_assert_eq(platform_memory_map(1 << 20, 4096, READ_WRITE, &memory), 0);
	memset(memory, 42, 1 << 20);
	for (int place = PLATFORM_PLACE_LOCAL; place <= PLATFORM_PLACE_REMOTE; place++) {
		int status = platform_memory_place(memory, 1 << 20, (enum platform_place)place);
		cr_expect(status == 0 || status == PLATFORM_EUNSUPPORTED);
		cr_expect_eq(((const char *)memory)[12345], 42);
	}
	for (unsigned core = 0; core < platform_describe()->cores_usable; core++) {
		int status = platform_memory_place_near(memory, 1 << 20, core);
		cr_expect(status == 0 || status == PLATFORM_EUNSUPPORTED, "core %u: %d", core, status);
		cr_expect_eq(((const char *)memory)[12345], 42);
	}
	cr_expect_eq(platform_memory_place_near(memory, 1 << 20, CPU_SETSIZE), PLATFORM_EINVAL);
	platform_memory_unmap(memory, 1 << 20);
}
